"""What a caller sees when the database goes away, and that the same call succeeds once it is back."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage import database
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StorageError, StoreAwayError
from tests.storage import postgresql as server
from tests.storage.examples import NOW, enqueue, message, update, waiting_updates


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStore]:
    store = await open_store(url, NOW)
    yield store
    await store.close()


async def on_server(statement: str, *values: object) -> None:
    connection = await asyncpg.connect(f"{server.SERVER}/postgres")
    await connection.execute(statement, *values)
    await connection.close()


async def cut_connections(url: str) -> None:
    """As a restart of the server does."""
    cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
    connection = await asyncpg.connect(f"{server.SERVER}/postgres")
    await connection.fetch(cut, url.rpartition("/")[2])
    await connection.close()


async def test_a_file_that_another_process_locks_is_away_until_it_lets_go(sqlite_file, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE", 0)
    async with opened(sqlite_file) as store:
        with closing(sqlite3.connect(sqlite_file.partition("///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreAwayError, match="occupé par un autre programme"):
                await store.receive([update(1)], NOW)
        assert await store.receive([update(1)], NOW) == 1


async def test_a_full_disk_is_away_and_leaves_nothing_half_written(sqlite_memory):
    async with opened(sqlite_memory) as store:
        async with store.writing() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite makes it what there is
        with pytest.raises(StoreAwayError, match="le disque est plein"):
            await store.receive([update(n, f"lane-{n}") for n in range(2000)], NOW)
        assert await waiting_updates(store) == []
        async with store.writing() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        assert await store.receive([update(1)], NOW) == 1


async def test_a_server_that_restarts_is_away_once(postgresql):
    async with opened(postgresql) as store:
        await store.receive([update(1)], NOW)
        await cut_connections(postgresql)
        with pytest.raises(StoreAwayError):
            await store.counts()
        assert (await store.counts())["inbox.waiting"] == 1


async def test_a_transaction_during_which_the_server_restarts_leaves_nothing(postgresql):
    async def interrupted(store: SqlStore) -> None:
        async with store.work() as work:
            await work.enqueue([message()], NOW)
            await cut_connections(postgresql)
            await work.enqueue([message()], NOW)

    async with opened(postgresql) as store:
        with pytest.raises(StoreAwayError):
            await interrupted(store)
        assert (await store.counts())["outbox.queued"] == 0


async def test_a_server_that_lets_nobody_in_is_away_until_it_does(postgresql):
    name = postgresql.rpartition("/")[2]
    async with opened(postgresql) as store:
        await on_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await cut_connections(postgresql)
        for _ in range(3):
            with pytest.raises(StoreAwayError):
                await store.receive([update(1)], NOW)
        await on_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert await store.receive([update(1)], NOW) == 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql+asyncpg://somebody:s3cret@127.0.0.1:1/passerelle", "que la base de données est en marche"),
        (f"{server.SERVER.replace('ql:', 'ql+asyncpg:')}/no_such_database", "n'existe pas"),
    ],
)
async def test_a_server_that_cannot_be_used_is_named_with_what_to_mend(migrated, url, reason):
    with pytest.raises(StorageError, match=reason) as refused:
        await open_store(url, NOW)
    assert "s3cret" not in str(refused.value)


async def test_a_fault_of_ours_is_not_taken_for_an_absence(store: SqlStore):
    with pytest.raises(IntegrityError):
        await enqueue(store, message(hand_over=99))


async def test_an_absence_of_the_database_blocks_nobody_afterwards(sqlite_file, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE", 0)
    async with opened(sqlite_file) as store:
        with closing(sqlite3.connect(sqlite_file.partition("///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            tries = [store.receive([update(n)], NOW) for n in range(5)]
            outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {StoreAwayError}
        await asyncio.gather(*(store.receive([update(n)], NOW) for n in range(5)))
        assert (await store.counts())["inbox.waiting"] == 5
