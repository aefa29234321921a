"""`chat`: a conversation in the terminal, and what `questions` then lists of it.

`transcript.txt` is what ten questions and a few slips in `questions.txt` give. After a change that is meant, look at
what changed, then keep it: in the folder of this file, ``PASSERELLE_SEMANTIC=off COLUMNS=80
PASSERELLE_DATABASE_URL=sqlite+aiosqlite:// PASSERELLE_KNOWLEDGE_DIR=knowledge ../../.venv/bin/python ../../run_bot.py
chat < questions.txt > transcript.txt``.
"""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Command, Start

HERE = Path(__file__).parent
PROMPT = "> "
QUESTIONS = (HERE / "questions.txt").read_bytes()


def lines(text: str) -> list[str]:
    """Editors cut blanks at the ends of lines."""
    return [line.rstrip() for line in text.splitlines()]


def logged(passerelle: Command, status: str = "all") -> list[dict[str, object]]:
    rows = [
        json.loads(line) for line in passerelle("questions", "--status", status, "--format", "json").out.splitlines()
    ]
    return sorted(rows, key=lambda row: row["id"])


def test_ten_questions_give_this_transcript_and_the_list_of_what_was_not_answered(
    start: Start, passerelle: Command
) -> None:
    with (HERE / "questions.txt").open("rb") as file:
        out, err = start("chat", stdin=file).communicate()
    assert lines(out.decode()) == lines((HERE / "transcript.txt").read_text("utf-8"))
    assert err.decode() == "Sans le signal sémantique : PASSERELLE_SEMANTIC vaut « off ».\n"
    assert [(row["text"], row["decision"], row["reason"]) for row in logged(passerelle, "open")] == [
        ("Quel temps fera-t-il demain ?", "hand_over", "out_of_scope"),
    ]
    table = passerelle("questions").out
    assert "Quel temps fera-t-il demain ?" in table
    assert "Où est la piscine ?" not in table


def test_every_question_is_logged_with_what_was_decided_and_a_pressed_choice_settles_it(passerelle: Command) -> None:
    assert passerelle("chat", stdin=QUESTIONS).status == 0
    columns = ("text", "language", "decision", "entry", "status")
    assert [tuple(row[column] for column in columns) for row in logged(passerelle)] == [
        ("Où est la piscine ?", "fr", "answer", "swimming-pool", "answered"),
        ("Faut-il payer ?", "fr", "clarify", "swimming-pool", "answered"),
        ("Quel temps fera-t-il demain ?", "fr", "hand_over", None, "open"),
        ("Wann öffnet das Schwimmbad?", "de", "answer", "swimming-pool", "answered"),
        ("أين المسبح؟", "ar", "answer", "swimming-pool", "answered"),
        ("Где је базен?", "sr", "answer", "swimming-pool", "answered"),
        ("Je veux faire un recours", "fr", "answer", "dispute", "withdrawn"),
    ]  # fmt: skip
    assert {row["channel"] for row in logged(passerelle)} == {"terminal"}


