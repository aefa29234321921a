"""python-telegram-bot as a client: one `Bot`, raw calls by name."""

import logging
import os
import warnings
from collections.abc import Mapping
from typing import Any

from telegram import Bot, InputFile
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

_CONNECTIONS = 20
"""httpx searches its pool linearly: more connections send slower, and Telegram's ceiling is 30 a second."""


def open_bot(token: str, api_url: str) -> Bot:
    """A client of `api_url` that has not called yet; use it as an async context."""
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # RetryAfter warns without it
    # httpx logs every URL at INFO, and the token is a part of it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Calls leave the outbox by their names: there is no method of Bot to prefer.
    warnings.filterwarnings("ignore", message="Please use 'Bot", category=PTBUserWarning)
    return Bot(
        token,
        base_url=f"{api_url.rstrip('/')}/bot",
        base_file_url=f"{api_url.rstrip('/')}/file/bot",
        request=HTTPXRequest(connection_pool_size=_CONNECTIONS),
        get_updates_request=HTTPXRequest(connection_pool_size=1),
    )


def uploaded(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of sendDocument for a text file, from its `name` and `content`."""
    return {"document": InputFile(params["content"].encode(), filename=params["name"])}


async def call(bot: Bot, method: str, params: Mapping[str, Any], *, read_timeout: float = 20) -> Any:  # noqa: ANN401 - Telegram's JSON
    """Call a method of the Bot API with JSON parameters; its result as JSON.

    Raises:
        TelegramError: see `refusals.failure_of`.
    """
    return await bot.do_api_request(method, dict(params), read_timeout=read_timeout)
