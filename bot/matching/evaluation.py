"""How well the decisions fit a labelled question set: the figures of docs/matching.md. Pure."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The fixed figures over all questions, then by language and by kind; None where there is nothing to count."""
    return {
        **_figures(outcomes),
        "intervals": intervals(outcomes),
        "by_lang": _by(outcomes, lambda outcome: outcome.question.language),
        "by_kind": _by(outcomes, lambda outcome: outcome.question.kind),
    }


def intervals(outcomes: Sequence[Outcome], *, seed: int = 1) -> dict[str, list[float]]:
    """95 % bootstrap interval of each figure: what another set of as many such questions might have given."""
    dice = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(_RESAMPLES if outcomes else 0):
        sample = [outcomes[number] for number in dice.integers(0, len(outcomes), len(outcomes))]
        for name, value in _figures(sample).items():
            if isinstance(value, float):
                drawn.setdefault(name, []).append(value)
    return {
        name: [round(float(bound), 3) for bound in np.percentile(values, _INTERVAL)] for name, values in drawn.items()
    }


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, Any]]:
    groups = sorted({key(outcome) for outcome in outcomes})
    return {group: _figures([outcome for outcome in outcomes if key(outcome) == group]) for group in groups}


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    ours = [outcome for outcome in outcomes if outcome.in_scope]
    others = [outcome for outcome in outcomes if not outcome.in_scope]
    return {
        "questions": len(outcomes),
        "in_scope": len(ours),
        "top1": _share([outcome.top_right for outcome in ours]),
        "resolved": _share([outcome.resolved for outcome in ours]),
        "answered_right": _share([outcome.answered_right for outcome in ours]),
        "wrong_answers": _share([outcome.answered is not None and not outcome.answered_right for outcome in ours]),
        "false_answers": _share([outcome.answered is not None for outcome in others]),
        "auroc": auroc([outcome.confidence for outcome in ours], [outcome.confidence for outcome in others]),
        "ece": calibration_error(
            [outcome.confidence for outcome in outcomes], [outcome.top_right for outcome in outcomes]
        ),
    }


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 4) if flags else None


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The probability that a positive scores above a negative, ties counted half (Mann-Whitney)."""
    if not positive or not negative:
        return None
    differences = np.subtract.outer(np.array(positive), np.array(negative))
    return round(float(np.mean((differences > 0) + 0.5 * (differences == 0))), 4)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Expected calibration error in ten equal bins (Guo et al., 2017)."""
    if not confidences:
        return None
    values, hits = np.array(confidences), np.array(right, float)
    bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == number).mean() * abs(hits[bins == number].mean() - values[bins == number].mean())
        for number in np.unique(bins)
    ]
    return round(float(sum(gaps)), 4)
