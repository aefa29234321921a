"""A page's context → HTML for people, or JSON for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.console.texts import counted, text
from bot.knowledge.hours import LEGAL_TIME
from bot.language.times import said_duration


@dataclass(frozen=True, slots=True)
class Tab:
    """A page in the navigation."""

    name: str
    path: str
    here: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page; without a name, nobody has signed in."""

    tabs: tuple[Tab, ...] = ()
    name: str = ""
    role: str = ""
    token: str = ""
    """For the forms: see `pages.acting`."""
    key: str = ""
    """For the forms, another in each page shown: see `Visit.act`."""
    demo: bool = False


def show(request: Request, template: str, context: object, status: int = 200) -> Response:
    """The context as the request wants it; in the template it is `page`."""
    if wants_json(request):
        return JSONResponse(to_jsonable_python(context), status)
    return html(request, template, status, page=context)


def html(request: Request, template: str, status: int = 200, **values: object) -> Response:
    shell = getattr(request.state, "shell", Shell())
    return HTMLResponse(_TEMPLATES.get_template(template).render(shell=shell, **values), status)


def wants_json(request: Request) -> bool:
    """Asked for by the address or by the header; browsers name HTML before anything else."""
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or ("application/json" in accepted and "text/html" not in accepted)


def clock(moment: datetime, now: datetime) -> str:
    """The time of the service's clock; with the day when it is another one."""
    local = moment.astimezone(LEGAL_TIME)
    same_day = local.date() == now.astimezone(LEGAL_TIME).date()
    return format_datetime(local, "H 'h' mm" if same_day else "d MMM, H 'h' mm", locale="fr")


def waited(duration: timedelta) -> str:
    """In a few words; what is shorter than two minutes has no figure."""
    if duration < timedelta(minutes=2):
        return text("time.now")
    return said_duration(duration, "fr")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "bot.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    helpers: Mapping[str, Any] = {"t": text, "counted": counted, "clock": clock, "waited": waited}
    environment.globals.update(helpers)
    return environment


_TEMPLATES = _environment()
