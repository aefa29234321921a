"""The database as a whole: a file that holds all of it at one moment, its way back, and the way to another database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.copying import clear, copy, rows_in
from bot.storage.database import Database, create_engine, emptied
from bot.storage.faults import sentence
from bot.storage.migrating import Schema, migrate, schema_of
from bot.storage.store import StorageError

_ELSEWHERE = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'passerelle' AND pid <> pg_backend_pid()"
)
_IDENTITY = text("SELECT current_database() || ' ' || pg_postmaster_start_time()")
_UNUSABLE = (SQLAlchemyError, OSError, TypeError, ValueError)


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL, and for a database in memory.

    Raises:
        StorageError: `url` names no database that we know.
    """
    create_engine(url)
    name = make_url(url).database
    embedded = url.startswith("sqlite") and name not in {None, "", ":memory:"}
    return Path(str(name)) if embedded else None


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def look_at(url: str) -> Schema:
    """Which tables are there; makes no file and no table.

    Raises:
        StorageError: the database cannot be used.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        return Schema.NONE
    async with _opened(url) as database, database.reading() as connection:
        return await connection.run_sync(schema_of)


async def same(one: str, other: str) -> bool:
    """Whether two addresses, however they are written, lead to one database.

    Raises:
        StorageError: a server cannot be reached.
    """
    files = file_of(one), file_of(other)
    if files[0] and files[1]:
        return files[0].exists() and files[1].exists() and files[0].samefile(files[1])
    return not any(files) and await _identity(one) == await _identity(other)


async def in_use(url: str) -> bool:
    """True while another process (the bot, a command) has the database open."""
    file = file_of(url)
    if file is not None:
        return file.exists() and await asyncio.to_thread(_file_in_use, file)
    async with _opened(url) as database, database.reading() as connection:
        return connection.dialect.name == "postgresql" and bool(await connection.scalar(_ELSEWHERE))


async def holds_rows(url: str) -> bool:
    """True when something would be lost with it; also of a file that is damaged or of another version.

    Raises:
        StorageError: the server cannot be reached.
    """
    file = file_of(url)
    if file is not None and not file.exists():
        return False
    try:
        async with _opened(url) as database, database.reading() as connection:
            schema = await connection.run_sync(schema_of)
            return bool(await rows_in(connection)) if schema is Schema.CURRENT else schema is not Schema.NONE
    except StorageError:
        if file is None:
            raise
        return True


async def snapshot(url: str, file: Path) -> None:
    """Write the database, as it is at this moment, into a new SQLite file; whoever writes to it goes on meanwhile.

    Raises:
        StorageError: the database cannot be read, is damaged, or (PostgreSQL) is not of this version.
    """
    source = file_of(url)
    if source is not None:
        await asyncio.to_thread(_copy_file, source, file)
        return
    async with _opened(url) as database, database.reading() as connection:
        if connection.dialect.name != "postgresql":
            raise StorageError("Une base de données en mémoire ne se sauvegarde pas.")
        await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if await connection.run_sync(schema_of) is not Schema.CURRENT:
            raise StorageError(
                "La base de données n'a pas les tables de cette version de Passerelle : sauvegardez-la avec la version "
                "qui s'en sert, ou avec pg_dump."
            )
        async with _opened(url_of(file)) as written, written.writing() as copied:
            await copied.run_sync(migrate)
            await copy(connection, copied)
    await asyncio.to_thread(verify, file)


def verify(file: Path) -> None:
    """A single file that is whole, with every row that another one speaks of.

    Raises:
        StorageError: it is damaged, or no database.
    """
    try:
        with closing(_connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")  # all of it in this file, none in a log beside it
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
                raise StorageError(f"Le fichier « {file} » est abîmé.")
    except sqlite3.Error as error:
        raise StorageError(f"Le fichier « {file} » n'est pas une base de données SQLite utilisable.") from error


async def move(source_url: str, target_url: str, *, replace: bool = False) -> Mapping[str, int]:
    """Copy everything from one database into another, in one transaction; both get the tables of this version.

    Nobody else may use either (`in_use`): who starts in between waits until it is done.

    Args:
        source_url: where everything stands.
        target_url: a database without rows.
        replace: rows of the target are removed first.

    Returns:
        How many rows each table has.

    Raises:
        StorageError: one of them cannot be used, the target has rows, or a row is refused: the target is as it was.
    """
    async with (
        _opened(source_url) as source,
        _opened(target_url) as target,
        source.writing() as reading,
        target.writing() as writing,
    ):
        await reading.run_sync(migrate)
        await writing.run_sync(migrate)
        if replace:
            await clear(writing)
        elif await rows_in(writing):
            raise StorageError(f"« {target.url} » contient déjà des données : indiquez une base vide.")
        return await copy(reading, writing)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(create_engine(url))
    try:
        yield database
    except _UNUSABLE as error:
        raise StorageError(sentence(database.url, error)) from error
    finally:
        await database.close()


async def _identity(url: str) -> str:
    """What two addresses of one database have in common: of a server its start, to the microsecond."""
    async with _opened(url) as database, database.reading() as connection:
        return str(await connection.scalar(_IDENTITY)) if connection.dialect.name == "postgresql" else url


def _copy_file(source: Path, file: Path) -> None:
    if emptied(source):
        raise StorageError(f"Le fichier « {source} » est abîmé.")
    try:
        with closing(_connect(source)) as read, closing(sqlite3.connect(file)) as written:
            read.backup(written)  # in one step: whoever writes at this moment is not in it, and does not wait
    except sqlite3.Error as error:
        raise StorageError(sentence(url_of(source), error)) from error
    verify(file)


def _file_in_use(file: Path) -> bool:
    if emptied(file):
        return False  # damaged: nobody can work with it
    try:
        with closing(_connect(file, timeout=0)) as connection:
            # To leave the write-ahead log SQLite must have the file for itself.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    except sqlite3.DatabaseError:
        return False  # damaged as well
    return False


def _connect(file: Path, timeout: float = 30) -> sqlite3.Connection:
    """Raises: sqlite3.OperationalError: there is no such file."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=timeout, isolation_level=None)
