"""What a page of the console is, and what it is given.

One page: a module with its routes, a template of the same name, a frozen context. `registry.py` lists them in the order
of the navigation. A handler receives a `Visit` of somebody who may be there; it never checks that itself.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console.access import Access, form_token, hashed, same
from bot.console.errors import RefusedError, error_response, unexpected
from bot.console.forms import form_of
from bot.console.groups import Groups
from bot.console.membership import Role, role_of
from bot.console.presence import Presence
from bot.console.rendering import Shell, Tab, show, wants_json
from bot.dialogue.events import Agent
from bot.dialogue.policy import Dialogue
from bot.editing.desk import Desk
from bot.storage.console import Act, ConsoleStore, Session
from bot.storage.store import StorageError


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    """Its texts stand under this name, its template is `NAME.html`, its address `/NAME`."""
    routes: tuple[Route, ...]
    least: Role = Role.AGENT
    """Who sees it in the navigation; each route says itself who may use it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the pages work with; `bot.app` chooses them."""

    store: ConsoleStore
    access: Access
    dialogue: Callable[[], Dialogue]
    """The dialogue in service at this moment."""
    clock: Callable[[], datetime]
    url: str
    """The console's address as browsers know it."""
    pages: tuple[Page, ...]
    queued: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when messages wait for the sender."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the console ends: whoever streams stops."""
    desk: Desk | None = None
    """Where the knowledge is edited; None: it is not."""
    groups: Groups = field(default_factory=Groups)
    """The questions that wait, those that ask the same together."""
    presence: Presence = field(default_factory=Presence)
    """Who is looking at what."""
    demo: bool = False
    """Nothing is real, and nobody signs in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody of the staff."""

    request: Request
    parts: Parts
    session: Session
    now: datetime
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def agent(self) -> Agent:
        return Agent(self.session.person.user_id, self.session.person.name)

    @property
    def role(self) -> Role:
        return role_of(self.session.person)

    @property
    def number(self) -> int:
        """Of the address: `/conversations/{number:int}`."""
        number: int = self.request.path_params["number"]
        return number

    def show(self, template: str, context: object, status: int = 200) -> Response:
        return show(self.request, f"{template}.html", context, status)

    def act(self, act: str, subject: str, words: str = "") -> Act:
        """For the audit log; the same form with the same words, sent again, is the same act."""
        given = (self.session.hash, act, subject, self.form.get("key", ""), words)
        return Act(self.session.person.user_id, act, subject, self.now, hashed("\n".join(given)))


Handler = Callable[[Visit], Awaitable[Response]]


def reading(path: str, handler: Handler, *, least: Role = Role.AGENT) -> tuple[Route, ...]:
    """The routes of a page that only shows; also as JSON, by the address or by the header."""
    endpoint = _safely(_visited(handler, least))
    return Route(path, endpoint), Route(f"{path}.json", endpoint)


def acting(path: str, handler: Handler, *, least: Role = Role.AGENT) -> Route:
    """The route of a form that changes something: only with the form's token."""

    async def checked(visit: Visit) -> Response:
        form = await form_of(visit.request)
        if not same(form.get("token", ""), form_token(_secret(visit.request))):
            raise RefusedError(403, "foreign_form")
        return await handler(Visit(visit.request, visit.parts, visit.session, visit.now, form))

    return Route(path, _safely(_visited(checked, least)), methods=["POST"])


def open_to_all(path: str, handler: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
    """A route for somebody who has not signed in."""
    return Route(path, _safely(handler), methods=[method])


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def cookie_name(parts: Parts) -> str:
    """With https browsers hold such a name to this very host: https://www.rfc-editor.org/rfc/rfc6265bis#section-4.1.3.2."""
    return "__Host-passerelle" if parts.url.startswith("https:") else "passerelle"


def _secret(request: Request) -> str:
    return request.cookies.get(cookie_name(parts_of(request)), "")


def _visited(handler: Handler, least: Role) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        parts, secret = parts_of(request), _secret(request)
        session = await parts.access.session(secret) if secret else None
        if session is None:
            return _to_sign_in(request)
        request.state.shell = _shell(request, parts, session, form_token(secret))
        if not role_of(session.person).may(least):
            raise RefusedError(403, "not_allowed")
        return await handler(Visit(request, parts, session, parts.clock()))

    return endpoint


def _safely(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Every error has its one shape, and none shows what only the log should hold."""

    async def safe(request: Request) -> Response:
        request.state.shell = Shell(demo=parts_of(request).demo)
        try:
            return await endpoint(request)
        except RefusedError as refusal:
            return error_response(request, refusal)
        except StorageError:
            return error_response(request, RefusedError(503, "store_away"))
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, it is logged with its reference
            return unexpected(request, error)

    return safe


def _to_sign_in(request: Request) -> Response:
    if request.method == "POST" or wants_json(request):
        raise RefusedError(401, "signed_out")
    if "hx-request" in request.headers:  # a part of a page asks: the whole page goes to the sign-in
        return Response(status_code=401, headers={"hx-redirect": "/entrer"})
    return RedirectResponse("/entrer", 303)


def _shell(request: Request, parts: Parts, session: Session, token: str) -> Shell:
    role = role_of(session.person)
    tabs = tuple(
        Tab(page.name, f"/{page.name}", here=request.url.path.startswith(f"/{page.name}"))
        for page in parts.pages
        if role.may(page.least)
    )
    return Shell(tabs, session.person.name, str(role), token, secrets.token_urlsafe(12), parts.demo)
