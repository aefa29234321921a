"""Webhook: Telegram is told 200 only after the inbox has committed the update."""

import asyncio
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.incoming import ALLOWED_UPDATES, raw_update
from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.serving import serve
from bot.storage.store import Store

MAX_BODY = 1 << 20
"""Bytes. Telegram's updates stay far below; anything larger is not read to its end."""
_SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
_CONNECTIONS = 40


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address for Telegram to call, and where this process listens for it."""

    url: str
    """https; a proxy in front of us takes care of the certificate."""
    secret: str
    """Telegram sends it with each update: nobody else knows it."""
    listen: str
    """Host and port, e.g. ``127.0.0.1:8080``."""

    @property
    def registration(self) -> dict[str, Any]:
        """The parameters of setWebhook."""
        return {
            "url": self.url,
            "secret_token": self.secret,
            "allowed_updates": list(ALLOWED_UPDATES),
            "max_connections": _CONNECTIONS,
        }

    async def receive(self, store: Store, inline: InlineQueries, arrived: asyncio.Event, stop: asyncio.Event) -> None:
        """Store updates and set `arrived`, until `stop` is set.

        Raises:
            OSError: the address is taken, or is not one of this machine.
        """
        await serve(self.app(store, inline, arrived), self.listen, stop)

    def app(self, store: Store, inline: InlineQueries, arrived: asyncio.Event) -> Starlette:
        """The one route, on the path of the address."""

        async def accept(request: Request) -> Response:
            given = request.headers.get(_SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), self.secret.encode()):
                return Response(status_code=403)
            body = await _bounded(request)
            update = _parsed(body) if body is not None else None
            if update is None:
                return Response(status_code=413 if body is None else 400)
            if kept := inline.without([update]):
                await store.receive([raw_update(each) for each in kept], datetime.now(UTC))
                arrived.set()
            return Response()

        return Starlette(routes=[Route(urlsplit(self.url).path or "/", accept, methods=["POST"])])


async def _bounded(request: Request) -> bytes | None:
    """The body; None when it is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body


def _parsed(body: bytes) -> dict[str, Any] | None:
    """An update; None when it is none."""
    try:
        update = json.loads(body)
    except ValueError:
        return None
    return update if isinstance(update, dict) and isinstance(update.get("update_id"), int) else None
