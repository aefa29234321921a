"""The regression gate: which questions would get another answer if the proposed knowledge were in service. Pure.

Both versions decide on the same questions: those that staff have labelled, where better and worse can be told apart,
and recent real ones, where only the change can.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Protocol

from bot.dialogue.decision import Floors, decide
from bot.dialogue.effects import Decision
from bot.editing.texts import text
from bot.knowledge.model import DEFAULT_LANGUAGE, Entry, KnowledgeBase
from bot.matching.evaluation import Labelled
from bot.matching.model import Ranking

Progress = Callable[[int, int], None]
"""Called with (questions done, questions in all)."""


class Version(Protocol):
    """One version of the knowledge, ready to decide: a `Matcher`."""

    @property
    def knowledge(self) -> KnowledgeBase: ...

    def understand(self, text: str, *, language: str | None = None, day: date) -> Sequence[Ranking]: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bot does with one question."""

    decision: Decision
    entry: str | None
    """The entry that is answered."""
    offered: tuple[str, ...]
    """The entries among which the person is asked to choose."""


class Grade(StrEnum):
    """How well a reply fits the label, best first."""

    RIGHT = "right"
    OFFERED = "offered"
    """The right entry is among those offered."""
    NOT_ANSWERED = "not_answered"
    WRONG = "wrong"
    """A wrong entry is answered, or any where none should be."""


class Shift(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"
    """Another reply, neither better nor worse as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One question that would get another reply."""

    question: str
    expected: tuple[str, ...] | None
    """The label: any of these entries, () for no answer; None: a real question that nobody has labelled."""
    before: tuple[Reply, ...]
    """One for each part of the question."""
    after: tuple[Reply, ...]

    @property
    def grades(self) -> tuple[Grade, Grade] | None:
        """Before and after, of a labelled question; by its first part, as `evaluate` counts."""
        if self.expected is None:
            return None
        return grade(self.before[0], self.expected), grade(self.after[0], self.expected)

    @property
    def shift(self) -> Shift:
        if self.grades is None:
            return Shift.OTHER
        before, after = (list(Grade).index(each) for each in self.grades)
        return Shift.OTHER if before == after else Shift.BETTER if after < before else Shift.WORSE


@dataclass(frozen=True, slots=True)
class GateResult:
    labelled: int
    """Labelled questions that were decided on."""
    recent: int
    changes: tuple[Change, ...]
    """Worse ones first, then other ones, then better ones."""

    @property
    def counts(self) -> Mapping[Shift, int]:
        found = Counter(change.shift for change in self.changes)
        return {shift: found[shift] for shift in Shift}

    @property
    def safe(self) -> bool:
        """No labelled question is worse off."""
        return not self.counts[Shift.WORSE]

    def summary(self) -> str:
        """A sentence or two for agents."""
        if not self.labelled + self.recent:
            return text("gate_no_questions")
        read = text("gate_read", labelled=self.labelled, recent=self.recent)
        if not self.changes:
            return f"{read} {text('gate_no_change')}"
        counts = {str(shift): number for shift, number in self.counts.items()}
        return f"{read} {text('gate_changes', **counts)}"


def compare(
    before: Version,
    after: Version,
    labelled: Sequence[Labelled],
    recent: Sequence[str],
    *,
    day: date,
    floors: Floors | None = None,
    progress: Progress = lambda _done, _all: None,
) -> GateResult:
    """Decide on every question with both versions.

    Args:
        before: the knowledge in service.
        after: the proposed one.
        labelled: questions with the right entry.
        recent: real questions; the same one twice counts once.
        day: entries that are not in force on it are left out.
        floors: of the decision.
        progress: told after each question.
    """
    floors = floors or Floors()
    known = {question.text for question in labelled}
    unlabelled = [question for question in dict.fromkeys(recent) if question not in known]
    asked = [*((question.text, question.expected) for question in labelled), *((each, None) for each in unlabelled)]
    changes = []
    for number, (question, expected) in enumerate(asked, start=1):
        change = Change(question, expected, *(_replies(version, question, day, floors) for version in (before, after)))
        if change.before != change.after:
            changes.append(change)
        progress(number, len(asked))
    order = (Shift.WORSE, Shift.OTHER, Shift.BETTER)
    return GateResult(len(labelled), len(unlabelled), tuple(sorted(changes, key=lambda each: order.index(each.shift))))


def grade(reply: Reply, expected: Sequence[str]) -> Grade:
    if reply.decision is Decision.ANSWER:
        return Grade.RIGHT if reply.entry in expected else Grade.WRONG
    if not expected:
        return Grade.RIGHT
    return Grade.OFFERED if set(reply.offered) & set(expected) else Grade.NOT_ANSWERED


def told(change: Change, before: KnowledgeBase, after: KnowledgeBase) -> str:
    """« question » : what happened → what would happen, in French."""
    now, then = (
        " ; ".join(_told(reply, entries) for reply in replies) for replies, entries in _sides(change, before, after)
    )
    return text("gate_change", question=change.question, before=now, after=then)


def _sides(
    change: Change, before: KnowledgeBase, after: KnowledgeBase
) -> Iterator[tuple[tuple[Reply, ...], Mapping[str, Entry]]]:
    yield change.before, before.entries
    yield change.after, after.entries


def _told(reply: Reply, entries: Mapping[str, Entry]) -> str:
    titles = ", ".join(
        f"« {entries[name].title_in(DEFAULT_LANGUAGE)} »"
        for name in chain((reply.entry,) if reply.entry else (), reply.offered)
    )
    return text(f"gate_{reply.decision}", titles=titles)


def _replies(version: Version, question: str, day: date, floors: Floors) -> tuple[Reply, ...]:
    verdicts = [decide(ranking, floors) for ranking in version.understand(question, day=day)]
    return tuple(Reply(verdict.decision, verdict.entry, verdict.offered) for verdict in verdicts)
