"""What the commands share that open the database or talk to Telegram."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import typer

from bot.channels.telegram.poller import TokenRefusedError
from bot.commands import shell
from bot.settings import Settings
from bot.staff.texts import text
from bot.storage.alone import only_bot
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StorageError


@asynccontextmanager
async def store(settings: Settings, *, recover: bool = False) -> AsyncIterator[SqlStore]:
    """The store; `recover` is for the bot, and for it alone: others leave what it sends at this moment as it is."""
    with only_bot(settings.database_url) if recover else nullcontext():
        store = await open_store(settings.database_url, datetime.now(UTC), recover=recover)
        try:
            yield store
        finally:
            await store.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except StorageError as error:
        shell.stop(str(error), shell.USAGE_ERROR)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def serve(work: Coroutine[Any, Any, None]) -> None:
    """Run what talks to Telegram and listens; what the operator has to mend is a sentence."""
    try:
        run(work)
    except TokenRefusedError as error:
        shell.stop(str(error), shell.USAGE_ERROR)
    except OSError as error:
        shell.stop(text("cannot_listen", error=error.strerror), shell.USAGE_ERROR)
