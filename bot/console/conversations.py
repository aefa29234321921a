"""Conversations: the open hand-overs, what was said in each, and what an agent can do about it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import RedirectResponse, Response

from bot.channels.telegram.desk import CHANNEL
from bot.channels.telegram.formatting import MAX_UNITS, units
from bot.channels.telegram.incoming import without_notes
from bot.console import acts
from bot.console.errors import RefusedError
from bot.console.exchange import Line, interview, last_row, lines
from bot.console.filters import page_in
from bot.console.pages import Page, Visit, acting, reading
from bot.console.texts import text
from bot.conversation import ErasedError, TakenError
from bot.staff import texts as staff
from bot.storage.console import EndedError, OvertakenError, RepeatedActError, Request
from bot.storage.model import HandOver, HandOverStatus

_ON_A_PAGE = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One open hand-over."""

    number: int
    question: str | None
    language: str
    """Its name, in French."""
    opened_at: datetime
    waiting_since: datetime | None
    """Since when the person waits for the staff; None: the staff wrote last."""
    taken_by: str | None
    """Who has it; "" when the name is not kept."""
    mine: bool
    snoozed_until: datetime | None
    undelivered: bool
    """The last reply did not arrive."""

    def waited(self, now: datetime) -> timedelta | None:
        return now - self.waiting_since if self.waiting_since else None


@dataclass(frozen=True, slots=True)
class Near:
    """An entry of the knowledge."""

    entry: str
    title: str
    percent: int


@dataclass(frozen=True, slots=True)
class ConversationsContext:
    now: datetime
    rows: tuple[Row, ...]
    """Those that wait first, the longest wait first."""
    waiting: int
    free: int
    """Waiting, and nobody's."""
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class ConversationContext:
    now: datetime
    row: Row
    open: bool
    lines: tuple[Line, ...]
    seen: int
    """For the forms: how far the exchange was read."""
    why: str | None
    """What the bot made of the question, in words."""
    near: tuple[Near, ...]
    """The entries that were nearest to it."""
    draft: str = ""
    notice: str | None = None
    """Why what was asked for has not been done."""
    question: int | None = None
    """The number of the question, from which knowledge can be made here."""
    interview: tuple[str, ...] = ()
    """What the person answered to the questions about a project, and sent along."""


