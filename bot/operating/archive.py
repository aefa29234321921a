"""A backup: one .tar.gz with the database, the knowledge folder with its history, and what both must look like.

`manifest.json` comes first: format, time, and the SHA-256 of every other file. Settings, with the token, are not in it.
"""

import json
import os
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from pydantic import BaseModel, ValidationError

from bot.operating.texts import OperatingError, text

DATABASE, KNOWLEDGE, _MANIFEST = "passerelle.db", "knowledge", "manifest.json"
_LEFT_OUT = (".git", ".passerelle/lock")
"""In the knowledge folder: a repository has copies of its own."""
_NAME = "passerelle-{:%Y%m%dT%H%M%SZ}.tar.gz"


class Manifest(BaseModel):
    format: int = 1
    made_at: datetime
    files: dict[str, str]
    """Path → SHA-256, in hexadecimal."""


def dated(folder: Path, now: datetime) -> Path:
    """The backup of this second, in a folder of backups."""
    return folder / _NAME.format(now)


def latest(folder: Path) -> tuple[datetime, Path] | None:
    """The newest backup of a folder, by the date inside it: names and times of files change when they are copied."""
    found = [(made_at, file) for file in folder.glob("*.tar.gz") if (made_at := _made_at(file))]
    return max(found, default=None)


def write(file: Path, database: Path, knowledge: Path, now: datetime, *, replace: bool = False) -> Manifest:
    """Write a backup, readable by its owner only, whole or not at all.

    Raises:
        OperatingError: there is such a file already.
        OSError: something cannot be read or written.
    """
    if file.exists() and not replace:
        raise OperatingError(text("backup_exists", file=file))
    members = {DATABASE: database, **dict(_knowledge_files(knowledge))}
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as out:  # made with 0600
        try:
            with tarfile.open(fileobj=out, mode="w:gz") as tar:
                manifest = Manifest(made_at=now, files={name: _digest(path) for name, path in members.items()})
                _add_manifest(tar, manifest, Path(out.name))
                for name, path in members.items():
                    tar.add(path, name, recursive=False)
            out.flush()
            os.fsync(out.fileno())
            Path(out.name).replace(file)
        except BaseException:
            Path(out.name).unlink(missing_ok=True)
            raise
    return manifest


def unpack(file: Path, folder: Path) -> Manifest:
    """Write what a backup holds into an empty folder, once each file is what the manifest says.

    Raises:
        OperatingError: it is no backup, is damaged, or is of a newer version.
        OSError: it cannot be read, or `folder` not be written.
    """
    try:
        with tarfile.open(file, "r:gz") as tar:
            members = (member for member in tar if member.isfile())
            manifest = _read_manifest(file, tar, next(members, None))
            _write_members(tar, members, folder)
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise OperatingError(text("backup_unreadable", file=file)) from error
    except OSError as error:
        if error.errno is None:  # gzip's own complaint
            raise OperatingError(text("backup_unreadable", file=file)) from error
        raise
    if manifest.files != {name: _digest(path) for name, path in _files(folder)}:
        raise OperatingError(text("backup_damaged", file=file))
    return manifest


def digests(knowledge: Path) -> Mapping[str, str]:
    """What a backup of this folder would hold of it."""
    return {name: _digest(path) for name, path in _knowledge_files(knowledge)}


def _made_at(file: Path) -> datetime | None:
    """None: it cannot be read, or is something else."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            return _read_manifest(file, tar, tar.next()).made_at
    except (OperatingError, tarfile.TarError, EOFError, ValueError, OSError, zlib.error):
        return None


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest, beside: Path) -> None:
    written = beside.with_name(f"{beside.name}.json")
    try:
        written.write_text(manifest.model_dump_json(), encoding="utf-8")
        tar.add(written, _MANIFEST)
    finally:
        written.unlink(missing_ok=True)


def _read_manifest(file: Path, tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> Manifest:
    stream = tar.extractfile(member) if member and member.name == _MANIFEST else None
    if stream is None:
        raise OperatingError(text("backup_unreadable", file=file))
    try:
        data = json.loads(stream.read())
        if data["format"] != 1:
            raise OperatingError(text("backup_newer", file=file))
        return Manifest.model_validate(data)
    except (KeyError, TypeError, ValidationError) as error:
        raise OperatingError(text("backup_unreadable", file=file)) from error


def _write_members(tar: tarfile.TarFile, members: Iterable[tarfile.TarInfo], folder: Path) -> None:
    for member in members:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or path.parts[:1] not in {(DATABASE,), (KNOWLEDGE,)}:
            raise ValueError(member.name)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = tar.extractfile(member)
        assert stream is not None  # noqa: S101 - it is a regular file
        with target.open("xb") as out:
            while block := stream.read(1 << 20):
                out.write(block)


def _knowledge_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for name, path in _files(folder):
        if not any(name == left or name.startswith(f"{left}/") for left in _LEFT_OUT):
            yield f"{KNOWLEDGE}/{name}", path


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative path and path of each regular file, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def _digest(path: Path) -> str:
    with path.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()
