"""`questions`: the unanswered questions as a person filters, exports and closes them."""

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Command, Start

ASKED = (
    "Quel temps fera-t-il demain ?\nDEMAIN, quel temps fera-t-il\nWie wird das Wetter morgen?\nOù est la piscine ?\n"
)
"""Two alike, one in another language, one that is answered."""


@pytest.fixture
def asked(passerelle: Command, cache: Path, tmp_path: Path) -> Command:
    """The commands, after a conversation: held once, and its database copied."""
    held = cache / "asked.db"
    if not held.exists():
        passerelle("chat", stdin=ASKED.encode(), PASSERELLE_DATABASE_URL=f"sqlite+aiosqlite:///{held}")
    shutil.copy(held, tmp_path / "passerelle.db")
    return passerelle


def texts(asked: Command, *arguments: str) -> list[str]:
    ran = asked("questions", "--format", "json", *arguments)
    assert ran.status == 0
    return [json.loads(line)["text"] for line in ran.out.splitlines()]


def test_nothing_to_list_is_said_plainly(passerelle: Command) -> None:
    assert passerelle("questions") == (0, "", "Aucune question n'attend de réponse.\n")
    assert passerelle("questions", "--format", "json") == (0, "", "Aucune question n'attend de réponse.\n")
    assert passerelle("questions", "--language", "de").err == "Aucune question ne correspond à cette demande.\n"


def test_the_table_shows_alike_questions_in_one_row(asked: Command) -> None:
    ran = asked("questions", COLUMNS="100")
    assert (ran.status, ran.err) == (0, "")
    assert "2, 1" in ran.out
    assert ran.out.count("temps") == 1
    assert "Wetter" in ran.out
    assert "piscine ?" not in ran.out


def test_the_table_keeps_to_sixty_columns(asked: Command) -> None:
    assert max(map(len, asked("questions", COLUMNS="60").out.splitlines())) <= 60


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], 3), (["--status", "all"], 4), (["--status", "answered"], 1), (["--status", "closed"], 0),
        (["--language", "de"], 1), (["--containing", "TEMPS"], 2), (["--containing", "100%"], 0),
        (["--since", "1d"], 3), (["--since", "2999-01-01"], 0), (["--limit", "1"], 1),
        (["--status", "all", "--topic", "swimming-pool", "--containing", "piscine"], 1), (["--topic", "nope"], 0),
    ],
)  # fmt: skip
def test_filters(asked: Command, filters: list[str], found: int) -> None:
    assert len(texts(asked, *filters)) == found


def test_limit_keeps_the_newest(asked: Command) -> None:
    assert texts(asked, "--limit", "1") == ["Wie wird das Wetter morgen?"]


def test_closing_takes_the_numbers_as_the_table_shows_them(asked: Command) -> None:
    assert asked("questions", "--close", "2, 1") == (0, "Mise de côté : question n° 2, 1.\n", "")
    assert texts(asked) == ["Wie wird das Wetter morgen?"]
    assert len(texts(asked, "--status", "closed")) == 2


def test_a_number_that_is_not_open_is_told_and_the_others_are_closed(asked: Command) -> None:
    ran = asked("questions", "--close", "3", "--close", "4,99")
    assert ran == (2, "Mise de côté : question n° 3.\n", "Pas de question ouverte sous ce numéro : 4, 99.\n")


def test_every_format_can_be_written_to_a_file_named_after_it(asked: Command, tmp_path: Path) -> None:
    for name in ("q.csv", "q.xlsx", "q.json"):
        ran = asked("questions", "--output", name)
        assert (ran.status, ran.out, ran.err) == (0, "", f"Écrit dans {name} ; nombre de questions : 3.\n")
    rows = list(csv.reader(io.StringIO((tmp_path / "q.csv").read_text("utf-8-sig")), delimiter=";"))
    assert len(rows) == openpyxl.load_workbook(tmp_path / "q.xlsx").active.max_row == 4
    assert len((tmp_path / "q.json").read_text("utf-8").splitlines()) == 3


def test_a_workbook_can_be_piped(asked: Command, settings: Mapping[str, str]) -> None:
    ran = asked("questions", "--format", "xlsx")
    workbook = openpyxl.load_workbook(io.BytesIO(ran.out.encode("utf-8", "surrogateescape")))
    assert workbook.active.max_row == 4


def test_the_csv_on_stdout_is_the_file_to_the_byte(asked: Command, tmp_path: Path) -> None:
    asked("questions", "--output", "q.csv")
    assert asked("questions", "--format", "csv").out.encode() == (tmp_path / "q.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--status", "ouverte"], "--status vaut"),
        (["--format", "pdf"], "--format vaut"),
        (["--since", "hier"], "« hier » n'est pas une période"),
        (["--close", "deux"], "« deux » n'est pas un numéro"),
        (["--limit", "0"], "La valeur donnée à --limit ne convient pas."),
        (["--output", "q.txt"], "Le nom du fichier finit par"),
        (["--output", "nulle/part/q.csv"], "ne peut pas être écrit"),
    ],
)
def test_bad_usage_is_told_in_a_sentence(passerelle: Command, arguments: list[str], told: str) -> None:
    ran = passerelle("questions", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_reader_that_leaves_early_gets_no_traceback(start: Start, passerelle: Command, output: str) -> None:
    passerelle("chat", stdin="".join(f"Mot{number} inconnu\n" for number in range(40)).encode())
    process = start("questions", "--status", "all", "--format", output)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait()


def test_what_the_staff_labelled_is_a_question_set_for_evaluate(asked: Command, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "passerelle.db")) as connection:
        connection.execute("UPDATE questions SET expected = 'swimming-pool' WHERE text LIKE '%piscine%'")
        connection.execute("UPDATE questions SET expected = '' WHERE text LIKE 'Quel temps%'")
        connection.commit()
    assert asked("questions", "--labels", "--output", "labels.jsonl").status == 0
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text("utf-8").splitlines()]
    assert [(row["text"], row["expected"]) for row in rows] == [
        ("Quel temps fera-t-il demain ?", None),
        ("Où est la piscine ?", "swimming-pool"),
    ]
    assert json.loads(asked("evaluate", "labels.jsonl", "--json").out)["questions"] == 2
