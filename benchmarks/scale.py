"""Latency, memory and quality of the matcher from 30 to 100,000 entries, in one run; without the semantic signal.

python benchmarks/scale.py [--sizes 30 1000 10000 100000] [--utterances 8] [--seed 1]

Entries are made up: each is about two or three words out of 20,000, as rare as words are (Zipf). Questions put the
words of an entry in another order, with other small words around them; one in five has a slip of the keyboard.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import TODAY
from bot.knowledge.loader import builtin
from bot.knowledge.model import Entry, KnowledgeBase, Menu, Vocabulary
from bot.matching.matcher import Matcher

_FRAMES = ("où est {}", "comment faire pour {}", "je cherche {} svp", "{}", "et pour {} il faut quoi", "quand {} ?")
_QUESTIONS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 1000, 10_000, 100_000])
    parser.add_argument("--utterances", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{'entries':>8} {'top1':>6} {'in 3':>6} {'p50 ms':>8} {'p99 ms':>8} {'ratio':>6} {'load s':>7} {'MiB':>6}")
    first = 0.0
    for size in options.sizes:
        # A process each, so that the memory of one size is not counted for the next.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            top1, in_three, p50, p99, load, memory = pool.apply(measure, (size, options.utterances, options.seed))
        first = first or p99
        print(
            f"{size:8} {top1:6.3f} {in_three:6.3f} {p50:8.2f} {p99:8.2f} {p99 / first:6.1f} {load:7.1f} {memory:6.0f}",
            flush=True,
        )


def measure(size: int, utterances: int, seed: int) -> tuple[float, ...]:
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    knowledge, subjects = made_up(size, utterances, dice)
    start = time.perf_counter()
    matcher = Matcher.build(knowledge, None)
    load = time.perf_counter() - start
    seconds, first, third = [], 0, 0
    for _ in range(_QUESTIONS):
        name = dice.choice(list(subjects)) if size < 1000 else f"entry-{dice.randrange(size)}"
        question = slipped(asked(subjects[name], dice), dice)
        start = time.perf_counter()
        ranking = matcher.understand(question, language="fr", day=TODAY)[0]
        seconds.append((time.perf_counter() - start) * 1000)
        best = [candidate.entry for candidate in ranking.candidates[:3]]
        first, third = first + (best[:1] == [name]), third + (name in best)
    p50, p99 = np.percentile(seconds, [50, 99])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return first / _QUESTIONS, third / _QUESTIONS, float(p50), float(p99), load, memory


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
