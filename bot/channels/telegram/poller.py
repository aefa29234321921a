"""Long polling: updates are stored before Telegram is told that they arrived.

Telegram forgets an update once a getUpdates call names a higher offset, so the offset moves only past what the inbox
has committed. python-telegram-bot's own Updater confirms before anything is handled: 800 of 1,000 updates were lost at
a kill -9 (docs/decisions).
"""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.health import Health
from bot.channels.telegram.incoming import ALLOWED_UPDATES, raw_update
from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.refusals import Failure, Refusal, failure_of
from bot.channels.telegram.waiting import any_of, backoff, store_back
from bot.staff.texts import text
from bot.storage.store import Store, StoreAwayError

log = logging.getLogger(__name__)

_LONG_POLL = 30
"""Seconds that Telegram holds the call open when there is nothing."""
_BATCH = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
"""Seconds."""
_LOOK_FOR_LEADER = 5.0
"""Seconds between two looks whether the process that polls has gone."""


class TokenRefusedError(Exception):
    """Telegram does not accept the token: nothing can be done until the operator mends it."""


async def poll(
    bot: Bot, store: Store, inline: InlineQueries, arrived: asyncio.Event, stop: asyncio.Event, health: Health
) -> None:
    """Store updates and set `arrived`, until `stop` is set.

    Raises:
        TokenRefusedError: Telegram does not know the token any more.
    """
    offset: int | None = None
    leads, failures = False, 0
    while not stop.is_set():
        try:
            led, leads = leads, await store.poll_leader(datetime.now(UTC))
            if not leads:  # another process on this database polls, and hears Telegram for us
                health.heard()
                await any_of(stop, seconds=_LOOK_FOR_LEADER)
                continue
            if not led:
                offset = await store.next_offset()
            batch = await _unless(stop, _get_updates(bot, offset))
            health.heard()
            if batch:
                if kept := inline.without(batch):
                    await store.receive([raw_update(update) for update in kept], datetime.now(UTC))
                    arrived.set()
                offset = batch[-1]["update_id"] + 1
            failures = 0
        except TelegramError as error:
            failures += 1
            await any_of(stop, seconds=pause_after(failure_of(error), failures))
        except StoreAwayError as error:
            failures += 1
            await store_back(error, stop)
        except Exception:  # the offset has not moved: Telegram keeps the batch until the inbox takes it
            failures += 1
            log.exception("a batch of updates could not be stored")
            await any_of(stop, seconds=backoff(failures, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE))


async def _get_updates(bot: Bot, offset: int | None) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"timeout": _LONG_POLL, "limit": _BATCH, "allowed_updates": list(ALLOWED_UPDATES)}
    if offset is not None:
        params["offset"] = offset
    updates: list[dict[str, Any]] = await call(bot, "getUpdates", params, read_timeout=_LONG_POLL + 10)
    return updates


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What `work` gives; nothing when `stop` comes first. What Telegram had sent by then, it sends again."""
    doing, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((doing, stopped), return_when=asyncio.FIRST_COMPLETED)
        return await doing if doing.done() else []
    finally:
        for task in (doing, stopped):
            task.cancel()
        await asyncio.gather(doing, stopped, return_exceptions=True)


def pause_after(failure: Failure, failures: int) -> float:
    """Seconds until the next try after so many failures in a row.

    Raises:
        TokenRefusedError: no try will ever succeed.
    """
    if failure.refusal is Refusal.TOKEN:
        raise TokenRefusedError(text("token_refused"))
    seconds = backoff(failures, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
    if failure.retry_after:
        seconds = failure.retry_after.total_seconds()
    if failure.refusal is Refusal.CONFLICT:
        log.warning(text("log_conflict", seconds=round(seconds)))
    else:
        log.warning(text("log_unreachable", error=failure.text, seconds=round(seconds)))
    return seconds
