"""What became of an answer to everybody who asked the same."""

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.console.errors import RefusedError
from bot.console.exchange import Fate
from bot.console.exchange import _fate as fate_of
from bot.console.pages import Visit, reading
from bot.storage.console import Posted


@dataclass(frozen=True, slots=True)
class Recipient:
    hand_over: int | None
    fate: Fate


@dataclass(frozen=True, slots=True)
class AnswerContext:
    now: datetime
    number: int
    question: int
    text: str
    made_at: datetime
    recipients: tuple[Recipient, ...]
    counts: tuple[tuple[str, int], ...]
    """By state."""
    author: str | None
    """None where no name is known any more."""


async def answered(visit: Visit) -> Response:
    """What became of an answer, person by person."""
    found = await visit.parts.store.group_answer(visit.number) if visit.number < 1 << 63 else None
    if found is None:
        raise RefusedError(404, "not_found")
    recipients = tuple(map(_recipient, await visit.parts.store.recipients(found.id)))
    states = [str(recipient.fate.state) for recipient in recipients]
    counts = tuple((state, states.count(state)) for state in dict.fromkeys(states))
    author = next((person.name for person in await visit.parts.store.people() if person.user_id == found.user_id), None)
    context = AnswerContext(visit.now, found.id, found.question, found.text, found.made_at, recipients, counts, author)
    return visit.show("reponse", context)


def _recipient(posted: Posted) -> Recipient:
    return Recipient(posted.row.outgoing.hand_over, fate_of(posted.row))


ROUTES = reading("/questions/reponses/{number:int}", answered)
