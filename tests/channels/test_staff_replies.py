"""Who a message of the staff group is for: the right person, or nobody, and then its writer is told."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from telegram import Bot

from bot.channels.telegram import staff as staff_module
from bot.channels.telegram.desk import Desk, now
from bot.channels.telegram.group import StaffGroup as Group
from bot.channels.telegram.health import Health
from bot.channels.telegram.incoming import raw_update
from bot.channels.telegram.lanes import Lanes
from bot.channels.telegram.outgoing import STAFF
from bot.conversation import ClosedError, current, handle
from bot.dialogue.events import (
    Agent,
    Command,
    Commanded,
    StaffClosed,
    StaffEvent,
    StaffReplied,
    StaffReturned,
    StaffTook,
)
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Mode
from bot.privacy.pseudonyms import Pseudonyms
from bot.storage.model import HandOver, Outgoing
from bot.storage.sql import SqlStore
from tests.emulator import BotApi, StaffGroup
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher

PLAIN, FORUM = -500, -1001234567890
ALICE = Agent(7, "Alice")
DIALOGUE = Dialogue(KNOWLEDGE, FakeMatcher())


@pytest.fixture
def plain(api: BotApi) -> StaffGroup:
    return api.group(PLAIN, "Service", members=["Alice"], bot_rights=None)


async def happens(store: SqlStore, event: Commanded | StaffClosed) -> None:
    await handle(store, DIALOGUE, event, channel="telegram", chat="42", moment=Moment(now()))


async def card(bot: Bot, store: SqlStore, hand_over: int) -> int:
    """The number of a card in the group: sent, and known."""
    message = await bot.send_message(PLAIN, f"Demande n° {hand_over}")
    async with store.work() as work:
        await work.enqueue([Outgoing(STAFF, "sendMessage", {"text": message.text}, hand_over)], now())
    await store.mark_sent(hand_over, message.message_id, now(), group=PLAIN)
    return message.message_id


async def handled(api: BotApi, bot: Bot, store: SqlStore) -> Group:
    """Handle all that has happened, in a process that knows the group as it was at first."""
    await store.receive([raw_update(update) for update in api.all_updates], now())
    group, queued, stop = Group(PLAIN), asyncio.Event(), asyncio.Event()
    desk = Desk(bot, store, lambda: DIALOGUE, group, Pseudonyms(b"key"))
    running = asyncio.create_task(Lanes(desk, timedelta(), Health(), asyncio.Event(), queued, stop).run())
    async with asyncio.timeout(10):
        while (await store.counts())["inbox.waiting"]:
            with suppress(TimeoutError):
                await asyncio.wait_for(queued.wait(), 0.1)
    stop.set()
    await running
    return group


async def said(store: SqlStore, chat: str) -> list[str]:
    """What waits for a chat."""
    heads = [row for row in await store.due_messages(busy_chats=(), limit=9, now=now()) if row.outgoing.chat == chat]
    rows = [*heads, *(await store.next_in_chat(heads[0]) if heads else [])]
    return [str(row.outgoing.params.get("text")) for row in rows]


async def test_a_reply_to_a_message_of_the_bot_that_is_of_no_known_request_is_said_not_to_have_left(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup
):
    """So is a card that came twice: the number of its first copy was never told."""
    unknown = await bot.send_message(PLAIN, "Demande n° 1")
    alices = await plain.member("Alice").says("à vous ?")
    await plain.member("Alice").says("Venez mardi", reply_to=unknown.message_id)
    await plain.member("Alice").says("entre nous", reply_to=alices)
    await handled(api, bot, store)
    [told] = await said(store, STAFF)
    assert "n'est parti vers personne" in told


async def test_a_reply_in_a_closed_request_leaves_the_next_one_waiting_and_its_colleagues_know(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup
):
    await happens(store, Commanded("1", Command.PERSON))
    first = await card(bot, store, 1)
    await happens(store, StaffClosed("2"))
    await happens(store, Commanded("3", Command.PERSON))
    await plain.member("Alice").says("Une dernière chose", reply_to=first)
    await handled(api, bot, store)
    assert (await said(store, "42"))[-1] == "Une dernière chose"
    assert await said(store, STAFF) == [
        "💬 Alice a écrit à la personne dans la demande n° 1, qui est close. Cette demande-ci attend toujours."
    ]
    assert (await current(store, "telegram", "42"))[0].mode is Mode.WAITING
    async with store.look() as work:
        second = await work.hand_over_by_id(2)
    assert second is not None
    assert (second.status, second.taken_by) == ("waiting", None)


async def test_a_reply_that_crosses_the_end_of_its_request_is_not_one_to_the_next(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup, monkeypatch
):
    await happens(store, Commanded("1", Command.PERSON))
    first = await card(bot, store, 1)
    read = staff_module._hand_over

    async def crossed(*what: Any) -> HandOver | None:
        found = await read(*what)
        monkeypatch.setattr(staff_module, "_hand_over", read)
        await happens(store, StaffClosed("2"))
        await happens(store, Commanded("3", Command.PERSON))
        return found

    monkeypatch.setattr(staff_module, "_hand_over", crossed)
    await plain.member("Alice").says("Venez mardi", reply_to=first)
    await handled(api, bot, store)
    assert (await said(store, "42"))[-1] == "Venez mardi"
    assert (await current(store, "telegram", "42"))[0].mode is Mode.WAITING
    async with store.look() as work:
        second = await work.hand_over_by_id(2)
    assert second is not None
    assert (second.status, second.taken_by) == ("waiting", None)


async def test_what_the_staff_do_with_a_request_that_has_ended_changes_nothing_of_the_next(store: SqlStore):
    for event in (Commanded("1", Command.PERSON), StaffClosed("2"), Commanded("3", Command.PERSON)):
        await happens(store, event)
    done: list[StaffEvent] = [StaffClosed("4"), StaffReturned("5"), StaffTook("6", ALICE), StaffReplied("7", ALICE)]
    for act in done:
        with pytest.raises(ClosedError):
            await handle(store, DIALOGUE, act, channel="telegram", chat="42", moment=Moment(now()), concerns=1)
    assert (await current(store, "telegram", "42"))[0].mode is Mode.WAITING


async def test_a_process_that_was_not_told_that_the_group_moved_finds_it_at_its_first_message(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup
):
    await happens(store, Commanded("1", Command.PERSON))
    new = await plain.migrates()
    api.world.queue.history.clear()  # told to another process
    shown = await bot.send_message(new, "Demande n° 1")
    async with store.work() as work:
        await work.enqueue([Outgoing(STAFF, "sendMessage", {"text": ""}, 1)], now())
    await store.mark_sent(1, shown.message_id, now(), group=new)
    await plain.member("Alice").says("Venez mardi", reply_to=shown.message_id)
    group = await handled(api, bot, store)
    assert group.chat_id == new
    assert (await said(store, "42"))[-1] == "Venez mardi"


async def test_telegram_is_asked_once_about_each_strange_group(api: BotApi, bot: Bot, plain: StaffGroup):
    group = Group(PLAIN)
    assert [await group.has_become(bot, -7) for _ in range(3)] == [False] * 3
    assert len(api.called("getChat")) == 1


async def test_while_telegram_does_not_know_our_group_it_is_not_asked_at_each_message(
    api: BotApi, bot: Bot, plain: StaffGroup
):
    group = Group(-9)
    assert [await group.has_become(bot, chat) for chat in (-7, -7, -8)] == [False] * 3
    assert len(api.called("getChat")) == 1


async def test_topics_that_the_bot_may_not_make_are_not_tried_again_at_each_look(api: BotApi, bot: Bot):
    api.group(FORUM, "Service", forum=True, members=["Alice"])
    group = Group(FORUM)
    await group.find(bot)
    assert group.forum
    group.without_topics()
    await group.find(bot)
    assert not group.forum
