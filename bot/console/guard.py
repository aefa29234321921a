"""What holds for every request before a page sees it (host, origin, size), and the headers of every answer."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.errors import RefusedError, error_response
from bot.console.forms import MAX_BODY

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "same-origin",  # with "no-referrer" browsers hide the origin of our own forms
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware."""

    app: ASGIApp
    url: str
    """The console's address as browsers know it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = self._with_headers(scope, send)
        try:
            self._admit(Headers(scope=scope), scope["method"])
        except RefusedError as refusal:
            await error_response(Request(scope), refusal)(scope, receive, guarded)
        else:
            await self.app(scope, receive, guarded)

    def _admit(self, headers: Headers, method: str) -> None:
        """Raises: RefusedError."""
        if headers.get("host", "").lower() not in self._hosts():  # another name that leads here: DNS rebinding
            raise RefusedError(400, "wrong_host", url=self.url)
        if method not in _SAFE and not self._from_here(headers):
            raise RefusedError(403, "foreign_form")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise RefusedError(413, "too_large")

    def _hosts(self) -> set[str]:
        parts = urlsplit(self.url)
        standard = {"http": 80, "https": 443}[parts.scheme]
        return {parts.netloc.lower(), f"{parts.hostname}:{parts.port or standard}"}

    def _from_here(self, headers: Headers) -> bool:
        """Browsers say where a form was filled in. Who says nothing is no browser, and knows no form's token."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        parts = urlsplit(self.url)
        return site in {None, "same-origin"} and origin in {None, f"{parts.scheme}://{parts.netloc}"}

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        static = scope["path"].startswith("/static/")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("cache-control", "no-cache" if static else "no-store")
                if self.url.startswith("https:"):
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        return guarded
