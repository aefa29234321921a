import asyncio

import pytest

from bot.storage.model import HandOverStatus, StoredConversation
from bot.storage.sql import SqlStore
from bot.storage.store import StaleConversationError
from tests.storage.examples import LATER, NOW, due_texts, enqueue, log, message, open_hand_over, question, update


async def save(store: SqlStore, state: dict[str, object], *, version: int, chat: str = "chat-1") -> None:
    async with store.work() as work:
        await work.save_conversation("telegram", chat, state, version=version, now=NOW)


async def test_an_unknown_conversation_is_none(store: SqlStore):
    async with store.work() as work:
        assert await work.conversation("telegram", "chat-1") is None


async def test_a_conversation_comes_back_as_it_was_saved(store: SqlStore):
    state = {"mode": "bot", "handed_over": ["q1"], "pending": None, "last_question": "Où ?"}
    await save(store, state, version=0)
    async with store.work() as work:
        assert await work.conversation("telegram", "chat-1") == StoredConversation(state, 1)


async def test_each_save_counts_one_version(store: SqlStore):
    await save(store, {"n": 1}, version=0)
    await save(store, {"n": 2}, version=1)
    async with store.work() as work:
        assert await work.conversation("telegram", "chat-1") == StoredConversation({"n": 2}, 2)


@pytest.mark.parametrize("stale", [0, 1, 3])
async def test_a_save_based_on_another_version_is_refused(store: SqlStore, stale: int):
    await save(store, {"n": 1}, version=0)
    await save(store, {"n": 2}, version=1)
    with pytest.raises(StaleConversationError):
        await save(store, {"n": 3}, version=stale)


async def test_the_same_chat_on_two_channels_is_two_conversations(store: SqlStore):
    await save(store, {"n": 1}, version=0)
    async with store.work() as work:
        assert await work.conversation("terminal", "chat-1") is None


async def write_everything_and_fail(store: SqlStore) -> None:
    async with store.work() as work:
        await work.save_conversation("telegram", "chat-1", {}, version=0, now=NOW)
        await work.log_question(question())
        hand_over = await work.open_hand_over("telegram", "chat-1", "q1", NOW)
        await work.enqueue([message(hand_over=hand_over.id)], NOW)
        await work.update_done(1, NOW)
        raise RuntimeError


async def test_an_exception_leaves_nothing_of_a_transaction(store: SqlStore):
    await store.receive([update(1)], NOW)
    before = await store.counts()
    with pytest.raises(RuntimeError):
        await write_everything_and_fail(store)
    assert await store.counts() == before
    async with store.work() as work:
        assert await work.conversation("telegram", "chat-1") is None


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(store: SqlStore):
    entered = asyncio.Event()

    async def stuck() -> None:
        async with store.work() as work:
            await work.enqueue([message()], NOW)
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await enqueue(store, message(text="next"))
    assert await due_texts(store) == ["next"]


async def test_transactions_at_the_same_time_do_not_lose_each_others_writes(store: SqlStore):
    async def count() -> None:
        async with store.work() as work:
            kept = await work.conversation("telegram", "chat-1") or StoredConversation({}, 0)
            await work.save_conversation("telegram", "chat-1", {}, version=kept.version, now=NOW)

    async def count_until_kept() -> None:
        try:
            await count()
        except StaleConversationError:
            await count_until_kept()

    await asyncio.gather(*(count_until_kept() for _ in range(20)))
    async with store.work() as work:
        assert await work.conversation("telegram", "chat-1") == StoredConversation({}, 20)


async def test_a_question_logged_twice_is_kept_once_as_it_was_first(store: SqlStore):
    await log(store, question("q1", "first"), question("q1", "second"))
    assert [kept.text for kept in await store.questions()] == ["first"]


async def test_the_same_reference_on_two_channels_is_two_questions(store: SqlStore):
    await log(store, question("q1"), question("q1", channel="terminal"))
    assert len(await store.questions()) == 2


async def test_a_settled_question_has_its_status_entry_and_time(store: SqlStore):
    await log(store, question("q1"), question("q2"))
    async with store.work() as work:
        await work.settle_question("telegram", "q1", status="answered", entry="house", now=LATER)
    [settled] = await store.questions(status="answered")
    assert (settled.ref, settled.entry, settled.closed_at) == ("q1", "house", LATER)


async def test_a_new_hand_over_waits_without_a_topic(store: SqlStore):
    opened = await open_hand_over(store)
    assert (opened.status, opened.topic, opened.opened_at) == (HandOverStatus.WAITING, None, NOW)


async def test_a_chat_has_at_most_one_open_hand_over(store: SqlStore):
    first = await open_hand_over(store, ref="q1")
    assert await open_hand_over(store, ref="q2") == first


async def test_a_closed_hand_over_is_followed_by_a_new_one(store: SqlStore):
    first = await open_hand_over(store)
    async with store.work() as work:
        await work.set_hand_over(first.id, status=HandOverStatus.CLOSED, now=NOW)
        assert await work.hand_over_of_chat("telegram", "chat-1") is None
    assert (await open_hand_over(store)).id != first.id


async def test_a_change_of_a_hand_over_keeps_what_is_not_named(store: SqlStore):
    opened = await open_hand_over(store)
    async with store.work() as work:
        await work.set_hand_over(opened.id, topic=42, now=NOW)
        await work.set_hand_over(opened.id, status=HandOverStatus.WITH_STAFF, now=NOW)
        changed = await work.hand_over_by_id(opened.id)
    assert changed is not None
    assert (changed.status, changed.topic) == (HandOverStatus.WITH_STAFF, 42)


async def test_a_topic_leads_to_its_latest_hand_over(store: SqlStore):
    first, second = await open_hand_over(store, "chat-1"), await open_hand_over(store, "chat-2")
    async with store.work() as work:
        await work.set_hand_over(first.id, topic=42, now=NOW)
        await work.set_hand_over(second.id, topic=42, now=NOW)
        found = await work.hand_over_by_topic(42)
        assert await work.hand_over_by_topic(43) is None
    assert found is not None
    assert found.id == second.id


async def test_a_sent_message_leads_to_its_hand_over(store: SqlStore):
    opened = await open_hand_over(store)
    await enqueue(store, message("staff", hand_over=opened.id), message("staff"))
    await store.mark_sent(1, 77, NOW)
    await store.mark_sent(2, 78, NOW)
    async with store.work() as work:
        assert await work.hand_over_by_message("staff", 77) == opened
        assert await work.hand_over_by_message("staff", 78) is None
        assert await work.hand_over_by_message("elsewhere", 77) is None
