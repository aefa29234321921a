"""What the emulator answers when it refuses.

ApiError        a refusal that Telegram documents or that its server's source shows
└── NotEmulatedError something Telegram would do and this emulator does not: 501, and the test that met it fails
"""

from typing import Any


class ApiError(Exception):
    """An answer with `ok: false`: https://core.telegram.org/bots/api#making-requests."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class NotEmulatedError(ApiError):
    """A gap of the emulator. It must not hide, so leaving `async with BotApi()` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(501, f"Not Implemented: the emulator does not know {what}")
        self.what = what


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(retry_after: int) -> ApiError:
    """https://core.telegram.org/bots/api#responseparameters."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
