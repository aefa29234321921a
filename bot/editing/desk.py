"""Where agents edit the knowledge of one bot: the folder as it stands, and rehearsals that run while a page waits."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.editing.gate import Version as Ready
from bot.editing.proposals import Proposal, Proposals
from bot.editing.publish import Publisher, Version
from bot.editing.rehearsal import Rehearsal, rehearse
from bot.editing.texts import EditError, text
from bot.knowledge.loader import build
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError, Problem
from bot.matching.evaluation import Labelled

log = logging.getLogger(__name__)

_KEPT = 20
"""Rehearsals remembered: one is learnt anew in a minute."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What the folder holds now, in service or not yet."""

    version: Version
    knowledge: KnowledgeBase | None
    """None: it is not valid, and the version before is in service."""
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Rehearsing:
    """A rehearsal, under way or over."""

    done: int = 0
    total: int = 0
    """0 until the matchers are ready."""
    result: Rehearsal | None = None
    failed: str | None = None
    """Why there is no result, in French."""
    task: "asyncio.Task[None] | None" = None

    @property
    def over(self) -> bool:
        return self.result is not None or self.failed is not None

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


@dataclass(slots=True)
class Desk:
    publisher: Publisher
    ready: Callable[[KnowledgeBase], Ready]
    """Makes the matcher of a knowledge; called in a thread."""
    labelled: Callable[[], list[Labelled]]
    """The questions that staff have labelled; raises EditError."""
    proposals: Proposals = field(init=False)
    _rehearsals: dict[tuple[str, str], Rehearsing] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.proposals = Proposals(self.publisher)

    async def folder(self) -> Folder:
        """Raises: KnowledgeError: the folder, or a file in it, cannot be read."""
        return await asyncio.to_thread(self._folder)

    def rehearsal(self, proposal: Proposal, version: Version, recent: Sequence[str], day: date) -> Rehearsing:
        """Of the proposal against this version; begun if it was not, one at a time."""
        key = (proposal.id, version.fingerprint)
        if key not in self._rehearsals:
            rehearsing = Rehearsing()
            rehearsing.task = asyncio.create_task(self._rehearse(rehearsing, proposal, version, recent, day))
            self._rehearsals[key] = rehearsing
            for old in list(self._rehearsals)[:-_KEPT]:
                if self._rehearsals[old].over:
                    del self._rehearsals[old]
        return self._rehearsals[key]

    async def _rehearse(
        self, rehearsing: Rehearsing, proposal: Proposal, version: Version, recent: Sequence[str], day: date
    ) -> None:
        def work() -> Rehearsal:
            labelled, progress = self.labelled(), rehearsing.progress
            return rehearse(version.files, proposal.edits, self.ready, labelled, recent, day=day, progress=progress)

        async with self._turn:  # learning takes all processors for a while
            try:
                rehearsing.result = await asyncio.to_thread(work)
            except (EditError, KnowledgeError) as error:
                rehearsing.failed = str(error)
            except Exception:
                log.exception("a rehearsal failed")
                rehearsing.failed = text("rehearsal_failed")

    def _folder(self) -> Folder:
        version = self.publisher.version()
        try:
            return Folder(version, build(version.files, None))
        except KnowledgeError as error:
            return Folder(version, None, error.problems)
