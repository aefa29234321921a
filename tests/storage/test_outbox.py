from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.storage.model import Delivery, OutboxRow, Outgoing
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleMessageError
from tests.storage.examples import LATER, NOW, SECOND, due_texts, enqueue, file_url, message, open_hand_over


async def test_a_message_comes_out_as_it_went_in(store: SqlStore):
    sent = Outgoing("chat-1", "sendMessage", {"text": "Où ?\n🏫", "reply_markup": {"inline_keyboard": [[]]}})
    await enqueue(store, sent)
    assert await store.due_messages(busy_chats=(), limit=9, now=NOW) == [
        OutboxRow(1, sent, Delivery.QUEUED, attempts=0, message_id=None, error=None)
    ]


async def test_nothing_to_enqueue_is_no_error(store: SqlStore):
    await enqueue(store)
    assert await due_texts(store) == []


async def test_the_oldest_of_each_chat_is_due_oldest_first(store: SqlStore):
    await enqueue(store, message("b", "b1"), message("a", "a1"), message("b", "b2"))
    assert await due_texts(store) == ["b1", "a1"]


async def test_a_busy_chat_has_nothing_due(store: SqlStore):
    await enqueue(store, message("a", "a1"), message("b", "b1"))
    assert await due_texts(store, ["a"]) == ["b1"]


async def test_no_more_messages_are_due_than_asked_for(store: SqlStore):
    await enqueue(store, *(message(f"chat-{n}") for n in range(5)))
    assert len(await store.due_messages(busy_chats=(), limit=2, now=NOW)) == 2


async def test_a_message_on_its_way_keeps_back_the_next_of_its_chat(store: SqlStore):
    await enqueue(store, message(text="1"), message(text="2"))
    await store.mark_sending(1, NOW)
    assert await due_texts(store) == []


async def test_a_sent_message_lets_the_next_of_its_chat_go(store: SqlStore):
    await enqueue(store, message(text="1"), message(text="2"))
    await store.mark_sending(1, NOW)
    await store.mark_sent(1, 77, NOW)
    assert await due_texts(store) == ["2"]


async def test_a_message_refused_for_good_lets_the_next_of_its_chat_go(store: SqlStore):
    await enqueue(store, message(text="1"), message(text="2"))
    await store.mark_failed(1, "blocked", NOW)
    assert await due_texts(store) == ["2"]
    assert (await store.counts())["outbox.failed"] == 1


async def test_a_message_to_be_retried_blocks_its_chat_until_its_time(store: SqlStore):
    await enqueue(store, message("a", "a1"), message("a", "a2"), message("b", "b1"))
    await store.mark_retry(1, "flood", LATER)
    assert await due_texts(store, now=LATER - SECOND) == ["b1"]
    assert await due_texts(store, now=LATER) == ["a1", "b1"]


async def test_a_retried_message_tells_its_attempts_and_its_error(store: SqlStore):
    await enqueue(store, message())
    await store.mark_sending(1, NOW)
    await store.mark_retry(1, "flood", NOW)
    [row] = await store.due_messages(busy_chats=(), limit=1, now=NOW)
    assert (row.attempts, row.error, row.interrupted) == (1, "flood", False)


async def following(store: SqlStore, limit: int = 30) -> list[str]:
    """The messages that follow the first of the chat `a`."""
    [head] = [row for row in await store.due_messages(busy_chats=(), limit=9, now=NOW) if row.outgoing.chat == "a"]
    return [row.outgoing.params["text"] for row in await store.next_in_chat(head, limit)]


async def test_what_may_be_merged_is_what_follows_in_the_chat_in_order(store: SqlStore):
    await enqueue(store, message("a", "1"), message("b", "other"), message("a", "2"), message("a", "3"))
    assert await following(store) == ["2", "3"]


async def test_no_more_is_merged_than_asked_for(store: SqlStore):
    await enqueue(store, *(message("a", str(n)) for n in range(5)))
    assert await following(store, limit=2) == ["1", "2"]


async def test_nothing_is_merged_that_is_on_its_way_or_settled(store: SqlStore):
    await enqueue(store, *(message("a", str(n)) for n in range(1, 6)))
    await store.mark_sending(2, NOW)
    await store.mark_failed(3, "refused", NOW)
    await store.mark_sent(4, 77, NOW)
    assert await following(store) == ["5"]


async def test_merged_messages_share_their_fate(store: SqlStore):
    await enqueue(store, *(message("a", str(n)) for n in range(1, 5)))
    await store.mark_sending([1, 2, 3], NOW)
    assert (await store.counts())["outbox.sending"] == 3
    await store.mark_retry([1, 2, 3], "flood", NOW)
    assert await due_texts(store) == ["1"]
    await store.mark_sent([1, 2, 3], 77, NOW)
    assert await due_texts(store) == ["4"]


