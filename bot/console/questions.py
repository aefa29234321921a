"""Questions: those that wait, grouped by likeness; set aside, or answered once for everybody who asked."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from bot.channels.telegram.desk import CHANNEL
from bot.console import feedback, group_answers, labels
from bot.console.answering import MOST, NobodyWaitsError, act_of, answer_group, preview, unfit
from bot.console.errors import RefusedError
from bot.console.filters import PERIODS, Wanted, wanted_by
from bot.console.groups import encoder_of
from bot.console.pages import Page, Visit, acting, reading
from bot.console.texts import text
from bot.dialogue.effects import Decision, QuestionStatus
from bot.knowledge.model import LANGUAGES
from bot.language.normal_form import normalise
from bot.staff.questions import groups
from bot.storage.console import Asked, RepeatedActError
from bot.storage.model import Question

_ON_A_PAGE = 40
"""Groups; a form has fifty fields at most."""
_MOST_AT_ONCE = 2_000
"""Questions that one act is about."""


@dataclass(frozen=True, slots=True)
class Group:
    number: int
    """Of its newest question."""
    wording: str
    askers: int
    times: int
    languages: tuple[str, ...]
    topic: str | None
    """Title of the entry that was nearest."""
    newest: datetime
    clarified: bool
    """Entries were offered for some of them."""
    ids: str
    """Of all its questions, for a form."""
    looking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionsContext:
    now: datetime
    wanted: Wanted
    groups: tuple[Group, ...]
    askers: int
    questions: int
    all_groups: int
    pages: tuple[tuple[int, str], ...]
    topics: tuple[tuple[str, str], ...]
    """(entry, title): what can be chosen."""
    complete: bool
    query: str
    languages: tuple[str, ...] = LANGUAGES
    periods: tuple[int, ...] = PERIODS
    states: tuple[str, ...] = tuple(QuestionStatus)


@dataclass(frozen=True, slots=True)
class Wording:
    """What was asked in the same words."""

    text: str
    askers: int
    languages: tuple[str, ...]
    newest: datetime
    ids: str
    near_only: bool
    """Its meaning is near, its words are not: an agent decides."""
    chosen: bool


@dataclass(frozen=True, slots=True)
class GroupContext:
    now: datetime
    number: int
    open: bool
    wordings: tuple[Wording, ...]
    more: int
    """Wordings that are not shown."""
    topic: str | None
    receive: int
    """People who would be written to, of all wordings."""
    not_promised: int
    in_conversation: int
    others: tuple[str, ...]
    draft: str = ""
    notice: str | None = None
    preview: tuple[str, ...] = ()
    """Telegram's HTML, of ours."""
    chosen_receive: int = 0
    most: int = MOST


