"""The console in a process of its own, beside the bot: they share the database."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.client import open_bot
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.poller import TokenRefusedError
from bot.console.service import ConsoleService
from bot.staff.texts import text

log = logging.getLogger(__name__)

Open = Callable[[Bot, StaffGroup, asyncio.Event, asyncio.Event], ConsoleService]


async def serve_alone(token: str, api_url: str, group: StaffGroup, opened: Open, stop: asyncio.Event) -> None:
    """Until `stop` is set; the bot of the other process sends what is written here, within a second.

    Raises:
        TokenRefusedError: Telegram does not know the token.
        OSError: the address cannot be listened on.
    """
    bot = open_bot(token, api_url)
    try:
        try:
            await bot.initialize()
        except InvalidToken as error:
            raise TokenRefusedError(text("token_refused")) from error
        except TelegramError as error:  # it may be back when somebody signs in
            log.warning("%s", error.message)
        await group.find(bot)
        service = opened(bot, group, asyncio.Event(), stop)
        log.info("%s", service.parts.url)
        await service.serve(stop)
    finally:
        await bot.shutdown()
