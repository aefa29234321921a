"""`doctor`: does what the bot needs work? One finding a line, each with what to do about it.

Quick (no matcher is built) and harmless beside a running bot (no update is taken, nothing is sent).
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from bot.doctor.findings import Check, State, as_text
from bot.doctor.installation import cache, database, described, knowledge, names_in_use, semantic, unusable
from bot.doctor.machine import backup, disk, files, secret_files
from bot.doctor.network import address, clock
from bot.doctor.telegram import telegram
from bot.settings import Settings

__all__ = ["Check", "State", "as_text", "examine", "unusable"]


async def examine(settings: Settings, now: datetime) -> AsyncIterator[Check]:
    """Every check, in the order in which things are set up, each as soon as it is done; no secret is in any."""
    token = settings.bot_token.get_secret_value().strip() if settings.bot_token else ""
    async for check in _examine(settings, now):
        yield replace(check, detail=check.detail.replace(token, "…")) if token else check


async def _examine(settings: Settings, now: datetime) -> AsyncIterator[Check]:
    for check in described(settings, names_in_use()):
        yield check
    for check in await database(settings.database_url, now):
        yield check
    for check in await asyncio.to_thread(knowledge, settings.knowledge_dir, now.date()):
        yield check
    yield await asyncio.to_thread(semantic, settings.semantic)
    yield await asyncio.to_thread(cache, settings.cache_dir)
    yield files(secret_files(settings))
    yield disk(settings)
    yield backup(settings, now)
    for check in await telegram(settings):
        yield check
    if settings.bot_token and (told := await clock(settings.api_url, now)):
        yield told
    if settings.webhook_url:
        yield await address(settings.webhook_url, now)
