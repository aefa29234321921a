"""The channel in this process: the emulator of the Bot API, a client of it, a store in memory."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.channels.telegram.client import open_bot
from bot.channels.telegram.desk import now
from bot.storage.sql import SqlStore, open_store
from tests.emulator import BotApi


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(api.token, api.url) as opened:
        yield opened


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", now())
    yield opened
    await opened.close()
