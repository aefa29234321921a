"""How PostgreSQL goes about a take: it does not know how long a queue is, and must not compare all rows with all."""

import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.storage.sql import SqlStore, open_store
from bot.storage.tables import inbox, outbox
from tests.storage.examples import NOW, enqueue, message, update

BACKLOG, LANES = 2000, 100
FEW = 2
"""Times that a row is looked at; each with each head would be `LANES`, with each row that is taken 16."""


counted = pytest.mark.parametrize("when_empty", [True, False], ids=["counted when empty", "counted with the backlog"])


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def rows_looked_at(node: dict[str, Any]) -> float:
    seen = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    return node["Actual Loops"] * sum(node.get(name, 0) for name in seen)


async def most_rows_looked_at(store: SqlStore, take: Any) -> float:
    """By one step of the plan of the lease that `take` makes."""
    leases: list[tuple[str, Any]] = []

    def keep(_connection, _cursor, statement, values, *_others) -> None:
        leases.extend([(statement, values)] if "SKIP LOCKED" in statement and "LIMIT" in statement else [])

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    await take()
    event.remove(engine, "before_cursor_execute", keep)
    [(statement, values)] = leases
    async with store.writing() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        [explained] = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values)
    return max(rows_looked_at(node) for node in nodes(explained["Plan"]))


@pytest.fixture
async def store(postgresql: str) -> AsyncIterator[SqlStore]:
    """PostgreSQL counts rows when these tests say so: by itself it may do so at any moment, and plan otherwise then."""
    opened = await open_store(postgresql, NOW)
    for setting in ("SET (autovacuum_enabled = false)", "RESET (autovacuum_enabled)"):
        async with opened.writing() as connection:
            for table in (inbox, outbox):
                await connection.execute(text(f"ALTER TABLE {table.name} {setting}"))
        if setting.startswith("SET"):
            yield opened
    await opened.close()


async def fill(store: SqlStore) -> None:
    await store.receive([update(n, f"lane-{n % LANES}") for n in range(BACKLOG)], NOW)
    await enqueue(store, *(message(f"chat-{n % LANES}") for n in range(BACKLOG)))


async def count(store: SqlStore) -> None:
    async with store.writing() as connection:
        await connection.execute(text("ANALYZE inbox, outbox"))


async def with_a_backlog(store: SqlStore, *, counted_when_empty: bool) -> None:
    await fill(store)
    if counted_when_empty:  # as after a quiet night: it is taken for an empty table, however many have come since
        async with store.writing() as connection:
            for table in (inbox, outbox):
                await connection.execute(table.delete())
        await count(store)
        await fill(store)
    else:
        await count(store)


@counted
async def test_taking_updates_looks_at_each_row_of_the_backlog_a_few_times_at_most(
    store: SqlStore, *, when_empty: bool
):
    await with_a_backlog(store, counted_when_empty=when_empty)
    take = functools.partial(store.take_updates, busy_lanes=("a",), limit=16, now=NOW)
    assert await most_rows_looked_at(store, take) < FEW * BACKLOG


@counted
async def test_taking_messages_looks_at_each_row_of_the_backlog_a_few_times_at_most(
    store: SqlStore, *, when_empty: bool
):
    await with_a_backlog(store, counted_when_empty=when_empty)
    take = functools.partial(store.due_messages, busy_chats=("a",), limit=16, now=NOW)
    assert await most_rows_looked_at(store, take) < FEW * BACKLOG
