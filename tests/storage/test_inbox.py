from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.storage.model import RawUpdate, StoredUpdate
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleUpdateError
from bot.storage.tables import inbox
from tests.storage.examples import LATER, NOW, SECOND, done, due_texts, message, update, waiting_updates


async def test_a_batch_tells_how_many_updates_were_new(store: SqlStore):
    assert await store.receive([update(1), update(2)], NOW) == 2


async def test_an_empty_batch_changes_nothing(store: SqlStore):
    assert await store.receive([], NOW) == 0


async def test_an_update_delivered_again_is_ignored(store: SqlStore):
    await store.receive([update(1), update(2)], NOW)
    assert await store.receive([update(2), update(3)], NOW) == 1
    assert (await store.counts())["inbox.waiting"] == 3


async def test_an_update_twice_in_one_batch_is_stored_once(store: SqlStore):
    assert await store.receive([update(1), update(1)], NOW) == 1


async def test_an_update_that_was_done_is_not_taken_when_delivered_again(store: SqlStore):
    await store.receive([update(1)], NOW)
    await done(store, 1)
    await store.receive([update(1)], NOW)
    assert await waiting_updates(store) == []


async def test_an_update_comes_out_as_it_went_in(store: SqlStore):
    body = '{"text": "Où est l’école ? 🏫 مدرسة"}'
    await store.receive([RawUpdate(2**40, "chat-1", body)], NOW)
    [taken] = await store.take_updates(busy_lanes=(), limit=1, now=NOW)
    assert taken == StoredUpdate(taken.seq, 2**40, "chat-1", body, tries=0, received_at=NOW)


async def test_without_updates_there_is_no_offset(store: SqlStore):
    assert await store.next_offset() is None


async def test_the_offset_follows_the_update_stored_last(store: SqlStore):
    await store.receive([update(7), update(8)], NOW)
    assert await store.next_offset() == 9


async def test_the_offset_follows_numbers_that_start_anew(store: SqlStore):
    await store.receive([update(900_000)], NOW)
    await store.receive([update(5)], NOW)
    assert await store.next_offset() == 6


async def test_the_oldest_of_each_lane_is_taken_oldest_first(store: SqlStore):
    await store.receive([update(1, "b"), update(2, "a"), update(3, "b"), update(4, "a")], NOW)
    assert await waiting_updates(store) == [1, 2]


async def test_order_is_that_of_arrival_not_of_numbers(store: SqlStore):
    await store.receive([update(9)], NOW)
    await store.receive([update(4)], NOW)
    assert await waiting_updates(store) == [9]


async def following(store: SqlStore, limit: int = 20) -> list[int]:
    """The updates that follow the first of the lane `a`."""
    [head] = [taken for taken in await store.take_updates(busy_lanes=(), limit=9, now=NOW) if taken.lane == "a"]
    return [update.update_id for update in await store.next_in_lane(head, limit)]


async def test_a_burst_is_what_follows_in_the_lane_in_order(store: SqlStore):
    await store.receive([update(8, "a"), update(9, "b"), update(7, "a"), update(6, "a")], NOW)
    assert await following(store) == [7, 6]


async def test_a_burst_holds_no_more_than_asked_for(store: SqlStore):
    await store.receive([update(n, "a") for n in range(5)], NOW)
    assert await following(store, limit=2) == [1, 2]


async def test_a_burst_holds_no_update_that_is_settled(store: SqlStore):
    await store.receive([update(n, "a") for n in range(4)], NOW)
    await done(store, 2)
    await store.update_failed(3, "poison", NOW, retry_at=None)
    assert await following(store) == [3]


async def test_a_burst_is_settled_together(store: SqlStore):
    await store.receive([update(n) for n in range(4)], NOW)
    async with store.work() as work:
        for seq in (1, 2, 3):
            await work.update_done(seq, NOW)
    assert await waiting_updates(store) == [3]


async def test_a_busy_lane_gives_nothing(store: SqlStore):
    await store.receive([update(1, "a"), update(2, "a"), update(3, "b")], NOW)
    assert await waiting_updates(store, ["a"]) == [3]


async def test_no_more_updates_are_taken_than_asked_for(store: SqlStore):
    await store.receive([update(n, f"lane-{n}") for n in range(5)], NOW)
    assert len(await store.take_updates(busy_lanes=(), limit=2, now=NOW)) == 2


async def test_a_done_update_lets_the_next_of_its_lane_go(store: SqlStore):
    await store.receive([update(1), update(2)], NOW)
    await done(store, 1)
    assert await waiting_updates(store) == [2]


async def test_an_update_that_failed_blocks_its_lane_until_its_time(store: SqlStore):
    await store.receive([update(1, "a"), update(2, "a"), update(3, "b")], NOW)
    await store.update_failed(1, "boom", NOW, retry_at=LATER)
    assert await waiting_updates(store, now=LATER - SECOND) == [3]


async def test_an_update_that_failed_comes_back_at_its_time_with_its_tries(store: SqlStore):
    await store.receive([update(1), update(2)], NOW)
    await store.update_failed(1, "boom", NOW, retry_at=LATER)
    [taken] = await store.take_updates(busy_lanes=(), limit=9, now=LATER)
    assert (taken.update_id, taken.tries) == (1, 1)


