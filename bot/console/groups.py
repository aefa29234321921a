"""The questions that wait, in memory and grouped: each is read once, and what is settled is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.channels.telegram.desk import CHANNEL
from bot.matching.matcher import Matcher
from bot.matching.model import Encoder
from bot.staff.likeness import Likeness
from bot.storage.console import ConsoleStore
from bot.storage.model import Question

_PATIENCE = 0.1
"""Seconds that a page waits for groups; what is not ready then stands alone until it is."""


def encoder_of(matcher: object) -> Encoder | None:
    """The matcher's own; None when it has words only."""
    return matcher.encoder if isinstance(matcher, Matcher) else None


@dataclass(slots=True)
class Groups:
    likeness: Likeness = field(default_factory=Likeness)
    _known: dict[int, Question] = field(default_factory=dict)
    _under_way: asyncio.Task[None] | None = None

    async def waiting(self, store: ConsoleStore, encoder: Encoder | None) -> list[Question]:
        """Newest first; `complete` says whether all stand in their groups."""
        ids = await store.open_ids(CHANNEL)
        fresh = await store.questions_of([number for number in ids if number not in self._known])
        known = self._known | {question.id: question for question in fresh}
        self._known = {number: known[number] for number in ids if number in known}
        self.likeness.keep_only(set(self._known))
        await self._gather(encoder)
        return list(reversed(self._known.values()))

    @property
    def complete(self) -> bool:
        return not self.likeness.missing(self._known.values())

    def together(self, questions: Sequence[Question]) -> list[list[Question]]:
        return self.likeness.together(questions)

    async def _gather(self, encoder: Encoder | None) -> None:
        """Find the groups of what is new, in a thread that goes on when the page does not wait any more."""
        if self._under_way is None or self._under_way.done():
            missing = self.likeness.missing(self._known.values())
            if not missing:
                return
            self._under_way = asyncio.create_task(asyncio.to_thread(self.likeness.take_up, missing, encoder))
        await asyncio.wait({self._under_way}, timeout=_PATIENCE)
        if self._under_way.done():
            self._under_way.result()
