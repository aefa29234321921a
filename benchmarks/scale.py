"""Latency, memory and quality of the matcher from 30 to 100,000 entries, in one run; without the semantic signal.

python benchmarks/scale.py [--sizes 30 1000 10000 100000] [--utterances 8] [--seed 1] [--plot docs/scale.svg]

Times are processor time: what the machine does beside counts little. They are drawn against the size in the plot.
Entries are made up: each is about two or three words out of 20,000, as rare as words are (Zipf). Questions put the
words of an entry in another order, with other small words around them; one in five has a slip of the keyboard.
"""

import argparse
import multiprocessing
import os
import random
import resource
import sys
import time
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as bot/__init__.py does, before numpy is imported

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, TODAY
from benchmarks.picture import Logarithmic, framed
from bot.knowledge.loader import builtin
from bot.knowledge.model import Entry, KnowledgeBase, Menu, Vocabulary
from bot.matching.matcher import Matcher

_FRAMES = ("où est {}", "comment faire pour {}", "je cherche {} svp", "{}", "et pour {} il faut quoi", "quand {} ?")
_QUESTIONS = 300
_AIM = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 1000, 10_000, 100_000])
    parser.add_argument("--utterances", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, default=ROOT / "docs/scale.svg")
    options = parser.parse_args()
    print("entries   top1   in 3   p50 ms   p99 ms  ratio  load s    MiB")
    rows: list[Row] = []
    for size in options.sizes:
        # A process each, so that the memory of one size is not counted for the next.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            row = pool.apply(measure, (size, options.utterances, options.seed))
        rows.append(row)
        print(
            f"{size:7} {row.top1:6.3f} {row.in_three:6.3f} {row.p50:8.2f} {row.p99:8.2f} {row.p99 / rows[0].p99:6.1f} "
            f"{row.loading:7.1f} {row.memory:6.0f}",
            flush=True,
        )
        options.plot.write_text(plot(rows), encoding="utf-8")
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


class Row(NamedTuple):
    entries: int
    top1: float
    in_three: float
    p50: float
    """Milliseconds a question, as `p99`."""
    p99: float
    loading: float
    """Seconds."""
    memory: float
    """The peak of the whole process in MiB, the made-up knowledge included."""


def measure(size: int, utterances: int, seed: int) -> Row:
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    knowledge, subjects = made_up(size, utterances, dice)
    start = time.process_time()
    matcher = Matcher.build(knowledge, None)
    loading = time.process_time() - start
    for _ in range(10):
        matcher.understand(_FRAMES[0], language="fr", day=TODAY)  # what is loaded at the first question
    milliseconds, first, third = [], 0, 0
    for _ in range(_QUESTIONS):
        name = dice.choice(list(subjects)) if size < 1000 else f"entry-{dice.randrange(size)}"
        question = slipped(asked(subjects[name], dice), dice)
        start = time.process_time()
        ranking = matcher.understand(question, language="fr", day=TODAY)[0]
        milliseconds.append((time.process_time() - start) * 1000)
        best = [candidate.entry for candidate in ranking.candidates[:3]]
        first, third = first + (best[:1] == [name]), third + (name in best)
    p50, p99 = np.percentile(milliseconds, [50, 99]).tolist()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(size, first / _QUESTIONS, third / _QUESTIONS, p50, p99, loading, memory)


def plot(rows: list[Row]) -> str:
    """Milliseconds a question against the number of entries."""
    axes = Logarithmic.of([row.entries for row in rows], range(-1, 3), left=70, top=20, width=540, height=260)
    marks = [*axes.grid()]
    for name, colour, dash in (("p99", "#b3261e", "none"), ("p50", "#0b5cad", "6 4")):
        places = [(axes.across(row.entries), axes.up(getattr(row, name))) for row in rows]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-dasharray="{dash}"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        marks.append(f'<text x="{places[-1][0] + 8:.1f}" y="{places[-1][1] + 4:.1f}" fill="{colour}">{name}</text>')
    limit = axes.up(_AIM)
    marks.append(f'<path d="M{axes.left} {limit:.1f}h{axes.width}" stroke="#444" stroke-dasharray="2 4"/>')
    marks.append(f'<text x="{axes.left + 8}" y="{limit - 6:.1f}">aim at 100,000 entries: {_AIM} ms</text>')
    said = "; ".join(f"{row.entries:,} entries: p50 {row.p50:.2f} ms, p99 {row.p99:.2f} ms" for row in rows)
    return framed("Time of a question against the number of entries", said, marks, width=680, height=340)


def made_up(size: int, utterances: int, dice: random.Random) -> tuple[KnowledgeBase, dict[str, list[str]]]:
    """A knowledge base, and the words of each of its entries."""
    words = ["".join(dice.choices("abcdeilmnoprstu", k=dice.randint(4, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    subjects = {f"entry-{number}": dice.choices(words, weights, k=dice.randint(2, 3)) for number in range(size)}
    entries = {
        name: Entry(
            id=name,
            title={"fr": " ".join(subject)},
            utterances={"fr": tuple(asked(subject, dice) for _ in range(utterances))},
            answer={"fr": "…"},
        )
        for name, subject in subjects.items()
    }
    base = KnowledgeBase(
        entries=entries,
        sources={},
        messages={},
        out_of_scope={},
        background=builtin().background,
        vocabulary=Vocabulary(),
        menu=Menu(),
        fingerprint="",
    )
    return base, subjects


def asked(subject: list[str], dice: random.Random) -> str:
    return dice.choice(_FRAMES).format(" ".join(dice.sample(subject, k=len(subject))))


def slipped(question: str, dice: random.Random) -> str:
    if dice.random() > 0.2:
        return question
    place = dice.randrange(1, len(question))
    return question[: place - 1] + question[place:]


if __name__ == "__main__":
    main()
