"""What citizens said of entries, one by one: staff say whether it counts, and what counts becomes a proposal."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from bot.channels.telegram.desk import CHANNEL
from bot.console.editing import desk_of, folder_of, signature
from bot.console.pages import Visit, acting, reading
from bot.console.texts import text
from bot.editing.edit import Edit, Files, edit_entry, find_entry, out_of_scope_edit, with_guard
from bot.editing.promote import check_personal, check_wording, spoken, utterance_edit
from bot.editing.texts import EditError
from bot.knowledge.guard_checks import MUST_NOT
from bot.knowledge.problems import KnowledgeError
from bot.staff.feedback import Feedback, feedback
from bot.storage.console import RepeatedActError

_ON_A_PAGE = 20
_LOOKED_AT = 1_000
"""Questions, newest first: what is older was there to be reviewed for long."""
_REMEMBERED = 5_000
"""Questions that staff decided on: the same opinion in the same words is not asked about again."""


@dataclass(frozen=True, slots=True)
class Said:
    question: int
    wording: str
    language: str
    asked_at: datetime
    entry: str
    title: str
    right: bool
    times: int
    """How many people's questions said the same."""


@dataclass(frozen=True, slots=True)
class FeedbackContext:
    now: datetime
    said: tuple[Said, ...]
    left: int
    """Those that are not shown."""
    can_edit: bool
    notice: str | None = None


async def index(visit: Visit) -> Response:
    return await _shown(visit)


async def decide(visit: Visit) -> Response:
    """`verdict`: yes, no, or out (it is nobody's)."""
    verdict, entry = visit.form.get("verdict", ""), visit.form.get("entry", "")
    each = next((each for each in await _found(visit) if each.entry == entry and visit.number in _numbers(each)), None)
    if each is None or verdict not in {"yes", "no", "out"}:  # somebody else was quicker, or the form came twice
        return RedirectResponse("/questions/retours", 303)
    try:
        edits = [] if verdict == "no" else await _edits(visit, each, out=verdict == "out")
    except (EditError, KnowledgeError) as error:
        return await _shown(visit, str(error), 422)
    act = visit.act("review", f"question:{each.question.id}", f"{entry} {verdict}")
    reason = text("feedback.reason_right" if each.right else "feedback.reason_wrong", number=each.question.id)
    proposals = desk_of(visit).proposals
    # First what may fail: an opinion counts as reviewed once its proposal stands.
    proposal = await asyncio.to_thread(proposals.propose, edits, signature(visit, reason)) if edits else None
    reviewed = False
    with suppress(RepeatedActError):
        reviewed = await visit.parts.store.review(_numbers(each), entry, act, accepted=bool(edits))
    if proposal and not reviewed:
        await asyncio.to_thread(proposals.withdraw, proposal.id)
    if proposal and reviewed:
        return RedirectResponse(f"/fiches/propositions/{proposal.id}", 303)
    return RedirectResponse("/questions/retours", 303)


ROUTES = (*reading("/questions/retours", index), acting("/questions/retours/{number:int}", decide))


async def _found(visit: Visit) -> list[Feedback]:
    store = visit.parts.store
    waiting, decided = await store.opinions(CHANNEL, _LOOKED_AT), await store.decided(CHANNEL, _REMEMBERED)
    return feedback(waiting, visit.parts.dialogue().knowledge.in_use, decided)


def _numbers(said: Feedback) -> list[int]:
    return [question.id for question in said.questions]


async def _edits(visit: Visit, said: Feedback, *, out: bool) -> list[Edit]:
    """Raises: EditError: it cannot be written as it is."""
    files = (await folder_of(visit)).version.files
    return await asyncio.to_thread(_written, files, said, spoken(said.question.language), out=out)


def _written(files: Files, said: Feedback, language: str, *, out: bool) -> list[Edit]:
    wording = said.question.text
    if said.right:
        return [utterance_edit(files, said.entry, wording, language)]
    check_personal(wording)
    if out:  # no entry may be asked for by what is nobody's
        check_wording(files, wording)
    guarded = with_guard(find_entry(files, said.entry)[1], MUST_NOT, language, wording)
    return [edit_entry(files, said.entry, guarded), *([out_of_scope_edit(language, wording)] if out else [])]


async def _shown(visit: Visit, notice: str | None = None, status: int = 200) -> Response:
    found, entries = await _found(visit), visit.parts.dialogue().knowledge.entries
    said = tuple(
        Said(
            each.question.id,
            each.question.text,
            each.question.language,
            each.question.asked_at,
            each.entry,
            entries[each.entry].title_in("fr"),
            each.right,
            len(each.questions),
        )
        for each in found[:_ON_A_PAGE]
    )
    context = FeedbackContext(visit.now, said, len(found) - len(said), visit.parts.desk is not None, notice)
    return visit.show("retours", context, status)
