from datetime import datetime, timedelta

import pytest

from bot.storage.model import HandOver, HandOverStatus, Outgoing
from bot.storage.sql import SqlStore
from tests.storage.examples import LATER, NOW, SECOND, enqueue, open_hand_over

AWA, BEN = 11, 12
CLOSED, WITH_STAFF = HandOverStatus.CLOSED, HandOverStatus.WITH_STAFF


async def take(store: SqlStore, hand_over_id: int, by: int, name: str) -> HandOver | None:
    async with store.work() as work:
        return await work.take_hand_over(hand_over_id, by, name, NOW)


async def change(store: SqlStore, hand_over: HandOver, *, now: datetime = NOW, **changes: object) -> HandOver:
    async with store.work() as work:
        await work.set_hand_over(hand_over.id, now=now, **changes)
        changed = await work.hand_over_by_id(hand_over.id)
    assert changed is not None
    return changed


async def waiting(
    store: SqlStore, *, opened_before: datetime = NOW, alarmed_before: datetime = NOW, now: datetime = NOW
) -> list[int]:
    async with store.look() as work:
        return [found.id for found in await work.hand_overs_waiting(opened_before, alarmed_before, now)]


# Who has it


async def test_a_new_hand_over_belongs_to_nobody(store: SqlStore):
    opened = await open_hand_over(store)
    assert (opened.taken_by, opened.taken_name, opened.replied_at) == (None, None, None)


async def test_who_takes_a_hand_over_has_it(store: SqlStore):
    taken = await take(store, (await open_hand_over(store)).id, AWA, "Awa")
    assert taken is not None
    assert (taken.taken_by, taken.taken_name) == (AWA, "Awa")


async def test_the_second_who_takes_it_sees_who_has_it(store: SqlStore):
    opened = await open_hand_over(store)
    first = await take(store, opened.id, AWA, "Awa")
    assert await take(store, opened.id, BEN, "Ben") == first


async def test_a_closed_hand_over_is_not_taken(store: SqlStore):
    opened = await open_hand_over(store)
    closed = await change(store, opened, status=CLOSED)
    assert await take(store, opened.id, AWA, "Awa") == closed


async def test_an_unknown_hand_over_is_not_taken(store: SqlStore):
    assert await take(store, 99, AWA, "Awa") is None


async def test_what_somebody_has_taken_is_left_to_them(store: SqlStore):
    opened = await open_hand_over(store)
    await take(store, opened.id, AWA, "Awa")
    assert await waiting(store) == []


async def test_a_hand_over_passes_from_one_agent_to_another(store: SqlStore):
    opened = await open_hand_over(store)
    await take(store, opened.id, AWA, "Awa")
    passed = await change(store, opened, taken_by=BEN, taken_name="Ben")
    assert (passed.taken_by, passed.taken_name) == (BEN, "Ben")


@pytest.mark.parametrize("given", [None, "Awa"])
async def test_the_agents_name_does_not_outlive_the_hand_over(store: SqlStore, given: str | None):
    opened = await open_hand_over(store)
    await take(store, opened.id, AWA, "Awa")
    closed = await change(store, opened, status=CLOSED, taken_name=given)
    assert (closed.taken_by, closed.taken_name) == (AWA, None)


async def test_a_long_name_is_cut(store: SqlStore):
    opened = await open_hand_over(store)
    taken = await take(store, opened.id, AWA, "é" * 129)
    assert taken is not None
    assert taken.taken_name == "é" * 64


# Replies and alarms


async def test_the_first_reply_is_the_one_that_counts(store: SqlStore):
    opened = await open_hand_over(store)
    await change(store, opened, status=WITH_STAFF, now=NOW + SECOND)
    assert (await change(store, opened, status=WITH_STAFF, now=LATER)).replied_at == NOW + SECOND


async def test_those_that_wait_come_oldest_first(store: SqlStore):
    first, second = await open_hand_over(store, "chat-2"), await open_hand_over(store, "chat-1")
    assert await waiting(store) == [first.id, second.id]


async def test_a_hand_over_waits_from_its_opening_on(store: SqlStore):
    await open_hand_over(store)
    assert await waiting(store, opened_before=NOW - SECOND) == []


@pytest.mark.parametrize("status", [WITH_STAFF, CLOSED])
async def test_a_hand_over_with_a_reply_or_an_end_waits_no_more(store: SqlStore, status: HandOverStatus):
    await change(store, await open_hand_over(store), status=status)
    assert await waiting(store) == []


async def test_a_snoozed_hand_over_waits_again_at_its_time(store: SqlStore):
    opened = await change(store, await open_hand_over(store), snoozed_until=LATER)
    assert await waiting(store, now=LATER - SECOND) == []
    assert await waiting(store, now=LATER) == [opened.id]


async def test_an_alarmed_hand_over_waits_again_after_a_while(store: SqlStore):
    opened = await change(store, await open_hand_over(store), alarmed_at=NOW)
    assert await waiting(store, alarmed_before=NOW - SECOND) == []
    assert await waiting(store, alarmed_before=NOW) == [opened.id]


