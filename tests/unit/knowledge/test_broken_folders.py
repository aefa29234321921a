"""Golden folders: `broken/<rule>/` holds a folder that breaks the rule, and `expected.txt` every problem as it is told.

To add one: write the folder, run the test, read what it says as an agent would, and keep it in `expected.txt`.
"""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.loader import load
from bot.knowledge.problems import KnowledgeError

BROKEN = Path(__file__).with_name("broken")
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("rule", sorted(path.name for path in BROKEN.iterdir()))
def test_broken_rule_is_told_with_place_and_remedy(rule: str) -> None:
    folder = BROKEN / rule
    with pytest.raises(KnowledgeError) as caught:
        load(folder, TODAY)
    told = "".join(f"{problem}\n" for problem in caught.value.problems).replace(f"{folder}/", "")
    assert told == (folder / "expected.txt").read_text(encoding="utf-8")


def test_every_problem_has_its_place_what_is_wrong_and_how_to_mend_it() -> None:
    form = re.compile(r"[^\s:]+:\d+: [^:]+: .+[.)] [A-ZÉ].+[.…»?]")
    told = [line for file in BROKEN.glob("*/expected.txt") for line in file.read_text("utf-8").splitlines()]
    assert [line for line in told if not form.fullmatch(line)] == []


def test_problem_repeats_the_folder_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    with pytest.raises(KnowledgeError) as caught:
        load(Path("same_utterance_in_two_entries"), TODAY)
    (problem,) = caught.value.problems
    assert problem.file == "same_utterance_in_two_entries/entries/b.yaml"
    assert "same_utterance_in_two_entries/entries/a.yaml:4" in problem.what
