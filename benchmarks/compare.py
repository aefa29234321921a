"""Passerelle beside its peers: the same questions and knowledge, in one run, each in a process of its own.

make compare, or: python benchmarks/compare.py [--questions FILE] [--knowledge DIR] [--page docs/comparison.md]

Writes the table, and a plot of coverage against wrong answers beside it. bm25s and scikit-learn take part where
they are installed (the dependency group "benchmarks").
"""

# ruff: noqa: E501 - the page is a template
import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, TODAY, matcher_of
from benchmarks.peers import makers
from benchmarks.picture import framed
from bot.knowledge.loader import load
from bot.matching.evaluation import auroc, read_questions

Rank = Callable[[str], list[tuple[str, float]]]
"""Question → entries with their scores, best first."""

_OURS = {"Passerelle, words only": False, "Passerelle": True}
_COLOURS = (
    "#0b5cad",
    "#b3261e",
    "#1b6e3c",
    "#7a3e9d",
    "#8a5a00",
    "#00707a",
    "#a3195b",
    "#444444",
    "#5a6a00",
    "#c0392b",
)
_WIDTH, _HEIGHT, _LEFT, _TOP = 460, 300, 60, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, default=ROOT / "tests/data/questions-dev.jsonl")
    parser.add_argument("--knowledge", type=Path, default=ROOT / "knowledge")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/comparison.md")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    picture = options.page.with_suffix(".svg")
    for name in [*makers(load(options.knowledge, None)), *_OURS]:
        # A process each, so that the memory of one method is not counted for the next.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(measured, (name, options.knowledge, options.questions)))
        print(table([rows[-1]]).splitlines()[-1], flush=True)
        # After each: what was measured is not lost when a later one fails.
        picture.write_text(plot(rows), encoding="utf-8")
        options.page.write_text(page(rows, picture.name), encoding="utf-8")


def measured(name: str, knowledge: Path, file: Path) -> dict[str, Any]:
    """Quality, times and memory of one method, and its curve."""
    questions = read_questions(file.read_text(encoding="utf-8-sig").split("\n"))
    rank = _ours(knowledge, semantic=_OURS[name]) if name in _OURS else makers(load(knowledge, None))[name]().rank
    ranked, seconds = [], []
    for question in questions:
        start = time.perf_counter()
        ranked.append(rank(question.text))
        seconds.append(time.perf_counter() - start)
    ours = np.array([bool(question.expected) for question in questions])
    score = np.array([best[0][1] if best else 0.0 for best in ranked])
    right = np.array([bool(best) and best[0][0] in q.expected for q, best in zip(questions, ranked, strict=True)])
    three = np.array(
        [any(entry in q.expected for entry, _ in best[:3]) for q, best in zip(questions, ranked, strict=True)]
    )
    floors = [float(np.quantile(score, share)) for share in np.linspace(0, 0.98, 50)]
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {
        "name": name,
        "top1": float(right[ours].mean()),
        "three": float(three[ours].mean()),
        "auroc": auroc(score[ours].tolist(), score[~ours].tolist()) or 0.0,
        "p50": float(p50),
        "p99": float(p99),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "curve": [
            (float((right & (score >= floor)).sum() / ours.sum()), float((~right & (score >= floor)).mean()))
            for floor in floors
        ],
    }


def _ours(knowledge: Path, *, semantic: bool) -> Rank:
    matcher = matcher_of(knowledge, semantic=semantic)

    def rank(question: str) -> list[tuple[str, float]]:
        ranking = matcher.understand(question, day=TODAY)[0]
        return [(candidate.entry, candidate.confidence) for candidate in ranking.candidates]

    return rank


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| method | top1 | in three | auroc | p50 ms | p99 ms | MiB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['name']} | {row['top1']:.3f} | {row['three']:.3f} | {row['auroc']:.3f} | {row['p50']:.1f} "
        f"| {row['p99']:.1f} | {row['memory']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def page(rows: list[dict[str, Any]], picture: str) -> str:
    load_average = os.getloadavg()[0]
    described = "; ".join(f"{row['name']}: {_at_five_percent(row):.0%}" for row in rows)
    return f"""# Passerelle beside its peers

Written by `make compare`: the same questions and knowledge in one run, each method in a process of its own, at a load of
{load_average:.0f} on {os.cpu_count()} cores at the end. The times only compare with one another; the memory is the peak of the whole process,
learning or recalling included.

{table(rows)}

![Coverage against wrong answers, a line for each method; the share answered right with at most 5 % wrong is listed below the picture.]({picture})

Answered right (of the questions that are ours) where at most 5 % of all questions are answered wrongly: {described}.

The peers learn from the utterances and titles, in our normal form; they know no sentence that is not ours. ChatterBot 1.2.15 does not
take part: it starts only with a spaCy model that is no package on PyPI.
"""


def _at_five_percent(row: dict[str, Any]) -> float:
    return max((right for right, wrong in row["curve"] if wrong <= 0.05), default=0.0)


def plot(rows: list[dict[str, Any]]) -> str:
    """Right answers against wrong ones, up to 30 % of the questions; dashes tell the lines apart without colour."""
    parts = []
    for number, row in enumerate(rows):
        points = " ".join(
            f"{_LEFT + wrong / 0.3 * _WIDTH:.1f},{_TOP + (1 - right) * _HEIGHT:.1f}"
            for right, wrong in row["curve"]
            if wrong <= 0.3
        )
        colour, dash = _COLOURS[number % len(_COLOURS)], f"{number + 2} {number}" if number else "none"
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        height = _TOP + 10 + 22 * number
        parts.append(f'<polyline points="{points}" {style}/>')
        parts.append(f'<line x1="540" x2="580" y1="{height}" y2="{height}" {style}/>')
        parts.append(f'<text x="588" y="{height + 4}">{escape(row["name"])}</text>')
    for step in range(6):
        x, y = _LEFT + step / 5 * _WIDTH, _TOP + step / 5 * _HEIGHT
        parts.append(f'<text x="{x}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{6 * step} %</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{100 - 20 * step} %</text>')
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y}" y2="{y}" stroke="#ccc"/>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP + _HEIGHT + 40}">answered wrongly, of all questions</text>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP - 6}">answered right, of ours</text>')
    said = "The further up and left a line, the better. The same figures stand in the table of the page."
    return framed("Coverage against wrong answers", said, parts, width=940, height=380)


if __name__ == "__main__":
    main()
