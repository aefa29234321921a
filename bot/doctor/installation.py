"""What stands on this machine: settings, database, knowledge, model, cache."""

import asyncio
import difflib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.doctor.findings import Check, failed, ok, warning
from bot.encoding.e5 import E5, EncoderUnavailableError
from bot.knowledge.loader import load
from bot.knowledge.model import Entry, KnowledgeBase, Status
from bot.knowledge.problems import KnowledgeError
from bot.settings import Settings, SettingsError
from bot.storage.sql import open_store
from bot.storage.store import StorageError

_PATIENCE = 10
"""Seconds for the database to open and count."""
_SOON = 30
"""Days before the end of an entry's validity from which on it is named."""
_NAMED = 8
"""Entries named in one line."""


# Settings


def unusable(error: SettingsError) -> Iterator[Check]:
    """One check for each setting that cannot be used."""
    for problem in str(error).splitlines():
        yield failed("settings", "unusable", problem=problem)


def names_in_use() -> set[str]:
    """The variables of Passerelle in the environment and in `.env`, whether or not it knows them."""
    names = {*EnvSettingsSource(Settings).env_vars, *DotEnvSettingsSource(Settings).env_vars}
    return {name.upper() for name in names if name.upper().startswith("PASSERELLE_")}


def described(settings: Settings, names: Collection[str]) -> Iterator[Check]:
    """Which settings are set, without their secrets; then each of `names` that is none."""
    shown = [
        _shown(name, getattr(settings, name)) for name in Settings.model_fields if name in settings.model_fields_set
    ]
    yield ok("settings", "read", set=", ".join(shown)) if shown else ok("settings", "defaults")
    known = [_variable(field) for field in Settings.model_fields]
    for name in sorted(set(names) - set(known)):
        like = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if like:
            yield warning("settings", "unknown_but_like", name=name, like=like[0])
        else:
            yield warning("settings", "unknown", name=name)


def _shown(field: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return f"{_variable(field)}=***"
    return f"{_variable(field)}={_without_password(str(value)) if field == 'database_url' else value}"


def _variable(field: str) -> str:
    return f"PASSERELLE_{field.upper()}"


def _without_password(url: str) -> str:
    """A password can stand in the options, too: they are left out."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "…"


# Database


async def database(url: str, now: datetime) -> list[Check]:
    try:
        async with asyncio.timeout(_PATIENCE):
            counts = await _counts(url, now)
    except StorageError as error:
        problem, _, remedy = str(error).partition(" : ")
        found = failed("database", "unusable", problem=problem)
        return [replace(found, remedy=remedy[0].upper() + remedy[1:]) if remedy else found]
    except TimeoutError:
        return [failed("database", "silent", url=_without_password(url), seconds=_PATIENCE)]
    return [ok("database", "open", url=_without_password(url)), work(counts)]


async def _counts(url: str, now: datetime) -> Mapping[str, int]:
    store = await open_store(url, now, recover=False)
    try:
        return await store.counts()
    finally:
        await store.close()


def work(counts: Mapping[str, int]) -> Check:
    """What waits, and what has failed."""
    numbers = {name.replace(".", "_"): number for name, number in counts.items()}
    if counts["inbox.dead"]:
        return warning("work", "set_aside", **numbers)
    if counts["outbox.failed"]:
        return warning("work", "undelivered", **numbers)
    return ok("work", "calm", **numbers)


# Knowledge


def knowledge(folder: Path, today: date) -> list[Check]:
    try:
        base = load(folder, None)
    except KnowledgeError as error:
        return [failed("knowledge", "refused", count=len(error.problems), first=error.problems[0])]
    return [_contents(base), validity(base.entries.values(), today)]


def _contents(base: KnowledgeBase) -> Check:
    numbers = {
        "entries": len(base.entries),
        "utterances": sum(len(texts) for entry in base.entries.values() for texts in entry.utterances.values()),
        "sources": len(base.sources),
    }
    doubtful = [entry.id for entry in base.entries.values() if entry.status is Status.TO_CONFIRM]
    if doubtful:
        return ok("knowledge", "to_confirm", ids=_named(doubtful), **numbers)
    return ok("knowledge", "valid", **numbers)


def validity(entries: Iterable[Entry], today: date) -> Check:
    """The entries that are not answered any more, else those that soon will not be."""
    ends = sorted((entry.valid_until, entry.id) for entry in entries if entry.valid_until and not entry.retired)
    expired = [f"{name} ({end})" for end, name in ends if end < today]
    ending = [f"{name} ({end})" for end, name in ends if today <= end <= today + timedelta(days=_SOON)]
    if expired:
        return warning("validity", "expired", ids=_named(expired))
    if ending:
        return warning("validity", "ending", ids=_named(ending))
    return ok("validity", "lasting", days=_SOON)


def _named(names: list[str]) -> str:
    more = f", … (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


# The machine


def semantic(wanted: str) -> Check:
    if wanted == "off":
        return ok("semantic", "switched_off")
    try:
        E5().encode(["Bonjour"])
    except EncoderUnavailableError as error:
        return warning("semantic", "unavailable", reason=error)
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises is what we are here to tell
        return failed("semantic", "broken", reason=repr(error))
    return ok("semantic", "loaded")


def cache(folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return warning("cache", "unwritable", folder=folder, reason=error.strerror)
    return ok("cache", "writable", folder=folder)
