"""Loops that wait for work, for the time of a retry, or for the end."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from bot.storage.store import StoreAwayError

log = logging.getLogger(__name__)

_AWAY = 2.0
"""Seconds between two tries of a database that does not answer."""


def backoff(failures: int, *, first: float, longest: float) -> float:
    """Seconds until the next try after `failures` in a row: `first` doubled by each, at most `longest`.

    With a jitter of a fifth, so that replicas do not return together.
    """
    return min(longest, first * 2.0 ** min(failures, 10)) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


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


async def again_and_again(
    look: Callable[[], Awaitable[object]], stop: asyncio.Event, *, seconds: float, what: str
) -> None:
    """Look at once and every `seconds` from then on, until `stop` is set.

    A fault in it must not take the whole bot with it: it is logged as one of `what`, and what is due stays due.
    """
    while not stop.is_set():
        try:
            await look()
        except StoreAwayError as error:
            log.warning("%s", error)
        except Exception as error:
            log.error("%s failed", what, exc_info=error)  # noqa: TRY400 - as everywhere in this package
        await any_of(stop, seconds=seconds)
