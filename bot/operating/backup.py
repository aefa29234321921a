"""A backup made while the bot works, and the way of everything to another database."""

import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.editing.publish import Publisher
from bot.operating import archive
from bot.operating.archive import Manifest
from bot.operating.texts import OperatingError, text
from bot.storage.alone import no_bot
from bot.storage.snapshots import file_of, in_use, move, same, snapshot, verify

_SCRATCH = ".passerelle-"
_LEFT_AFTER = 24 * 3600.0
"""Seconds; no restore takes so long."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bot keeps what it knows."""

    database_url: str
    knowledge: Path


async def back_up(place: Place, file: Path, now: datetime, *, replace: bool = False) -> Manifest:
    """Write everything into `file`.

    Raises:
        OperatingError, StorageError: told to the operator as it is.
        OSError: something cannot be read or written.
    """
    if not place.knowledge.is_dir():
        raise OperatingError(text("backup_no_knowledge", folder=place.knowledge))
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with scratch(file.parent) as folder:
        database = folder / archive.DATABASE
        with _nobody_publishes(place.knowledge):
            await snapshot(place.database_url, database)
            return archive.write(file, database, place.knowledge, now, replace=replace)


def check(file: Path) -> Manifest:
    """Read a backup to its end, and its database. Raises: as `restore`."""
    with scratch(file.parent) as folder:
        manifest = archive.unpack(file, folder)
        verify(folder / archive.DATABASE)
        return manifest


async def move_database(source: str, target: str) -> dict[str, int]:
    """Copy the database to another address. Raises: OperatingError, StorageError: nothing has been written there."""
    file = file_of(source)
    if file is not None and not file.exists():
        raise OperatingError(text("move_nothing", url=file))
    if await same(source, target):
        raise OperatingError(text("move_same"))
    async with AsyncExitStack() as stack:
        for url in (source, target):
            await stack.enter_async_context(without_bot(url))
        there = file_of(target)
        if there is not None and not there.exists():
            there.touch(mode=0o600)
        return dict(await move(source, target))


@asynccontextmanager
async def without_bot(url: str) -> AsyncIterator[None]:
    """Nobody works with the database, and no bot begins to. Raises: OperatingError: somebody does."""
    if await in_use(url):
        raise OperatingError(text("in_use"))
    async with no_bot(url) as alone:
        if not alone:
            raise OperatingError(text("in_use"))
        yield


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder inside `folder` that nobody else reads: a copy of everything has its place there, /tmp may be memory."""
    writable = folder if os.access(folder, os.W_OK) else None
    if writable:
        _remove_left(folder)
    with TemporaryDirectory(dir=writable, prefix=_SCRATCH) as name:
        yield Path(name)


def _remove_left(folder: Path) -> None:
    """What one that was killed has left: a copy of everything, which nobody would ever delete."""
    for left in folder.glob(f"{_SCRATCH}*"):
        with suppress(OSError):  # another's, or gone meanwhile
            if left.is_dir() and not left.is_symlink() and time.time() - left.stat().st_mtime > _LEFT_AFTER:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _nobody_publishes(knowledge: Path) -> Iterator[None]:
    if not os.access(knowledge, os.W_OK):
        yield  # who cannot write here cannot hold the lock; the owner of the folder edits it by hand
        return
    with Publisher(knowledge).alone():
        yield
