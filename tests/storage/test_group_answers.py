"""One answer to everybody who asked the same, on every store."""

import asyncio
from dataclasses import replace

import pytest

from bot.storage.console import Act
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore, open_store
from tests.storage.examples import LATER, NOW, log, message, open_hand_over, question

CHANNEL = "telegram"


def act(key: str = "k") -> Act:
    return Act(1, "answer_group", "question:1", NOW, key)


@pytest.fixture
async def console(store: SqlStore) -> SqlConsole:
    """Three questions: noted, offered entries, offered entries and handed over after all."""
    await log(
        store,
        question("q1", chat="a"),
        question("q2", chat="b", decision="clarify"),
        question("q3", chat="c", decision="clarify"),
    )
    await open_hand_over(store, "c", "q3")
    return SqlConsole(store)


async def test_those_who_were_promised_an_answer_are_known(console: SqlConsole):
    ids = await console.open_ids(CHANNEL)
    asked = await console.askers(ids)
    assert [(each.promised, each.hand_over is not None) for each in asked] == [
        (True, False),
        (False, False),
        (True, True),
    ]
    async with console.answering(act()) as work:
        assert [each.ref for each in await work.waiting_for_answer(CHANNEL, ids)] == ["q1", "q3"]
        assert await work.waiting_for_answer("terminal", ids) == []


async def test_who_asks_for_a_person_while_another_request_is_open_is_promised_an_answer(console: SqlConsole, store):
    async with store.work() as work:
        await work.promise_answer(CHANNEL, "q2")
    ids = await console.open_ids(CHANNEL)
    assert all(each.promised for each in await console.askers(ids))
    async with console.answering(act()) as work:
        assert [each.ref for each in await work.waiting_for_answer(CHANNEL, ids)] == ["q1", "q2", "q3"]


async def test_an_answer_is_found_by_its_act_with_its_messages(console: SqlConsole):
    async with console.answering(act()) as work:
        number = await work.begin_group_answer("k", 7, 1, "Voilà", NOW)
        await work.enqueue([replace(message("a"), group_answer=number), message("b")], NOW)
    found = await console.group_answer_of("k")
    assert found == await console.group_answer(number)
    assert found is not None
    assert (found.user_id, found.text) == (7, "Voilà")
    assert [each.row.outgoing.chat for each in await console.recipients(number)] == ["a"]


async def test_no_chat_is_given_the_same_answer_twice_whatever_the_code_does(console: SqlConsole):
    async def twice() -> None:
        async with console.answering(act()) as work:
            number = await work.begin_group_answer("k", 7, 1, "Voilà", NOW)
            await work.enqueue([replace(message("a"), group_answer=number)] * 2, NOW)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await twice()
    assert await console.group_answer_of("k") is None  # nothing was kept


async def test_of_two_who_answer_at_once_the_second_finds_nobody(shared_url: str):
    stores = [await open_store(shared_url, NOW) for _ in range(2)]
    await log(stores[0], question("q1", chat="a"), question("q2", chat="b"))

    async def answers(store: SqlStore, key: str) -> int:
        async with SqlConsole(store).answering(act(key)) as work:
            asked = await work.waiting_for_answer(CHANNEL, [1, 2])
            return await work.change_questions(CHANNEL, [each.id for each in asked], "open", "answered", LATER)

    assert sorted(await asyncio.gather(*map(answers, stores, "ab"))) == [0, 2]
    for store in stores:
        await store.close()


async def test_retention_removes_an_old_answer(console: SqlConsole, store: SqlStore):
    async with console.answering(act()) as work:
        await work.begin_group_answer("k", 7, 1, "Voilà", NOW)
    await store.purge(NOW, LATER)
    assert await console.group_answer_of("k") is not None
    await store.purge(LATER, LATER)
    assert await console.group_answer_of("k") is None
