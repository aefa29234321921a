"""Updates that break, citizens that flood: everybody else goes on. Lanes in this process, against the emulator."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from telegram import Bot

from bot.channels.telegram.desk import Desk, now
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.health import Health
from bot.channels.telegram.incoming import raw_update
from bot.channels.telegram.lanes import Lanes
from bot.channels.telegram.outgoing import STAFF
from bot.dialogue.policy import Dialogue
from bot.privacy.pseudonyms import Pseudonyms
from bot.storage.model import Delivery, OutboxRow
from bot.storage.sql import SqlStore
from tests.emulator import BotApi, Citizen
from tests.unit.dialogue_fakes import GRANT, KNOWLEDGE, FakeMatcher

POISON = "poison"


@dataclass
class BreakingMatcher(FakeMatcher):
    def understand(self, text, *, language, day, last_entry):
        if POISON in text:
            raise RuntimeError("a fault of ours")
        return super().understand(text, language=language, day=day, last_entry=last_entry)


def citizens(api: BotApi, number: int) -> list[Citizen]:
    return [api.private_chat(100 + each, "Awa") for each in range(number)]


async def receive(api: BotApi, store: SqlStore) -> None:
    """Store what the citizens have sent so far."""
    await store.receive([raw_update(update) for update in api.all_updates], now())


@asynccontextmanager
async def lanes(bot: Bot, store: SqlStore, burst: timedelta = timedelta()) -> AsyncIterator[asyncio.Event]:
    """The lanes at work; the event is set when one of them has come to an end with an update."""
    queued, stop = asyncio.Event(), asyncio.Event()
    dialogue = Dialogue(KNOWLEDGE, BreakingMatcher())
    desk = Desk(bot, store, lambda: dialogue, StaffGroup(None), Pseudonyms(b"key"))
    running = asyncio.create_task(Lanes(desk, burst, Health(), asyncio.Event(), queued, stop).run())
    yield queued
    stop.set()
    await running


async def until(store: SqlStore, queued: asyncio.Event, name: str, number: int) -> None:
    """Wait until the store counts so many rows."""
    async with asyncio.timeout(10):
        while (await store.counts())[name] < number:
            queued.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(queued.wait(), 0.1)


async def said(store: SqlStore, chats: Iterable[str]) -> list[str]:
    """What waits for these chats, oldest first; the first message of each, then those behind it."""
    texts: list[str] = []
    for head in await store.due_messages(busy_chats=(), limit=50, now=now()):
        if head.outgoing.chat in chats:
            rows = [head, *await store.next_in_chat(head)]
            texts += [row.outgoing.params["text"] for row in rows if row.status is Delivery.QUEUED]
    return texts


async def passed_on(store: SqlStore) -> list[Mapping[str, Any]]:
    """What waits for the staff of what citizens sent, as parameters of copyMessage or copyMessages."""
    head = next(row for row in await store.due_messages(busy_chats=(), limit=50, now=now()) if is_staff(row))
    rows = [head, *await store.next_in_chat(head, 100)]
    return [row.outgoing.params for row in rows if "from_chat_id" in row.outgoing.params]


def is_staff(row: OutboxRow) -> bool:
    return row.outgoing.chat == STAFF


async def test_a_question_that_breaks_cuts_no_call_of_telegram_short(api: BotApi, bot: Bot, store: SqlStore):
    """Of calls that are cut short httpx loses connections for good: after some hundreds nothing can be sent."""
    api.delay("sendChatAction", 0.1)
    for citizen in citizens(api, 5):
        await citizen.says(POISON)
    await receive(api, store)
    async with lanes(bot, store):
        await api.until(lambda: len(api.called("sendChatAction")) == 5)
    assert {call.status for call in api.called("sendChatAction")} == {200}


async def test_an_update_that_breaks_three_times_is_set_aside_and_told(api: BotApi, bot: Bot, store: SqlStore):
    (awa,) = citizens(api, 1)
    await awa.says(POISON)
    await awa.says(GRANT)
    await receive(api, store)
    for _ in range(2):
        await store.update_failed(1, "RuntimeError", now(), retry_at=now())
    async with lanes(bot, store) as queued:
        await until(store, queued, "inbox.done", 1)
    assert (await store.counts())["inbox.dead"] == 1
    sorry, answer = await said(store, {"100"})
    assert sorry == KNOWLEDGE.message("fr", "trouble")
    assert "Écrivez au service." in answer
    (notice,) = await said(store, {"staff"})
    assert "1" in notice


async def test_those_who_wait_for_the_end_of_a_burst_hold_up_nobody(api: BotApi, bot: Bot, store: SqlStore):
    """More citizens than updates are handled at once, each in a burst that never ends by itself in this test."""
    crowd, (zoe,) = citizens(api, 40), [api.private_chat(99, "Zoé")]
    for citizen in crowd:
        await citizen.says(GRANT)
    await zoe.says("/start")
    await receive(api, store)
    async with lanes(bot, store, burst=timedelta(hours=1)) as queued:
        await until(store, queued, "inbox.done", 1)
    assert len(await said(store, {"99"})) == 1


async def test_who_sends_very_many_texts_is_told_once_that_they_arrive_and_nothing_is_lost(
    api: BotApi, bot: Bot, store: SqlStore
):
    (awa,) = citizens(api, 1)
    for number in range(45):
        await awa.says(f"xyz {number}")
    await receive(api, store)
    async with lanes(bot, store, burst=timedelta(milliseconds=1)) as queued:
        await until(store, queued, "inbox.done", 45)
    notice = KNOWLEDGE.message("fr", "many_messages")
    assert (await said(store, {"100"})).count(notice) == 1
    asked = "\n".join(question.text for question in reversed(await store.questions()))
    assert asked.split("\n") == [f"xyz {number}" for number in range(45)]


async def test_a_few_texts_in_a_row_are_no_flood(api: BotApi, bot: Bot, store: SqlStore):
    (awa,) = citizens(api, 1)
    for _ in range(5):
        await awa.says(GRANT)
    await receive(api, store)
    async with lanes(bot, store, burst=timedelta(milliseconds=1)) as queued:
        await until(store, queued, "inbox.done", 5)
    assert KNOWLEDGE.message("fr", "many_messages") not in await said(store, {"100"})


@pytest.mark.parametrize("hours", [1, -1], ids=["back", "forward"])
async def test_a_clock_that_is_set_holds_up_no_answer(api: BotApi, bot: Bot, store: SqlStore, hours: int):
    (awa,) = citizens(api, 1)
    await awa.says(GRANT)
    await store.receive([raw_update(update) for update in api.all_updates], now() + timedelta(hours=hours))
    async with lanes(bot, store, burst=timedelta(milliseconds=10)) as queued:
        await until(store, queued, "inbox.done", 1)
    assert len(await said(store, {"100"})) == 1


async def test_an_update_that_has_ended_the_process_four_times_is_set_aside_unread(
    api: BotApi, bot: Bot, store: SqlStore
):
    (awa,) = citizens(api, 1)
    await awa.says(GRANT)
    await receive(api, store)
    for _ in range(4):
        await store.update_failed(1, "died", now(), retry_at=now())
    async with lanes(bot, store) as queued:
        await until(store, queued, "inbox.dead", 1)
    assert await said(store, {"100"}) == [KNOWLEDGE.message("fr", "trouble")]
    assert await store.questions() == []


async def test_what_follows_a_question_that_breaks_is_not_set_aside_with_it(api: BotApi, bot: Bot, store: SqlStore):
    (awa,) = citizens(api, 1)
    await awa.says(GRANT)
    await awa.says(POISON)
    await receive(api, store)
    await store.update_failed(1, "RuntimeError", now(), retry_at=now())  # both as one question
    async with lanes(bot, store, burst=timedelta(milliseconds=1)) as queued:
        await until(store, queued, "inbox.done", 1)
    assert [question.text for question in await store.questions()] == [GRANT]


async def test_who_sends_very_many_pictures_is_told_once_and_the_staff_get_them_together(
    api: BotApi, bot: Bot, store: SqlStore
):
    (awa,) = citizens(api, 1)
    for _ in range(45):
        await awa.sends_sticker()
    await receive(api, store)
    async with lanes(bot, store, burst=timedelta(milliseconds=1)) as queued:
        await until(store, queued, "inbox.done", 45)
    assert (await said(store, {"100"})).count(KNOWLEDGE.message("fr", "many_messages")) == 1
    copies = await passed_on(store)
    assert sum(len(params.get("message_ids", [1])) for params in copies) == 45
    assert len(copies) <= 5


async def test_who_sends_texts_and_pictures_in_turn_is_told_once(api: BotApi, bot: Bot, store: SqlStore):
    (awa,) = citizens(api, 1)
    for _ in range(10):
        await awa.says(GRANT)
        await awa.sends_sticker()
    await receive(api, store)
    async with lanes(bot, store, burst=timedelta(milliseconds=1)) as queued:
        await until(store, queued, "inbox.done", 20)
    assert (await said(store, {"100"})).count(KNOWLEDGE.message("fr", "many_messages")) == 1


async def test_without_a_quiet_time_each_text_is_a_question_of_its_own(api: BotApi, bot: Bot, store: SqlStore):
    (awa,) = citizens(api, 1)
    for number in range(3):
        await awa.says(f"xyz {number}")
    await receive(api, store)
    async with lanes(bot, store) as queued:
        await until(store, queued, "inbox.done", 3)
    assert [question.text for question in reversed(await store.questions())] == ["xyz 0", "xyz 1", "xyz 2"]
