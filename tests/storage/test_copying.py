"""The whole database: into a file while the bot works, into another database and back, from the first schema on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, Column, Connection, Integer, LargeBinary, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import migrating
from bot.storage.database import Database, create_engine
from bot.storage.migrating import Schema
from bot.storage.snapshots import in_use, look_at, move, snapshot, verify
from bot.storage.sql import open_store
from bot.storage.store import StorageError
from bot.storage.tables import UtcDateTime, hand_overs, metadata, outbox
from tests.storage import postgresql as server
from tests.storage.examples import LATER, NOW, file_url, log, open_hand_over, question, update

MANY = 1203
"""More rows than are held at a time, and no multiple of that."""


@pytest.fixture
def other_postgresql() -> Iterator[str]:
    with server.new_database() as url:
        yield url


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    database = Database(create_engine(url))
    async with database.writing() as connection:
        yield connection
    await database.close()


def value(column: Column[Any], number: int) -> Any:
    """A value of the column's type that differs from row to row, with what is rarely thought of."""
    match column.type:
        case JSON():
            return {"ß": [number, None, 0.1, True], "a": {"عربي": "\u2028"}}
        case Boolean():
            return number % 2 == 0
        case LargeBinary():
            return bytes([0, 255, number % 256])
        case UtcDateTime():
            return NOW + timedelta(days=number, microseconds=number)
        case Integer() as integer:
            return number + (2**40 if column.name in {"update_id", "user_id"} and integer else 0)
    return f"é{number}'\"😀"[: column.type.length if getattr(column.type, "length", None) else 99]


def row(table: Table, number: int) -> dict[str, Any]:
    """Every nullable column is empty in one row of two."""
    filled = {
        column.name: None if column.nullable and number % 2 else value(column, number) for column in table.columns
    }
    if table is outbox:
        filled["hand_over"] = None if number % 2 else number
    return filled


async def fill(url: str, rows: int) -> None:
    await (await open_store(url, NOW)).close()
    async with connected(url) as connection:
        for table in metadata.sorted_tables:
            await connection.execute(insert(table), [row(table, number) for number in range(1, rows + 1)])
        # Numbers that were given, and whose rows are gone.
        await connection.execute(outbox.delete().where(outbox.c.id > rows - 3))