def test_the_shipped_knowledge_answers_clarifies_and_hands_over(passerelle: Command) -> None:
    asked = [
        "Que faites-vous au Liban ?", "Où se trouve Tanghin-Dassouri ?", "Comment demander une aide du fonds ?",
        "Qu'est-ce que le Fonds de Solidarité internationale ?", "Je veux parler à une personne",
        "Comment refaire ma carte grise ?", "Quel temps fera-t-il demain ?", "Was machen Sie im Libanon?",
        "What do you do in Lebanon?", "Šta radite u Libanu?",
    ]  # fmt: skip
    shipped = {
        "PASSERELLE_KNOWLEDGE_DIR": str(ROOT / "knowledge"),
        "PASSERELLE_CACHE_DIR": str(ROOT / ".cache" / "passerelle"),  # learning takes seconds: once, not in each run
    }
    ran = passerelle("chat", stdin="\n".join(asked).encode(), **shipped)
    assert ran.status == 0
    decided = {row["text"]: (row["decision"], row["entry"]) for row in logged(passerelle)}
    assert [question for question in asked if question not in decided] == []
    assert decided["Que faites-vous au Liban ?"] == ("answer", "partner-lebanon")
    assert decided["Qu'est-ce que le Fonds de Solidarité internationale ?"] == ("answer", "fund-overview")
    assert decided["Comment refaire ma carte grise ?"][0] == decided["Quel temps fera-t-il demain ?"][0] == "hand_over"
    assert not any(entry for decision, entry in decided.values() if decision != "answer")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Où est la piscine ?".encode("cp1252"), "> Où est la piscine ?"),
        (b"\xef\xbb\xbf/aide\r\n", "> /aide"),
        (b"/AIDE merci", "> /AIDE merci\nÉcrivez votre question avec vos mots"),
        (b"/inconnue", "> /inconnue\nÉcrivez votre question avec vos mots"),
        (b"0", "un numéro de 1 à 3"),
        (b"4", "un numéro de 1 à 3"),
        (b"1" * 5000, "1111"),
        (b"mot " * 50_000, "> mot mot"),
        (b"\x1b[31mrouge\x07\x00", "> [31mrouge"),
        (b"[bold]la piscine[/] [/b] :smile:", "> [bold]la piscine[/] [/b] :smile:"),
    ],
)
def test_whatever_is_typed_is_read_or_explained(passerelle: Command, typed: bytes, shown: str) -> None:
    ran = passerelle("chat", stdin=typed)
    assert ran.status == 0
    assert shown in ran.out.replace("\x1b", "ESC")


def test_empty_lines_and_what_follows_quitter_are_not_read(passerelle: Command) -> None:
    ran = passerelle("chat", stdin=b"\n   \n\t\n/quitter\npiscine\n")
    assert (ran.status, ran.out.count("> "), logged(passerelle)) == (0, 0, [])


def test_an_expired_entry_does_not_keep_the_bot_from_starting_and_is_not_answered(passerelle: Command) -> None:
    ran = passerelle("chat", stdin="Quand est le marché de Noël ?".encode())
    assert ran.status == 0
    assert "2025" not in ran.out
    assert logged(passerelle)[0]["decision"] != "answer"


def test_a_link_is_never_broken_over_lines(passerelle: Command) -> None:
    ran = passerelle("chat", stdin="Où est la piscine ?".encode(), COLUMNS="20")
    assert "  https://example.org/guide\n" in ran.out


def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(passerelle: Command) -> None:
    ran = passerelle("chat", PASSERELLE_DATABASE_URL="sqlite+aiosqlite:////nowhere/x.db")
    assert (ran.status, ran.out) == (2, "")
    assert "vérifiez que son dossier existe" in ran.err


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_key_leaves_the_conversation_in_a_terminal(start: Start, key: bytes) -> None:
    ours, theirs = pty.openpty()
    process = start("chat", stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=own_terminal(theirs))
    os.close(theirs)
    shown(ours, "Bonjour.")
    os.write(ours, "Où est la piscine ?\n".encode())
    shown(ours, "rue des Cygnes")
    wait_until_it_reads(process.pid)
    os.write(ours, key)
    assert "Traceback" not in rest(ours)
    os.close(ours)
    assert process.wait() == 0


def own_terminal(terminal: int) -> Callable[[], None]:
    """Ctrl-C typed in `terminal` interrupts the process that calls this first."""

    def take() -> None:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    return take


def wait_until_it_reads(process: int) -> None:
    """Python's `input` misses a Ctrl-C in the instant between drawing the prompt and waiting for a key."""
    state = Path(f"/proc/{process}/stat")
    while state.exists() and state.read_text().rpartition(") ")[2][0] != "S":
        pass


def shown(terminal: int, sign: str) -> str:
    """What the terminal shows until `sign` and, after it, the prompt.

    The prompt alone is no sign: it is drawn anew while somebody types.
    """
    seen = ""
    while sign not in seen or not seen.endswith(PROMPT):
        seen += read(terminal)
    return seen


def rest(terminal: int) -> str:
    """What the terminal shows until the process has left it."""
    seen = ""
    with contextlib.suppress(OSError):  # how Linux says that nobody holds the other side any more
        while more := read(terminal):
            seen += more
    return seen


def read(terminal: int) -> str:
    assert select.select([terminal], [], [], 60)[0], "nothing more is shown"
    return os.read(terminal, 4096).decode("utf-8", "replace")
