"""aiosqlite with at most one hop to the thread of the connection a statement, and with none for brief ones.

SQLAlchemy opens a cursor, executes, fetches and closes: with aiosqlite each of the four is a message to the thread of
the connection and one back, which costs more than a statement that finds its row by a key (docs/decisions/0010).
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]


class Connection(aiosqlite.Connection):
    brief = False
    """The statements of this transaction take microseconds: they run in the loop's own thread.

    Never what may wait: for another process that writes (BEGIN IMMEDIATE), for the disk (the commit).
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - sqlite3's own
        connect = partial(sqlite3.connect, *args, **options | {"check_same_thread": False})
        super().__init__(connect, iter_chunk_size=64)

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)

    async def rollback(self) -> None:
        await self.run(self._conn.rollback)

    async def run(self, act: Callable[[], object], *, waits: bool = False) -> None:
        if self.brief and not waits:
            act()
        else:
            await self._execute(act)  # type: ignore[no-untyped-call]

    def new_cursor(self) -> sqlite3.Cursor:
        return self._conn.cursor()


class Cursor:
    """What SQLAlchemy's adapter uses of a cursor: one statement, whose rows are there at once."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: list[Row] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        waits = statement.startswith("BEGIN IMMEDIATE")
        await self._connection.run(
            lambda: self._keep(lambda cursor: cursor.execute(statement, parameters)), waits=waits
        )

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._connection.run(lambda: self._keep(lambda cursor: cursor.executemany(statement, parameters)))

    async def fetchall(self) -> list[Row]:
        return self._rows

    async def close(self) -> None:
        """Closed already."""

    def _keep(self, act: Callable[[sqlite3.Cursor], object]) -> None:
        """Do it, and keep what comes of it."""
        with closing(self._connection.new_cursor()) as cursor:
            act(cursor)
            self.description, self._rows = cursor.description, cursor.fetchall()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
