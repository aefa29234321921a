"""Inbox and outbox, step by step, against models of a dozen lines: nothing lost, nothing out of order, no two at work.

Processes take, settle, fail, and come too late, in any order that Hypothesis thinks of. On SQLite there is one process,
on PostgreSQL there are two, and the leases of either may run out at any moment.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import Table, func, update

from bot.storage.model import OutboxRow, RawUpdate, StoredUpdate
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleMessageError, StaleUpdateError
from bot.storage.tables import inbox, outbox
from tests.storage import postgresql as server
from tests.storage.examples import NOW, SECOND, message

PROCESSES = 2
# Shrinking takes Hypothesis up to five minutes: take `phases` out once there is a failure to look at.
STEPS = settings(
    phases=[Phase.reuse, Phase.generate],
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
some_process = st.integers(0, PROCESSES - 1)
some_task = st.integers(0, 2 * PROCESSES - 1)
some_place = st.sampled_from("ab")


def at_work(machine: "Machine") -> bool:
    return any(machine.under_way.values())


class Machine(RuleBasedStateMachine):
    """What both have in common: rows in places, of which the oldest goes first, and leases on them."""

    table: Table

    def __init__(self, url: str) -> None:
        super().__init__()
        self.leases_matter = url.startswith("postgresql")
        if self.leases_matter:
            server.empty(url)
        self.runner = asyncio.Runner()
        self.stores = [
            self.run(open_store(url, NOW, lease=3600 * SECOND)) for _ in range(PROCESSES if self.leases_matter else 1)
        ]
        self.now = NOW
        self.rows: dict[int, str] = {}
        """Row → its place, of all that is not settled, oldest first."""
        self.settled: list[int] = []
        self.holder: dict[int, SqlStore] = {}
        self.dead_leases: set[int] = set()
        self.retry_at: dict[int, datetime] = {}
        self.under_way: dict[SqlStore, dict[str, Any]] = {store: {} for store in self.stores}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def process(self, number: int) -> SqlStore:
        return self.stores[number % len(self.stores)]

    def task(self, number: int) -> tuple[SqlStore, str]:
        """One of the places in which a process is at work, or believes so."""
        tasks = [(store, place) for store in self.stores for place in self.under_way[store]]
        return tasks[number % len(tasks)]

    def free_for(self, store: SqlStore, row: int) -> bool:
        """Pending, and not somebody else's: what a process that lost its lease may still settle."""
        return row in self.rows and self.holder.get(row, store) is store

    def heads(self, store: SqlStore) -> list[int]:
        """The rows that this process may take, oldest first."""
        oldest = {place: row for row, place in reversed(self.rows.items()) if place not in self.under_way[store]}
        free = (row for row in oldest.values() if self.free_for(store, row) or row in self.dead_leases)
        return sorted(row for row in free if self.is_due(row))

    def is_due(self, row: int) -> bool:
        return self.retry_at.get(row, NOW) <= self.now

    def lease(self, store: SqlStore, *rows: int) -> None:
        self.dead_leases -= {*rows}
        self.holder |= dict.fromkeys(rows, store) if self.leases_matter else {}

    def release(self, row: int) -> None:
        self.holder.pop(row, None)
        self.dead_leases.discard(row)

    def settle(self, row: int) -> None:
        del self.rows[row]
        self.release(row)
        self.settled.append(row)

    @rule(number=some_process, limit=st.integers(1, 4), later=st.integers(0, 1), others_died=st.booleans())
    def take(self, number: int, limit: int, later: int, *, others_died: bool) -> None:
        store = self.process(number)
        self.now += later * SECOND
        if others_died:
            self.leases_run_out({other for other in self.stores if other is not store})
        self.take_from(store, limit)

    def leases_run_out(self, stores: set[SqlStore]) -> None:
        self.dead_leases |= {row for row, holder in self.holder.items() if holder in stores}
        for store in stores:
            self.run(self.expire(store))

    def take_from(self, store: SqlStore, limit: int) -> None:
        raise NotImplementedError

    async def expire(self, store: SqlStore) -> None:
        held = update(self.table).where(self.table.c.leased_by == store.owner)
        async with store.writing() as connection:
            await connection.execute(held.values(leased_until=func.now() - SECOND))

    def teardown(self) -> None:
        try:
            self.now += 100 * SECOND
            self.leases_run_out({*self.stores})
            self.drain(self.stores[0])
            assert not self.rows
        finally:
            for store in self.stores:
                self.run(store.close())
            self.runner.close()

    def drain(self, store: SqlStore) -> None:
        raise NotImplementedError


