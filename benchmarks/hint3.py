"""Real users' questions to three shops' assistants, beside the published answers of five platforms: HINT3.

git clone https://github.com/hellohaptik/HINT3 && python benchmarks/hint3.py HINT3 [--lexical] [--folders DIR]

The data is under the Open Database License and stays where it is; `--folders` keeps the knowledge folders made of it.
Measures of the paper (Arora et al., 2020): in-scope accuracy at the lowest threshold (0.1), out-of-scope recall and
Matthews' correlation over all questions at the thresholds 0.1 to 0.9. A platform's figures are its published `results`.
"""

import argparse
import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as bot/__init__.py does, before numpy is imported

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import TODAY, matcher_of, write_folder
from bot.language.normal_form import normalise
from bot.matching.matcher import Matcher

_BOTS = ("curekart", "powerplay11", "sofmattress")
_PLATFORMS = ("rasa", "dialogflow", "luis", "haptik", "bert")
_NOT_OURS = "NO_NODES_DETECTED"
_THRESHOLDS = tuple(step / 10 for step in range(1, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--lexical", action="store_true")
    parser.add_argument("--folders", type=Path, default=Path(tempfile.gettempdir()) / "hint3")
    options = parser.parse_args()
    print("set                  method      in-scope  MCC at 0.5  best MCC (at)  out-of-scope recall there")
    for name in (f"{bot}{subset}" for bot in _BOTS for subset in ("", "_subset")):
        test = _rows(options.repository, f"dataset/v1/test/{name.removesuffix('_subset')}_test.csv")
        for platform in _PLATFORMS:
            published = _rows(options.repository, f"results/{platform}_{name}.csv")
            columns = ("Inscope Accuracy", "MCC", "OOS Recall")
            _print(name, platform, [tuple(float(row[column]) for column in columns) for row in published])
        folder = options.folders / name
        _write_folder(folder, _rows(options.repository, f"dataset/v1/train/{name}_train.csv"))
        _print(name, "Passerelle", _measured(matcher_of(folder, semantic=not options.lexical), test))


def _rows(repository: Path, path: str) -> list[dict[str, str]]:
    """A table of the last commit: a clone without a work tree will do."""
    command = ["git", "-C", str(repository), "show", f"HEAD:{path}"]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - git, on the path that the maintainer names
    return list(csv.DictReader(io.StringIO(table)))


def _entry(label: str) -> str:
    return label.lower().replace("_", "-")


def _write_folder(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    """The training sentences as entries; sentences of one normal form count once, as `check` demands."""
    spoken: dict[str, dict[str, str]] = {}
    for row in rows:
        form = normalise(row["sentence"])
        if form:
            spoken.setdefault(row["label"], {}).setdefault(form, row["sentence"].strip())
    entries = [
        {
            "id": _entry(label),
            "title": {"en": label.replace("_", " ").capitalize()[:40]},
            "utterances": {"en": list(sentences.values())},
            "answer": {"en": f"About {label}."},
            "sources": ["hint3"],
        }
        for label, sentences in spoken.items()
    ]
    source = {"id": "hint3", "title": "HINT3", "url": "https://github.com/hellohaptik/HINT3", "checked": "2026-11-24"}
    write_folder(folder, entries, source)


def _measured(matcher: Matcher, test: Sequence[dict[str, str]]) -> list[tuple[float, ...]]:
    """One row a threshold: in-scope accuracy, Matthews' correlation, out-of-scope recall."""
    truth = np.array([_entry(row["label"]) for row in test])
    best = [matcher.understand(row["sentence"], language="en", day=TODAY)[0].candidates[0] for row in test]
    entry = np.array([candidate.entry for candidate in best])
    confidence = np.array([candidate.confidence for candidate in best])
    strange = truth == _entry(_NOT_OURS)
    measured = []
    for threshold in _THRESHOLDS:
        said = np.where(confidence < threshold, _entry(_NOT_OURS), entry)
        right = said == truth
        measured.append((float(right[~strange].mean()), _correlation(truth, said), float(right[strange].mean())))
    return measured


def _correlation(truth: np.ndarray, said: np.ndarray) -> float:
    """Matthews' correlation coefficient for many classes (Gorodkin, 2004)."""
    names = np.union1d(truth, said)
    true, predicted = (np.searchsorted(names, values)[:, None] == np.arange(len(names)) for values in (truth, said))
    covariance = (true & predicted).sum() * len(truth) - true.sum(0) @ predicted.sum(0)
    spread = [len(truth) ** 2 - (flags.sum(0) ** 2).sum() for flags in (true, predicted)]
    return float(covariance / np.sqrt(np.prod(spread, dtype=np.float64))) if all(spread) else 0.0


def _print(name: str, method: str, rows: Sequence[tuple[float, ...]]) -> None:
    best = max(range(len(rows)), key=lambda number: rows[number][1])
    accuracy, at_half, (_, highest, recall) = rows[0][0], rows[4][1], rows[best]
    print(
        f"{name:20} {method:11} {accuracy:8.3f}  {at_half:10.3f}  {highest:8.3f} ({_THRESHOLDS[best]:g})  {recall:.3f}"
    )


if __name__ == "__main__":
    main()
