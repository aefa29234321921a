"""Floors and what they cost: how much is answered, and how much of it wrongly, for every answering floor. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.evaluation import Outcome

_FLOORS = tuple(round(0.5 + 0.025 * step, 3) for step in range(20))


@dataclass(frozen=True, slots=True)
class Point:
    """What one answering floor gives."""

    floor: float
    answered_right: float
    """Of the questions that are ours."""
    wrong_answers: float
    """Of the questions that are ours."""
    false_answers: float
    """Of the questions that are not ours."""
    errors: float
    """Share of wrong and false ones among all answers given."""


def sweep(outcomes: Sequence[Outcome]) -> list[Point]:
    """One point a floor from 0.5 to 0.975, whatever floor the outcomes were decided with."""
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.top_right for outcome in outcomes], bool)
    ours = np.array([outcome.in_scope for outcome in outcomes], bool)
    points = []
    for floor in _FLOORS:
        answered = confidence >= floor
        points.append(
            Point(
                floor,
                _share(answered & right, ours),
                _share(answered & ~right & ours, ours),
                _share(answered & ~ours, ~ours),
                _share(answered & ~right, answered),
            )
        )
    return points


def propose(points: Sequence[Point], errors: float) -> Point | None:
    """The lowest floor from which on no more than `errors` of the answers are wrong or false; None if none is."""
    allowed = None
    for point in sorted(points, key=lambda point: -point.floor):
        if point.errors > errors:
            break
        allowed = point
    return allowed


def _share(flags: np.ndarray, among: np.ndarray) -> float:
    return round(float(flags.sum() / max(among.sum(), 1)), 4)
