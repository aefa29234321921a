"""The running bot removes once a day what is too old, and renames people in its logs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.app import forget_versions
from bot.channels.telegram.housekeeping import Housekeeping
from bot.privacy.pseudonyms import Pseudonyms
from bot.settings import Settings
from bot.storage.sql import SqlStore, open_store
from tests.storage.examples import NOW, log, question, update

DAY = timedelta(days=1)


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", NOW)
    yield opened
    await opened.close()


async def housekeeping(store, *, own_key=False):
    pseudonyms = Pseudonyms(await store.hash_key(NOW))
    return Housekeeping(store, 30 * DAY, pseudonyms, asyncio.Event(), own_key=own_key)


async def kept(store):
    return [each.ref for each in await store.questions()]


async def test_what_is_too_old_is_removed_at_the_start(store: SqlStore):
    await log(store, question("old", asked_at=NOW - 31 * DAY), question("new", asked_at=NOW - 29 * DAY))
    await (await housekeeping(store)).look(NOW)
    assert await kept(store) == ["new"]


async def test_it_is_done_again_a_day_later_and_not_before(store: SqlStore):
    keeper = await housekeeping(store)
    await log(store, question("1", asked_at=NOW - 30 * DAY))
    await keeper.look(NOW)
    await keeper.look(NOW + DAY - timedelta(seconds=1))
    assert await kept(store) == ["1"]
    await keeper.look(NOW + DAY)
    assert await kept(store) == []


async def test_what_stands_in_files_is_forgotten_with_the_rest(store: SqlStore):
    keeper, forgotten = await housekeeping(store), []
    keeper.forget = forgotten.append
    for moment in (NOW, NOW + timedelta(hours=1), NOW + DAY):
        await keeper.look(moment)
    assert forgotten == [NOW - 30 * DAY, NOW - 29 * DAY]


async def test_what_was_removed_is_logged_without_words_and_without_names(store: SqlStore, caplog):
    caplog.set_level(logging.INFO)
    await log(store, question("6123456789/1", "confidence-xyz", chat="6123456789", asked_at=NOW - 31 * DAY))
    await (await housekeeping(store)).look(NOW)
    assert "questions 1 (dont 1 restées sans réponse)" in caplog.text
    assert "6123456789" not in caplog.text
    assert "confidence" not in caplog.text


@pytest.mark.parametrize("own_key", [True, False])
async def test_people_get_new_names_when_the_stores_key_is_renewed(store: SqlStore, own_key: bool):
    keeper = await housekeeping(store, own_key=own_key)
    before = keeper.pseudonyms.of("42")
    await keeper.look(NOW + 30 * DAY)
    assert keeper.pseudonyms.of("42") == before
    await keeper.look(NOW + 31 * DAY)
    assert (keeper.pseudonyms.of("42") == before) is own_key


async def test_the_numbers_of_old_updates_are_forgotten_but_for_the_newest(store: SqlStore):
    await store.receive([update(1, "a"), update(2, "b")], NOW)
    taken = await store.take_updates(busy_lanes=(), limit=9, now=NOW)
    async with store.work() as work:
        for each in taken:
            await work.update_done(each.seq, NOW)
    keeper = await housekeeping(store)
    await keeper.look(NOW + 2 * DAY)
    assert (await store.counts())["inbox.done"] == 2
    await keeper.look(NOW + 2 * DAY + timedelta(seconds=1))
    assert (await store.counts())["inbox.done"] == 1


async def test_it_stops_at_once(store: SqlStore):
    keeper = await housekeeping(store)
    keeper.stop.set()
    await keeper.run()


async def test_a_fault_ends_neither_housekeeping_nor_the_bot_and_comes_after_all_else(store: SqlStore, caplog):
    keeper = await housekeeping(store)
    await log(store, question("old", asked_at=NOW - 31 * DAY))

    def unreadable(_: datetime) -> None:
        keeper.stop.set()
        raise KeyError("files")

    keeper.forget = unreadable
    await keeper.run()
    assert await kept(store) == []
    assert "housekeeping failed" in caplog.text


def test_of_a_history_that_cannot_be_read_nothing_is_forgotten_and_that_is_said(tmp_path: Path, caplog):
    history = tmp_path / ".passerelle" / "history.jsonl"
    history.parent.mkdir()
    history.write_text('{"id": "x"}\n', encoding="utf-8")
    assert forget_versions(Settings(knowledge_dir=tmp_path), NOW) == 0
    assert "history of the knowledge cannot be read" in caplog.text
