"""Edits that wait for another person: kept beside the history, approved or withdrawn."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from bot.editing.edit import Edit
from bot.editing.publish import Person, Published, Publisher, Signature, new_id
from bot.editing.texts import EditError, text


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    """That of the publication it becomes."""
    edits: tuple[Edit, ...]
    signed: Signature


_RECORD = TypeAdapter(Proposal)


class Proposals:
    """All calls read and write files: call them in a thread."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher, self._folder = publisher, publisher.home / "proposals"

    def propose(self, edits: Sequence[Edit], signed: Signature) -> Proposal:
        """Keep the edits until another person decides. Raises: OSError: the folder cannot be written."""
        proposal = Proposal(new_id(signed), tuple(edits), signed)
        file = self._file(proposal)
        self._publisher.open_home()
        self._folder.mkdir(exist_ok=True)
        draft = file.with_suffix(".tmp")
        draft.write_text(json.dumps(_RECORD.dump_python(proposal, mode="json"), ensure_ascii=False), encoding="utf-8")
        draft.replace(file)
        return proposal

    def waiting(self) -> list[Proposal]:
        """Oldest first."""
        found = [_RECORD.validate_json(file.read_bytes()) for file in self._folder.glob("*.json")]
        published = {done.id for done in self._publisher.history()} if found else set()
        left = [proposal for proposal in found if proposal.id not in published]
        return sorted(left, key=lambda proposal: (proposal.signed.at, proposal.id))

    def find(self, number: str) -> Proposal:
        """Raises: EditError: it waits no longer."""
        for proposal in self.waiting():
            if proposal.id == number:
                return proposal
        raise EditError(text("proposal_gone"))

    def publish(self, number: str, by: Person, base: str, now: datetime) -> Published:
        """Publish it, in both names if somebody else wrote it; if the folder is still what `by` saw it against.

        Raises: as `Publisher.publish`; EditError also when it waits no longer, or two people are asked for and `by`
        wrote it.
        """
        proposal = self.find(number)
        alone = by.id == proposal.signed.author.id and not self._publisher.two_persons
        signed = replace(proposal.signed, at=now, approved_by=None if alone else by)
        published = self._publisher.publish(proposal.edits, base, signed, number=proposal.id)
        self._file(proposal).unlink(missing_ok=True)
        return published

    def withdraw(self, number: str) -> None:
        """Raises: EditError: it waits no longer."""
        self._file(self.find(number)).unlink(missing_ok=True)

    def _file(self, proposal: Proposal) -> Path:
        return self._folder / f"{proposal.id}.json"
