"""Server-sent events: "something changed", and the page asks again for the part that it shows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from starlette.responses import Response, StreamingResponse

from bot.channels.telegram.waiting import any_of
from bot.console.pages import Parts, Visit, reading

_LOOK_EVERY = 1.0
"""Seconds: a few cheap statements for each page that is open; other processes write to the same database."""
_ALIVE_EVERY = 15
"""Looks after which something is sent all the same: proxies close what is silent."""
_LONGEST = timedelta(minutes=10)
"""Then the browser comes back, and the session is looked at again."""


async def live(visit: Visit) -> Response:
    headers = {"x-accel-buffering": "no"}  # nginx would keep the events until there are many
    return StreamingResponse(changes(visit.parts), media_type="text/event-stream", headers=headers)


async def changes(parts: Parts, every: float = _LOOK_EVERY) -> AsyncIterator[str]:
    """An event whenever a hand-over, a question, a message or who looks at it changed, until the console ends."""
    until, looks, before = parts.clock() + _LONGEST, 0, await _state(parts)
    yield "retry: 3000\n\n"
    while parts.clock() < until:
        await any_of(parts.stop, seconds=every)
        if parts.stop.is_set():
            return
        looks += 1
        now = await _state(parts)
        if now != before:
            yield "event: changed\ndata: 1\n\n"
        elif looks % _ALIVE_EVERY == 0:
            yield ": alive\n\n"
        before = now


async def _state(parts: Parts) -> tuple[object, ...]:
    parts.presence.expire(parts.clock())
    # A browser that goes away cancels us, never a statement under way: that would cost a connection.
    return (*await asyncio.shield(parts.store.pulse()), parts.presence.version)


ROUTES = reading("/live", live)[:1]  # a stream has no other form
