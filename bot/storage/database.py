"""Connections and transactions. SQLite has one writer at a time: this process queues, others wait for its lock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import aiosqlite
from sqlalchemy import Connection, StaticPool, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.store import StorageError

_DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
_WRITES = "passerelle_writes"
_PRAGMAS = (
    "busy_timeout = 30000",  # first: the others may have to wait already
    "journal_mode = WAL",  # readers and the writer do not wait for each other
    "synchronous = FULL",  # what is committed survives a power cut; as fast as NORMAL with batches
    "foreign_keys = ON",
)


class Database:
    """Transactions over one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        embedded = engine.dialect.name == "sqlite"
        nothing = nullcontext()
        # Waiting for asyncio's lock is fair and costs nothing; SQLite's own makes callers sleep and try again.
        self._write_turn: AbstractAsyncContextManager[None] = asyncio.Lock() if embedded else nothing
        # In memory there is one connection, hence one transaction at a time.
        self._read_turn = self._write_turn if isinstance(engine.pool, StaticPool) else nothing

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._read_turn, self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Committed at the end of the block, rolled back by an exception."""
        async with self._write_turn, self._writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self._engine.dispose()


def create_engine(url: str) -> AsyncEngine:
    """An engine for one of the two databases we know; connects to nothing yet.

    Raises:
        StorageError: `url` names no such database.
    """
    unusable = StorageError(
        "PASSERELLE_DATABASE_URL n'est pas une adresse de base de données utilisable : écrivez par exemple "
        "« sqlite+aiosqlite:///passerelle.db » ou « postgresql+asyncpg://utilisateur:secret@serveur/base »."
    )
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise unusable from error
    if parsed.drivername not in _DRIVERS:
        raise unusable
    embedded = parsed.drivername.startswith("sqlite")
    try:
        engine = create_async_engine(parsed, connect_args={"async_creator_fn": _connect_sqlite} if embedded else {})
    except ModuleNotFoundError as error:
        raise StorageError(
            f"PASSERELLE_DATABASE_URL demande le module Python « {error.name} », qui n'est pas installé."
        ) from error
    if embedded:
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def insert_new(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that passes over rows which a unique constraint refuses."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


async def _connect_sqlite(*args: Any, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 - sqlite3's own
    """Connect as SQLAlchemy does, but let no thread survive a refusal: it would complain after the loop ended."""
    connection = aiosqlite.connect(*args, **options)
    thread = connection._thread  # noqa: SLF001 - as SQLAlchemy itself: there is no public way
    thread.daemon = True
    try:
        return await connection
    except BaseException:
        await asyncio.to_thread(thread.join)
        raise


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's sqlite3 would emit a deferred BEGIN of its own, and none before DDL: with None it leaves it to us.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()  # the pool does not know it yet, and its thread would outlive the event loop
        raise
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads, then writes, fails at once when another process wrote in between; an
    # immediate one waits at its start.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
