"""Passerelle beside its peers: the same questions and knowledge, in one run, each in a process of its own.

make compare, or: python benchmarks/compare.py [--page docs/comparison.md] [--sizes 30 100 300 1000]

Writes the table of the shipped knowledge and the development questions, a plot of coverage against wrong answers, and
the time of a question against the size of the knowledge. bm25s, scikit-learn and ChatterBot take part where they are
installed (the dependency group "benchmarks"). `benchmarks/clinc150.py` does the same with a public set.
"""

# ruff: noqa: E501 - the page is a template
import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import sizes
from benchmarks.common import ROOT
from benchmarks.methods import names, ranking_by
from benchmarks.picture import framed, legend, stroke
from bot.knowledge.loader import load
from bot.matching.evaluation import Labelled, auroc, read_questions

_WRONG = 0.05
"""Share of wrong answers at which the shares of right ones are compared."""

_WIDTH, _HEIGHT, _LEFT, _TOP = 460, 300, 60, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=ROOT / "docs/comparison.md")
    parser.add_argument("--sizes", type=int, nargs="*", default=sizes.SIZES)
    options = parser.parse_args()
    head = "# Passerelle beside its peers\n\nWritten by `make compare`: the shipped knowledge and the development questions"
    compare(ROOT / "knowledge", ROOT / "tests/data/questions-dev.jsonl", options.page, head, options.sizes)


def compare(knowledge: Path, file: Path, page: Path, head: str, measured_sizes: Sequence[int] = ()) -> None:
    """Writes `page` and its plots beside it; `head` begins the page and says what was asked of whom."""
    rows: list[dict[str, Any]] = []
    found: dict[str, list[sizes.Timing]] = {}
    picture, times = page.with_suffix(".svg"), page.with_name(f"{page.stem}-sizes.svg")
    base, questions = load(knowledge, None), _questions(file)
    ours = sum(bool(question.expected) for question in questions)
    head += f" ({len(base.entries)} entries; {len(questions)} questions, {len(questions) - ours} of them not ours)"
    for name in names(base):
        # An empty cache: all learn anew, whoever has run here before.
        with TemporaryDirectory() as cache:
            rows.append(
                _apart(learnt, name, knowledge, Path(cache)) | _apart(measured, name, knowledge, file, Path(cache))
            )
        print(table(rows).splitlines()[-1], flush=True)
        # After each: what was measured is not lost when a later one fails.
        picture.write_text(plot(rows), encoding="utf-8")
        text = written(rows, head, picture.name)
        if measured_sizes:
            found[name] = _apart(sizes.timings, name, measured_sizes)
            print(sizes.table(found, measured_sizes).splitlines()[-1], flush=True)
            times.write_text(sizes.plot(found, measured_sizes), encoding="utf-8")
            text += written_sizes(found, measured_sizes, times.name)
        page.write_text(text, encoding="utf-8")


