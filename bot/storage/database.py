"""Connections and transactions. SQLite has one writer at a time: this process queues, others wait for its lock."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, StaticPool, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage import one_hop
from bot.storage.faults import translated
from bot.storage.store import StorageError

_WRITES = "passerelle_writes"
_BRIEF = "passerelle_brief"
_PATIENCE = 30
"""Seconds that SQLite waits for another process that writes."""
_POSTGRESQL = {
    "timeout": 10,
    "command_timeout": 60,
    "server_settings": {
        "application_name": "passerelle",
        # A machine that vanishes, or a process that hangs, does not keep its locks.
        "tcp_keepalives_idle": "15",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "idle_in_transaction_session_timeout": "60000",
    },
}
"""For asyncpg; seconds, but for the last milliseconds."""


_IN_MEMORY = ("sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:")
_POOL = {"pool_size": 10, "max_overflow": 0}
"""Connections that stay open. More would be closed after each use: opening one costs as much as ten questions."""


class Database:
    """Transactions over one engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._engines = {
            (writes, brief): engine.execution_options(**{_WRITES: writes, _BRIEF: brief})
            for writes in (False, True)
            for brief in (False, True)
        }
        self.url = engine.url.render_as_string(hide_password=True)
        embedded = engine.dialect.name == "sqlite"
        nothing = nullcontext()
        # Waiting for asyncio's lock is fair and costs nothing; SQLite's own makes callers sleep and try again.
        self._write_turn: AbstractAsyncContextManager[None] = asyncio.Lock() if embedded else nothing
        # In memory there is one connection, hence one transaction at a time.
        self._read_turn = self._write_turn if isinstance(engine.pool, StaticPool) else nothing

    @asynccontextmanager
    async def reading(self, *, brief: bool = False) -> AsyncIterator[AsyncConnection]:
        """`brief`: with statements that find a few rows by a key only.

        Raises:
            StoreAwayError: as every use of the database.
        """
        with translated(self.url):
            async with self._read_turn, self._engines[False, brief].connect() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self, *, brief: bool = False) -> AsyncIterator[AsyncConnection]:
        """Committed at the end of the block, rolled back by an exception; `brief` as in `reading`."""
        with translated(self.url):
            async with self._write_turn, self._engines[True, brief].begin() as connection:
                yield connection

    async def scrub(self) -> None:
        if self._engine.dialect.name == "postgresql":
            await self._vacuum()
        else:
            await self._empty_wal()

    async def _empty_wal(self) -> None:
        """SQLite overwrites what it deletes, but its write-ahead log still has the pages as they were."""
        with translated(self.url):
            async with self._write_turn, self._engine.connect() as connection:
                raw = await connection.get_raw_connection()
                assert raw.driver_connection is not None  # noqa: S101 - it has just been opened
                await raw.driver_connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _vacuum(self) -> None:
        with translated(self.url):
            async with self._engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await alone.exec_driver_sql("VACUUM")

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
    embedded = url.startswith("sqlite+aiosqlite:")
    if not embedded and not url.startswith("postgresql+asyncpg:"):
        raise unusable
    try:
        engine = create_async_engine(
            url,
            connect_args={"async_creator_fn": _connect_sqlite} if embedded else _POSTGRESQL,
            hide_parameters=True,  # errors are logged, and the parameters are what citizens wrote
            **({} if url in _IN_MEMORY else _POOL),
        )
    except (ArgumentError, ValueError, TypeError) as error:
        raise unusable from error
    except ModuleNotFoundError as error:
        raise StorageError(
            f"PASSERELLE_DATABASE_URL demande le module Python « {error.name} », qui n'est pas installé."
        ) from error
    if embedded:
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def insert_new(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that passes over rows which a unique constraint refuses."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def emptied(file: Path) -> bool:
    """True of an emptied file with a write-ahead log beside it, which opening would remove: it may save the last."""
    log = file.with_name(f"{file.name}-wal")
    return file.exists() and not file.stat().st_size and log.exists() and bool(log.stat().st_size)


def _make_private(file: Path) -> None:
    """A new database is for its owner only, from its first byte; SQLite gives the files beside it the same mode."""
    with suppress(OSError):  # it is there already, or cannot be made: SQLite says why
        file.touch(mode=0o600, exist_ok=False)


async def _connect_sqlite(*args: Any, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 - sqlite3's own
    """Connect as SQLAlchemy does, and set the connection up.

    No thread survives a refusal: it would complain once the event loop is gone.

    Raises:
        sqlite3.DatabaseError: opening the file would remove the log that may save it, among other reasons.
    """
    if emptied(Path(args[0])):  # of a new database never true: with its log it has a first page
        raise sqlite3.DatabaseError("database disk image is malformed")
    if args[0] != ":memory:" and not options.get("uri"):
        _make_private(Path(args[0]))
    # Python's sqlite3 would emit a deferred BEGIN of its own, and none before DDL: with None it leaves it to us.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
    connection = one_hop.Connection(*args, **options | {"isolation_level": None, "timeout": _PATIENCE})
    thread = connection._thread  # noqa: SLF001 - as SQLAlchemy itself: there is no public way
    thread.daemon = True
    try:
        await connection
        # What is deleted is overwritten: it may be what a person asked us to erase.
        await connection.executescript("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON")
        await _switch_to_wal(connection)
    except BaseException:
        await connection.close()
        await asyncio.to_thread(thread.join)
        raise
    return connection


async def _switch_to_wal(connection: aiosqlite.Connection) -> None:
    """Let readers and the writer not wait for each other.

    Where two processes switch a new file at once, SQLite refuses one without any patience: the next try finds it done.
    """
    for tries_left in reversed(range(100)):
        try:
            await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            await asyncio.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads, then writes, fails at once when another process wrote in between; an
    # immediate one waits at its start.
    options = connection.get_execution_options()
    writes = options.get(_WRITES, False)
    driver = connection.connection.driver_connection
    assert isinstance(driver, one_hop.Connection)  # noqa: S101 - `_connect_sqlite` makes no others
    driver.brief = options.get(_BRIEF, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