class InboxMachine(Machine):
    table = inbox

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.received = 0
        self.tried: set[int] = set()
        """Those that failed, or whose process died."""

    @initialize(place=some_place)
    def begin_with_a_backlog(self, place: str) -> None:
        self.receive(0, place, count=4, again=0)

    @rule(number=some_process, place=some_place, count=st.integers(1, 3), again=st.integers(0, 3))
    def receive(self, number: int, place: str, count: int, again: int) -> None:
        """A batch of new updates, after some that were delivered before."""
        first = max(0, self.received - again)
        batch = [RawUpdate(n + 1, place, "{}") for n in range(first, self.received + count)]
        assert self.run(self.process(number).receive(batch, self.now)) == count
        self.rows |= {n + 1: place for n in range(self.received, self.received + count)}
        self.received += count

    def heads(self, store: SqlStore) -> list[int]:
        left_behind = {row for row in self.dead_leases if not self.free_for(store, row)}
        tried = self.tried | left_behind
        first_tried = min((row for row in self.rows if row in tried and self.is_due(row)), default=None)
        return [row for row in super().heads(store) if row not in tried or row == first_tried]

    def take_from(self, store: SqlStore, limit: int) -> None:
        expected = self.heads(store)[:limit]
        busy = tuple(self.under_way[store])
        self.tried |= {row for row in expected if not self.free_for(store, row)}
        taken = self.run(store.take_updates(busy_lanes=busy, limit=limit, now=self.now))
        assert [one.update_id for one in taken] == expected
        self.lease(store, *expected)
        self.under_way[store] |= {one.lane: one for one in taken}

    @precondition(at_work)
    @rule(number=some_task, limit=st.integers(0, 3))
    def finish(self, number: int, limit: int) -> None:
        """Settle an update together with what follows it in its lane."""
        store, place = self.task(number)
        head = self.under_way[store].pop(place)
        burst = [head, *(self.run(store.next_in_lane(head, limit)) if limit else ())]
        following = [row for row, lane in self.rows.items() if lane == place and row > head.update_id]
        assert [one.update_id for one in burst[1:]] == following[:limit]
        if self.free_for(store, head.update_id):
            self.run(self.done(store, burst))
            for one in burst:
                self.settle(one.update_id)
        else:
            with pytest.raises(StaleUpdateError):
                self.run(self.done(store, burst))

    async def done(self, store: SqlStore, burst: list[StoredUpdate]) -> None:
        async with store.work() as work:
            for one in burst:
                await work.update_done(one.seq, self.now)

    @precondition(at_work)
    @rule(number=some_task, last=st.booleans())
    def fail(self, number: int, *, last: bool) -> None:
        store, place = self.task(number)
        one = self.under_way[store].pop(place)
        retry_at = None if last else self.now + SECOND
        self.run(store.update_failed(one.seq, "boom", self.now, retry_at=retry_at))
        if not self.free_for(store, one.update_id):
            return
        if retry_at is None:
            self.settle(one.update_id)
        else:
            self.tried.add(one.update_id)
            self.retry_at[one.update_id] = retry_at
            self.release(one.update_id)

    def drain(self, store: SqlStore) -> None:
        self.under_way = {store: {} for store in self.stores}
        for _ in tuple(self.rows):
            self.take(0, 4, 0, others_died=False)
            while self.under_way[store]:
                self.finish(0, 2)
        counts = self.run(store.counts())
        assert counts["inbox.done"] + counts["inbox.dead"] == self.received == len(set(self.settled))


