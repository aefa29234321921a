"""Loops that wait for work, for the time of a retry, or for the end."""

import asyncio
import logging

from bot.storage.store import StoreAwayError

log = logging.getLogger(__name__)

_AWAY = 2.0
"""Seconds between two tries of a database that does not answer."""


async def store_back(error: StoreAwayError, stop: asyncio.Event) -> None:
    """Say what is wrong with the database, and wait a while for it."""
    log.error("%s", error)
    await any_of(stop, seconds=_AWAY)


async def any_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait until one of the events is set, at most `seconds`."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
