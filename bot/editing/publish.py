"""Changes of the knowledge folder that agents publish: checked, written whole, signed, and taken back at a click.

What it keeps stands in `.passerelle/` inside the folder: the history, every version of every file it has written or
replaced, the proposals that wait. It moves with the folder, and git does not see it.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from bot.editing.edit import Edit, applied, changed_files, edit_entry, find_entry, frozen
from bot.editing.git import Commit, commit
from bot.editing.journal import Contents, Journal
from bot.editing.texts import EditError, text
from bot.knowledge.loader import build, fingerprint, read_folder

_PATIENCE = 20
"""Seconds that one publication waits for another."""


class OvertakenError(EditError):
    """The folder is no longer what it was when the edit was begun."""


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    """Tells two people apart; the name does not."""
    name: str


@dataclass(frozen=True, slots=True)
class Signature:
    author: Person
    reason: str
    """Why, in a sentence."""
    at: datetime
    approved_by: Person | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The folder as it was read."""

    files: Mapping[str, bytes]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Publication:
    id: str
    signed: Signature
    entries: tuple[str, ...]
    """The ids of what was changed."""
    files: Mapping[str, tuple[str | None, str | None]]
    """Path → digests of its contents before and after; None: there was, or is, no such file."""
    undoes: str | None = None
    """The publication that this one took back."""


class Published(NamedTuple):
    publication: Publication
    commit: Commit


_RECORD = TypeAdapter(Publication)


class Publisher:
    """All calls read and write files, and may wait for another publication: call them in a thread."""

    def __init__(self, folder: Path, *, two_persons: bool = False) -> None:
        """`two_persons`: what one writes another approves; freezing and taking back need nobody else."""
        self._folder, self.home, self.two_persons = folder, folder / ".passerelle", two_persons
        self._journal = Journal(folder, self.home)

    def version(self) -> Version:
        """Raises: KnowledgeError: the folder, or a file in it, cannot be read."""
        files = read_folder(self._folder)
        return Version(files, fingerprint(files))

    def publish(self, edits: Sequence[Edit], base: str, signed: Signature, *, number: str | None = None) -> Published:
        """Write what the edits change, once the result is valid.

        Args:
            edits: what an agent has changed.
            base: the fingerprint of the version that the agent saw them against.
            signed: who, why and when; where two people are asked for, who else.
            number: the id that the publication gets.

        Raises:
            OvertakenError: the folder has changed since.
            EditError: nothing changes, or nobody else has approved.
            KnowledgeError: the result is not valid.
            OSError: the folder cannot be written.
        """
        if signed.approved_by and signed.approved_by.id == signed.author.id:
            raise EditError(text("publish_own_approval"))
        if self.two_persons and signed.approved_by is None:
            raise EditError(text("publish_needs_approval"))
        with self.alone():
            version = self.version()
            if version.fingerprint != base:
                raise OvertakenError(text("publish_overtaken"))
            return self._write_edits(version, edits, signed, number)

    def freeze(self, entry: str, signed: Signature) -> Published:
        """Have the entry hand over instead of answering, at once. Raises as `publish`."""
        with self.alone():
            version = self.version()
            cold = frozen(find_entry(version.files, entry)[1])
            return self._write_edits(version, [edit_entry(version.files, entry, cold)], signed)

    def roll_back(self, number: str, signed: Signature) -> Published:
        """Write the files as they were before the publication `number`, as a new publication.

        Raises:
            EditError: it is not known, or so old that what was there before is kept no more.
            OvertakenError: what it wrote has changed since.
            KnowledgeError: the result is not valid: a source or an entry that it needs is gone.
            OSError: the folder cannot be written.
        """
        with self.alone():
            done = next((known for known in self.history() if known.id == number), None)
            if done is None:
                raise EditError(text("publish_unknown", id=number))
            version = self.version()
            for path, (_, after) in done.files.items():
                if _digest(version.files.get(path)) != after:
                    raise OvertakenError(text("publish_not_the_last", file=path))
            try:
                changes = {path: self._journal.kept(old) if old else None for path, (old, _) in done.files.items()}
            except FileNotFoundError:
                raise EditError(text("publish_forgotten", id=number)) from None
            return self._write(version, changes, Publication(new_id(signed), signed, done.entries, {}, undoes=number))

    def history(self) -> list[Publication]:
        """Newest first."""
        return [_RECORD.validate_python(record) for record in reversed(self._journal.records())]

    def contents(self, digest: str | None) -> bytes:
        """What a file held once; nothing when there was no file. Raises: OSError: it was not kept."""
        return self._journal.kept(digest) if digest else b""

    def keeps(self, done: Publication) -> bool:
        """Whether what was there before it is still kept: else it cannot be taken back."""
        return all(self._journal.keeps(old) for old, _ in done.files.values() if old)

    def forget(self, before: datetime) -> int:
        """Delete what files held, of publications made before that time: how many. The history itself stays.

        Raises:
            EditError: a publication does not end.
            OSError: the folder cannot be written.
        """
        if not self.home.exists():
            return 0
        with self.alone():
            late = [done.files for done in self.history() if done.signed.at >= before]
            needed = {digest for files in late for pair in files.values() for digest in pair if digest}
            return self._journal.forget(needed, before)

    def repair(self) -> bool:
        """At the start: finish a publication that a crash interrupted; True when there was one."""
        if not self.home.exists():
            return False
        with self.alone(repaired=False):
            return self._journal.repair()

    def open_home(self) -> None:
        """Make the place where the history stands. Raises: OSError: the folder cannot be written."""
        self.home.mkdir(exist_ok=True)
        ignored = self.home / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")

    def _write_edits(
        self, version: Version, edits: Sequence[Edit], signed: Signature, number: str | None = None
    ) -> Published:
        names = tuple(dict.fromkeys(edit.id for edit in edits))
        changes = changed_files(version.files, applied(version.files, edits))
        return self._write(version, changes, Publication(number or new_id(signed), signed, names, {}))

    def _write(self, version: Version, changes: Contents, planned: Publication) -> Published:
        """Write `changes` over `version`; `planned` has everything but the digests of the files."""
        if not changes:
            raise EditError(text("publish_nothing"))
        after = {path: data for path, data in {**version.files, **changes}.items() if data is not None}
        build(after, None)
        digests = {path: (_digest(version.files.get(path)), _digest(data)) for path, data in changes.items()}
        done = Publication(planned.id, planned.signed, planned.entries, digests, planned.undoes)
        self._journal.carry_out(changes, _RECORD.dump_python(done, mode="json"))
        author = done.signed.author.name
        return Published(done, commit(self._folder, list(changes), author=author, message=_message(done)))

    @contextmanager
    def alone(self, *, repaired: bool = True) -> Iterator[None]:
        """One publication at a time, and none on top of an unfinished one.

        Raises:
            EditError: another one does not end.
            OSError: the folder cannot be written.
        """
        self.open_home()
        try:
            with FileLock(self.home / "lock", timeout=_PATIENCE):
                if repaired:
                    self._journal.repair()
                yield
        except Timeout:
            raise EditError(text("publish_busy")) from None


def _digest(data: bytes | None) -> str | None:
    return None if data is None else sha256(data).hexdigest()


def new_id(signed: Signature) -> str:
    return f"{signed.at:%Y%m%d}-{secrets.token_hex(4)}"


def _message(done: Publication) -> str:
    reason = done.signed.reason.strip() or text("git_no_reason")
    approval = [text("git_approved", name=done.signed.approved_by.name)] if done.signed.approved_by else []
    return "\n\n".join([reason, *approval, f"Publication: {done.id}"])
