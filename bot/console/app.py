"""The console as a web application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console import entrance, live
from bot.console.errors import RefusedError, error_response
from bot.console.guard import Guard
from bot.console.pages import Parts


def application(parts: Parts) -> Starlette:
    """All pages, behind the guard."""
    first = f"/{parts.pages[0].name}"

    async def home(_request: Request) -> Response:
        return RedirectResponse(first, 303)

    app = Starlette(
        routes=[
            Route("/", home),
            *entrance.ROUTES,
            *live.ROUTES,
            *(route for page in parts.pages for route in page.routes),
            Mount("/static", StaticFiles(packages=[("bot.console", "static")])),
        ],
        middleware=[Middleware(Guard, url=parts.url)],
        exception_handlers={HTTPException: _not_there},
    )
    app.state.parts = parts
    return app


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return error_response(request, RefusedError(status, "wrong_method" if status == 405 else "not_found"))