@pytest.fixture
async def after_a_crash(shared_url: str) -> AsyncIterator[SqlStore]:
    """A store whose process died while it sent message 1, opened by the next process."""
    before = await open_store(shared_url, NOW, lease=timedelta())
    await enqueue(before, message())
    await before.mark_sending(1, NOW)
    await before.close()
    after = await open_store(shared_url, LATER)
    yield after
    await after.close()


async def test_a_message_on_its_way_at_a_crash_is_due_again_and_marked(after_a_crash: SqlStore):
    [row] = await after_a_crash.due_messages(busy_chats=(), limit=1, now=LATER)
    assert (row.attempts, row.interrupted) == (1, True)
    assert (await after_a_crash.counts())["outbox.interrupted"] == 1


async def test_an_interrupted_message_stays_marked_when_it_is_retried(after_a_crash: SqlStore):
    await after_a_crash.mark_sending(1, NOW)
    await after_a_crash.mark_retry(1, "flood", NOW)
    [row] = await after_a_crash.due_messages(busy_chats=(), limit=1, now=NOW)
    assert row.interrupted


async def test_a_message_whose_outcome_is_unknown_is_marked_as_interrupted(store: SqlStore):
    await enqueue(store, message())
    await store.mark_sending(1, NOW)
    await store.mark_retry(1, "timeout", NOW, unknown=True)
    [row] = await store.due_messages(busy_chats=(), limit=1, now=NOW)
    assert row.interrupted


async def test_a_settled_message_is_not_sent_again(store: SqlStore):
    await enqueue(store, message(text="1"), message(text="2"))
    await store.mark_sent(1, 77, NOW)
    with pytest.raises(StaleMessageError):
        await store.mark_sending([1, 2], NOW)
    assert await due_texts(store) == ["2"]


async def test_a_sent_message_cannot_fail_any_more(store: SqlStore):
    await enqueue(store, message())
    await store.mark_sent(1, 77, NOW)
    await store.mark_failed(1, "late", NOW, then=[message("staff")])
    await store.mark_retry(1, "late", NOW)
    assert await due_texts(store) == []
    assert (await store.counts())["outbox.sent"] == 1


async def test_a_crash_touches_no_message_that_was_not_on_its_way(store: SqlStore):
    await enqueue(store, message("a"), message("b"), message("c"))
    await store.mark_sent(1, 77, NOW)
    await store.mark_failed(2, "blocked", NOW)
    assert await store.recover_sending(NOW) == 0


@pytest.mark.parametrize(("recover", "due"), [(True, ["Bonjour"]), (False, [])])
async def test_opening_recovers_what_a_crash_interrupted_unless_told_not_to(tmp_path, recover, due):
    url = file_url(tmp_path / "passerelle.db")
    before = await open_store(url, NOW)
    await enqueue(before, message())
    await before.mark_sending(1, NOW)
    await before.close()
    after = await open_store(url, LATER, recover=recover)
    assert await due_texts(after) == due
    await after.close()


async def test_a_clock_that_is_set_back_does_not_put_off_the_next_try(store: SqlStore):
    await enqueue(store, message())
    await store.mark_retry(1, "flood", NOW + 60 * SECOND)
    assert await due_texts(store, now=NOW) == []
    assert await due_texts(store, now=NOW - timedelta(hours=1)) == ["Bonjour"]


async def test_what_a_task_left_on_its_way_is_sent_again_and_what_is_being_sent_is_not(store: SqlStore):
    await enqueue(store, message("a", "left"), message("b", "being sent"))
    for row in (1, 2):
        await store.mark_sending(row, NOW)
    assert await store.recover_sending(NOW, ("b",)) == 1
    [row] = await store.due_messages(busy_chats=("b",), limit=9, now=NOW)
    assert (row.outgoing.params["text"], row.interrupted) == ("left", True)


async def test_what_is_missing_of_a_message_is_queued_with_its_beginning_unless_it_was_erased(store: SqlStore):
    opened = await open_hand_over(store)
    await enqueue(store, message("staff", "1", hand_over=opened.id))
    await store.mark_sending(1, NOW)
    await store.mark_sent(1, 77, NOW, then=[message("staff", "2", hand_over=opened.id)], unknown=True)
    assert await due_texts(store) == ["2"]
    assert (await store.counts())["outbox.interrupted"] == 1
    await store.mark_sending(2, NOW)
    async with store.work() as work:
        await work.erase_person("telegram", "chat-1", NOW)
    await store.mark_sent(2, 78, NOW, then=[message("staff", "3", hand_over=opened.id)])
    assert await due_texts(store) == []
