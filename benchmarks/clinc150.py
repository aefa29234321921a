"""Passerelle beside its peers on a public set, CLINC150, with the very code and settings of the shipped knowledge.

git clone https://github.com/clinc/oos-eval && make clinc CLONE=oos-eval

The data (Larson et al., EMNLP 2019, CC BY 3.0) stays where it is. Drawn from its `data_small.json`, always the same:
8 of the 50 training sentences of each intent as utterances, 6 of its 30 test sentences as questions, 300 out of scope.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import ROOT, write_folder
from benchmarks.compare import compare

_COMMIT = "828f809"
_UTTERANCES, _QUESTIONS, _STRANGE = 8, 6, 300
_HEAD = f"""\
# Passerelle beside its peers: CLINC150

Written by `make clinc CLONE=oos-eval`, with the very code and settings of the shipped knowledge: a part of
[CLINC150](https://github.com/clinc/oos-eval) (Larson et al., EMNLP 2019, CC BY 3.0, at {_COMMIT}), English,
8 utterances an entry, drawn by `benchmarks/clinc150.py`"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "clinc150")
    parser.add_argument("--page", type=Path, default=ROOT / "docs/comparison-clinc150.md")
    options = parser.parse_args()
    command = ["git", "-C", str(options.clone), "show", f"{_COMMIT}:data/data_small.json"]
    data = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603 - git, on the path that the maintainer names
    write_set(options.folder, data)
    compare(options.folder, options.folder / "questions.jsonl", options.page, _HEAD)


def write_set(folder: Path, data: dict[str, list[tuple[str, str]]]) -> None:
    """A knowledge folder and its `questions.jsonl`."""
    train, test = _by_intent(data["train"]), _by_intent(data["test"])
    dice = random.Random(11)  # noqa: S311 - nothing here is secret
    entries = []
    for intent, sentences in sorted(train.items()):
        name = intent.replace("_", " ")
        entry = {
            "id": _entry(intent),
            "title": {"en": name},
            "answer": {"en": f"About {name}."},
            "sources": ["clinc150"],
        }
        # All are drawn, which decides on what is drawn for the next intent.
        entries.append(entry | {"utterances": {"en": dice.sample(sentences, len(sentences))[:_UTTERANCES]}})
    questions = [
        {"text": text, "expected": _entry(intent), "lang": "en", "kind": "plain"}
        for intent in sorted(train)
        for text in dice.sample(test[intent], _QUESTIONS)
    ]
    strange = dice.sample([text for text, _ in data["oos_test"]], _STRANGE)
    questions += [{"text": text, "expected": None, "lang": "en", "kind": "oos"} for text in strange]
    source = {
        "id": "clinc150",
        "title": "CLINC150 (Larson et al., EMNLP 2019), CC BY 3.0",
        "url": "https://github.com/clinc/oos-eval",
        "checked": "2026-11-24",
    }
    write_folder(folder, entries, source)
    lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions]
    (folder / "questions.jsonl").write_text("".join(lines), encoding="utf-8")


def _by_intent(rows: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text, intent in rows:
        found.setdefault(intent, []).append(text)
    return found


def _entry(intent: str) -> str:
    return intent.replace("_", "-")


if __name__ == "__main__":
    main()