async def replies_after(store: SqlStore, *seconds: int) -> None:
    for n, waited in enumerate(seconds):
        opened = await open_hand_over(store, f"chat-{n}")
        await change(store, opened, status=WITH_STAFF, now=NOW + waited * SECOND)


async def test_the_usual_wait_is_the_median(store: SqlStore):
    await replies_after(store, 10, 20, 30, 40, 9000)
    assert await store.usual_wait(NOW) == timedelta(seconds=30)


async def test_the_usual_wait_is_not_told_of_few_chats(store: SqlStore):
    await replies_after(store, 10, 20, 30, 40)
    assert await store.usual_wait(NOW) is None


async def test_one_chat_with_many_hand_overs_is_one(store: SqlStore):
    for _ in range(5):
        opened = await open_hand_over(store)
        await change(store, opened, status=WITH_STAFF)
        await change(store, opened, status=CLOSED)
    assert await store.usual_wait(NOW) is None
    assert await store.usual_wait(NOW, least=1) == timedelta()


async def test_the_usual_wait_leaves_out_older_hand_overs_and_those_without_a_reply(store: SqlStore):
    await replies_after(store, 10)
    await open_hand_over(store, "chat-9")
    assert await store.usual_wait(NOW, least=1) == timedelta(seconds=10)
    assert await store.usual_wait(NOW + SECOND, least=1) is None


# Copies


def copy(chat: str, hand_over: HandOver, origin: int) -> Outgoing:
    return Outgoing(chat, "copyMessage", {"text": "…"}, hand_over.id, origin)


async def copies(store: SqlStore, chat: str, origin: int, hand_over: HandOver) -> list[int]:
    async with store.look() as work:
        return await work.copies(chat, origin, hand_over.id)


async def test_the_copies_of_a_message_are_those_that_arrived(store: SqlStore):
    opened = await open_hand_over(store)
    await enqueue(store, *(copy("staff", opened, 5) for _ in range(3)))
    await store.mark_sent(1, 77, NOW)
    await store.mark_sent(2, 78, NOW)
    assert await copies(store, "staff", 5, opened) == [77, 78]


async def test_copies_of_other_messages_chats_and_hand_overs_are_not_meant(store: SqlStore):
    opened, other = await open_hand_over(store), await open_hand_over(store, "chat-2")
    await enqueue(store, copy("staff", opened, 6), copy("chat-1", opened, 5), copy("staff", other, 5))
    for n in (1, 2, 3):
        await store.mark_sent(n, 70 + n, NOW)
    assert await copies(store, "staff", 5, opened) == []


async def known(store: SqlStore, number: int) -> int | None:
    """The hand-over of a message of the staff group."""
    async with store.look() as work:
        found = await work.hand_over_by_message("staff", number)
    return found.id if found else None


OLD, NEW = -500, -1001234567890


async def test_numbers_of_a_group_that_has_moved_mean_nothing_in_the_new_one(store: SqlStore):
    first, second = await open_hand_over(store, "chat-1"), await open_hand_over(store, "chat-2")
    await enqueue(store, copy("staff", first, 5), copy("staff", second, 6), copy("staff", first, 7))
    await store.mark_sent(1, 77, NOW, group=OLD)
    await store.mark_sent(2, 77, NOW, group=NEW)
    async with store.look() as work:
        found = [await work.hand_over_by_message("staff", 77, group) for group in (OLD, NEW, None)]
        assert found == [first, second, None]
        assert [await work.first_message(first.id, "staff", group) for group in (OLD, NEW)] == [77, None]
        assert [await work.copies("staff", 5, first.id, group) for group in (OLD, NEW)] == [[77], []]
        assert await work.copies("staff", 6, second.id, NEW) == [77]
        assert await work.copies_in(first.id, "staff") == {OLD: [77]}


async def test_what_an_earlier_version_sent_is_taken_to_stand_in_the_configured_group(store: SqlStore):
    opened = await open_hand_over(store)
    await enqueue(store, copy("staff", opened, 5), copy("staff", opened, 6))
    await store.mark_sent(1, 77, NOW)
    await store.settle_in(OLD)
    await store.mark_sent(2, 7, NOW, group=NEW)
    await store.settle_in(NEW)
    async with store.look() as work:
        assert await work.copies_in(opened.id, "staff") == {OLD: [77], NEW: [7]}


async def test_a_message_that_became_several_is_known_by_each(store: SqlStore):
    opened = await open_hand_over(store)
    await enqueue(store, copy("staff", opened, 5), copy("staff", opened, 6))
    await store.mark_sent(1, 77, NOW, others=[79, 80])
    await store.mark_sent(2, 81, NOW)
    assert [await known(store, number) for number in range(77, 82)] == [1, None, 1, 1, 1]
    assert await copies(store, "staff", 5, opened) == [77, 79, 80]
