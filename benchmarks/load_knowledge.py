"""How long a knowledge folder of N entries takes to load, and how much memory.

python benchmarks/load_knowledge.py [--entries 100000] [--utterances 8] [--files 1] [--seed 1]
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.knowledge.loader import builtin, load

_SOURCES = 'sources:\n  - {id: site, title: "Le site", url: "https://example.org", checked: 2026-11-24}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--utterances", type=int, default=8)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    builtin()
    with tempfile.TemporaryDirectory() as name:
        size = generate(Path(name), options.entries, options.utterances, options.files, options.seed)
        before = _peak()
        start = time.perf_counter()
        knowledge = load(Path(name), date(2026, 11, 24))
        seconds = time.perf_counter() - start
    print(f"{len(knowledge.entries)} entries x {options.utterances} utterances, {size / 2**20:.1f} MiB of YAML")
    print(f"{seconds:.1f} s, peak memory {_peak():.0f} MiB ({before:.0f} MiB before)")


def generate(folder: Path, entries: int, utterances: int, files: int, seed: int) -> int:
    """Writes a valid folder; returns its bytes. The same seed writes the same bytes."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    words = ["".join(dice.choices("abcdeilmnoprstu", k=dice.randint(3, 9))) for _ in range(20_000)]
    (folder / "entries").mkdir()
    (folder / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    for file in range(files):
        text = "".join(_entry(number, utterances, dice, words) for number in range(file, entries, files))
        (folder / "entries" / f"part-{file}.yaml").write_text(f"entries:\n{text}", encoding="utf-8")
    return sum(path.stat().st_size for path in folder.rglob("*.yaml"))


def _entry(number: int, utterances: int, dice: random.Random, words: list[str]) -> str:
    return "".join(_lines(number, utterances, dice, words))


def _lines(number: int, utterances: int, dice: random.Random, words: list[str]) -> Iterator[str]:
    yield f'  - id: entry-{number}\n    title: {{fr: "Sujet numéro {number}"}}\n    utterances:\n      fr:\n'
    for index in range(utterances):
        yield f'        - "Où est {" ".join(dice.choices(words, k=5))} {number} {index} ?"\n'
    yield f"    answer:\n      fr: |\n        Voici {' '.join(dice.choices(words, k=25))}.\n    sources: [site]\n"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
