"""`console`: the staff's web page, beside the bot or as a demonstration."""

import asyncio
import logging
import shutil
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from bot import logs
from bot.app import console_service, editing_desk, live_dialogue
from bot.channels.telegram.group import StaffGroup
from bot.commands import running, shell
from bot.console.alone import serve_alone
from bot.console.demo import deliver_until, demo_parts, furnish, on_this_machine
from bot.console.demo_crowd import gather
from bot.console.service import ConsoleService
from bot.console.texts import text as console_text
from bot.live import watch
from bot.settings import Settings
from bot.storage.sql import open_store
from bot.understanding import build_dialogue


def console(
    demo: Annotated[bool, typer.Option("--demo", help="Avec des personnes inventées, sans Telegram.")] = False,
) -> None:
    """Ouvre la console du service : les conversations, dans un navigateur. Sans rien d'installé : --demo.

    Exemple : python run_bot.py console --demo
    """
    settings = shell.settings()
    work = _demonstration(settings) if demo else _console(settings)
    logs.set_up(as_json=settings.log == "json")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    running.serve(work)


def _console(settings: Settings) -> Coroutine[Any, Any, None]:
    token = shell.token(settings)
    if settings.console_url is None:
        shell.stop(console_text("command.no_url"), shell.USAGE_ERROR)
    matcher = shell.matcher(settings, None)

    async def run() -> None:
        stop = shell.stopped_by_signals()
        live = live_dialogue(settings, build_dialogue(settings, matcher))
        watching = asyncio.create_task(watch(live, _tell, stop))
        async with running.store(settings) as store:
            opened = partial(console_service, settings, token, store, live)
            await serve_alone(token, settings.api_url, StaffGroup(settings.staff_chat_id), opened, stop)
        stop.set()
        await watching

    return run()


def _demonstration(settings: Settings) -> Coroutine[Any, Any, None]:
    if not on_this_machine(settings.console_listen):
        shell.stop(console_text("command.demo_elsewhere"), shell.USAGE_ERROR)
    matcher = shell.matcher(settings.model_copy(update={"semantic": "off"}), None)
    dialogue = build_dialogue(settings, matcher)

    async def run() -> None:
        stop = shell.stopped_by_signals()
        store = await open_store("sqlite+aiosqlite://", datetime.now(UTC))
        folder = TemporaryDirectory()
        demo = settings.model_copy(
            update={"semantic": "off", "knowledge_dir": Path(folder.name, "knowledge"), "two_persons": False}
        )
        shutil.copytree(settings.knowledge_dir, demo.knowledge_dir, ignore=shutil.ignore_patterns(".*"))
        live = live_dialogue(demo, dialogue)
        watching = asyncio.create_task(watch(live, _tell, stop))
        try:
            await gather(store, dialogue, datetime.now(UTC))
            await furnish(store, dialogue, datetime.now(UTC))
            parts = demo_parts(store, dialogue, settings.console_listen, stop)
            parts = replace(parts, dialogue=lambda: live.dialogue, desk=editing_desk(demo))
            shell.errors.print(console_text("command.demo", url=parts.url), markup=False)
            delivering = asyncio.create_task(deliver_until(stop, store))
            await ConsoleService(parts, settings.console_listen).serve(stop)
            await delivering
            await watching
        finally:
            await store.close()
            folder.cleanup()

    return run()


async def _tell(sentence: str) -> None:
    """The bot's own process tells the group."""
    logging.getLogger(__name__).info("%s", sentence)
