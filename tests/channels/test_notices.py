"""Who subscribed is told, once, in civil hours, and not in the middle of an exchange; staff are warned of ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram.health import Health
from bot.channels.telegram.notices import Notices
from bot.conversation import current
from bot.dialogue.policy import Dialogue
from bot.dialogue.record import to_record
from bot.dialogue.state import Conversation, Mode
from bot.opportunities.subscriptions import About, CivilHours, Topic
from bot.storage.sql import SqlStore, open_store
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher
from tests.unit.opportunity_examples import CAMP, HARZ, opportunities

DAY = timedelta(days=1)
NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
"""A Tuesday, 10 o'clock in France."""
BEFORE = replace(KNOWLEDGE, opportunities=opportunities(HARZ))
AFTER = replace(KNOWLEDGE, opportunities=opportunities(HARZ, CAMP), fingerprint="new")
LEBANON, EVERYTHING = About(Topic.NEWS, "lb.17.-"), About(Topic.NEWS, "-.-.-")


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", NOW)
    yield opened
    await opened.close()


class Told:
    """The task, over a knowledge that changes."""

    def __init__(self, store: SqlStore) -> None:
        self.knowledge = BEFORE
        self.store = store
        self.queued = asyncio.Event()
        self.health = Health()
        self.notices = Notices(
            store,
            lambda: Dialogue(self.knowledge, FakeMatcher()),
            CivilHours(),
            self.health,
            self.queued,
            asyncio.Event(),
        )

    async def look(self, moment: datetime) -> list[tuple[str, str]]:
        """Chat and first line of what is waiting to be sent afterwards."""
        await self.notices.look(moment)
        due = await self.store.due_messages(busy_chats=(), limit=99, now=moment)
        for row in due:
            await self.store.mark_sending(row.id, moment)
            await self.store.mark_sent(row.id, 1, moment)
        return sorted((row.outgoing.chat, row.outgoing.params["text"].split("\n")[0]) for row in due)


async def subscribes(store: SqlStore, chat: str, about: About, moment: datetime = NOW, **state) -> None:
    async with store.work() as work:
        await work.save_conversation("telegram", chat, to_record(Conversation(**state)), version=0, now=moment)
        await work.subscribe("telegram", chat, about, ends=moment + 180 * DAY, most=10, now=moment)


async def test_a_new_offer_is_told_once_to_those_whom_it_suits_in_their_language(store: SqlStore):
    told = Told(store)
    assert await told.look(NOW - DAY) == []
    await subscribes(store, "42", LEBANON)
    await subscribes(store, "43", EVERYTHING, language="de")
    await subscribes(store, "44", About(Topic.NEWS, "de.17.-"))
    assert await told.look(NOW) == []
    told.knowledge = AFTER
    later = NOW + timedelta(hours=1)
    assert await told.look(later) == [("42", "Du nouveau (Liban, 17 ans) :"), ("43", "Neu (alle Angebote):")]
    assert await told.look(later + DAY) == []
    assert told.queued.is_set()
    assert told.health.registry.get_sample_value("passerelle_notices_total", {"kind": "opened"}) == 2


async def test_a_yes_after_a_notice_is_not_for_what_was_asked_before(store: SqlStore):
    told = Told(store)
    await told.look(NOW - DAY)
    await subscribes(store, "42", LEBANON, asks="p:")
    await told.look(NOW)
    assert (await current(store, "telegram", "42"))[0].asks == "p:"  # nothing new was said
    told.knowledge = AFTER
    await told.look(NOW + timedelta(hours=1))
    assert (await current(store, "telegram", "42"))[0].asks == ""


async def test_what_opens_at_night_is_told_in_the_morning(store: SqlStore):
    told = Told(store)
    await told.look(NOW)
    await subscribes(store, "42", LEBANON)
    told.knowledge = AFTER
    assert await told.look(NOW + timedelta(hours=12)) == []
    assert await told.look(NOW + timedelta(hours=23)) == [("42", "Du nouveau (Liban, 17 ans) :")]


async def test_nobody_is_interrupted_in_an_exchange_with_the_staff(store: SqlStore):
    told = Told(store)
    await told.look(NOW)
    await subscribes(store, "42", LEBANON, mode=Mode.WITH_STAFF)
    told.knowledge = AFTER
    assert await told.look(NOW + timedelta(hours=1)) == []
    async with store.work() as work:
        await work.save_conversation("telegram", "42", to_record(Conversation()), version=1, now=NOW)
    assert await told.look(NOW + timedelta(hours=2)) == [("42", "Du nouveau (Liban, 17 ans) :")]


async def test_a_conversation_that_cannot_be_read_keeps_nobody_else_from_the_notice(store: SqlStore, caplog):
    told = Told(store)
    await told.look(NOW)
    for chat in ("41", "42"):
        await subscribes(store, chat, LEBANON)
    async with store.work() as work:
        await work.save_conversation("telegram", "41", {"mode": "secret"}, version=1, now=NOW)
    told.knowledge = AFTER
    assert await told.look(NOW + timedelta(hours=1)) == [("42", "Du nouveau (Liban, 17 ans) :")]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_fault_is_written_to_the_log_and_does_not_end_the_bot(store: SqlStore, monkeypatch, caplog):
    told = Told(store)

    async def fails(_self: Notices, _moment: datetime) -> int:
        told.notices.stop.set()
        raise KeyError

    monkeypatch.setattr(Notices, "look", fails)
    await told.notices.run()
    assert "notices failed" in caplog.text


async def test_staff_are_told_once_of_an_offer_that_ends(store: SqlStore):
    told = Told(store)
    told.knowledge = AFTER
    friday = datetime(2027, 3, 5, 9, tzinfo=UTC)
    (warning,) = await told.look(friday)
    assert warning[0] == "staff"
    assert "Offre camp" in warning[1]
    assert "jeunesse" in warning[1]
    assert await told.look(friday + 3 * DAY) == []


async def test_a_reminder_ends_with_its_offer(store: SqlStore):
    told = Told(store)
    told.knowledge = AFTER
    await told.look(NOW)
    await subscribes(store, "42", About(Topic.OFFER, "camp"))

    async def left() -> int:
        async with store.look() as work:
            return len(await work.subscriptions("telegram"))

    await told.look(datetime(2027, 3, 15, 9, tzinfo=UTC))
    assert await left() == 1
    await told.look(datetime(2027, 3, 16, 9, tzinfo=UTC))
    assert await left() == 0
