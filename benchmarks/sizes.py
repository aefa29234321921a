"""Time of a question against the size of the knowledge, for each method of `benchmarks/compare.py`.

Entries are made up by `benchmarks/scale.py`; each method is asked the same questions. Times are processor time.
"""

import math
import random
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.common import CACHE
from benchmarks.methods import Rank, ranking_by
from benchmarks.picture import Logarithmic, framed, legend, stroke
from benchmarks.scale import asked, made_up, slipped

SIZES = (30, 100, 300, 1000)
UTTERANCES = 8
QUESTIONS = 200
_MOST_LEARNT = 300
"""Entries up to which logistic regressions are measured: a thousand classes would take gigabytes."""


class Timing(NamedTuple):
    entries: int
    p50: float
    """Milliseconds a question, as `p99`."""
    p99: float


def timings(name: str, sizes: Sequence[int]) -> list[Timing]:
    """The sizes take turns: what the machine does beside slows all of them alike."""
    sizes = [size for size in sizes if size <= _MOST_LEARNT or "logistic regression" not in name]
    asked_of = [_questions(name, size) for size in sizes]
    seconds: list[list[float]] = [[] for _ in sizes]
    for number in range(QUESTIONS):
        for (rank, questions), own in zip(asked_of, seconds, strict=True):
            start = time.process_time()
            rank(questions[number])
            own.append(time.process_time() - start)
    return [
        Timing(size, *(1000 * np.percentile(own, [50, 99])).tolist()) for size, own in zip(sizes, seconds, strict=True)
    ]


def _questions(name: str, size: int) -> tuple[Rank, list[str]]:
    """The method, which has learnt so many entries and been asked before, and questions about them."""
    dice = random.Random(1)  # noqa: S311 - nothing here is secret
    knowledge, subjects = made_up(size, UTTERANCES, dice)
    questions = [slipped(asked(dice.choice(list(subjects.values())), dice), dice) for _ in range(QUESTIONS)]
    rank = ranking_by(name, knowledge, CACHE / "made-up")
    for question in questions[:10]:
        rank(question)  # what is loaded at the first questions
    return rank, questions


def short(milliseconds: float) -> str:
    """Two decimals below one, one below a hundred."""
    return f"{milliseconds:.{2 if milliseconds < 1 else 1 if milliseconds < 100 else 0}f}"


def table(found: Mapping[str, Sequence[Timing]], sizes: Sequence[int]) -> str:
    """A row each method, "p50 / p99" for each size; a dash where it was not measured."""
    lines = [f"| p50 / p99 in ms | {' | '.join(f'{size:,}' for size in sizes)} |", "| --- " * (len(sizes) + 1) + "|"]
    for name, rows in found.items():
        cells = {row.entries: f"{short(row.p50)} / {short(row.p99)}" for row in rows}
        lines.append(f"| {name} | {' | '.join(cells.get(size, '–') for size in sizes)} |")
    return "\n".join(lines)


def plot(found: Mapping[str, Sequence[Timing]], sizes: Sequence[int]) -> str:
    """p50 and p99 side by side, a line for each method."""
    times = [time for rows in found.values() for row in rows for time in row[1:]]
    levels = range(math.floor(math.log10(min(times))), math.ceil(math.log10(max(times))) + 1)
    marks = [*legend([*found], 800, 40)]
    for panel, figure in enumerate(("p50", "p99")):
        left = 80 + 370 * panel
        axes = Logarithmic.of(sizes, levels, left=left, top=30, width=280, height=300)
        marks += [*axes.grid(), f'<text x="{left}" y="20" font-weight="bold">{figure}</text>']
        for number, rows in enumerate(found.values()):
            places = [(axes.across(row.entries), axes.up(getattr(row, figure))) for row in rows]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            marks.append(f'<polyline points="{line}" {stroke(number)}/>')
    said = "Both axes by powers of ten. The lower a line, the better. The figures stand in the table of the page."
    return framed("Time of a question against the size of the knowledge", said, marks, width=1160, height=390)
