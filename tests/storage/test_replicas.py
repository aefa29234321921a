"""Several processes on one PostgreSQL: who works on what, and what happens when one of them dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select

from bot.storage.model import OutboxRow
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleMessageError, StaleUpdateError, StoreAwayError
from bot.storage.tables import inbox, outbox
from tests.storage.examples import LATER, NOW, done, due_texts, enqueue, message, update, waiting_updates
from tests.storage.test_faults import cut_connections

DYING = timedelta()
"""The lease of a process that gives no sign of life."""


@pytest.fixture
async def alive(postgresql: str) -> AsyncIterator[SqlStore]:
    store = await open_store(postgresql, NOW)
    yield store
    await store.close()


@pytest.fixture
async def other(postgresql: str) -> AsyncIterator[SqlStore]:
    store = await open_store(postgresql, NOW)
    yield store
    await store.close()


@pytest.fixture
async def dying(postgresql: str) -> AsyncIterator[SqlStore]:
    store = await open_store(postgresql, NOW, lease=DYING)
    yield store
    await store.close()


async def only(store: SqlStore) -> OutboxRow:
    [row] = await store.due_messages(busy_chats=(), limit=9, now=NOW)
    return row


# Inbox


async def test_a_lane_that_one_process_is_at_work_on_is_left_alone(alive: SqlStore, other: SqlStore):
    await alive.receive([update(1, "a"), update(2, "a"), update(3, "b")], NOW)
    assert len(await alive.take_updates(busy_lanes=(), limit=1, now=NOW)) == 1
    assert await waiting_updates(other) == [3]


async def test_a_process_may_take_again_what_it_has(alive: SqlStore):
    await alive.receive([update(1)], NOW)
    assert await waiting_updates(alive) == await waiting_updates(alive) == [1]


async def test_a_lane_is_free_at_once_when_its_update_is_done(alive: SqlStore, other: SqlStore):
    await alive.receive([update(1), update(2)], NOW)
    await waiting_updates(alive)
    await done(alive, 1)
    assert await waiting_updates(other) == [2]


async def test_an_update_that_failed_may_be_tried_by_another_process(alive: SqlStore, other: SqlStore):
    await alive.receive([update(1), update(2)], NOW)
    await waiting_updates(alive)
    await alive.update_failed(1, "boom", NOW, retry_at=LATER)
    assert await waiting_updates(other, now=NOW) == []
    assert await waiting_updates(other, now=LATER) == [1]


async def test_a_burst_belongs_to_who_has_its_first_update(alive: SqlStore, other: SqlStore):
    await alive.receive([update(1), update(2), update(3)], NOW)
    await waiting_updates(alive)
    async with alive.work() as work:
        await work.update_done(1, NOW)
        await work.update_done(2, NOW)
        assert await waiting_updates(other) == []
    assert await waiting_updates(other) == [3]


async def test_the_lanes_of_a_dead_process_are_taken_over(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1), update(2)], NOW)
    await waiting_updates(dying)
    assert await waiting_updates(alive) == [1]


async def test_a_process_that_comes_too_late_settles_nothing(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1)], NOW)
    await waiting_updates(dying)
    await waiting_updates(alive)
    with pytest.raises(StaleUpdateError):
        await done(dying, 1)
    await dying.update_failed(1, "late", NOW, retry_at=None, then=[message()])
    assert await due_texts(alive) == []
    await done(alive, 1)


async def test_a_slow_process_whose_lease_ran_out_settles_what_nobody_took_over(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1)], NOW)
    await waiting_updates(dying)
    await done(dying, 1)
    assert await waiting_updates(alive) == []


async def test_a_process_that_closes_gives_back_what_it_did_not_begin(postgresql: str, alive: SqlStore):
    await alive.receive([update(1)], NOW)
    await enqueue(alive, message())
    closing = await open_store(postgresql, NOW)
    await waiting_updates(closing)
    await due_texts(closing)
    await closing.close()
    assert (await waiting_updates(alive), await due_texts(alive)) == ([1], ["Bonjour"])


async def test_processes_that_take_at_once_never_take_the_same(alive: SqlStore, other: SqlStore):
    await alive.receive([update(n, f"lane-{n}") for n in range(60)], NOW)
    takes = [store.take_updates(busy_lanes=(), limit=15, now=NOW) for store in (alive, other)]
    first, second = ({taken.seq for taken in took} for took in await asyncio.gather(*takes))
    assert len(first) == 15
    assert not first & second


# Outbox


async def test_a_chat_that_one_process_sends_to_is_left_alone(alive: SqlStore, other: SqlStore):
    await enqueue(alive, message("a", "1"), message("a", "2"), message("b", "3"))
    await alive.due_messages(busy_chats=(), limit=1, now=NOW)
    assert await due_texts(other) == ["3"]
    await alive.mark_sending(1, NOW)
    assert await due_texts(other) == ["3"]
    await alive.mark_sent(1, 77, NOW)
    assert await due_texts(other) == ["2", "3"]


async def test_a_chat_is_left_alone_even_when_an_older_message_is_committed_late(alive: SqlStore, other: SqlStore):
    async with alive.work() as work:
        await work.enqueue([message(text="older")], NOW)
        await enqueue(other, message(text="newer"))
        assert await due_texts(other) == ["newer"]
    assert await due_texts(alive) == []


async def test_what_a_living_process_sends_is_not_put_back_by_one_that_starts(postgresql: str, alive: SqlStore):
    await enqueue(alive, message())
    await due_texts(alive)
    await alive.mark_sending(1, NOW)
    starting = await open_store(postgresql, NOW, recover=True)
    assert await due_texts(starting) == []
    await starting.close()


async def test_what_a_dead_process_was_sending_is_sent_again_and_counted(dying: SqlStore, alive: SqlStore):
    await enqueue(dying, message())
    await dying.mark_sending(1, NOW)
    assert (await only(alive)).interrupted
    assert (await alive.counts())["outbox.interrupted"] == 1


async def test_a_message_put_off_may_be_sent_by_another_process(alive: SqlStore, other: SqlStore):
    await enqueue(alive, message())
    await due_texts(alive)
    await alive.mark_sending(1, NOW)
    await alive.mark_retry(1, "flood", LATER)
    assert await due_texts(other, now=NOW) == []
    assert await due_texts(other, now=LATER) == ["Bonjour"]


async def test_a_process_that_hangs_while_it_settles_holds_nobody_up(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1)], NOW)
    await enqueue(dying, message("a"), message("b"))
    await waiting_updates(dying)
    await dying.mark_sending(1, NOW)
    async with asyncio.timeout(5), dying.writing() as connection:
        for table in (inbox, outbox):
            await connection.execute(select(table).with_for_update())
        assert (await waiting_updates(alive), await due_texts(alive)) == ([], [])


async def test_a_process_that_lost_its_lease_does_not_begin_to_send(dying: SqlStore, alive: SqlStore):
    await enqueue(dying, message())
    await due_texts(dying)
    await due_texts(alive)
    with pytest.raises(StaleMessageError):
        await dying.mark_sending(1, NOW)


async def test_a_late_success_spares_a_sending_that_has_not_begun(dying: SqlStore, alive: SqlStore):
    await enqueue(dying, message())
    await dying.mark_sending(1, NOW)
    await due_texts(alive)
    await dying.mark_sent(1, 77, NOW)
    with pytest.raises(StaleMessageError):
        await alive.mark_sending(1, NOW)
    assert (await alive.counts())["outbox.sent"] == 1


async def test_a_late_success_does_not_hide_a_second_sending(dying: SqlStore, alive: SqlStore):
    await enqueue(dying, message(), message(text="next"))
    await dying.mark_sending(1, NOW)
    await due_texts(alive)
    await alive.mark_sending(1, NOW)
    await dying.mark_sent(1, 77, NOW)
    counts = await alive.counts()
    assert (counts["outbox.sending"], counts["outbox.interrupted"]) == (1, 1)
    await alive.mark_sent(1, 78, NOW)
    assert await due_texts(alive) == ["next"]


@pytest.mark.parametrize("outcome", ["mark_failed", "mark_retry"])
async def test_a_late_failure_changes_nothing(dying: SqlStore, alive: SqlStore, outcome: str):
    await enqueue(dying, message())
    await dying.mark_sending(1, NOW)
    await due_texts(alive)
    await alive.mark_sending(1, NOW)
    await getattr(dying, outcome)(1, "late", NOW)
    assert (await alive.counts())["outbox.sending"] == 1


async def test_processes_that_send_at_once_never_send_the_same(alive: SqlStore, other: SqlStore):
    await enqueue(alive, *(message(f"chat-{n}") for n in range(60)))
    takes = [store.due_messages(busy_chats=(), limit=15, now=NOW) for store in (alive, other)]
    first, second = ({row.id for row in took} for took in await asyncio.gather(*takes))
    assert len(first) == 15
    assert not first & second


# Signs of life


async def test_a_process_that_renews_keeps_what_it_has(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1)], NOW)
    await enqueue(dying, message("a", "queued"), message("b", "on its way"))
    await waiting_updates(dying)
    await dying.due_messages(busy_chats=(), limit=9, now=NOW)
    await dying.mark_sending(2, NOW)
    dying._lease = timedelta(minutes=1)
    await dying.renew(NOW)
    assert (await waiting_updates(alive), await due_texts(alive)) == ([], [])


async def test_renewing_does_not_bring_back_what_was_lost(dying: SqlStore, alive: SqlStore):
    await dying.receive([update(1)], NOW)
    await waiting_updates(dying)
    await waiting_updates(alive)
    await dying.renew(NOW)
    with pytest.raises(StaleUpdateError):
        await done(dying, 1)


async def test_renewing_waits_for_nobody(alive: SqlStore):
    await alive.receive([update(1)], NOW)
    await waiting_updates(alive)
    async with asyncio.timeout(5), alive.work() as work:
        await work.update_done(1, NOW)
        await alive.renew(NOW)


# Who polls


async def test_one_process_polls_at_a_time(alive: SqlStore, other: SqlStore):
    assert [await alive.poll_leader(NOW), await other.poll_leader(NOW), await alive.poll_leader(NOW)] == [
        *(True, False, True)
    ]


async def test_the_next_process_polls_when_the_first_closes(postgresql: str, other: SqlStore):
    first = await open_store(postgresql, NOW)
    assert await first.poll_leader(NOW)
    await first.close()
    assert await other.poll_leader(NOW)


async def test_a_process_cut_off_from_the_database_leads_no_more(postgresql: str, alive: SqlStore):
    await alive.poll_leader(NOW)
    await cut_connections(postgresql)
    other = await open_store(postgresql, NOW)
    assert await other.poll_leader(NOW)
    with pytest.raises(StoreAwayError):
        await alive.poll_leader(NOW)
    assert not await alive.poll_leader(NOW)
    await other.close()


async def test_with_sqlite_the_only_process_polls(sqlite_memory: str):
    store = await open_store(sqlite_memory, NOW)
    assert await store.poll_leader(NOW)
    await store.renew(NOW)
    await store.close()


# Who sends


def unheard() -> None:
    """For who listens to nobody."""


async def test_one_process_sends_at_a_time(alive: SqlStore, other: SqlStore):
    asked = [await store.send_leader(NOW, unheard) for store in (alive, other, alive)]
    assert asked == [True, False, True]


async def test_who_polls_need_not_be_who_sends(alive: SqlStore, other: SqlStore):
    assert await alive.poll_leader(NOW)
    assert await other.send_leader(NOW, unheard)


async def test_the_next_sender_takes_up_at_once_what_the_first_had_not_begun(postgresql: str):
    first = await open_store(postgresql, NOW)
    assert await first.send_leader(NOW, unheard)
    await enqueue(first, message("a", "on its way"), message("b", "not begun"))
    await first.due_messages(busy_chats=(), limit=9, now=NOW)
    await first.mark_sending(1, NOW)
    await cut_connections(postgresql)
    other = await open_store(postgresql, NOW)
    assert await other.send_leader(NOW, unheard)
    assert await due_texts(other) == ["not begun"]
    await other.close()
    await first.close()


async def test_the_sender_hears_at_once_of_what_another_process_queues(alive: SqlStore, other: SqlStore):
    heard = asyncio.Event()
    await alive.send_leader(NOW, heard.set)
    await enqueue(other, message())
    async with asyncio.timeout(10):
        await heard.wait()


async def test_a_server_that_goes_as_the_sender_begins_to_listen_is_away_and_is_listened_to_afterwards(
    alive: SqlStore, other: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    async def cut(*_: object) -> None:
        raise asyncpg.InterfaceError("connection is closed")

    heard = asyncio.Event()
    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "add_listener", cut)
        with pytest.raises(StoreAwayError):
            await alive.send_leader(NOW, heard.set)
    assert await alive.send_leader(NOW, heard.set)
    await enqueue(other, message())
    async with asyncio.timeout(10):
        await heard.wait()


async def test_who_could_not_take_up_what_the_sender_before_had_does_so_at_the_next_look(
    dying: SqlStore, alive: SqlStore, monkeypatch: pytest.MonkeyPatch
):
    dying._lease = timedelta(hours=1)
    await enqueue(dying, message())
    await due_texts(dying)
    with monkeypatch.context() as patched:
        patched.setattr(alive, "writing", _away)
        with pytest.raises(StoreAwayError):
            await alive.send_leader(NOW, unheard)
    assert await alive.send_leader(NOW, unheard)
    assert await due_texts(alive) == ["Bonjour"]


def _away() -> None:
    raise StoreAwayError


async def test_with_sqlite_the_only_process_sends(sqlite_memory: str):
    store = await open_store(sqlite_memory, NOW)
    assert await store.send_leader(NOW, unheard)
    await store.close()
