"""One database into another, whatever the two are: every table, in an order that foreign keys allow, and checked."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Table, func, insert, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.store import StorageError
from bot.storage.tables import metadata

_BATCH = 500
"""Rows held at a time: with the widest table, far below the parameters that a statement may have."""


@dataclass(slots=True)
class _Tally:
    """How many rows there were, and a digest of them that does not depend on their order: databases sort text apart."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        written = json.dumps(list(row), default=repr, sort_keys=True).encode()
        self.digest = (self.digest + int.from_bytes(sha256(written).digest())) % (1 << 256)


async def rows_in(connection: AsyncConnection) -> int:
    """All rows of all tables."""
    return sum([await _count(connection, table) for table in metadata.sorted_tables])


async def copy(source: AsyncConnection, target: AsyncConnection) -> Mapping[str, int]:
    """Copy every table of `source` into those of `target`, which are empty; both have the tables of this version.

    What is read twice must not change in between: the caller sees to it, by a snapshot or by keeping writers away.
    Numbers that were given once are not given again: the counters are copied too.

    Returns:
        How many rows each table has.

    Raises:
        StorageError: a row is refused there, or is not what it was here; roll `target` back.
    """
    copied = {}
    for table in metadata.sorted_tables:
        try:
            copied[table.name] = await _copy_table(source, target, table)
        except DBAPIError as error:
            # The driver's own words may hold what a citizen wrote.
            reason = type(error.orig).__name__
            raise StorageError(
                f"La table « {table.name} » ne peut pas être copiée ({reason}) : rien n'a été écrit."
            ) from error
    return copied


async def clear(connection: AsyncConnection) -> None:
    for table in reversed(metadata.sorted_tables):
        await connection.execute(table.delete())


async def _copy_table(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    read, written = _Tally(), _Tally()
    async for batch in _batches(source, table):
        for row in batch:
            read.add(tuple(row.values()))
        await target.execute(insert(table), batch)
    async for batch in _batches(target, table):
        for row in batch:
            written.add(tuple(row.values()))
    if read != written:
        raise StorageError(
            f"La table « {table.name} » n'est pas la même après la copie ({read.rows} lignes lues, {written.rows} "
            "retrouvées) : rien n'a été écrit. L'assistant était-il en marche ?"
        )
    for column in table.primary_key:
        if column.autoincrement is True:
            await _set_counter(target, column, await _counter(source, column))
    return read.rows


async def _batches(connection: AsyncConnection, table: Table) -> AsyncIterator[list[dict[str, Any]]]:
    key = tuple(table.primary_key)
    ordered = select(table).order_by(*key).limit(_BATCH)
    found = (await connection.execute(ordered)).mappings().all()
    while found:
        yield [dict(row) for row in found]
        last = tuple_(*(found[-1][column.name] for column in key), types=[column.type for column in key])
        found = (await connection.execute(ordered.where(tuple_(*key) > last))).mappings().all()


async def _count(connection: AsyncConnection, table: Table) -> int:
    return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def _counter(connection: AsyncConnection, column: Column[Any]) -> int:
    """The highest number that was ever given: its row may be gone."""
    if connection.dialect.name == "postgresql":
        last = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_sequence(column)}"  # noqa: S608 - our own name
        return int(await connection.scalar(text(last)) or 0)
    of_table = {"name": column.table.name}
    return int(await connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), of_table) or 0)


async def _set_counter(connection: AsyncConnection, column: Column[Any], last: int) -> None:
    if connection.dialect.name == "postgresql":
        values = {"sequence": _sequence(column), "last": max(last, 1), "called": last > 0}
        await connection.execute(text("SELECT setval(CAST(:sequence AS regclass), :last, :called)"), values)
        return
    values = {"name": column.table.name, "last": last}
    await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    await connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _sequence(column: Column[Any]) -> str:
    """PostgreSQL's name for the counter of a column."""
    return f"{column.table.name}_{column.name}_seq"