async def index(visit: Visit) -> Response:
    """The open hand-overs."""
    rows = [_row(request, visit) for request in await visit.parts.store.requests(CHANNEL)]
    rows.sort(key=lambda row: (row.waiting_since is None, row.waiting_since or row.opened_at))
    waiting = [row for row in rows if row.waiting_since]
    free = sum(row.taken_by is None for row in waiting)
    pages = max(1, -(-len(rows) // _ON_A_PAGE))
    page = min(page_in(visit.request.query_params), pages)  # the last request of the last page may have been closed
    shown = tuple(rows[(page - 1) * _ON_A_PAGE : page * _ON_A_PAGE])
    return visit.show("conversations", ConversationsContext(visit.now, shown, len(waiting), free, page, pages))


async def one(visit: Visit) -> Response:
    """What was said in a hand-over, open or closed."""
    return await _shown(visit, await _request(visit))


async def take(visit: Visit) -> Response:
    return await _done(visit, acts.take)


async def close(visit: Visit) -> Response:
    return await _done(visit, acts.close)


async def give_back(visit: Visit) -> Response:
    return await _done(visit, acts.give_back)


async def reply(visit: Visit) -> Response:
    words = visit.form.get("reply", "").replace("\r\n", "\n").strip()
    if refusal := _unfit(words):
        return await _shown(visit, await _request(visit), words, refusal, 422)

    async def act(visit: Visit, hand_over: HandOver) -> None:
        await acts.reply(visit, hand_over, words)

    return await _done(visit, act, words)


PAGE = Page(
    "conversations",
    (
        *reading("/conversations", index),
        *reading("/conversations/{number:int}", one),
        acting("/conversations/{number:int}/prendre", take),
        acting("/conversations/{number:int}/repondre", reply),
        acting("/conversations/{number:int}/clore", close),
        acting("/conversations/{number:int}/rendre", give_back),
    ),
)


async def _done(visit: Visit, act: Callable[[Visit, HandOver], Awaitable[None]], draft: str = "") -> Response:
    """Do it, then show the exchange; what was not done is said, with what the agent wrote."""
    request = await _request(visit)
    try:
        await act(visit, request.hand_over)
    except RepeatedActError:
        pass  # the first one has done it
    except TakenError as error:
        name = error.name or text("conversations.somebody")
        return await _shown(visit, await _request(visit), draft, text("conversations.notice.taken", name=name), 409)
    except OvertakenError:
        return await _shown(visit, await _request(visit), draft, text("conversations.notice.overtaken"), 409)
    except (EndedError, ErasedError):
        return await _shown(visit, await _request(visit), draft, text("conversations.notice.ended"), 409)
    return RedirectResponse(f"/conversations/{request.hand_over.id}#fin", 303)


async def _request(visit: Visit) -> Request:
    """The hand-over of the address.

    Raises:
        RefusedError: there is none of Telegram's, or its person has had it erased.
    """
    request = await visit.parts.store.request(visit.number) if visit.number < 1 << 63 else None
    if request is None or request.hand_over.channel != CHANNEL or not request.hand_over.chat:
        raise RefusedError(404, "not_found")
    return request


async def _shown(
    visit: Visit, request: Request, draft: str = "", notice: str | None = None, status: int = 200
) -> Response:
    hand_over, store = request.hand_over, visit.parts.store
    posted = await store.posted(hand_over)
    names = {person.user_id: person.name for person in await store.people()}
    if hand_over.taken_by and hand_over.taken_name:
        names.setdefault(hand_over.taken_by, hand_over.taken_name)
    said = lines(hand_over, await store.questions_around(hand_over), posted, names)
    is_open = hand_over.status is not HandOverStatus.CLOSED
    why = staff.text(f"questions_reason_{request.question.reason}") if request.question else None
    context = ConversationContext(
        now=visit.now,
        row=_row(request, visit),
        open=is_open,
        lines=said,
        seen=last_row(posted),
        why=why,
        near=_near(request, visit),
        draft=draft,
        notice=notice,
        question=request.question.id if request.question and visit.parts.desk else None,
        interview=interview(posted),
    )
    return visit.show("conversation", context, status)


def _near(request: Request, visit: Visit) -> tuple[Near, ...]:
    entries = visit.parts.dialogue().knowledge.entries
    candidates = request.question.candidates[:3] if request.question else ()
    named = [(name, entries[name].title_in("fr"), round(100 * part)) for name, part in candidates if name in entries]
    return tuple(Near(*each) for each in named if each[-1])


def _row(request: Request, visit: Visit) -> Row:
    hand_over = request.hand_over
    return Row(
        number=hand_over.id,
        question=request.question.text if request.question else None,
        language=text(f"languages.{request.language}") if request.language else "",
        opened_at=hand_over.opened_at,
        waiting_since=_waiting_since(request),
        taken_by=None if hand_over.taken_by is None else hand_over.taken_name or "",
        mine=hand_over.taken_by == visit.agent.id,
        snoozed_until=hand_over.snoozed_until,
        undelivered=request.undelivered,
    )


def _waiting_since(request: Request) -> datetime | None:
    if request.hand_over.status is HandOverStatus.CLOSED:
        return None
    if request.replied_last is None:
        return request.hand_over.opened_at
    asked = request.asked_last
    return asked if asked and asked > request.replied_last else None


def _unfit(words: str) -> str | None:
    """Why it cannot be sent."""
    if not words:
        return text("conversations.notice.empty")
    if not without_notes(words):
        return text("conversations.notice.only_notes")
    return text("conversations.notice.too_long", most=MAX_UNITS) if units(words) > MAX_UNITS else None
