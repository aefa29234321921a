"""`ask`: one question for a person, a stream of them for a program."""

import json
from typing import IO, Any

import pytest

from tests.cli.conftest import Command, Start
from tests.unit.knowledge.test_broken_folders import BROKEN

BAD_LINES = [
    b"nope", b"", b"[]", b"null", b'"piscine"', b'{"text": 5}', b'{"text": "  "}', b'{"lang": "fr"}',
    b'{"text": "O\xf9"}', b'{"text": "a", "lang": 3}', b'{"text": "\\ud800"}', b'{"text": "a", "lang": "\\ud800"}',
    b"[" * 100_000,
]  # fmt: skip


def ask(process: Any, line: str) -> dict[str, Any]:
    """The answer to one line, while the stream stays open."""
    stdin: IO[bytes] = process.stdin
    stdin.write(f"{line}\n".encode())
    stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def test_a_line_in_gives_a_line_out_at_once_and_a_bad_line_does_not_end_the_stream(start: Start) -> None:
    process = start("ask", "--json")
    first = ask(process, '{"text": "Où est la piscine ?", "lang": "fr"}')
    assert list(first) == ["text", "decision", "entry", "candidates", "language", "answer"]
    assert (first["text"], first["decision"], first["entry"], first["language"]) == (
        "Où est la piscine ?", "answer", "swimming-pool", "fr",
    )  # fmt: skip
    assert first["candidates"][0]["entry"] == "swimming-pool"
    assert first["answer"] == "La piscine est ouverte de 9 h à 19 h, rue des Cygnes."
    assert set(ask(process, "nope")) == {"error", "line"}
    assert ask(process, '{"text": "Wann öffnet das Schwimmbad?"}')["language"] == "de"
    out, err = process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert b"Traceback" not in err


def test_every_bad_line_is_one_error_with_its_number(passerelle: Command) -> None:
    ran = passerelle("ask", "--json", stdin=b"\n".join([*BAD_LINES, b'{"text": "Piscine ?"}']))
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row.get("line") for row in rows] == [*range(1, len(BAD_LINES) + 1), None]
    assert all("JSON" in row["error"] for row in rows[:-1])
    assert rows[-1]["text"] == "Piscine ?"


def test_candidates_are_five_at_most_best_first_with_a_probability(passerelle: Command) -> None:
    ran = passerelle("ask", "--json", "Faut-il payer ?")
    (row,) = map(json.loads, ran.out.splitlines())
    shares = [candidate["confidence"] for candidate in row["candidates"]]
    assert (row["decision"], row["entry"], row["answer"]) == ("clarify", None, None)
    assert shares == sorted(shares, reverse=True)
    assert len(shares) <= 5
    assert all(0 <= share <= 1 for share in shares)


def test_several_questions_in_one_message_are_parts_and_the_outer_fields_are_those_of_the_first(
    passerelle: Command,
) -> None:
    ran = passerelle("ask", "--json", "Où est la piscine ? Où est la bibliothèque ?")
    (row,) = map(json.loads, ran.out.splitlines())
    assert [part["entry"] for part in row["parts"]] == ["swimming-pool", "library"]
    assert row["entry"] == "swimming-pool"
    assert row["text"] == "Où est la piscine ? Où est la bibliothèque ?"


def test_a_question_is_answered_for_a_person(passerelle: Command) -> None:
    ran = passerelle("ask", "Où est la piscine ?")
    assert ran.status == 0
    assert "La piscine est ouverte de 9 h à 19 h, rue des Cygnes." in ran.out


def test_a_person_sees_every_source_with_its_address(passerelle: Command) -> None:
    ran = passerelle("ask", "Où est la piscine ?")
    assert "Source : Guide des usagers (janvier 2026), lue le 24/11/2026" in ran.out
    assert "\n  https://example.org/" in ran.out


def test_the_topics_that_would_be_offered_are_shown(passerelle: Command) -> None:
    ran = passerelle("ask", "Faut-il payer ?")
    assert ran.out.startswith("Je ne suis pas sûr d'avoir compris. Vouliez-vous parler de :\n  1 ")
    assert "clarify" not in ran.out


def test_explain_shows_the_candidates(passerelle: Command) -> None:
    ran = passerelle("ask", "ou est la piscinne", "--explain", COLUMNS="140")
    assert "Lu ainsi : ou est la piscine" in ran.out
    assert "Décision : répondre, la première fiche est assez sûre." in ran.out
    first = next(line for line in ran.out.splitlines() if "swimming-pool" in line)
    name, confidence, words, meaning, nearest = (cell.strip() for cell in first.strip("│").split("│"))
    assert (name, meaning, nearest) == ("swimming-pool", "–", "Où est la piscine ?")
    assert confidence.endswith(" %")
    assert words.startswith("1.00 ██████")
    assert "l'assistant compare les mots seulement" in ran.out


@pytest.mark.parametrize("arguments", [[], [""], ["   "], ["", "--json"]])
def test_without_a_question_it_says_how_to_ask(passerelle: Command, arguments: list[str]) -> None:
    ran = passerelle("ask", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Écrivez une question entre guillemets")


def test_no_line_gives_no_line(passerelle: Command) -> None:
    ran = passerelle("ask", "--json")
    assert (ran.status, ran.out) == (0, "")


def test_a_broken_folder_is_refused_with_every_problem(passerelle: Command) -> None:
    ran = passerelle("ask", "Bonjour", "--knowledge", str(BROKEN / "unknown_source"))
    assert (ran.status, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 2


def test_an_expired_entry_is_no_candidate(passerelle: Command) -> None:
    ran = passerelle("ask", "--json", "Quand est le marché de Noël ?")
    (row,) = map(json.loads, ran.out.splitlines())
    assert "market" not in {candidate["entry"] for candidate in row["candidates"]}
