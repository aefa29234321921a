"""How well the bot decides, by the staff's labels of real questions: coverage against errors, and each week. Pure."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.dialogue.effects import Decision
from bot.knowledge.hours import LEGAL_TIME
from bot.matching.evaluation import Labelled, Outcome
from bot.matching.model import Candidate, Ranking
from bot.matching.sweep import Point, propose, sweep
from bot.staff.figures import LEAST, hidden
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
    """Percent of the decisions that were right."""


@dataclass(frozen=True, slots=True)
class Quality:
    questions: int
    right: int
    """Percent of the decisions that were right."""
    points: tuple[Point, ...]
    """What each floor would have given, by the confidences of the time."""
    proposed: Point | None
    """The lowest floor that keeps to `ERRORS`."""
    weeks: tuple[Week, ...]


def quality(labelled: Sequence[Question]) -> Quality | None:
    """None when the labelled questions come from fewer than five people."""
    if len({question.chat for question in labelled}) < LEAST:
        return None
    points = sweep([outcome(question) for question in labelled])
    return Quality(
        len(labelled), _percent_right(labelled), tuple(points), propose(points, ERRORS), tuple(_weeks(labelled))
    )


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
    concealed = hidden({monday: {question.chat for question in asked} for monday, asked in weeks.items()})
    return [
        Week(monday, None, None) if monday in concealed else Week(monday, len(asked), _percent_right(asked))
        for monday, asked in sorted(weeks.items())
    ]


def _percent_right(asked: Sequence[Question]) -> int:
    return round(100 * sum(map(_right, asked)) / len(asked))


def _right(question: Question) -> bool:
    """Answered or offered what was asked for; passed on what no entry answers."""
    done = outcome(question)
    if done.in_scope:
        return done.resolved
    return question.decision == Decision.HAND_OVER
