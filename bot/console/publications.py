"""What was published, by whom and why; taken back at a click."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from bot.console.editing import desk_of, signature
from bot.console.membership import Role
from bot.console.pages import Visit, acting, reading
from bot.console.texts import text
from bot.editing.publish import Publication
from bot.editing.texts import EditError
from bot.knowledge.problems import KnowledgeError
from bot.storage.console import RepeatedActError

_SHOWN = 100


@dataclass(frozen=True, slots=True)
class PublicationRow:
    id: str
    at: datetime
    author: str
    approved_by: str | None
    reason: str
    entries: tuple[str, ...]
    undoes: bool
    """It took another one back."""
    undone: bool
    """Another one took it back."""


@dataclass(frozen=True, slots=True)
class PublicationsContext:
    now: datetime
    rows: tuple[PublicationRow, ...]
    kept: tuple[str, ...]
    """Ids of those that are recent enough to be taken back."""
    editor: bool
    notice: str | None = None


async def index(visit: Visit) -> Response:
    return await _shown(visit)


async def roll_back(visit: Visit) -> Response:
    number: str = visit.request.path_params["publication"]
    publisher = desk_of(visit).publisher
    try:
        await asyncio.to_thread(publisher.roll_back, number, signature(visit, text("fiches.back_reason", id=number)))
    except (EditError, KnowledgeError) as error:
        return await _shown(visit, str(error), 409)
    with suppress(RepeatedActError):
        await visit.parts.store.log_act(visit.act("roll_back", f"publication:{number}"))
    return RedirectResponse("/fiches/historique", 303)


ROUTES = (
    *reversed(reading("/fiches/historique", index)),
    acting("/fiches/historique/{publication}/revenir", roll_back, least=Role.EDITOR),
)


def row(done: Publication, history: Sequence[Publication]) -> PublicationRow:
    signed = done.signed
    return PublicationRow(
        id=done.id,
        at=signed.at,
        author=signed.author.name,
        approved_by=signed.approved_by.name if signed.approved_by else None,
        reason=signed.reason,
        entries=done.entries,
        undoes=done.undoes is not None,
        undone=any(each.undoes == done.id for each in history),
    )


async def _shown(visit: Visit, notice: str | None = None, status: int = 200) -> Response:
    publisher = desk_of(visit).publisher

    def known() -> tuple[list[Publication], tuple[str, ...]]:
        history = publisher.history()
        return history, tuple(done.id for done in history[:_SHOWN] if publisher.keeps(done))

    history, kept = await asyncio.to_thread(known)
    rows = tuple(row(done, history) for done in history[:_SHOWN])
    context = PublicationsContext(visit.now, rows, kept, visit.role.may(Role.EDITOR), notice)
    return visit.show("publications", context, status)
