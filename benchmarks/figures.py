"""How well the shipped knowledge is understood: every figure of docs/figures.md, in one run.

make figures, or: python benchmarks/figures.py [--page docs/figures.md]

Runs `evaluate` on all question sets, with the semantic signal and without it, as anybody can.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SETS = {
    "The two sets that nobody has read, together": ("fresh-unread", "blind"),
    "The blind set, unread": ("blind",),
    "The fresh set, unread": ("fresh-unread",),
    "The development questions": ("dev",),
    "The challenge set": ("challenge",),
    "The fresh set, whose errors were read": ("fresh-read",),
}
TARGETS = {
    "top1": "≥ 0.92",
    "resolved": "≥ 0.96",
    "answered_right": "≥ 0.75",
    "wrong_answers": "≤ 0.02",
    "false_answers": "≤ 0.04",
    "auroc": "≥ 0.95",
    "ece": "≤ 0.05",
}
HEAD = """\
# How well questions are understood
Written by `make figures` on {day:%d %B %Y}, not by hand. The shipped knowledge, answering floor 0.85; what each figure
means: `python run_bot.py evaluate FILE`. The brackets hold 95 % of 1,000 bootstrap resamples: what another set of as
many such questions might have given; a group of five or ten questions says little. Which errors were read, what was
tried and what is not reached: [matching.md](matching.md)."""
_FLOORS = (0.5, 0.6, 0.7, 0.8, 0.825, 0.85, 0.875, 0.9, 0.95)
_CONFUSIONS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=ROOT / "docs/figures.md")
    page = parser.parse_args().page
    page.write_text("\n".join(lines()), encoding="utf-8")
    print(f"{page} is written")


def lines() -> Iterator[str]:
    yield HEAD.format(day=datetime.now(UTC))
    for title, names in SETS.items():
        files = [f"tests/data/questions-{name}.jsonl" for name in names]
        full, lexical = evaluated(files, "on"), evaluated(files, "off")
        not_ours = full["questions"] - full["in_scope"]
        named = " and ".join(f"`{file}`" for file in files)
        yield f"\n## {title}\n{named}: {full['questions']} questions, {not_ours} of them not ours."
        yield from overall(full, lexical)
        yield from groups("language", full["by_lang"], lexical["by_lang"])
        yield from groups("kind", full["by_kind"], lexical["by_kind"])
        yield from floors(full["sweep"])
        yield from worst(full["confusions"])


def evaluated(files: Sequence[str], semantic: str) -> dict[str, Any]:
    """What `evaluate` says of the questions of all these files."""
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder) / "questions.jsonl"
        together.write_text("\n".join((ROOT / file).read_text(encoding="utf-8").strip() for file in files), "utf-8")
        return _evaluated(together, semantic)


def _evaluated(file: Path, semantic: str) -> dict[str, Any]:
    environment = {**os.environ, "PASSERELLE_SEMANTIC": semantic, "PASSERELLE_KNOWLEDGE_DIR": str(ROOT / "knowledge")}
    command = [sys.executable, "run_bot.py", "evaluate", str(file), "--json", "--sweep"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603
    return json.loads(ran.stdout)


def overall(full: Mapping[str, Any], lexical: Mapping[str, Any]) -> Iterator[str]:
    rows = [(name, bounded(full, name), target, bounded(lexical, name)) for name, target in TARGETS.items()]
    yield from table(("figure", "measured", "target", "without the semantic signal"), rows)


def groups(title: str, full: Mapping[str, Any], lexical: Mapping[str, Any]) -> Iterator[str]:
    names = ("top1", "answered_right", "wrong_answers", "false_answers")
    rows = [
        (name, row["questions"], *(bounded(row, figure) for figure in names), shown(lexical[name]["top1"]))
        for name, row in full.items()
    ]
    yield from table((title, "questions", *names, "top1 without semantics"), rows)


def floors(points: Sequence[Mapping[str, float]]) -> Iterator[str]:
    names = ("floor", "answered_right", "wrong_answers", "false_answers", "errors")
    yield from table(names, [[shown(point[name]) for name in names] for point in points if point["floor"] in _FLOORS])
    yield "`errors`: the wrong and false ones among all answers given."


def worst(confusions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        (each["expected"] or "(not ours)", each["taken_for"], each["questions"], each["answered"])
        for each in confusions[:_CONFUSIONS]
    ]
    yield from table(("asked for", "taken for", "questions", "of them answered wrongly"), rows)


def bounded(row: Mapping[str, Any], name: str) -> str:
    low_high = row["intervals"].get(name)
    return shown(row[name]) + (" ({:g}–{:g})".format(*low_high) if low_high else "")


def shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield ""
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


if __name__ == "__main__":
    main()
