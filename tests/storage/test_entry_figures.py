"""How often entries were answered, and offered in vain; nothing of fewer than five people."""

from datetime import timedelta

import pytest

from bot.storage.console import EntryFigures
from bot.storage.console_sql import SqlConsole
from bot.storage.model import HandOverStatus, Outgoing
from bot.storage.sql import SqlStore
from tests.storage.examples import NOW, enqueue, log, question

SINCE = NOW - timedelta(days=1)


@pytest.fixture
def console(store: SqlStore) -> SqlConsole:
    return SqlConsole(store)


async def served(store: SqlStore, people: int, entry: str = "house", times: int = 1) -> None:
    answers = [Outgoing(f"chat-{number}", "sendMessage", {"text": "…"}, entry=entry) for number in range(people)]
    await enqueue(store, *answers * times)


async def refuses(store: SqlStore, number: int) -> None:
    """Somebody is offered entries, and asks for a person."""
    ref, chat = f"q{number}", f"chat-{number}"
    await log(store, question(ref, chat=chat, decision="clarify", reason="too_close"))
    async with store.work() as work:
        await work.open_hand_over("telegram", chat, ref, NOW)


async def test_an_answer_counts_each_time_it_was_given(console: SqlConsole, store: SqlStore):
    await served(store, 5, times=2)
    assert await console.entry_figures(SINCE) == {"house": EntryFigures(served=10, refused=0, helped=0)}


async def test_fewer_than_five_people_are_not_told(console: SqlConsole, store: SqlStore):
    await served(store, 4, times=3)
    assert await console.entry_figures(SINCE) == {"house": EntryFigures(served=None, refused=0, helped=0)}


async def test_what_was_before_does_not_count(console: SqlConsole, store: SqlStore):
    await served(store, 5)
    assert await console.entry_figures(NOW + timedelta(seconds=1)) == {}


async def test_what_never_arrived_does_not_count(console: SqlConsole, store: SqlStore):
    await served(store, 5)
    (row, *_) = await store.due_messages(busy_chats=(), limit=1, now=NOW)
    await store.mark_sending(row.id, NOW)
    await store.mark_failed(row.id, "blocked", NOW)
    assert await console.entry_figures(SINCE) == {"house": EntryFigures(served=None, refused=0, helped=0)}


async def test_an_entry_that_was_offered_in_vain_counts_as_refused(console: SqlConsole, store: SqlStore):
    for number in range(5):
        await refuses(store, number)
    await log(store, question("chosen", chat="chat-9", decision="clarify"))
    figures = await console.entry_figures(SINCE)
    assert figures == {name: EntryFigures(served=0, refused=5, helped=0) for name in ("house", "opening-hours")}


async def test_a_refusal_in_both_ways_or_handed_over_twice_counts_once(console: SqlConsole, store: SqlStore):
    for number in range(5):
        await refuses(store, number)
        async with store.work() as work:
            await work.rate_answer("telegram", f"q{number}", "house", helped=False)
            opened = await work.hand_over_of_chat("telegram", f"chat-{number}")
            await work.set_hand_over(opened.id, status=HandOverStatus.CLOSED, now=NOW)
            await work.open_hand_over("telegram", f"chat-{number}", f"q{number}", NOW)
    figures = await console.entry_figures(SINCE)
    assert (figures["house"].refused, figures["opening-hours"].refused) == (5, 5)


async def test_what_was_chosen_among_those_offered_is_not_refused_by_asking_for_a_person(
    console: SqlConsole, store: SqlStore
):
    for number in range(5):
        await refuses(store, number)
        async with store.work() as work:
            await work.settle_question("telegram", f"q{number}", status="answered", entry="house", now=NOW)
    assert await console.entry_figures(SINCE) == {}


async def test_what_people_say_of_an_answer_counts(console: SqlConsole, store: SqlStore):
    for number in range(10):
        await log(store, question(f"q{number}", chat=f"chat-{number}"))
        async with store.work() as work:
            await work.rate_answer("telegram", f"q{number}", "house", helped=number % 2 == 0)
    assert await console.entry_figures(SINCE) == {"house": EntryFigures(served=0, refused=5, helped=5)}


async def test_what_few_say_of_one_entry_is_not_what_all_say_without_the_others(console: SqlConsole, store: SqlStore):
    people = {"kitchen": 4, "house": 5, "garden": 6}
    for number in range(6):
        await log(store, question(f"q{number}", chat=f"chat-{number}"))
        async with store.work() as work:
            for entry in (entry for entry, many in people.items() if number < many):
                await work.rate_answer("telegram", f"q{number}", entry, helped=True)
    figures = await console.entry_figures(SINCE)
    assert {entry: figures[entry].helped for entry in people} == {"kitchen": None, "house": None, "garden": 6}


async def test_recent_questions_and_one_by_its_number(console: SqlConsole, store: SqlStore):
    await log(store, question("q1", "un"), question("q2", "deux"))
    assert await console.recent_questions(1) == ["deux"]
    first = await console.question(1)
    assert (first.text if first else None, await console.question(99)) == ("un", None)