async def index(visit: Visit) -> Response:
    """The groups, the most askers first, then the newest."""
    wanted = wanted_by(visit.request.query_params)
    found = await _found(visit, wanted)
    gathered = _gathered(visit, wanted, found)
    start = (wanted.page - 1) * _ON_A_PAGE
    shown = tuple(_group(visit, members) for members in gathered[start : start + _ON_A_PAGE])
    pages = tuple((number + 1, wanted.query(number + 1)) for number in range(-(-len(gathered) // _ON_A_PAGE)))
    context = QuestionsContext(
        visit.now,
        wanted,
        shown,
        askers=_askers(found),
        questions=len(found),
        all_groups=len(gathered),
        pages=pages if len(pages) > 1 else (),
        topics=_topics(visit),
        complete=wanted.state != QuestionStatus.OPEN or visit.parts.groups.complete,
        query=wanted.query(wanted.page),
    )
    visit.parts.presence.leaves(_last_place(visit), visit.agent.id)
    return visit.show("questions", context)


async def one(visit: Visit) -> Response:
    """A group: how it was asked, and where it is answered."""
    visit.parts.presence.looks(_place(visit.number), visit.agent.id, visit.agent.name, visit.now)
    return await _shown(visit)


async def try_answer(visit: Visit) -> Response:
    """The answer as the phone will show it, and who gets it; nothing is sent."""
    words, ids = _words(visit), _chosen(visit)
    notice = unfit(words) or (None if ids else text("questions.notice.nothing_chosen"))
    return await _shown(visit, words, notice, 422 if notice else 200, ids, tried=notice is None)


async def answer(visit: Visit) -> Response:
    words, ids = _words(visit), _chosen(visit)
    if notice := unfit(words) or (None if ids else text("questions.notice.nothing_chosen")):
        return await _shown(visit, words, notice, 422, ids)
    try:
        key = await answer_group(visit, ids, words)
    except RepeatedActError:
        key = act_of(visit, ids, words).key or ""
    except NobodyWaitsError:
        return await _shown(visit, words, text("questions.notice.nobody"), 409, ids)
    found = await visit.parts.store.group_answer_of(key)
    return RedirectResponse(f"/questions/reponses/{found.id}" if found else "/questions", 303)


async def set_aside(visit: Visit) -> Response:
    await _change(visit, "set_aside", QuestionStatus.OPEN, QuestionStatus.CLOSED)
    return _back(visit)


async def reopen(visit: Visit) -> Response:
    await _change(visit, "reopen", QuestionStatus.CLOSED, QuestionStatus.OPEN)
    return _back(visit)


PAGE = Page(
    "questions",
    (
        *reading("/questions", index),
        *reading("/questions/{number:int}", one),
        acting("/questions/{number:int}/apercu", try_answer),
        acting("/questions/{number:int}/repondre", answer),
        acting("/questions/ranger", set_aside),
        acting("/questions/rouvrir", reopen),
        *group_answers.ROUTES,
        *labels.ROUTES,
        *feedback.ROUTES,
    ),
)


# Which


async def _found(visit: Visit, wanted: Wanted) -> list[Question]:
    """Newest first."""
    if wanted.state == QuestionStatus.OPEN:
        asked = await _waiting(visit)
    else:
        asked = await visit.parts.store.settled(CHANNEL, wanted.state)
    return [question for question in asked if wanted.admits(question, visit.now)]


async def _waiting(visit: Visit) -> list[Question]:
    return await visit.parts.groups.waiting(visit.parts.store, encoder_of(visit.parts.dialogue().matcher))


def _gathered(visit: Visit, wanted: Wanted, found: Sequence[Question]) -> list[list[Question]]:
    is_open = wanted.state == QuestionStatus.OPEN
    gathered = visit.parts.groups.together(found) if is_open else groups(found)
    return sorted(gathered, key=lambda members: (-_askers(members), -members[0].asked_at.timestamp()))


async def _members(visit: Visit) -> list[Asked]:
    """The group of the question in the address, oldest first.

    Raises:
        RefusedError: there is no such question of Telegram's.
    """
    number = visit.number if visit.number < 1 << 63 else 0
    group = next((g for g in visit.parts.groups.together(await _waiting(visit)) if number in {q.id for q in g}), None)
    ids = sorted(question.id for question in group)[:_MOST_AT_ONCE] if group else [number]
    found = [asked for asked in await visit.parts.store.askers(ids) if asked.question.channel == CHANNEL]
    if not found:
        raise RefusedError(404, "not_found")
    return found


def _words(visit: Visit) -> str:
    return visit.form.get("answer", "").replace("\r\n", "\n").strip()


def _chosen(visit: Visit) -> list[int]:
    """The numbers in the fields `w…` that are ticked, each a list."""
    named = [value for name, value in visit.form.items() if name.startswith("w")]
    numbers = [each for value in named for each in value.split(",") if each.isdecimal() and len(each) < 19]
    return sorted({int(each) for each in numbers})[:_MOST_AT_ONCE]


# What is shown


def _group(visit: Visit, members: Sequence[Question]) -> Group:
    newest = members[0]
    looking = visit.parts.presence.others
    names = {name for m in members[:_ON_A_PAGE] for name in looking(_place(m.id), visit.agent.id, visit.now)}
    return Group(
        number=newest.id,
        wording=newest.text,
        askers=_askers(members),
        times=len(members),
        languages=_languages(members),
        topic=_title(visit, newest.topic),
        newest=newest.asked_at,
        clarified=any(member.decision == Decision.CLARIFY for member in members),
        ids=_ids(members),
        looking=tuple(sorted(names)),
    )


async def _shown(
    visit: Visit,
    draft: str = "",
    notice: str | None = None,
    status: int = 200,
    ids: Sequence[int] | None = None,
    *,
    tried: bool = False,
) -> Response:
    members = await _members(visit)
    asked = [member.question for member in members]
    chosen = None if ids is None else set(ids)
    receivers = [m for m in members if m.promised and m.question.status == QuestionStatus.OPEN]
    wordings = _wordings(visit, asked, chosen)
    receiving = [member for member in receivers if chosen is None or member.question.id in chosen]
    context = GroupContext(
        visit.now,
        visit.number,
        open=any(question.status == QuestionStatus.OPEN for question in asked),
        wordings=wordings[:_ON_A_PAGE],
        more=max(0, len(wordings) - _ON_A_PAGE),
        topic=_title(visit, asked[-1].topic),
        receive=_askers(member.question for member in receivers),
        not_promised=_askers(member.question for member in members if not member.promised),
        in_conversation=_askers(member.question for member in receivers if member.hand_over),
        others=visit.parts.presence.others(_place(visit.number), visit.agent.id, visit.now),
        draft=draft,
        notice=notice or (text("questions.notice.nobody_chosen") if tried and not receiving else None),
        preview=tuple(_preview(visit, draft, receiving)) if tried else (),
        chosen_receive=_askers(member.question for member in receiving),
    )
    return visit.show("question", context, status)


def _preview(visit: Visit, words: str, receiving: Sequence[Asked]) -> list[str]:
    if not receiving:
        return []
    first = next((each for each in receiving if not each.hand_over), receiving[0])
    knowledge = visit.parts.dialogue().knowledge
    return preview(knowledge, words, first.question, handed_over=first.hand_over is not None)


def _wordings(visit: Visit, asked: Sequence[Question], chosen: set[int] | None) -> tuple[Wording, ...]:
    same: dict[str, list[Question]] = {}
    for question in reversed(asked):
        same.setdefault(normalise(question.text) or question.text, []).append(question)
    likeness = visit.parts.groups.likeness
    found = []
    for members in same.values():
        near_only = all(likeness.by_meaning(member.id) for member in members)
        ticked = not near_only if chosen is None else any(member.id in chosen for member in members)
        newest = members[0]
        found.append(
            Wording(
                newest.text, _askers(members), _languages(members), newest.asked_at, _ids(members), near_only, ticked
            )
        )
    return tuple(sorted(found, key=lambda wording: (wording.near_only, -wording.askers)))


def _askers(questions: Iterable[Question]) -> int:
    return len({question.chat for question in questions})


def _languages(questions: Iterable[Question]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(question.language for question in questions))


def _ids(questions: Sequence[Question]) -> str:
    return ",".join(str(question.id) for question in questions[:_MOST_AT_ONCE])


def _title(visit: Visit, entry: str | None) -> str | None:
    entries = visit.parts.dialogue().knowledge.entries
    return entries[entry].title_in("fr") if entry and entry in entries else None


def _topics(visit: Visit) -> tuple[tuple[str, str], ...]:
    entries = visit.parts.dialogue().knowledge.entries.values()
    return tuple(sorted(((entry.id, entry.title_in("fr")) for entry in entries), key=lambda each: each[1]))


def _place(question: int) -> str:
    return f"question:{question}"


def _last_place(visit: Visit) -> str:
    """Where the agent comes from, by the browser's word: only a hint depends on it."""
    number = visit.request.headers.get("referer", "").rpartition("/questions/")[2]
    return _place(int(number)) if number.isdecimal() and len(number) < 19 else ""


# Acts


async def _change(visit: Visit, act: str, was: QuestionStatus, status: QuestionStatus) -> None:
    ids = _chosen(visit)
    closed_at = None if status is QuestionStatus.OPEN else visit.now
    if not ids:
        return
    with suppress(RepeatedActError):
        done = visit.act(act, f"question:{ids[0]}", ",".join(map(str, ids)))
        async with visit.parts.store.answering(done) as work:
            await work.change_questions(CHANNEL, ids, was, status, closed_at)


def _back(visit: Visit) -> Response:
    """To the list as it was filtered."""
    query = visit.form.get("query", "")
    return RedirectResponse(f"/questions?{query}" if query else "/questions", 303)
