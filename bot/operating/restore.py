"""A backup brought back: all of it made ready beside what is there, then put in its place, or nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from bot.operating import archive
from bot.operating.archive import Manifest
from bot.operating.backup import Place, scratch, without_bot
from bot.operating.texts import OperatingError, text
from bot.storage.snapshots import file_of, holds_rows, move, url_of, verify
from bot.storage.sql import open_store


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: tuple[Path, ...]
    """What stood there before."""
    repository: bool
    """The knowledge is a git checkout, which now shows the difference."""


async def restore(
    place: Place, file: Path, now: datetime, *, database: bool = True, knowledge: bool = True, force: bool = False
) -> Restored:
    """Bring a backup back; the database gets the tables of this version.

    What stood there before is set aside; of PostgreSQL, `force` removes it.

    Raises:
        OperatingError, StorageError: told to the operator as it is. Nothing has changed, or the error says where the
            parts are.
        OSError: something cannot be read or written; nothing has changed.
    """
    there = file_of(place.database_url)
    with scratch(there.parent if there and database else file.parent) as unpacked:
        manifest = archive.unpack(file, unpacked)
        kept = unpacked / archive.DATABASE
        verify(kept)
        await (await open_store(url_of(kept), now, recover=False)).close()
        verify(kept)  # after the migrations, in one file
        changes = knowledge and _differs(place.knowledge, manifest)
        with _ready_folder(place.knowledge, unpacked / archive.KNOWLEDGE if changes else None) as fiches:
            async with without_bot(place.database_url):
                await _refuse_unless_free(place, database=database, knowledge=changes, force=force)
                with _Swap(now) as swap:
                    if fiches:
                        swap.folder(place.knowledge.resolve(), fiches)
                    if database and there:
                        _make_durable(kept, there)
                        swap.file(there, kept)
                    elif database:  # last: whole or not at all by itself, it needs no way back
                        await move(url_of(kept), place.database_url, replace=True)
        return Restored(manifest, tuple(swap.set_aside), changes and (place.knowledge / ".git").exists())


class _Swap:
    """Renames of which all are done or, when one fails, none."""

    def __init__(self, now: datetime) -> None:
        self._stamp = f"{now:%Y%m%dT%H%M%SZ}"
        self._done: list[tuple[Path, Path]] = []
        self.set_aside: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if kind is None:
            return
        stuck = [(path, to) for path, to in reversed(self._done) if not _renamed(to, path)]
        if stuck:
            moved = ", ".join(f"{path} → {to}" for path, to in reversed(stuck))
            raise OperatingError(text("restore_half", error=error, moved=moved))

    def folder(self, folder: Path, new: Path) -> None:
        before = self._set_aside(folder)
        self._rename(new, folder)
        if before and (before / ".git").exists():  # no backup holds it, and it is not what was restored
            self._rename(before / ".git", folder / ".git")

    def file(self, file: Path, new: Path) -> None:
        for log in ("-wal", "-shm"):  # they would be taken for the new file's; of a damaged one, they may save the last
            self._set_aside(file, log, told=False)
        self._set_aside(file)
        self._rename(new, file)

    def _set_aside(self, path: Path, ending: str = "", *, told: bool = True) -> Path | None:
        before = path.with_name(path.name + ending)
        if not before.exists():
            return None
        aside = path.with_name(f"{path.name}.{self._stamp}{ending}")
        self._rename(before, aside)
        if told:
            self.set_aside.append(aside)
        return aside

    def _rename(self, path: Path, to: Path) -> None:
        path.rename(to)
        self._done.append((path, to))


def _renamed(path: Path, to: Path) -> bool:
    try:
        path.rename(to)
    except OSError:
        return False
    return True


async def _refuse_unless_free(place: Place, *, database: bool, knowledge: bool, force: bool) -> None:
    if force:
        return
    if database and await holds_rows(place.database_url):
        raise OperatingError(text("restore_database_there" if file_of(place.database_url) else "restore_server_there"))
    if knowledge and place.knowledge.is_dir() and any(place.knowledge.iterdir()):
        raise OperatingError(text("restore_knowledge_there", folder=place.knowledge))


def _differs(knowledge: Path, manifest: Manifest) -> bool:
    kept = {name: digest for name, digest in manifest.files.items() if name.startswith(f"{archive.KNOWLEDGE}/")}
    return dict(archive.digests(knowledge)) != kept


@contextmanager
def _ready_folder(folder: Path, new: Path | None) -> Iterator[Path | None]:
    """A copy of `new` beside `folder`, which one rename puts into its place; removed where that did not come."""
    if new is None:
        yield None
        return
    folder = folder.resolve()
    ready = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(ready, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(new, ready)
        yield ready
    finally:
        shutil.rmtree(ready, ignore_errors=True)


def _make_durable(new: Path, file: Path) -> None:
    """For its owner only, or for whom `file` is; on the disk before anything is moved."""
    new.chmod(0o600)
    with suppress(OSError):
        if file.exists():
            shutil.copymode(file, new)
    with new.open("rb+") as written:
        os.fsync(written.fileno())
