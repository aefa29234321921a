"""Label as you go: for each question the agent says in one tap which entry it asked for, or none of ours."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from bot.channels.telegram.desk import CHANNEL
from bot.console.errors import RefusedError
from bot.console.pages import Visit, acting, reading
from bot.dialogue.effects import Decision
from bot.knowledge.model import Entry
from bot.storage.console import RepeatedActError
from bot.storage.model import Question

_ON_A_PAGE = 20
_LIKELY = 3
NONE = "-"
"""In the form: no entry of ours. Ids of entries never are this."""


@dataclass(frozen=True, slots=True)
class Choice:
    entry: str
    title: str
    given: bool
    """The bot answered with it, or offered it."""


@dataclass(frozen=True, slots=True)
class ToLabel:
    number: int
    text: str
    asked_at: datetime
    decision: str
    choices: tuple[Choice, ...]
    not_mine: tuple[str, ...]
    """Titles of the entries of which the person said that they were not the question."""


@dataclass(frozen=True, slots=True)
class LabelsContext:
    now: datetime
    questions: tuple[ToLabel, ...]
    entries: tuple[tuple[str, str], ...]
    """(entry, title): whatever else may be meant."""
    done: int
    """Labels so far."""
    last: int
    """The question labelled just now, which can be taken back; 0: none."""
    none: str = NONE


async def index(visit: Visit) -> Response:
    store, last = visit.parts.store, visit.request.query_params.get("fait", "")
    entries = visit.parts.dialogue().knowledge.in_use
    questions = tuple(_to_label(entries, question) for question in await store.to_label(CHANNEL, _ON_A_PAGE))
    context = LabelsContext(
        visit.now,
        questions,
        tuple(sorted(((entry.id, entry.title_in("fr")) for entry in entries.values()), key=lambda each: each[1])),
        done=await store.label_count(CHANNEL),
        last=int(last) if last.isdecimal() and len(last) < 19 else 0,
    )
    return visit.show("etiquettes", context)


async def label(visit: Visit) -> Response:
    """Keep the label; an empty one takes it back."""
    said, number = visit.form.get("fiche", ""), visit.number
    if said not in {"", NONE, *visit.parts.dialogue().knowledge.in_use} or number >= 1 << 63:
        raise RefusedError(404, "not_found")
    expected = "" if said == NONE else said or None
    with suppress(RepeatedActError):
        done = visit.act("label", str(number), said)
        async with visit.parts.store.answering(done) as work:
            if not await work.label_question(CHANNEL, number, expected, visit.agent.id, visit.now):
                raise RefusedError(404, "not_found")
    return RedirectResponse(f"/questions/etiquettes?fait={number}" if said else "/questions/etiquettes", 303)


def _to_label(entries: Mapping[str, Entry], question: Question) -> ToLabel:
    likely = dict.fromkeys([*([question.entry] if question.entry else []), *(name for name, _ in question.candidates)])
    offered = {name for name, _ in question.candidates[:_LIKELY]} if question.decision == Decision.CLARIFY else set()
    choices = [
        Choice(name, entries[name].title_in("fr"), given=name == question.entry or name in offered)
        for name in likely
        if name in entries
    ]
    refused = [name for name, helped in question.ratings.items() if not helped and name in entries]
    return ToLabel(
        question.id,
        question.text,
        question.asked_at,
        question.decision,
        tuple(choices[:_LIKELY]),
        tuple(entries[name].title_in("fr") for name in refused),
    )


ROUTES = (
    *reading("/questions/etiquettes", index),
    acting("/questions/{number:int}/etiquette", label),
)