class OutboxMachine(Machine):
    table = outbox

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.queued = 0
        self.sending: set[int] = set()
        self.interrupted: set[int] = set()

    @initialize(places=st.lists(some_place, min_size=4, max_size=8))
    def begin_with_a_backlog(self, places: list[str]) -> None:
        self.enqueue(0, places)

    @rule(number=some_process, places=st.lists(some_place, max_size=4))
    def enqueue(self, number: int, places: list[str]) -> None:
        self.run(self.write(self.process(number), places))
        self.rows |= {self.queued + n: place for n, place in enumerate(places, 1)}
        self.queued += len(places)

    async def write(self, store: SqlStore, places: list[str]) -> None:
        async with store.work() as work:
            await work.enqueue([message(place) for place in places], self.now)

    def take_from(self, store: SqlStore, limit: int) -> None:
        self.put_back(self.sending & self.dead_leases)
        held = {self.rows[row] for row in self.holder.keys() - self.dead_leases if self.holder[row] is not store}
        heads = [row for row in self.heads(store) if row not in self.sending and self.rows[row] not in held]
        busy = tuple(self.under_way[store])
        taken = self.run(store.due_messages(busy_chats=busy, limit=limit, now=self.now))
        assert [row.id for row in taken] == heads[:limit]
        assert {row.id for row in taken if row.interrupted} == {*heads[:limit]} & self.interrupted
        self.lease(store, *heads[:limit])
        self.under_way[store] |= {row.outgoing.chat: [row] for row in taken}

    def put_back(self, rows: set[int]) -> None:
        self.sending -= rows
        self.interrupted |= rows
        for row in rows:
            self.release(row)
            self.retry_at.pop(row, None)

    @precondition(at_work)
    @rule(number=some_task, merged=st.integers(0, 2))
    def begin(self, number: int, merged: int) -> None:
        """Begin to send a message, alone or merged with what follows it in its chat."""
        store, place = self.task(number)
        rows: list[OutboxRow] = self.under_way[store][place]
        if rows[0].id in self.sending and self.free_for(store, rows[0].id):
            return
        following = [n for n, chat in self.rows.items() if chat == place and n > rows[0].id and n not in self.sending]
        more = self.run(store.next_in_chat(rows[0], merged)) if merged else []
        assert [row.id for row in more] == following[:merged]
        ids = [rows[0].id, *(row.id for row in more)]
        if all(self.free_for(store, row) for row in ids):
            self.run(store.mark_sending(ids, self.now))
            self.sending |= {*ids}
            self.lease(store, *ids)
            self.under_way[store][place] = [rows[0], *more]
        else:
            with pytest.raises(StaleMessageError):
                self.run(store.mark_sending(ids, self.now))
            del self.under_way[store][place]

    @precondition(at_work)
    @rule(number=some_task)
    def arrive(self, number: int) -> None:
        store, place = self.task(number)
        ids = [row.id for row in self.under_way[store].pop(place)]
        self.run(store.mark_sent(ids, 77, self.now))
        for row in ids:
            if self.free_for(store, row) or row in self.rows.keys() - self.sending:
                self.end(row)

    @precondition(at_work)
    @rule(number=some_task)
    def be_refused(self, number: int) -> None:
        store, place = self.task(number)
        ids = [row.id for row in self.under_way[store].pop(place)]
        self.run(store.mark_failed(ids, "refused", self.now))
        for row in ids:
            if self.free_for(store, row):
                self.end(row)

    def end(self, row: int) -> None:
        self.sending.discard(row)
        self.settle(row)

    @precondition(at_work)
    @rule(number=some_task, unknown=st.booleans())
    def be_put_off(self, number: int, *, unknown: bool) -> None:
        store, place = self.task(number)
        ids = [row.id for row in self.under_way[store].pop(place)]
        self.run(store.mark_retry(ids, "flood", self.now + SECOND, unknown=unknown))
        for row in ids:
            if self.free_for(store, row):
                self.sending.discard(row)
                self.interrupted |= {row} if unknown else set()
                self.retry_at[row] = self.now + SECOND
                self.release(row)

    @rule()
    def crash(self) -> None:
        """The only process starts anew."""
        if not self.leases_matter:
            assert self.run(self.stores[0].recover_sending(self.now)) == len(self.sending)
            self.put_back({*self.sending})
            self.under_way[self.stores[0]].clear()

    def drain(self, store: SqlStore) -> None:
        self.crash()
        self.under_way = {store: {} for store in self.stores}
        for _ in tuple(self.rows):
            self.take(0, 4, 0, others_died=False)
            while self.under_way[store]:
                self.begin(0, 1)
                self.arrive(0)
        counts = self.run(store.counts())
        assert counts["outbox.sent"] + counts["outbox.failed"] == self.queued == len(set(self.settled))
        assert counts["outbox.interrupted"] == len(self.interrupted)


@pytest.mark.parametrize("machine", [InboxMachine, OutboxMachine])
@pytest.mark.parametrize("database", ["sqlite_memory", "postgresql"])
def test_the_database_does_as_the_model(request: pytest.FixtureRequest, machine: type[Machine], database: str):
    url = request.getfixturevalue(database)
    run_state_machine_as_test(lambda: machine(url), settings=STEPS)