async def test_a_dead_update_lets_the_next_of_its_lane_go(store: SqlStore):
    await store.receive([update(1), update(2)], NOW)
    await store.update_failed(1, "poison", NOW, retry_at=None)
    assert await waiting_updates(store, now=LATER) == [2]


async def test_a_dead_update_is_kept_and_counted(store: SqlStore):
    await store.receive([update(1)], NOW)
    await store.update_failed(1, "poison", NOW, retry_at=None)
    assert (await store.counts())["inbox.dead"] == 1


async def test_an_update_is_done_only_once_so_that_its_effects_are_not_doubled(store: SqlStore):
    await store.receive([update(1)], NOW)
    await done(store, 1)
    with pytest.raises(StaleUpdateError):
        await done(store, 1)


async def test_a_done_update_cannot_fail_any_more(store: SqlStore):
    await store.receive([update(1)], NOW)
    await done(store, 1)
    await store.update_failed(1, "late", NOW, retry_at=LATER, then=[message(text="Désolés")])
    assert await waiting_updates(store, now=LATER) == []
    assert await due_texts(store) == []


async def test_purging_removes_what_was_done_before_a_time(store: SqlStore):
    await store.receive([update(1), update(2), update(3), update(4)], NOW)
    await done(store, 1, NOW)
    await done(store, 2, LATER)
    assert await store.purge_inbox(LATER) == 1
    assert (await store.counts())["inbox.done"] == 1


async def test_purging_keeps_updates_that_are_not_done(store: SqlStore):
    await store.receive([update(1), update(2, "b"), update(3, "c")], NOW)
    await store.update_failed(2, "poison", NOW, retry_at=None)
    assert await store.purge_inbox(LATER) == 0


async def test_purging_keeps_the_offset(store: SqlStore):
    await store.receive([update(1), update(2)], NOW)
    await done(store, 1)
    await done(store, 2)
    await store.purge_inbox(LATER)
    assert await store.next_offset() == 3


async def test_purging_empties_the_newest_update_that_it_keeps(store: SqlStore):
    await store.receive([update(1)], NOW)
    await done(store, 1)
    await store.purge_inbox(LATER)
    async with store.reading() as connection:
        assert await connection.scalar(select(inbox.c.body)) == ""


async def test_of_updates_tried_before_one_is_taken_at_a_time(store: SqlStore):
    """One of them may end the process: it must not take the others with it."""
    await store.receive([update(n, f"lane-{n}") for n in range(1, 5)], NOW)
    await waiting_updates(store)
    for seq in (2, 3):
        await store.update_failed(seq, "boom", NOW, retry_at=NOW)
    assert await waiting_updates(store) == [1, 2, 4]
    taken = await store.take_updates(busy_lanes=("lane-2",), limit=9, now=NOW, tried=False)
    assert [each.update_id for each in taken] == [1, 4]
    await done(store, 2)
    assert await waiting_updates(store) == [1, 3, 4]


async def test_what_a_process_had_when_it_died_counts_a_try(sqlite_file: str):
    died = await open_store(sqlite_file, NOW)
    await died.receive([update(1, "taken"), update(2, "taken"), update(3, "left")], NOW)
    await died.take_updates(busy_lanes=("left",), limit=9, now=NOW)
    after = await open_store(sqlite_file, NOW)
    await after.receive([update(4, "fresh")], NOW)
    tries = {one.update_id: one.tries for one in await after.take_updates(busy_lanes=(), limit=9, now=NOW)}
    assert tries == {1: 1, 3: 0, 4: 0}
    await after.close()
    await died.close()


async def test_what_a_process_had_when_it_was_closed_counts_none(sqlite_file: str):
    closed = await open_store(sqlite_file, NOW)
    await closed.receive([update(1)], NOW)
    await waiting_updates(closed)
    await closed.close()
    after = await open_store(sqlite_file, NOW)
    assert [one.tries for one in await after.take_updates(busy_lanes=(), limit=9, now=NOW)] == [0]
    await after.close()


async def test_a_clock_that_is_set_back_does_not_put_off_the_next_try(store: SqlStore):
    await store.receive([update(1)], NOW)
    await store.update_failed(1, "boom", NOW, retry_at=NOW + 4 * SECOND)
    assert await waiting_updates(store, now=NOW) == []
    assert await waiting_updates(store, now=NOW - timedelta(hours=1)) == [1]


async def test_what_a_process_had_when_it_died_is_taken_one_at_a_time(sqlite_file: str):
    died = await open_store(sqlite_file, NOW)
    await died.receive([update(n, f"lane-{n}") for n in range(1, 5)], NOW)
    assert len(await waiting_updates(died)) == 4
    after = await open_store(sqlite_file, NOW)
    await after.receive([update(5, "fresh")], NOW)
    assert await waiting_updates(after) == [1, 5]
    await done(after, 1)
    assert await waiting_updates(after) == [2, 5]
    await after.close()
    await died.close()
