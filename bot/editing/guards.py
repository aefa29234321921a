"""The questions by which entries guard themselves: `must_match` and `must_not_match`, tried with a matcher. Pure.

An entry wins a `must_match` question when it comes first and is answered or offered: the floors of another machine, or
the lexical matcher alone, may turn the one into the other. It breaks a `must_not_match` one when it is answered.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue.decision import Floors, Verdict, decide
from bot.dialogue.effects import Decision, Reason
from bot.editing.gate import Progress, Version
from bot.editing.texts import text
from bot.knowledge.guard_checks import MUST, MUST_NOT
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.knowledge.problems import Path, quoted
from bot.matching.model import Candidate, Ranking


@dataclass(frozen=True, slots=True)
class Guard:
    entry: str
    field: str
    """`must_match` or `must_not_match`."""
    language: str
    number: int
    """0-based, in the list of its language."""
    question: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A guard that does not hold."""

    guard: Guard
    winner: Candidate | None
    """The entry that is answered or comes first in its place; None: no entry is sure enough."""
    confidence: float
    """Of the guarded entry."""
    nearest: str | None
    """The utterance to which the question is nearest: the winner's, else that of the guarded entry."""

    @property
    def place(self) -> tuple[str, Path]:
        """The entry and where in it the question stands."""
        return self.guard.entry, (self.guard.field, self.guard.language, self.guard.number)

    def what(self) -> str:
        """A sentence for agents."""
        key = "guard_refused" if self.guard.field == MUST_NOT else "guard_stolen" if self.winner else "guard_missed"
        return text(
            key,
            question=quoted(self.guard.question),
            entry=self.guard.entry,
            winner=self.winner.entry if self.winner else "",
            winning=_percent(self.winner.confidence if self.winner else 0),
            confidence=_percent(self.confidence),
            nearest=quoted(self.nearest or "–"),
        )

    def remedy(self) -> str:
        key = "guard_refused_remedy" if self.guard.field == MUST_NOT else "guard_must_remedy"
        return text(key, entry=self.guard.entry)


@dataclass(frozen=True, slots=True)
class GuardResult:
    tried: int
    broken: tuple[Broken, ...]

    def pairs(self) -> tuple[str, ...]:
        """A sentence for each two entries one of which takes the other's questions, the worst first."""
        taken = Counter(
            (each.winner.entry, each.guard.entry)
            for each in self.broken
            if each.winner and each.winner.entry != each.guard.entry
        )
        found = [(taken[one, other], taken[other, one], one, other) for one, other in taken]
        leading = [row for row in found if row[0] > row[1] or (row[0] == row[1] and row[2] < row[3])]
        return tuple(
            text("guard_pair_both" if back else "guard_pair", one=one, other=other, there=there, back=back)
            for there, back, one, other in sorted(leading, key=lambda row: (-row[0] - row[1], row[2:]))
        )


def guards(knowledge: KnowledgeBase, day: date) -> Iterator[Guard]:
    """Those of the entries in force."""
    for entry in knowledge.entries.values():
        for field, texts in ((MUST, entry.must_match), (MUST_NOT, entry.must_not_match)):
            for language, questions in texts.items() if entry.in_force(day) else ():
                for number, question in enumerate(questions):
                    yield Guard(entry.id, field, language, number, question)


def has_guards(knowledge: KnowledgeBase) -> bool:
    return any(entry.must_match or entry.must_not_match for entry in knowledge.entries.values())


def try_guards(
    version: Version, *, day: date, floors: Floors | None = None, progress: Progress = lambda _done, _all: None
) -> GuardResult:
    """Decide on every guard of the version with its own matcher."""
    tried = tuple(guards(version.knowledge, day))
    broken = []
    for done, guard in enumerate(tried, start=1):
        rankings = version.understand(guard.question, language=guard.language, day=day)
        found = _broken(guard, rankings, floors or Floors())
        broken += [found] if found else []
        progress(done, len(tried))
    return GuardResult(len(tried), tuple(broken))


def told(result: GuardResult, before: GuardResult, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """A sentence for each broken guard, those that `before` held first; of the others it is said."""
    known = {(each.guard.entry, each.guard.question) for each in before.broken}
    new: list[str] = []
    old: list[str] = []
    for each in result.broken:
        title = knowledge.entries[each.guard.entry].title_in(DEFAULT_LANGUAGE)
        (old if (each.guard.entry, each.guard.question) in known else new).append(f"« {title} » : {each.what()}")
    return (*new, *(text("guard_already", what=what) for what in old))


def _broken(guard: Guard, rankings: Sequence[Ranking], floors: Floors) -> Broken | None:
    verdicts = [(ranking, decide(ranking, floors)) for ranking in rankings]
    if guard.field == MUST_NOT:
        return next((_kept(guard, r, r.candidates[0]) for r, v in verdicts if v.entry == guard.entry), None)
    if any(_won(guard.entry, ranking, verdict) for ranking, verdict in verdicts):
        return None
    ranking, verdict = verdicts[0]
    first = ranking.candidates[0] if ranking.candidates else None
    stolen = first and first.entry != guard.entry and verdict.decision is not Decision.HAND_OVER
    return _kept(guard, ranking, first if stolen else None)


def _won(entry: str, ranking: Ranking, verdict: Verdict) -> bool:
    first = bool(ranking.candidates) and ranking.candidates[0].entry == entry
    frozen = verdict.reason is Reason.ENTRY_FROZEN
    return first and (frozen or entry in (verdict.entry, *verdict.offered))


def _kept(guard: Guard, ranking: Ranking, winner: Candidate | None) -> Broken:
    own = next((each for each in ranking.candidates if each.entry == guard.entry), None)
    return Broken(guard, winner, own.confidence if own else 0.0, _nearest(winner or own))


def _nearest(candidate: Candidate | None) -> str | None:
    return next((signal.nearest for signal in candidate.signals if signal.nearest), None) if candidate else None


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
