import asyncio
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.storage.alone import only_bot
from bot.storage.database import create_engine
from bot.storage.model import StoredConversation
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleConversationError, StorageError
from bot.storage.tables import metadata
from tests.storage import postgresql as server
from tests.storage.examples import LATER, NOW, enqueue, file_url, log, message, question


@pytest.fixture
def path(tmp_path):
    return tmp_path / "passerelle.db"


@pytest.fixture
def open_umask():
    """As on most machines: what a program does not keep to itself, everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


async def refusal(url: str) -> str:
    """The sentence with which `url` is refused."""
    with pytest.raises(StorageError) as refused:
        await open_store(url, NOW)
    return str(refused.value)


async def test_an_emptied_file_is_refused_and_the_log_that_may_save_it_stays(path):
    log = path.with_name(f"{path.name}-wal")
    path.write_bytes(b"")
    log.write_bytes(b"the last words")
    assert "est abîmé : restaurez une sauvegarde" in await refusal(file_url(path))
    assert log.read_bytes() == b"the last words"


async def test_migrations_produce_exactly_the_metadata(store: SqlStore):
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []


INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND indexname <> 'alembic_version_pkc' ORDER BY indexname",
}


async def test_migrations_produce_the_indexes_of_the_metadata_with_their_conditions(new_url):
    """Alembic does not compare the conditions of partial indexes."""
    engine = create_engine(new_url)
    indexes = text(INDEXES[engine.dialect.name])
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        expected = (await connection.execute(indexes)).all()
        await connection.run_sync(metadata.drop_all)
    await engine.dispose()
    store = await open_store(new_url, NOW)
    async with store.reading() as connection:
        assert (await connection.execute(indexes)).all() == expected
    await store.close()


async def test_opening_again_keeps_everything(shared_url):
    first = await open_store(shared_url, NOW)
    await log(first, question("q1"))
    await first.close()
    second = await open_store(shared_url, LATER)
    assert [kept.ref for kept in await second.questions()] == ["q1"]
    await second.close()


async def test_stores_that_open_one_new_database_at_once_all_succeed(new_url):
    stores = await asyncio.gather(*(open_store(new_url, NOW) for _ in range(8)))
    assert len({tuple((await store.counts()).items()) for store in stores}) == 1
    for store in stores:
        await store.close()


async def test_a_migration_that_fails_leaves_nothing(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE outbox (id INTEGER)")
    assert "ne sont pas celles de Passerelle" in await refusal(file_url(path))
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("outbox",)]


async def test_a_database_of_a_newer_version_is_refused(path):
    await (await open_store(file_url(path), NOW)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    sentence = await refusal(file_url(path))
    assert "version plus récente" in sentence
    assert "PASSERELLE_DATABASE_URL" in sentence


@pytest.mark.parametrize(
    "url",
    [
        "",
        "passerelle.db",
        "sqlite:///passerelle.db",
        "sqlite+aiosqlite://passerelle.db",
        "sqlite+aiosqlite:///passerelle.db?timeout=soon",
        "mysql://localhost/x",
        "postgresql+asyncpg://host:port/x",
    ],
)
async def test_an_unusable_url_is_refused_with_examples(url):
    sentence = await refusal(url)
    assert sentence.startswith("PASSERELLE_DATABASE_URL n'est pas une adresse")
    assert "sqlite+aiosqlite:///passerelle.db" in sentence


async def test_a_secret_in_an_unusable_url_is_not_shown():
    assert "s3cret" not in await refusal("mysql://user:s3cret@localhost/x")


async def test_a_missing_driver_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    assert "« asyncpg »" in await refusal("postgresql+asyncpg://localhost/passerelle")


async def test_an_error_does_not_show_what_was_written(store: SqlStore):
    with pytest.raises(Exception, match=r"(?i)foreign key") as refused:
        await enqueue(store, message(text="Je m’appelle Awa", hand_over=99))
    assert "Awa" not in str(refused.value)


async def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    sentence = await refusal(file_url(tmp_path / "missing" / "passerelle.db"))
    assert "PASSERELLE_DATABASE_URL" in sentence
    assert "vérifiez que son dossier existe et que vous pouvez y écrire" in sentence


async def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    assert "ne peut pas être ouvert" in await refusal(file_url(tmp_path))


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_text("Liste des contacts du service, " * 100, encoding="utf-8")
    before = path.read_bytes()
    assert "n'est pas une base de données SQLite" in await refusal(file_url(path))
    assert path.read_bytes() == before


async def test_a_file_is_opened_durably_and_with_its_constraints(path):
    store = await open_store(file_url(path), NOW)
    async with store.writing() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [(await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() for pragma in pragmas]
    await store.close()
    assert values == ["wal", 2, 1]


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
async def test_a_new_database_and_all_beside_it_are_for_their_owner_only(path, open_umask):
    with only_bot(file_url(path)):
        store = await open_store(file_url(path), NOW)
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
        await store.close()
    assert modes == dict.fromkeys([path.name, *(f"{path.name}{end}" for end in ("-wal", "-shm", ".lock"))], "0o600")


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
async def test_the_permissions_of_a_database_that_is_there_are_left_alone(path, open_umask):
    path.touch(mode=0o640)
    store = await open_store(file_url(path), NOW)
    await store.close()
    assert path.stat().st_mode & 0o777 == 0o640


async def test_a_database_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = await open_store("sqlite+aiosqlite:///:memory:", NOW)
    await store.close()
    assert list(tmp_path.iterdir()) == []


async def test_two_processes_do_not_lose_each_others_writes(two_stores):
    async def count(store: SqlStore) -> None:
        kept = 0
        while kept < 20:
            with suppress(StaleConversationError):
                async with store.work() as work:
                    stored = await work.conversation("telegram", "chat-1") or StoredConversation({}, 0)
                    await work.save_conversation("telegram", "chat-1", {}, version=stored.version, now=NOW)
                kept += 1

    await asyncio.gather(*map(count, two_stores))
    async with two_stores[0].work() as work:
        kept = await work.conversation("telegram", "chat-1")
    assert kept is not None
    assert kept.version == 40


_BACK_TO_0013 = """
    DROP INDEX ix_questions_labelled;
    ALTER TABLE outbox DROP COLUMN others, DROP COLUMN staff_group;
    ALTER TABLE questions DROP COLUMN said, DROP COLUMN promised;
    DROP TABLE console_attempts;
    UPDATE alembic_version SET version_num = '0013'
