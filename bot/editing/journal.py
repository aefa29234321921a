"""Several files written as one: all of them or none, whatever crashes in between.

What is to be written is made ready under the home of the journal, then one rename decides that it will happen. `repair`
carries out what was decided and not finished; it may be called at any time, and twice. Whoever calls holds the lock.
"""

import json
import os
import shutil
from collections.abc import Container, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

Contents = Mapping[str, bytes | None]
"""Relative path → what it shall hold; None: it shall be gone."""

_PLAN = "plan.json"


class Journal:
    def __init__(self, folder: Path, home: Path) -> None:
        """`home` is on the same file system as `folder`, whose files are written."""
        self._folder, self._home = folder.resolve(), home
        self._ready, self._decided, self._over = (home / name for name in ("ready", "decided", "over"))
        self._kept, self._log = home / "contents", home / "history.jsonl"

    def carry_out(self, changes: Contents, record: Mapping[str, Any]) -> None:
        """Write the files and add `record`, which has an "id", to the log.

        Raises:
            OSError: nothing was written, or `repair` will finish it.
        """
        self.repair()
        _emptied(self._ready)
        for number, (path, data) in enumerate(changes.items()):
            self.keep(_read(self._target(path)))
            self.keep(data)
            if data is not None:
                _write(self._ready / str(number), data)
        plan = {
            "paths": list(changes),
            "removed": [path for path in changes if changes[path] is None],
            "record": record,
        }
        _write(self._ready / _PLAN, json.dumps(plan, ensure_ascii=False).encode())
        _sync(self._ready)
        self._ready.rename(self._decided)
        _sync(self._home)
        self.repair()

    def repair(self) -> bool:
        """Finish what a crash interrupted; True when there was something."""
        if not self._decided.exists():
            return False
        plan = json.loads((self._decided / _PLAN).read_bytes())
        for number, path in enumerate(plan["paths"]):
            self._move(self._decided / str(number), self._target(path), removed=path in plan["removed"])
        self._append(plan["record"])
        _removed(self._over)
        self._decided.rename(self._over)
        _removed(self._over)
        return True

    def records(self) -> list[dict[str, Any]]:
        """Oldest first; a line that a crash cut off is left out."""
        records = []
        for line in (_read(self._log) or b"").splitlines():
            with suppress(ValueError):
                records.append(json.loads(line))
        return records

    def keep(self, data: bytes | None) -> str | None:
        """Keep contents for good, under the digest that is given back."""
        if data is None:
            return None
        digest = sha256(data).hexdigest()
        file = self._kept / digest
        if _read(file) != data:
            self._kept.mkdir(parents=True, exist_ok=True)
            _write(file.with_suffix(".tmp"), data)
            file.with_suffix(".tmp").replace(file)
        return digest

    def kept(self, digest: str) -> bytes:
        """Raises: OSError: it was not kept."""
        return (self._kept / digest).read_bytes()

    def keeps(self, digest: str) -> bool:
        return (self._kept / digest).exists()

    def forget(self, needed: Container[str], before: datetime) -> int:
        """Delete the contents that were kept before that time and whose digest is not needed: how many."""
        old = [
            file
            for file in self._kept.glob("*")
            if file.name not in needed and file.stat().st_mtime < before.timestamp()
        ]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def _target(self, path: str) -> Path:
        """Where a link inside the folder leads; never out of it."""
        target = (self._folder / path).resolve()
        if not target.is_relative_to(self._folder):
            raise PermissionError(13, "outside of the knowledge folder", path)
        return target

    def _move(self, source: Path, target: Path, *, removed: bool) -> None:
        if removed:
            target.unlink(missing_ok=True)
        elif source.exists():
            self.keep(_read(target))  # somebody may have saved it since the crash
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                shutil.copymode(target, source)
            source.replace(target)
        _sync(target.parent)

    def _append(self, record: Mapping[str, Any]) -> None:
        if any(known["id"] == record["id"] for known in self.records()):
            return
        before = _read(self._log) or b""
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        with self._log.open("ab") as log:
            log.write(line if before.endswith(b"\n") or not before else b"\n" + line)
            log.flush()
            os.fsync(log.fileno())


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _write(file: Path, data: bytes) -> None:
    with file.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _emptied(folder: Path) -> None:
    _removed(folder)
    folder.mkdir(parents=True)


def _removed(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    """Make renames in `folder` last; Windows has no such call and needs none."""
    if os.name != "posix" or not folder.exists():
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
