"""`export-user`, `erase-user` and `purge`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.storage.model import Outgoing
from bot.storage.sql import SqlStore, open_store
from tests.cli.conftest import Command
from tests.storage.examples import question

AWA = "6123456789"
TERMINAL = "0123456789abcdef0123456789abcdef"
WORDS = "Où est la confidence-xyz ?"

T = TypeVar("T")


def in_store(settings: Mapping[str, str], work: Callable[[SqlStore], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await open_store(settings["PASSERELLE_DATABASE_URL"], datetime.now(UTC))
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def asked(settings: Mapping[str, str], days_ago: int = 0, *, chat: str = AWA, channel: str = "telegram") -> None:
    """A question, and a request to the service about it."""
    then = datetime.now(UTC) - timedelta(days=days_ago)

    async def work(store: SqlStore) -> None:
        async with store.work() as transaction:
            logged = question(f"{chat}/{days_ago}", WORDS, chat=chat, channel=channel, asked_at=then)
            await transaction.log_question(logged)
            if not days_ago:
                hand_over = await transaction.open_hand_over(channel, chat, logged.ref, then)
                await transaction.enqueue([Outgoing("staff", "sendMessage", {"text": WORDS}, hand_over.id)], then)

    in_store(settings, work)


def test_what_is_kept_of_a_person_is_shown(passerelle: Command, settings: Mapping[str, str]):
    asked(settings)
    status, out, err = passerelle("export-user", AWA)
    assert (status, err) == (0, "")
    assert "Vos questions (1)" in out
    assert out.count(WORDS) == 2


def test_as_json_it_is_one_object_and_nothing_else(passerelle: Command, settings: Mapping[str, str]):
    asked(settings)
    status, out, _ = passerelle("export-user", AWA, "--json")
    assert status == 0
    assert [row["text"] for row in json.loads(out)["questions"]] == [WORDS]
    assert out.count("\n") == 1


def test_of_a_stranger_nothing_is_kept(passerelle: Command):
    assert passerelle("export-user", AWA) == (0, "Rien n'est gardé sous ce numéro.\n", "")
    assert json.loads(passerelle("export-user", AWA, "--json").out)["questions"] == []


def test_a_conversation_in_the_terminal_is_found_too(passerelle: Command, settings: Mapping[str, str]):
    asked(settings, chat=TERMINAL, channel="terminal")
    assert WORDS in passerelle("export-user", TERMINAL).out


@pytest.mark.parametrize("command", ["export-user", "erase-user"])
@pytest.mark.parametrize("given", ["Awa", "+33612345678", "@awa", "0", "12e4"])
def test_what_is_no_number_of_a_chat_is_refused(passerelle: Command, command: str, given: str):
    status, out, err = passerelle(command, given)
    assert (status, out) == (2, "")
    assert given in err


def test_erasing_leaves_nothing_and_says_what_it_was(passerelle: Command, settings: Mapping[str, str]):
    asked(settings)
    status, out, _ = passerelle("erase-user", AWA)
    assert status == 0
    assert out.startswith("Effacé : questions 1, messages 0, demandes au service 1")
    assert passerelle("export-user", AWA).out == "Rien n'est gardé sous ce numéro.\n"


def test_erasing_as_json(passerelle: Command, settings: Mapping[str, str]):
    asked(settings)
    erased = json.loads(passerelle("erase-user", AWA, "--json").out)
    assert erased == {
        "chat": AWA,
        "questions": 1,
        "messages": 0,
        "hand_overs": [1],
        "open_hand_over": 1,
        "old_copies": 0,
        "subscriptions": 0,
    }


def test_the_bot_has_then_to_delete_the_copies_and_to_tell_the_staff(passerelle: Command, settings: Mapping[str, str]):
    asked(settings)
    passerelle("erase-user", AWA)

    async def waiting(store: SqlStore) -> list[str]:
        (first,) = await store.due_messages(busy_chats=(), limit=9, now=datetime.now(UTC))
        return [row.outgoing.method for row in (first, *await store.next_in_chat(first))]

    assert in_store(settings, waiting) == ["deleteMessages", "sendMessage"]


def test_purging_removes_what_is_older_than_the_setting(passerelle: Command, settings: Mapping[str, str]):
    for days in (0, 29, 31, 200):
        asked(settings, days, chat=AWA if days else "7")
    status, out, _ = passerelle("purge", "--json", PASSERELLE_RETENTION_DAYS="30")
    assert status == 0
    purged = json.loads(out)
    assert (purged["retention_days"], purged["questions"], purged["never_answered"]) == (30, 2, 2)
    assert len(json.loads(passerelle("export-user", AWA, "--json").out)["questions"]) == 1


def test_by_default_half_a_year_is_kept(passerelle: Command, settings: Mapping[str, str]):
    for days in (179, 181):
        asked(settings, days)
    out = passerelle("purge").out
    assert "Plus ancien que 180 jours" in out
    assert "questions 1 (dont 1 restées sans réponse)" in out


@pytest.mark.parametrize("days", ["0", "-3", "un an"])
def test_a_term_that_is_no_number_of_days_is_refused(passerelle: Command, days: str):
    status, out, err = passerelle("purge", PASSERELLE_RETENTION_DAYS=days)
    assert (status, out) == (2, "")
    assert "PASSERELLE_RETENTION_DAYS" in err
