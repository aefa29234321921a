"""The pages before the sign-in: how to come in, the one-time link, the Mini App, the way out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.access import SESSION, SignInError
from bot.console.errors import RefusedError
from bot.console.forms import form_of
from bot.console.pages import Parts, Visit, acting, cookie_name, open_to_all, parts_of
from bot.console.rendering import html
from bot.console.texts import text

DEMO_PEOPLE = (1, 2, 3)
"""Who can be played in the demonstration: see `demo.py`."""


@dataclass(frozen=True, slots=True)
class EntranceContext:
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class LinkContext:
    secret: str
    good: bool


async def entrance(request: Request) -> Response:
    return html(request, "entrance.html", page=EntranceContext())


async def link(request: Request) -> Response:
    secret = request.path_params["secret"]
    good = await parts_of(request).access.link_is_good(secret)
    return html(request, "link.html", 200 if good else 410, page=LinkContext(secret, good))


async def link_used(request: Request) -> Response:
    return await _signed_in(request, "link", request.path_params["secret"])


async def mini_app(request: Request) -> Response:
    return html(request, "mini_app.html")


async def mini_app_used(request: Request) -> Response:
    form = await form_of(request)
    return await _signed_in(request, "init_data", form.get("init_data", ""))


async def played(request: Request) -> Response:
    if not parts_of(request).demo:
        raise RefusedError(404, "not_found")
    form = await form_of(request)
    return await _signed_in(request, "demo", form.get("who", ""))


async def _signed_in(request: Request, way: str, given: str) -> Response:
    parts = parts_of(request)
    if not await parts.access.may_try(request.client.host if request.client else ""):
        raise RefusedError(429, "too_many_attempts")
    try:
        secret = await _enter(parts, way, given, request.cookies.get(cookie_name(parts)))
    except SignInError as error:
        return html(request, "entrance.html", 403, page=EntranceContext(text(f"entrance.{error.key}")))
    response = RedirectResponse("/", 303)
    _set_cookie(response, parts, secret)
    return response


async def _enter(parts: Parts, way: str, given: str, replaces: str | None) -> str:
    """Raises: SignInError."""
    match way:
        case "link":
            return await parts.access.enter_by_link(given, replaces)
        case "init_data":
            return await parts.access.enter_by_init_data(given, replaces)
        case _ if given in {str(number) for number in DEMO_PEOPLE}:
            return await parts.access.enter(int(given), replaces)
        case _:
            raise SignInError("not_staff")


async def _sign_out(visit: Visit) -> Response:
    parts = visit.parts
    await parts.store.log_act(visit.act("sign_out", ""))
    await parts.access.leave(visit.request.cookies[cookie_name(parts)])
    response = RedirectResponse("/entrer", 303)
    response.delete_cookie(cookie_name(parts), secure=parts.url.startswith("https:"), httponly=True, samesite="lax")
    return response


def _set_cookie(response: Response, parts: Parts, secret: str) -> None:
    """Lax: whoever follows a link of Telegram to the console is still signed in there."""
    response.set_cookie(
        cookie_name(parts),
        secret,
        max_age=int(SESSION.total_seconds()),
        secure=parts.url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


ROUTES = (
    open_to_all("/entrer", entrance),
    open_to_all("/entrer/demo", played, "POST"),
    open_to_all("/entrer/telegram", mini_app),
    open_to_all("/entrer/telegram", mini_app_used, "POST"),
    open_to_all("/entrer/{secret}", link),
    open_to_all("/entrer/{secret}", link_used, "POST"),
    acting("/sortir", _sign_out),
)
