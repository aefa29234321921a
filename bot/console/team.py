"""The team: who comes in, who may publish, and what was done. For administrators of the staff group."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from bot.console.errors import RefusedError
from bot.console.membership import Role, role_of
from bot.console.pages import Page, Visit, acting, reading
from bot.console.texts import text
from bot.storage.console import Act, Person, RepeatedActError

_SHOWN_ACTS = 100


@dataclass(frozen=True, slots=True)
class Colleague:
    number: int
    name: str
    role: Role
    editor: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    who: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TeamContext:
    now: datetime
    colleagues: tuple[Colleague, ...]
    done: tuple[Done, ...]


async def index(visit: Visit) -> Response:
    """Who has come in at least once, and the newest of what was done."""
    people = await visit.parts.store.people()
    names = {person.user_id: person.name for person in people}
    done = tuple(_done(act, names) for act in await visit.parts.store.acts(_SHOWN_ACTS))
    return visit.show("equipe", TeamContext(visit.now, tuple(_colleague(person) for person in people), done))


async def set_editor(visit: Visit) -> Response:
    if visit.number not in {person.user_id for person in await visit.parts.store.people()}:
        raise RefusedError(404, "not_found")
    editor = visit.form.get("editor") == "yes"
    act = visit.act("make_editor" if editor else "unmake_editor", f"person:{visit.number}")
    with suppress(RepeatedActError):
        await visit.parts.store.set_editor(visit.number, editor=editor, act=act)
    return RedirectResponse("/equipe", 303)


PAGE = Page(
    "equipe",
    (
        *reading("/equipe", index, least=Role.ADMINISTRATOR),
        acting("/equipe/{number:int}/redaction", set_editor, least=Role.ADMINISTRATOR),
    ),
    least=Role.ADMINISTRATOR,
)


def _colleague(person: Person) -> Colleague:
    return Colleague(person.user_id, person.name, role_of(person), person.editor, person.seen_at)


def _done(act: Act, names: dict[int, str]) -> Done:
    kind, _, subject = act.subject.partition(":")
    if kind == "person":
        subject = names.get(int(subject), subject)
    return Done(names.get(act.user_id, f"n° {act.user_id}"), text(f"acts.{act.act}", subject=subject), act.at)
