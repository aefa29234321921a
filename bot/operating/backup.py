"""A backup made while the bot works, and brought back while it does not."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.editing.publish import Publisher
from bot.operating import archive
from bot.operating.archive import Manifest
from bot.operating.texts import OperatingError, text
from bot.storage.snapshots import file_of, holds_rows, in_use, move, snapshot, url_of, verify
from bot.storage.sql import open_store


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bot keeps what it knows."""

    database_url: str
    knowledge: Path


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: tuple[Path, ...]
    """What stood there before."""


async def back_up(place: Place, file: Path, now: datetime, *, replace: bool = False) -> Manifest:
    """Write everything into `file`.

    Raises:
        OperatingError, StorageError: told to the operator as it is.
        OSError: something cannot be read or written.
    """
    if not place.knowledge.is_dir():
        raise OperatingError(text("backup_no_knowledge", folder=place.knowledge))
    with TemporaryDirectory() as folder:
        database = Path(folder, archive.DATABASE)
        with _nobody_publishes(place.knowledge):
            await snapshot(place.database_url, database)
            return archive.write(file, database, place.knowledge, now, replace=replace)


def check(file: Path) -> Manifest:
    """Read a backup to its end, and its database. Raises: as `restore`."""
    with TemporaryDirectory() as folder:
        manifest = archive.unpack(file, Path(folder))
        verify(Path(folder, archive.DATABASE))
        return manifest


async def restore(
    place: Place, file: Path, now: datetime, *, database: bool = True, knowledge: bool = True, force: bool = False
) -> Restored:
    """Bring a backup back; the database gets the tables of this version.

    What stood there before is set aside; of PostgreSQL, `force` removes it.

    Raises:
        OperatingError, StorageError: nothing has changed; told to the operator as it is.
        OSError: something cannot be read or written.
    """
    with TemporaryDirectory() as folder:
        unpacked = Path(folder)
        manifest = archive.unpack(file, unpacked)
        kept = unpacked / archive.DATABASE
        verify(kept)
        await (await open_store(url_of(kept), now, recover=False)).close()
        verify(kept)  # after the migrations, in one file
        changes = knowledge and _differs(place.knowledge, manifest)
        await _refuse_unless_free(place, database=database, knowledge=changes, force=force)
        aside = [await _replace_database(place.database_url, kept, now)] if database else []
        aside += [_replace_folder(place.knowledge, unpacked / archive.KNOWLEDGE, now)] if changes else []
        return Restored(manifest, tuple(path for path in aside if path))


async def move_database(source: str, target: str) -> dict[str, int]:
    """Copy the database to another address. Raises: OperatingError, StorageError: nothing has been written there."""
    file = file_of(source)
    if file is not None and not file.exists():
        raise OperatingError(text("move_nothing", url=file))
    for url in (source, target):
        if await in_use(url):
            raise OperatingError(text("in_use"))
    there = file_of(target)
    if there is not None and not there.exists():
        there.touch(mode=0o600)
    return dict(await move(source, target))


@contextmanager
def _nobody_publishes(knowledge: Path) -> Iterator[None]:
    if not os.access(knowledge, os.W_OK):
        yield  # who cannot write here cannot hold the lock; the owner of the folder edits it by hand
        return
    with Publisher(knowledge).alone():
        yield


def _differs(knowledge: Path, manifest: Manifest) -> bool:
    kept = {name: digest for name, digest in manifest.files.items() if name.startswith(f"{archive.KNOWLEDGE}/")}
    return dict(archive.digests(knowledge)) != kept


async def _refuse_unless_free(place: Place, *, database: bool, knowledge: bool, force: bool) -> None:
    if await in_use(place.database_url):
        raise OperatingError(text("in_use"))
    if force:
        return
    if database and await holds_rows(place.database_url):
        raise OperatingError(text("restore_database_there"))
    if knowledge and place.knowledge.is_dir() and any(place.knowledge.iterdir()):
        raise OperatingError(text("restore_knowledge_there", folder=place.knowledge))


def _replace_folder(folder: Path, new: Path, now: datetime) -> Path | None:
    """Puts `new` in the place of `folder`; where that went."""
    folder = folder.resolve()
    ready = folder.with_name(f".{folder.name}.new")
    if ready.exists():
        shutil.rmtree(ready)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(new, ready)
    before = _set_aside(folder, now)
    ready.rename(folder)
    return before


async def _replace_database(url: str, new: Path, now: datetime) -> Path | None:
    file = file_of(url)
    if file is None:
        await move(url_of(new), url, replace=True)
        return None
    ready = file.with_name(f".{file.name}.new")
    ready.unlink(missing_ok=True)
    ready.touch(mode=0o600)
    shutil.copyfile(new, ready)
    with suppress(OSError):
        if file.exists():
            shutil.copymode(file, ready)
    with ready.open("rb+") as written:
        os.fsync(written.fileno())
    before = _set_aside(file, now)
    for log in ("-wal", "-shm"):  # of the file that was there: they would be taken for this one's
        left = file.with_name(file.name + log)
        if before and left.exists():  # of a damaged file, the log may hold the last that can be saved
            left.rename(before.with_name(before.name + log))
        left.unlink(missing_ok=True)
    ready.replace(file)
    return before


def _set_aside(path: Path, now: datetime) -> Path | None:
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%SZ}")
    path.rename(aside)
    return aside
