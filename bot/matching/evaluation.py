"""How well the decisions fit a labelled question set: the figures of docs/matching.md. Pure."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot.matching.model import Ranking

_BINS = 10
_OFFERED = 3

_RESAMPLES = 1000
_INTERVAL = (2.5, 97.5)
"""Percentiles: 95 % of the resamples lie between them."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One question of the set."""

    text: str
    expected: tuple[str, ...]
    """Any of them is right; empty: the bot must not answer by itself."""
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the bot did with one question."""

    question: Labelled
    ranking: Ranking
    answered: str | None
    """The entry that was answered."""
    offered: tuple[str, ...]
    """The entries among which the citizen could choose."""

    @property
    def in_scope(self) -> bool:
        return bool(self.question.expected)

    @property
    def top_right(self) -> bool:
        best = self.ranking.candidates[:1]
        return bool(best) and best[0].entry in self.question.expected

    @property
    def confidence(self) -> float:
        return self.ranking.candidates[0].confidence if self.ranking.candidates else 0.0

    @property
    def answered_right(self) -> bool:
        return self.answered in self.question.expected

    @property
    def resolved(self) -> bool:
        return self.answered_right or any(entry in self.question.expected for entry in self.offered[:_OFFERED])


def read_questions(lines: Iterable[str]) -> list[Labelled]:
    """The questions of a JSON Lines file.

    Raises:
        ValueError: a line is no labelled question; the message names it.
    """
    questions = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            questions.append(_labelled(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            shape = '{"text": "…", "expected": "…" ou ["…"] ou null, "lang": "fr", "kind": "…"}'
            raise ValueError(f"ligne {number} : il faut un objet JSON {shape}.") from None
    if not questions:
        raise ValueError("il n'y a aucune question.")
    return questions


def _labelled(row: Any) -> Labelled:  # noqa: ANN401 - whatever a line of JSON holds
    text, expected, language, kind = row["text"], row["expected"], row.get("lang", "?"), row.get("kind", "?")
    labels = [expected] if isinstance(expected, str) else expected or []
    if not isinstance(labels, list) or not text.strip():
        raise TypeError
    "".join((text, *labels, language, kind)).encode()  # all of them are text, without half characters
    return Labelled(text, tuple(labels), language, kind)


@dataclass(frozen=True, slots=True)
class _Scores:
    """What the figures count, one value a question: shape (questions,)."""

    in_scope: NDArray[np.bool_]
    top_right: NDArray[np.bool_]
    resolved: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    answered_right: NDArray[np.bool_]
    confidence: NDArray[np.float64]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "_Scores":
        def flags(flag: Callable[[Outcome], bool]) -> NDArray[np.bool_]:
            return np.array([flag(outcome) for outcome in outcomes], bool)

        return cls(
            flags(lambda outcome: outcome.in_scope),
            flags(lambda outcome: outcome.top_right),
            flags(lambda outcome: outcome.resolved),
            flags(lambda outcome: outcome.answered is not None),
            flags(lambda outcome: outcome.answered_right),
            np.array([outcome.confidence for outcome in outcomes], float),
        )

    def at(self, rows: NDArray[np.int64]) -> "_Scores":
        """Those of some questions, one of them perhaps several times."""
        return _Scores(*(getattr(self, name)[rows] for name in self.__slots__))

    def figures(self) -> dict[str, Any]:
        ours, others = self.in_scope, ~self.in_scope
        return {
            "questions": len(ours),
            "in_scope": int(ours.sum()),
            "top1": _share(self.top_right[ours]),
            "resolved": _share(self.resolved[ours]),
            "answered_right": _share(self.answered_right[ours]),
            "wrong_answers": _share((self.answered & ~self.answered_right)[ours]),
            "false_answers": _share(self.answered[others]),
            "auroc": auroc(self.confidence[ours], self.confidence[others]),
            "ece": calibration_error(self.confidence, self.top_right),
        }

    def intervals(self, seed: int = 1) -> dict[str, list[float]]:
        dice, count = np.random.default_rng(seed), len(self.in_scope)
        drawn: dict[str, list[float]] = {}
        for _ in range(_RESAMPLES if count else 0):
            for name, value in self.at(dice.integers(0, count, count)).figures().items():
                if isinstance(value, float):
                    drawn.setdefault(name, []).append(value)
        bounds = {name: np.percentile(values, _INTERVAL) for name, values in drawn.items()}
        return {name: [round(float(bound), 3) for bound in pair] for name, pair in bounds.items()}


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The fixed figures over all questions, then by language and by kind; None where there is nothing to count.

    Each group has its own `intervals`.
    """
    return {
        **_figures(outcomes),
        "by_lang": _by(outcomes, lambda outcome: outcome.question.language),
        "by_kind": _by(outcomes, lambda outcome: outcome.question.kind),
    }


def intervals(outcomes: Sequence[Outcome], *, seed: int = 1) -> dict[str, list[float]]:
    """95 % bootstrap interval of each figure: what another set of as many such questions might have given."""
    return _Scores.of(outcomes).intervals(seed)


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, Any]]:
    groups = sorted({key(outcome) for outcome in outcomes})
    return {group: _figures([outcome for outcome in outcomes if key(outcome) == group]) for group in groups}


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    scores = _Scores.of(outcomes)
    return {**scores.figures(), "intervals": scores.intervals()}


def _share(flags: NDArray[np.bool_]) -> float | None:
    return round(float(flags.mean()), 4) if len(flags) else None


def auroc(positive: ArrayLike, negative: ArrayLike) -> float | None:
    """The probability that a positive scores above a negative, ties counted half (Mann-Whitney)."""
    above, below = np.asarray(positive), np.asarray(negative)
    if not len(above) or not len(below):
        return None
    differences = np.subtract.outer(above, below)
    return round(float(np.mean((differences > 0) + 0.5 * (differences == 0))), 4)


def calibration_error(confidences: ArrayLike, right: ArrayLike) -> float | None:
    """Expected calibration error in ten equal bins (Guo et al., 2017)."""
    values, hits = np.asarray(confidences), np.asarray(right, float)
    if not len(values):
        return None
    bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == number).mean() * abs(hits[bins == number].mean() - values[bins == number].mean())
        for number in np.unique(bins)
    ]
    return round(float(sum(gaps)), 4)
