"""What a machine in service needs: files that others cannot read, room, a backup that is not old."""

import os
import shutil
import stat
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from bot.doctor.findings import Check, failed, ok, warning
from bot.operating.archive import latest
from bot.settings import Settings
from bot.storage.snapshots import file_of
from bot.storage.store import StorageError

_NEEDED = 100 << 20
"""Bytes without which the bot soon cannot write."""
_COMFORTABLE = 1 << 30
_OLD = timedelta(days=2)
_HOUR = timedelta(hours=1)


def files(paths: Iterable[Path]) -> Check:
    """Settings and database hold the token and what people wrote; Windows keeps rights in another way."""
    there = [path for path in paths if path.exists()]
    others = stat.S_IRWXO | stat.S_IRWXG
    readable = [str(path) for path in there if os.name == "posix" and path.stat().st_mode & others]
    if readable:
        return warning("files", "readable", paths=" ".join(readable))
    return ok("files", "own" if there else "none")


def secret_files(settings: Settings) -> list[Path]:
    return [Path(".env"), *filter(None, [_database_file(settings)])]


def disk(settings: Settings) -> Check:
    """The room where the database grows, else where the bot runs."""
    file = _database_file(settings)
    folder = (file.parent if file else Path()).absolute()
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return warning("disk", "unknown", folder=folder, reason=error.strerror)
    if free < _NEEDED:
        return failed("disk", "full", free=free >> 20)
    if free < _COMFORTABLE:
        return warning("disk", "low", free=free >> 20)
    return ok("disk", "room", free=free >> 20)


def backup(settings: Settings, now: datetime) -> Check:
    """How old the last backup is; who only tries the bot out needs none."""
    folder = settings.backup_dir
    if folder is None:
        return warning("backup", "no_folder") if settings.bot_token else ok("backup", "not_needed")
    found = latest(folder)
    if found is None:
        return warning("backup", "none", folder=folder)
    made_at, file = found
    age = now - made_at
    if age > _OLD:
        return warning("backup", "old", file=file, hours=age // _HOUR)
    return ok("backup", "recent", file=file, hours=age // _HOUR)


def _database_file(settings: Settings) -> Path | None:
    try:
        return file_of(settings.database_url)
    except StorageError:
        return None
