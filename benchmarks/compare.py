"""Passerelle beside its peers: the same questions and knowledge, in one run.

python benchmarks/compare.py [--questions tests/data/questions-dev.jsonl] [--knowledge knowledge]
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, TODAY, matcher_of
from benchmarks.peers import peers
from bot.matching.evaluation import Labelled, auroc, read_questions

Rank = Callable[[str], list[tuple[str, float]]]
"""Question → entries with their scores, best first."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path, default=ROOT / "tests/data/questions-dev.jsonl")
    parser.add_argument("--knowledge", type=Path, default=ROOT / "knowledge")
    options = parser.parse_args()
    questions = read_questions(options.questions.read_text(encoding="utf-8-sig").split("\n"))
    matcher = matcher_of(options.knowledge, semantic=True)

    def ours(question: str) -> list[tuple[str, float]]:
        ranking = matcher.understand(question, day=TODAY)[0]
        return [(candidate.entry, candidate.confidence) for candidate in ranking.candidates]

    methods = {name: peer.rank for name, peer in peers(matcher.knowledge).items()}
    print(f"{'method':40} {'top1':>6} {'in 3':>6} {'auroc':>6} {'p50 ms':>7} {'p99 ms':>7}")
    for name, rank in {**methods, "Passerelle": ours}.items():
        print(f"{name:40} {measured(rank, questions)}")


def measured(rank: Rank, questions: Sequence[Labelled]) -> str:
    """A line of the table."""
    ranked, seconds = [], []
    for question in questions:
        start = time.perf_counter()
        ranked.append((question, rank(question.text)))
        seconds.append(time.perf_counter() - start)
    asked = [(question, [entry for entry, _ in best]) for question, best in ranked if question.expected]
    tops: dict[bool, list[float]] = {True: [], False: []}
    for question, best in ranked:
        tops[bool(question.expected)].append(best[0][1] if best else 0.0)
    top1 = np.mean([bool(best) and best[0] in question.expected for question, best in asked])
    in_three = np.mean([bool({*best[:3]} & {*question.expected}) for question, best in asked])
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return f"{top1:6.3f} {in_three:6.3f} {auroc(tops[True], tops[False]) or 0:6.3f} {p50:7.2f} {p99:7.2f}"


if __name__ == "__main__":
    main()
