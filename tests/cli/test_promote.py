"""`promote`: a question that was not answered becomes one more way to ask for an entry."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.editing.proposals import Proposals
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from tests.cli.conftest import KNOWLEDGE, Command, Ran

ASKED = "Quel temps fera-t-il demain ?\nOn peut faire des longueurs chez vous ?\nAppelez-moi au 06 12 34 56 78\n"
Promote = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))


@pytest.fixture
def promote(passerelle: Command, cache: Path, tmp_path: Path, folder: Path) -> Promote:
    """The command, after a conversation: held once, and its database copied."""
    held = cache / "promote.db"
    if not held.exists():
        passerelle("chat", stdin=ASKED.encode(), PASSERELLE_DATABASE_URL=f"sqlite+aiosqlite:///{held}")
    shutil.copy(held, tmp_path / "passerelle.db")

    def run(*arguments: str, answer: str = "", **changed: str) -> Ran:
        return passerelle("promote", *arguments, stdin=answer.encode(), PASSERELLE_KNOWLEDGE_DIR=str(folder), **changed)

    return run


def entry_of(folder: Path) -> str:
    return next(iter(load(folder, None).entries))


def heard(folder: Path, text: str) -> bool:
    return text in load(folder, None).entries[entry_of(folder)].utterances["fr"]


def test_it_shows_the_line_and_what_changes_asks_and_publishes(promote: Promote, folder: Path):
    ran = promote("2", "--entry", entry_of(folder), answer="oui\n")
    assert (ran.status, ran.err) == (0, "")
    assert '\n+           "On peut faire des longueurs chez vous ?"]' in ran.out
    assert "questions récentes relues : 3" in ran.out
    assert "Publier ? (oui/non)" in ran.out
    assert heard(folder, "On peut faire des longueurs chez vous ?")


@pytest.mark.parametrize("answer", ["non\n", "\n", ""])
def test_without_a_yes_nothing_is_written(promote: Promote, folder: Path, answer: str):
    assert promote("2", "--entry", entry_of(folder), answer=answer).status == 0
    assert not heard(folder, "On peut faire des longueurs chez vous ?")


def test_the_question_is_set_aside_once_it_is_published(promote: Promote, folder: Path, passerelle: Command):
    assert "Question n° 2 mise de côté." in promote("2", "--entry", entry_of(folder), "--yes").out
    listed = passerelle("questions", "--format", "json", "--status", "closed").out
    assert [json.loads(line)["text"] for line in listed.splitlines()] == ["On peut faire des longueurs chez vous ?"]


def test_other_words_can_take_the_place_of_the_askers(promote: Promote, folder: Path):
    promote("2", "--entry", entry_of(folder), "--wording", "nager ici ?", "--yes")
    assert heard(folder, "nager ici ?")


def test_where_two_people_are_asked_for_it_becomes_a_proposal(promote: Promote, folder: Path):
    ran = promote("2", "--entry", entry_of(folder), "--yes", PASSERELLE_TWO_PERSONS="true")
    (proposal,) = Proposals(Publisher(folder)).waiting()
    assert proposal.id in ran.out
    assert not heard(folder, "On peut faire des longueurs chez vous ?")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["99", "--entry", "piscine"], "Aucune question ne porte le numéro 99"),
        (["2", "--entry", "nowhere"], "Aucune fiche ne s'appelle « nowhere »"),
        (["3", "--entry", "piscine"], "[téléphone]"),
    ],
)
def test_what_cannot_be_done_is_told(promote: Promote, arguments: list[str], told: str):
    ran = promote(*arguments)
    assert ran.status in {1, 2}
    assert told in ran.err


def test_labelled_questions_beside_the_entries_are_decided_on(promote: Promote, folder: Path):
    (folder / "questions.jsonl").write_text('{"text": "la météo", "expected": null}\n', encoding="utf-8")
    assert "étiquetées relues : 1" in promote("2", "--entry", entry_of(folder)).out
    (folder / "questions.jsonl").write_text("[]\n", encoding="utf-8")
    assert "questions.jsonl" in promote("2", "--entry", entry_of(folder)).err
