"""What staff see of the unanswered questions: groups, table, and files that spreadsheets and programs read."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.dialogue.effects import Decision, QuestionStatus, Reason
from bot.staff.questions import (
    COLUMNS,
    EXPORTS,
    Selection,
    as_csv,
    as_json_lines,
    as_rows,
    as_table,
    as_xlsx,
    groups,
    numbers,
    output_format,
    since,
)
from bot.storage.model import Question

PARIS = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=PARIS)


def asked(number, text, **changes):
    """One logged question; the ones with higher numbers are newer."""
    values = {
        "id": number, "ref": f"r{number}", "channel": "telegram", "chat": "123456", "text": text, "language": "fr",
        "candidates": (("house", 0.41), ("hours", 0.3), ("fund", 0.004)), "decision": "hand_over", "reason": "too_low",
        "entry": None, "status": "open", "asked_at": datetime(2026, 11, 24, 23, 5, tzinfo=UTC),
    }  # fmt: skip
    return Question(**values | changes)


def shown(questions, width=80):
    """The table as a terminal of that width shows it."""
    console = Console(file=io.StringIO(), width=width)
    console.print(as_table(questions))
    return console.file.getvalue()


def cells(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


def sheet(data):
    return openpyxl.load_workbook(io.BytesIO(data)).active


# Groups


def test_the_same_question_in_other_letters_or_order_is_one_group():
    alike = [asked(3, "Où est la piscine ?"), asked(2, "OU EST LA PISCINE"), asked(1, "la piscine, où est ?")]
    assert groups(alike) == [alike]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Que faites-vous au Liban ?", "Que faites-vous en Serbie ?"),
        ("fonds", "je veux une subvention du fonds pour mon association"),
        ("?", "!"),
    ],
)
def test_another_subject_or_one_word_out_of_many_is_another_group(one, other):
    assert len(groups([asked(2, one), asked(1, other)])) == 2


def test_the_largest_group_comes_first_then_the_newest():
    found = groups([asked(5, "la météo"), asked(4, "la piscine"), asked(3, "un passeport"), asked(2, "la piscine")])
    assert [[question.id for question in members] for members in found] == [[4, 2], [5], [3]]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_grouping_loses_and_doubles_nothing(texts):
    questions = [asked(number, text) for number, text in enumerate(texts)]
    assert sorted(question.id for members in groups(questions) for question in members) == list(range(len(texts)))


# Table


def test_table_shows_number_date_language_question_guesses_reason_and_times():
    table = shown([asked(8, "Où est la piscine ?"), asked(7, "ou est la piscine")], width=120)
    for part in (
        "8, 7",
        "25/11/2026",
        "00:05",
        "fr",
        "Où est la piscine ?",
        "aucune fiche",
        "house 41",
        "hours 30",
        " 2",
    ):
        assert part in table
    assert "fund" not in table, "a guess below one per cent is none"


def test_table_says_what_became_of_a_question_that_waits_no_longer():
    table = shown([asked(1, "a", status="closed")], width=200)
    assert "mise de" in table


@pytest.mark.parametrize("width", [60, 80, 200])
def test_table_keeps_to_the_width_and_cuts_a_very_long_question(width):
    lines = shown([asked(1, "mot " * 5000), asked(2, "x" * 9000, candidates=())], width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert len(lines) < 60


def test_table_shows_text_as_it_was_written_not_as_markup_or_terminal_commands():
    table = shown([asked(1, "[bold]a[/] [/b] \x1b[31mrouge\x1b[0m \x07\n\nfin")], width=200)
    assert "[bold]a[/] [/b] [31mrouge[0m fin" in table
    assert "\x1b" not in table


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("status", QuestionStatus)
def test_every_outcome_has_french_words(reason, decision, status):
    (row,) = as_rows([asked(1, "a", reason=reason, decision=decision, status=status)])
    assert not {row.reason, row.decision, row.status} & {*Reason, *Decision, *QuestionStatus, ""}


# Files


def test_every_format_holds_text_language_candidates_decision_time_channel_and_status():
    question = asked(8, "Où ?", language="de", channel="terminal", status="answered", entry="house")
    (row,) = [json.loads(line) for line in as_json_lines([question]).splitlines()]
    assert row == {
        "id": 8, "asked_at": "2026-11-24T23:05:00+00:00", "channel": "terminal", "language": "de", "text": "Où ?",
        "decision": "hand_over", "reason": "too_low", "status": "answered", "entry": "house",
        "candidates": [
            {"entry": "house", "confidence": 0.41}, {"entry": "hours", "confidence": 0.3},
            {"entry": "fund", "confidence": 0.004},
        ],
        "group": 8, "alike": 1,
    }  # fmt: skip
    wanted = ["terminal", "de", "Où ?", "pas de réponse", "aucune fiche assez sûre", "répondue"]
    guesses = "house 41\u00a0%, hours 30\u00a0%, fund 0\u00a0%"
    assert cells(as_csv([question])) == [
        list(COLUMNS), ["8", "1", "8", "25/11/2026 00:05", *wanted, guesses, "house"],
    ]  # fmt: skip
    assert [[cell.value for cell in row] for row in sheet(as_xlsx([question])).rows] == [
        list(COLUMNS), [8, 1, 8, datetime(2026, 11, 25, 0, 5), *wanted, guesses, "house"],  # noqa: DTZ001 - Excel knows no zones
    ]  # fmt: skip


def test_questions_that_are_alike_stand_together_under_one_number():
    rows = cells(as_csv([asked(3, "la piscine"), asked(2, "la météo"), asked(1, "La piscine !")]))
    assert [row[:3] for row in rows[1:]] == [["3", "2", "3"], ["3", "2", "1"], ["2", "1", "2"]]


def test_nobody_is_named_in_a_file():
    for export in (as_csv, as_json_lines):
        assert b"123456" not in export([asked(1, "a")])


def test_csv_opens_in_a_french_excel():
    data = as_csv([asked(1, 'un ; deux, "trois"\nquatre')])
    assert data.startswith(b"\xef\xbb\xbfgroupe;fois;")
    assert cells(data)[1][COLUMNS.index("question")] == 'un ; deux, "trois"\nquatre'


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_a_question_never_becomes_a_formula(formula):
    question = asked(1, formula, entry=formula)
    assert cells(as_csv([question]))[1][COLUMNS.index("question")] == f"'{formula}"
    cell = sheet(as_xlsx([question])).cell(2, COLUMNS.index("question") + 1)
    assert (cell.data_type, cell.value) == ("s", formula)


def test_a_link_in_a_question_stays_text_in_excel():
    cell = sheet(as_xlsx([asked(1, "https://example.org")])).cell(2, COLUMNS.index("question") + 1)
    assert (cell.value, cell.hyperlink) == ("https://example.org", None)


def test_a_question_longer_than_a_cell_is_cut_not_lost():
    cell = sheet(as_xlsx([asked(1, "x" * 40_000)])).cell(2, COLUMNS.index("question") + 1)
    assert len(cell.value) == 32_767


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_can_be_exported(text):
    question = asked(1, text)
    assert json.loads(as_json_lines([question]))["text"] == text
    assert len(cells(as_csv([question]))) == 2
    assert shown([question])


@pytest.mark.parametrize(("name", "lines"), [("csv", 1), ("json", 0)])
def test_without_questions_a_file_has_its_headings_only(name, lines):
    assert len(EXPORTS[name]([]).splitlines()) == lines
    assert sheet(as_xlsx([])).max_row == 1


# What a person types


@pytest.mark.parametrize(
    ("typed", "begin"),
    [
        ("7d", NOW - timedelta(days=7)),
        (" 2 jours ", NOW - timedelta(days=2)),
        ("1J", NOW - timedelta(days=1)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=PARIS)),
        ("1/11/2026", datetime(2026, 11, 1, tzinfo=PARIS)),
    ],
)
def test_period_is_a_number_of_days_or_a_date_here(typed, begin):
    assert since(typed, NOW) == begin


@pytest.mark.parametrize("typed", ["", "hier", "-1d", "99999d", "2026-02-30", "31/02/2026", "٧d"])
def test_other_periods_are_refused_in_a_sentence(typed):
    with pytest.raises(ValueError, match=r"écrivez 7d"):
        since(typed, NOW)


def test_numbers_are_typed_as_the_table_shows_them():
    assert numbers(["12"]) == [12]
    assert numbers(["12, 15", "9;12"]) == [12, 15, 9]


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.5", "²", "1" * 30])
def test_other_numbers_are_refused_in_a_sentence(typed):
    with pytest.raises(ValueError, match="n'est pas un numéro"):
        numbers([typed])


@pytest.mark.parametrize(
    ("given_format", "name", "terminal", "wanted"),
    [
        (None, None, True, "table"), ("csv", None, True, "csv"), ("xlsx", None, False, "xlsx"),
        (None, "a.XLSX", True, "xlsx"), (None, "a.csv", True, "csv"), ("json", "a.txt", True, "json"),
    ],
)  # fmt: skip
def test_format_is_given_or_told_by_the_name_of_the_file(given_format, name, terminal, wanted, tmp_path):
    file = tmp_path / name if name else None
    assert output_format(given_format, file, to_terminal=terminal) == wanted


@pytest.mark.parametrize(
    ("given_format", "name", "told"),
    [
        ("pdf", None, "--format vaut"),
        ("xlsx", None, "--output"),
        (None, "a.txt", "finit par"),
        ("table", "a.csv", "finit"),
    ],
)
def test_other_formats_are_refused_in_a_sentence(given_format, name, told, tmp_path):
    with pytest.raises(ValueError, match=told):
        output_format(given_format, tmp_path / name if name else None, to_terminal=True)


def test_unknown_status_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="--status vaut"):
        Selection("ouverte")


def test_nothing_found_is_said_with_and_without_a_filter():
    assert Selection().nothing() == "Aucune question n'attend de réponse."
    assert Selection(topic="fund").nothing() == "Aucune question ne correspond à cette demande."
