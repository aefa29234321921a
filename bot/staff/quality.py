"""How well the bot decides, by the staff's labels of real questions: coverage against errors, and each week. Pure."""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialogue.effects import Decision
from bot.knowledge.hours import LEGAL_TIME
from bot.matching.evaluation import Labelled, Outcome
from bot.matching.model import Candidate, Ranking
from bot.matching.sweep import Point, propose, sweep
from bot.privacy.few import LEAST, hidden, telling
from bot.staff.figures import counted
from bot.storage.model import Question

ERRORS = 0.02
"""Share of wrong answers among those given that a proposed floor may have."""
_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Week:
    """Labelled questions asked in one week; None: they would tell of fewer than five people."""

    monday: date
    questions: int | None
    right: int | None
    """Percent of the decisions that were right; None also while it would tell of fewer than five people."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What of a floor may be told: wrong and false answers together, as one of both may be of one person."""

    floor: float
    answered_right: float
    """Of the questions that are ours."""
    errors: float
    """Of the answers given."""


@dataclass(frozen=True, slots=True)
class Quality:
    questions: int
    right: int | None
    """Percent of the decisions that were right; None: those that were, or were not, are of fewer than five people."""
    points: tuple[Shares, ...]
    """What floors would have given, by the confidences of the time; none that would tell of few people."""
    proposed: Shares | None
    """The lowest of these that keeps to `ERRORS`, with all above it."""
    weeks: tuple[Week, ...]


def quality(labelled: Sequence[Question]) -> Quality | None:
    """None when the labelled questions come from fewer than five people."""
    if len({question.chat for question in labelled}) < LEAST:
        return None
    points = sweep([outcome(question) for question in labelled])
    shown, lowest = tuple(_tellable(points, labelled)), propose(points, ERRORS)
    proposed = next((point for point in shown if lowest and point.floor >= lowest.floor), None)
    sides = counted(((_right(question), question.chat) for question in labelled), {True: "", False: ""})
    right = None if any(side.count is None for side in sides) else _percent_right(labelled)
    return Quality(len(labelled), right, shown, proposed, tuple(_weeks(labelled)))


def outcome(question: Question) -> Outcome:
    """What the bot did with a labelled question, as `evaluate` would see it."""
    candidates = tuple(Candidate(entry, confidence) for entry, confidence in question.candidates)
    offered = tuple(candidate.entry for candidate in candidates[:_OFFERED])
    return Outcome(
        Labelled(question.text, (question.expected,) if question.expected else (), question.language, "real"),
        Ranking(question.text, question.language, candidates),
        candidates[0].entry if candidates and question.decision == Decision.ANSWER else None,
        offered if question.decision == Decision.CLARIFY else (),
    )


def as_labels(questions: Sequence[Question]) -> bytes:
    """The labelled ones as a question set for `evaluate`: JSON lines, oldest first."""
    rows = (
        {"text": each.text, "expected": each.expected or None, "lang": each.language, "kind": "real"}
        for each in sorted(questions, key=lambda each: each.id)
        if each.expected is not None
    )
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def _weeks(labelled: Sequence[Question]) -> list[Week]:
    weeks = defaultdict[date, list[Question]](list)
    for question in labelled:
        day = question.asked_at.astimezone(LEGAL_TIME).date()
        weeks[day - timedelta(days=day.weekday())].append(question)
    # All weeks together are told, too: no single one may be what is missing.
    concealed = _hidden_of(weeks, lambda _: True)
    unsaid = concealed | _hidden_of(weeks, _right) | _hidden_of(weeks, lambda question: not _right(question))
    return [
        Week(
            monday,
            None if monday in concealed else len(asked),
            None if monday in unsaid else _percent_right(asked),
        )
        for monday, asked in sorted(weeks.items())
    ]


def _hidden_of(weeks: Mapping[date, Sequence[Question]], which: Callable[[Question], bool]) -> set[Hashable]:
    """The weeks in which such questions are not told."""
    people = {monday: {question.chat for question in asked if which(question)} for monday, asked in weeks.items()}
    return hidden({monday: chats for monday, chats in people.items() if chats})


def _tellable(points: Sequence[Point], labelled: Sequence[Question]) -> Iterator[Shares]:
    """Floors that tell of nobody or of five people, in themselves and by what lies between two of them."""
    judged = [(outcome(question), question.chat) for question in labelled]
    last: float | None = None
    for point in points:
        answered = [each for each in judged if each[0].confidence >= point.floor]
        parts = [[each for each in answered if each[0].top_right is right] for right in (True, False)]
        if last is None:  # the share is one of the questions that are ours: the others are told with it
            parts.append([each for each in judged if each[0].in_scope and each not in parts[0]])
        else:
            between = [each for each in judged if last <= each[0].confidence < point.floor]
            parts += [[each for each in between if each[0].top_right is right] for right in (True, False)]
        if all(telling({chat for _, chat in part}) for part in parts):
            last = point.floor
            yield Shares(point.floor, point.answered_right, point.errors)


def _percent_right(asked: Sequence[Question]) -> int:
    return round(100 * sum(map(_right, asked)) / len(asked))


def _right(question: Question) -> bool:
    """Answered or offered what was asked for; passed on what no entry answers."""
    done = outcome(question)
    if done.in_scope:
        return done.resolved
    return question.decision == Decision.HAND_OVER
