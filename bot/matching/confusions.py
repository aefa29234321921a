"""Where decisions go wrong: pairs of entries taken for each other, and the questions that cost most. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.matching.evaluation import Outcome


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions of one entry for which another comes first."""

    expected: str | None
    """None: questions that are not ours, and were answered."""
    taken_for: str
    questions: int
    answered: int
    """Of them, those that were answered wrongly: the others were offered or handed over."""
    example: str
    """The one with the highest confidence."""
    nearest: str | None
    """The utterance of `taken_for` that is nearest to it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One question that was not resolved."""

    text: str
    language: str
    kind: str
    expected: tuple[str, ...]
    answered: str | None
    """The wrong entry that was answered; None: the right one was neither answered nor offered."""
    best: str | None
    """The first candidate."""
    confidence: float
    """Of the first candidate."""


def confusions(outcomes: Sequence[Outcome]) -> list[Confusion]:
    """The most frequent first, then those that were answered."""
    pairs: dict[tuple[str | None, str], list[Outcome]] = {}
    for outcome in outcomes:
        best = outcome.ranking.candidates[:1]
        if best and (not outcome.top_right if outcome.in_scope else outcome.answered):
            label = outcome.question.expected[0] if outcome.in_scope else None
            pairs.setdefault((label, best[0].entry), []).append(outcome)
    found = [_confusion(label, entry, members) for (label, entry), members in pairs.items()]
    return sorted(found, key=lambda each: (-each.questions, -each.answered, each.expected or "", each.taken_for))


def faults(outcomes: Sequence[Outcome]) -> list[Fault]:
    """What was answered wrongly, the surest first, then what was not resolved, the nearest to a wrong answer first."""
    found = [_fault(outcome) for outcome in outcomes if (outcome.in_scope and not outcome.resolved) or _wrong(outcome)]
    return sorted(found, key=lambda fault: (fault.answered is None, -fault.confidence, fault.text))


def _wrong(outcome: Outcome) -> bool:
    return outcome.answered is not None and not outcome.answered_right


def _confusion(label: str | None, entry: str, members: Sequence[Outcome]) -> Confusion:
    surest = max(members, key=lambda outcome: outcome.confidence)
    signals = surest.ranking.candidates[0].signals
    nearest = next((signal.nearest for signal in signals if signal.nearest), None)
    answered = sum(map(_wrong, members))
    return Confusion(label, entry, len(members), answered, surest.question.text, nearest)


def _fault(outcome: Outcome) -> Fault:
    question, best = outcome.question, outcome.ranking.candidates[:1]
    return Fault(
        question.text,
        question.language,
        question.kind,
        question.expected,
        outcome.answered,
        best[0].entry if best else None,
        round(outcome.confidence, 4),
    )