async def contents(url: str) -> dict[str, list[str]]:
    async with connected(url) as connection:
        return {
            table.name: sorted(repr(tuple(kept)) for kept in await connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


async def next_number(url: str) -> int:
    store = await open_store(url, NOW)
    async with store.writing() as connection:
        values = row(outbox, 1) | {"status": "done"}
        del values["id"]
        number = await connection.scalar(insert(outbox).values(values).returning(outbox.c.id))
    await store.close()
    assert number is not None
    return number


async def test_from_sqlite_to_postgresql_and_back_everything_is_the_same(sqlite_file, other_postgresql, tmp_path):
    await fill(sqlite_file, MANY)
    before, back = await contents(sqlite_file), file_url(tmp_path / "back.db")
    counted = await move(sqlite_file, other_postgresql)
    assert counted == {table.name: MANY - (3 if table is outbox else 0) for table in metadata.sorted_tables}
    assert await contents(other_postgresql) == before
    await move(other_postgresql, back)
    assert await contents(back) == before
    assert await next_number(other_postgresql) == await next_number(back) == MANY + 1


async def test_empty_databases_count_from_one_after_a_move(sqlite_file, other_postgresql, tmp_path):
    back = file_url(tmp_path / "back.db")
    await move(sqlite_file, other_postgresql)
    await move(other_postgresql, back)
    assert await next_number(other_postgresql) == await next_number(back) == 1


async def test_a_database_with_rows_is_not_written_to_unless_they_may_go(sqlite_file, new_url):
    await fill(new_url, 7)
    await fill(sqlite_file, 5)
    before = await contents(new_url)
    with pytest.raises(StorageError, match="contient déjà des données"):
        await move(sqlite_file, new_url)
    assert await contents(new_url) == before
    await move(sqlite_file, new_url, replace=True)
    assert await contents(new_url) == await contents(sqlite_file)


async def test_a_row_that_the_other_database_refuses_leaves_it_as_it_was(sqlite_file, other_postgresql):
    await fill(sqlite_file, 3)
    await fill(other_postgresql, 4)
    async with connected(sqlite_file) as connection:
        await connection.execute(hand_overs.update().values(taken_name="Awa\x00"))  # PostgreSQL knows no such text
    before = await contents(other_postgresql)
    with pytest.raises(StorageError, match="« hand_overs »") as refused:
        await move(sqlite_file, other_postgresql, replace=True)
    assert "Awa" not in str(refused.value)
    assert await contents(other_postgresql) == before


CHANGING = {
    "sqlite": ["CREATE TRIGGER changing AFTER INSERT ON hand_overs BEGIN UPDATE hand_overs SET topic = 5; END"],
    "postgresql": [
        "CREATE FUNCTION five() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.topic = 5; RETURN NEW; END $$",
        "CREATE TRIGGER changing BEFORE INSERT ON hand_overs FOR EACH ROW EXECUTE FUNCTION five()",
    ],
}
"""What writes something else than it is told to."""


async def test_what_is_not_the_same_after_the_copy_is_noticed(sqlite_file, new_url):
    await fill(sqlite_file, 3)
    await (await open_store(new_url, NOW)).close()
    async with connected(new_url) as connection:
        for statement in CHANGING[connection.dialect.name]:
            await connection.exec_driver_sql(statement)
    with pytest.raises(StorageError, match="n'est pas la même après la copie"):
        await move(sqlite_file, new_url)


async def test_a_database_that_somebody_uses_is_told_from_one_that_nobody_does(shared_url):
    store = await open_store(shared_url, NOW)
    assert await in_use(shared_url)
    await store.close()
    assert not await in_use(shared_url)


async def test_to_ask_whether_a_file_is_in_use_makes_none(tmp_path):
    assert not await in_use(file_url(tmp_path / "none.db"))
    assert await look_at(file_url(tmp_path / "none.db")) is Schema.NONE
    assert list(tmp_path.iterdir()) == []


async def test_a_file_without_tables_has_none(new_url):
    assert await look_at(new_url) is Schema.NONE


async def test_a_snapshot_is_of_one_moment_while_somebody_writes(shared_url, tmp_path):
    """Each transaction writes a question and its hand-over: a snapshot has both or neither."""
    store = await open_store(shared_url, NOW)
    written, stop = 0, asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            async with store.work() as work:
                await work.log_question(question(f"q{written}"))
                await work.open_hand_over("telegram", f"chat-{written}", f"q{written}", NOW)
            written += 1
            await asyncio.sleep(0)

    writing = asyncio.create_task(write())
    for number in range(5):
        known, file = written, tmp_path / f"{number}.db"
        await snapshot(shared_url, file)
        with closing(sqlite3.connect(file)) as kept:
            [(questions,)] = kept.execute("SELECT count(*) FROM questions")
            [(hand_overs_kept,)] = kept.execute("SELECT count(*) FROM hand_overs")
        assert known <= questions == hand_overs_kept
        assert [left.name for left in tmp_path.glob(f"{number}.db*")] == [file.name]
    stop.set()
    await writing
    assert written
    await store.close()


async def test_a_snapshot_is_a_database_that_the_bot_opens(shared_url, tmp_path):
    await fill(shared_url, 6)
    await snapshot(shared_url, tmp_path / "copy.db")
    assert await contents(file_url(tmp_path / "copy.db")) == await contents(shared_url)


def damage(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[8192:60000] = bytes(60000 - 8192)
    file.write_bytes(data)


async def test_a_damaged_file_is_refused(sqlite_file, tmp_path):
    await fill(sqlite_file, 400)
    damaged = tmp_path / "damaged.db"
    await snapshot(sqlite_file, damaged)
    damage(damaged)
    with pytest.raises(StorageError, match=r"damaged\.db"):
        verify(damaged)
    with pytest.raises(StorageError):
        await snapshot(file_url(damaged), tmp_path / "copy.db")
    (tmp_path / "text.db").write_text("Liste des contacts " * 99, encoding="utf-8")
    with pytest.raises(StorageError, match=r"text\.db"):
        verify(tmp_path / "text.db")


async def test_a_database_in_memory_has_no_snapshot(tmp_path):
    with pytest.raises(StorageError, match="en mémoire"):
        await snapshot("sqlite+aiosqlite://", tmp_path / "copy.db")


# Upgrades


async def to_revision(url: str, revision: str) -> None:
    def upgrade(connection: Connection) -> None:
        command.upgrade(migrating._config(connection), revision)

    async with connected(url) as connection:
        await connection.run_sync(upgrade)


async def test_data_of_the_very_first_version_is_there_after_the_upgrade(new_url):
    await to_revision(new_url, "0001")
    assert await look_at(new_url) is Schema.OLDER
    async with connected(new_url) as connection:
        for statement in FIRST_VERSION.split(";"):
            await connection.exec_driver_sql(statement)
    store = await open_store(new_url, LATER)
    assert await look_at(new_url) is Schema.CURRENT
    assert [kept.text for kept in await store.questions()] == ["Où est l'école ?"]
    assert (await store.counts())["inbox.waiting"] == 1
    async with store.look() as work:
        data = await work.personal_data("telegram", "42")
    assert data.hand_overs
    assert not data.empty
    await store.close()
    await works_on(new_url)


FIRST_VERSION = """
INSERT INTO inbox (update_id, lane, body, state, tries, received_at)
VALUES (7, '42', '{"update_id": 7}', 'waiting', 0, '2026-11-24 08:30:00+00:00');
INSERT INTO conversations (channel, chat, state, version, changed_at)
VALUES ('telegram', '42', '{}', 1, '2026-11-24 08:30:00+00:00');
INSERT INTO questions
(ref, channel, chat, text, folded, language, candidates, decision, reason, status, asked_at)
VALUES ('q1', 'telegram', '42', 'Où est l''école ?', 'ou est l''ecole ?', 'fr', '[]', 'hand_over', 'too_low', 'open',
'2026-11-24 08:30:00+00:00');
INSERT INTO hand_overs (channel, chat, question_ref, status, opened_at, changed_at)
VALUES ('telegram', '42', 'q1', 'closed', '2026-11-24 08:30:00+00:00', '2026-11-24 08:30:00+00:00');
INSERT INTO outbox (chat, method, params, hand_over, status, attempts, interrupted, queued_at, changed_at)
VALUES ('42', 'sendMessage', '{"text": "Bonjour"}', 1, 'queued', 0, false, '2026-11-24 08:30:00+00:00',
'2026-11-24 08:30:00+00:00')
"""
"""A row of each table, as the first version wrote it."""


async def works_on(url: str) -> None:
    store = await open_store(url, LATER)
    await log(store, question("q2"))
    await open_hand_over(store, "43", "q2")
    await store.receive([update(8)], LATER)
    assert {kept.ref for kept in await store.questions()} == {"q1", "q2"}
    await store.close()


async def test_an_older_postgresql_is_not_saved_as_if_it_were_of_this_version(other_postgresql, tmp_path):
    await to_revision(other_postgresql, "0001")
    with pytest.raises(StorageError, match="pg_dump"):
        await snapshot(other_postgresql, tmp_path / "copy.db")


async def test_an_older_file_is_saved_as_it_is_and_moved_with_the_tables_of_this_version(tmp_path, other_postgresql):
    old, kept = file_url(tmp_path / "old.db"), file_url(tmp_path / "kept.db")
    await to_revision(old, "0001")
    await snapshot(old, tmp_path / "kept.db")
    assert await look_at(kept) is Schema.OLDER
    await move(kept, other_postgresql)
    assert await look_at(other_postgresql) is Schema.CURRENT


async def test_migrations_from_the_first_on_can_be_run_one_by_one(new_url):
    scripts = migrating.ScriptDirectory(str(migrating._FOLDER))
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions[0] == "0001"
    for revision in revisions:
        await to_revision(new_url, revision)
    assert await look_at(new_url) is Schema.CURRENT