"""


@pytest.fixture
def alone() -> Iterator[str]:
    """A PostgreSQL database of this test's own."""
    with server.new_database() as url:
        yield url


async def test_an_upgrade_waits_for_those_who_write_and_locks_them_out_of_nothing_they_need(alone):
    store, asker = [await open_store(alone, NOW) for _ in range(2)]
    async with store.writing() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute(_BACK_TO_0013)
    async with asyncio.timeout(20), asker.writing() as writer:
        await writer.execute(text("UPDATE questions SET status = status"))
        upgrading = asyncio.create_task(open_store(alone, NOW))
        async with store.reading() as looker:
            while not await looker.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                await asyncio.sleep(0.01)
        await writer.execute(text("UPDATE outbox SET status = status"))
    upgraded = await upgrading
    assert await upgraded.questions() == []
    for each in (store, asker, upgraded):
        await each.close()


async def test_reading_does_not_wait_for_a_writer(two_stores):
    first, second = two_stores
    async with asyncio.timeout(5), first.work() as work:
        await work.enqueue([message()], NOW)
        assert (await first.counts())["outbox.queued"] == 0
        assert (await second.counts())["outbox.queued"] == 0
    assert (await second.counts())["outbox.queued"] == 1


async def test_a_message_belongs_to_a_hand_over_that_exists(store: SqlStore):
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await enqueue(store, message(hand_over=99))