def _apart(function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - what the function returns
    """In a process of its own, so that the memory of one method is not counted for the next."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def _questions(file: Path) -> list[Labelled]:
    return [*read_questions(file.read_text(encoding="utf-8-sig").split("\n"))]


def learnt(name: str, knowledge: Path, cache: Path) -> dict[str, Any]:
    """What learning takes."""
    base, start = load(knowledge, None), time.process_time()
    ranking_by(name, base, cache)
    return {"name": name, "learning": time.process_time() - start, "learning_memory": _peak()}


def measured(name: str, knowledge: Path, file: Path, cache: Path) -> dict[str, Any]:
    """Quality, times and memory of one method that answers, and its curve."""
    questions, rank = _questions(file), ranking_by(name, load(knowledge, None), cache)
    ranked, seconds = [], []
    for question in questions:
        start = time.process_time()
        ranked.append(rank(question.text))
        seconds.append(time.process_time() - start)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {**quality(questions, ranked), "p50": float(p50), "p99": float(p99), "memory": _peak()}


def _peak() -> float:
    """MiB of this process at most, until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def quality(questions: Sequence[Labelled], ranked: Sequence[Sequence[tuple[str, float]]]) -> dict[str, Any]:
    """Figures of what was ranked for each question; "three" is None if one entry at most was ever named."""
    ours = np.array([bool(question.expected) for question in questions])
    score = np.array([best[0][1] if best else 0.0 for best in ranked])
    right = np.array([bool(best) and best[0][0] in q.expected for q, best in zip(questions, ranked, strict=True)])
    three = np.array(
        [any(entry in q.expected for entry, _ in best[:3]) for q, best in zip(questions, ranked, strict=True)]
    )
    curve = [
        (float((right & (score >= floor)).sum() / ours.sum()), float((~right & (score >= floor)).mean()))
        for floor in (float(np.quantile(score, share)) for share in np.linspace(0, 0.98, 50))
    ]
    return {
        "top1": float(right[ours].mean()),
        "three": float(three[ours].mean()) if any(len(best) > 1 for best in ranked) else None,
        "auroc": auroc(score[ours].tolist(), score[~ours].tolist()) or 0.0,
        "covered": max((share for share, wrong in curve if wrong <= _WRONG), default=0.0),
        "curve": curve,
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| method | top1 | in three | auroc | right at ≤ 5 % wrong | p50 ms | p99 ms | MiB | learning s | learning MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        three = "–" if row["three"] is None else f"{row['three']:.3f}"
        lines.append(
            f"| {row['name']} | {row['top1']:.3f} | {three} | {row['auroc']:.3f} | {row['covered']:.0%} | {row['p50']:.1f} "
            f"| {row['p99']:.1f} | {row['memory']:.0f} | {row['learning']:.1f} | {row['learning_memory']:.0f} |"
        )
    return "\n".join(lines)


def written(rows: Sequence[Mapping[str, Any]], head: str, picture: str) -> str:
    return f"""{head}.
The same for all, in one run on {datetime.now(UTC):%d %B %Y}, each method in a process of its own, at a load of {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores at the end.
Times are processor time, so that what the machine does beside counts little; they only compare with one another. The memory is the peak of the whole process:
of the one that answers, and of the one that learns. What Passerelle has learnt is kept, and recalled by the process that answers; the peers learn in it.

{table(rows)}

![Coverage against wrong answers, a line for each method; its point at 5 % wrong stands in the table above.]({picture})

"Right at ≤ 5 % wrong": of the questions that are ours, how many are answered rightly at the floor where at most 5 % of all are answered wrongly.

The peers learn from the utterances and titles, in our normal form; they know no sentence that is not ours. ChatterBot gives one answer,
never three. It takes part with its tagger that writes in lower case: the default one needs a spaCy model, which its makers do not publish
on PyPI. A tagger only chooses which sentences are compared, here those in which a word of the question stands.
"""


def written_sizes(found: Mapping[str, Sequence[sizes.Timing]], measured_sizes: Sequence[int], picture: str) -> str:
    return f"""
## Time against the size of the knowledge

Made-up entries of `benchmarks/scale.py`, {sizes.UTTERANCES} utterances and a title each; {sizes.QUESTIONS} questions of one sentence, the same for all, after ten that do not count.
Logistic regressions are measured up to 300 entries. Passerelle compares with its built-in background too, whatever the size; up to 100,000
entries: [matching.md](matching.md#speed).

{sizes.table(found, measured_sizes)}

![Time of a question against the number of entries, p50 and p99, a line for each method; the same figures stand in the table above.]({picture})
"""


def plot(rows: Sequence[Mapping[str, Any]]) -> str:
    """Right answers against wrong ones, up to 30 % of the questions; dashes tell the lines apart without colour."""
    parts = [*legend([row["name"] for row in rows], 540, _TOP + 10)]
    for number, row in enumerate(rows):
        points = " ".join(
            f"{_LEFT + wrong / 0.3 * _WIDTH:.1f},{_TOP + (1 - right) * _HEIGHT:.1f}"
            for right, wrong in row["curve"]
            if wrong <= 0.3
        )
        parts.append(f'<polyline points="{points}" {stroke(number)}/>')
    for step in range(6):
        x, y = _LEFT + step / 5 * _WIDTH, _TOP + step / 5 * _HEIGHT
        parts.append(f'<text x="{x}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{6 * step} %</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{100 - 20 * step} %</text>')
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y}" y2="{y}" stroke="#ccc"/>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP + _HEIGHT + 40}">answered wrongly, of all questions</text>')
    parts.append(f'<text x="{_LEFT}" y="{_TOP - 6}">answered right, of ours</text>')
    said = "The further up and left a line, the better. Its point at 5 % wrong stands in the table of the page."
    return framed("Coverage against wrong answers", said, parts, width=940, height=380)


if __name__ == "__main__":
    main()
