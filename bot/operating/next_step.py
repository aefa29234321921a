"""What stands here, and what to do next: what `run_bot.py` says when it is called without a command.

Quick, without network, and it changes nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.advice import placeholders
from bot.knowledge.loader import load, read_folder
from bot.knowledge.problems import KnowledgeError
from bot.operating.texts import text
from bot.settings import Settings
from bot.storage.migrating import Schema
from bot.storage.snapshots import look_at
from bot.storage.store import StorageError

_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked at, and what it asks for; None: nothing."""

    what: str
    next: str | None = None


async def look(settings: Settings) -> list[Found]:
    """In the order in which things are set up: the first that asks for something comes next."""
    return [*_knowledge(settings.knowledge_dir), await _database(settings.database_url), *_telegram(settings)]


def next_step(found: Sequence[Found]) -> str:
    return next((each.next for each in found if each.next), text("next_run"))


def _knowledge(folder: Path) -> list[Found]:
    if not folder.is_dir():
        return [Found(text("found_no_knowledge", folder=folder), text("next_new_knowledge", folder=folder))]
    try:
        base = load(folder, None)
        left = len(list(placeholders(read_folder(folder))))
    except KnowledgeError as error:
        told = text("found_knowledge_broken", folder=folder, count=len(error.problems), first=error.problems[0])
        return [Found(told, text("next_check"))]
    found = Found(text("found_knowledge", folder=folder, entries=len(base.entries)))
    return [found, Found(text("found_placeholders", count=left), text("next_fill_in"))] if left else [found]


async def _database(url: str) -> Found:
    try:
        schema = await look_at(url)
    except StorageError as error:
        return Found(str(error), text("next_database"))
    match schema:
        case Schema.NONE:
            return Found(text("found_no_database"))
        case Schema.CURRENT:
            return Found(text("found_database"))
        case Schema.OLDER:
            return Found(text("found_older"), text("next_older"))
        case Schema.NEWER:
            return Found(text("found_newer"), text("next_newer"))


def _telegram(settings: Settings) -> list[Found]:
    token = settings.bot_token.get_secret_value().strip() if settings.bot_token else ""
    if not token:
        return [Found(text("found_no_token"), text("next_token"))]
    if not _TOKEN.fullmatch(token):
        return [Found(text("found_bad_token"), text("next_bad_token"))]
    if settings.staff_chat_id is None:
        return [Found(text("found_token")), Found(text("found_no_group"), text("next_group"))]
    return [Found(text("found_token")), Found(text("found_group"))]
