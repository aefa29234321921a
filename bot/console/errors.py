"""One shape for every error, for people and for programs. What we did not expect shows a reference, never its text."""

import logging
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.console.rendering import html, wants_json
from bot.console.texts import text

log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request that is not done; `code` names the sentence that says why, and what to do."""

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = text(f"errors.{code}", **values)


@dataclass(frozen=True, slots=True)
class ErrorContext:
    code: str
    message: str
    reference: str | None = None
    """Of a fault of ours: it stands in the log, too."""


def error_response(request: Request, refusal: RefusedError) -> Response:
    return _shown(request, refusal.status, ErrorContext(refusal.code, refusal.message))


def unexpected(request: Request, error: Exception) -> Response:
    """Keep what happened in the log, and show where to find it there."""
    reference = secrets.token_hex(4)
    log.error("console %s: %s %s", reference, request.method, request.url.path, exc_info=error)
    return _shown(request, 500, ErrorContext("unexpected", text("errors.unexpected"), reference))


def _shown(request: Request, status: int, error: ErrorContext) -> Response:
    if wants_json(request):
        return JSONResponse(_as_json(error), status)
    return html(request, "error.html", status, page=error)


def _as_json(error: ErrorContext) -> dict[str, dict[str, str | None]]:
    return {"error": {"code": error.code, "message": error.message, "reference": error.reference}}
