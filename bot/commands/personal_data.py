"""`export-user`, `erase-user`, `purge`: what is kept of people, for the authority that has to answer for it."""

import asyncio
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from bot.app import forget_versions
from bot.channels.telegram.desk import CHANNEL as TELEGRAM
from bot.channels.telegram.outgoing import deletion, expiry
from bot.channels.terminal import CHANNEL as TERMINAL
from bot.commands import running, shell
from bot.dialogue.personal_data import readable
from bot.knowledge.loader import builtin
from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.settings import Settings
from bot.staff.texts import text
from bot.storage.sql import SqlStore

_TELEGRAM_ID = re.compile(r"[1-9][0-9]{0,18}")
_TERMINAL_ID = re.compile(r"[0-9a-f]{32}")

PersonArgument = Annotated[str, typer.Argument(metavar="ID", help="Le numéro de la discussion ; /mesdonnees le donne.")]

_TOPICS = 1000
"""In one transaction; the running bot deletes them in its own time."""


def export_user(person: PersonArgument, as_json: shell.JsonOption = False) -> None:
    """Tout ce qui est gardé d'une personne, à lire ou en JSON.

    Exemple : python run_bot.py export-user 123456789 --json
    """
    channel = _channel(person)
    settings = shell.settings()

    async def run() -> None:
        async with running.store(settings) as store, store.look() as work:
            found = await work.personal_data(channel, person)
        rows = asdict(found)
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False))
        elif found.empty:
            typer.echo(text("user_unknown"))
        else:
            typer.echo("\n".join(readable(_french, rows, datetime.now(UTC))))

    running.run(run())


def erase_user(person: PersonArgument, as_json: shell.JsonOption = False) -> None:
    """Efface tout de suite ce qui est gardé d'une personne, et les copies du groupe du service.

    Exemple : python run_bot.py erase-user 123456789
    """
    channel = _channel(person)
    settings = shell.settings()

    async def run() -> None:
        now = datetime.now(UTC)
        async with running.store(settings) as store:
            async with store.work() as work:
                erased = await work.erase_person(channel, person, now)
                await work.settle_updates_of(person, now)
                for number in erased.hand_overs if channel == TELEGRAM else ():
                    await work.enqueue(tuple(deletion(number, told=number == erased.open_hand_over)), now)
            await store.scrub()
        numbers = asdict(erased) | {"hand_overs": len(erased.hand_overs)}
        if as_json:
            typer.echo(json.dumps({"chat": person, **asdict(erased)}, ensure_ascii=False))
            return
        typer.echo(text("user_erased", **numbers))
        if erased.hand_overs and channel == TELEGRAM:
            typer.echo(text("user_copies", **numbers))

    running.run(run())


def purge(as_json: shell.JsonOption = False) -> None:
    """Retire ce qui est plus ancien que PASSERELLE_RETENTION_DAYS ; l'assistant en marche le fait chaque jour.

    Exemple : python run_bot.py purge
    """
    settings = shell.settings()

    async def run() -> None:
        async with running.store(settings) as store:
            removed = await _purged(store, settings)
        if as_json:
            typer.echo(json.dumps({"retention_days": settings.retention_days, **removed}))
        else:
            typer.echo(text("purged", days=settings.retention_days, **removed))

    running.run(run())


async def _purged(store: SqlStore, settings: Settings) -> dict[str, int]:
    now = datetime.now(UTC)
    before = now - timedelta(days=settings.retention_days)
    while await store.release_topics(before, now, limit=_TOPICS, deletion=lambda number: [expiry(number)]) == _TOPICS:
        pass
    removed = await store.purge(before, now)
    await store.scrub()
    return {**removed, "versions": await asyncio.to_thread(forget_versions, settings, before)}


def _channel(person: str) -> str:
    if _TERMINAL_ID.fullmatch(person):
        return TERMINAL
    if not _TELEGRAM_ID.fullmatch(person):
        shell.stop(text("user_bad_id", given=person), shell.USAGE_ERROR)
    return TELEGRAM


def _french(key: str, **values: str) -> str:
    return builtin().messages[DEFAULT_LANGUAGE][key].format(**values)
