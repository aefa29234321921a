"""What becomes of outgoing messages: for each refusal of Telegram, what the citizen and the staff then read.

The sender in this process, against the emulator; from outside, in its own process, it is seen in `tests/end_to_end/`.
"""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from telegram import Bot
from telegram.error import RetryAfter, TimedOut

from bot.channels.telegram import sender as sending_module
from bot.channels.telegram.desk import now
from bot.channels.telegram.group import StaffGroup as Group
from bot.channels.telegram.health import Health
from bot.channels.telegram.outgoing import CREATE_TOPIC, DELETE_COPIES, EDIT_TEXT, STAFF, to_staff
from bot.channels.telegram.sender import Sender
from bot.storage.model import HandOver, Outgoing
from bot.storage.sql import SqlStore
from tests.emulator import BotApi, Citizen, StaffGroup

FORUM, PLAIN = -1001234567890, -500
BLOCKED, DEACTIVATED = "la personne a bloqué l'assistant", "la personne n'a plus de compte Telegram"
LONG = "\n\n".join(f"Paragraphe {number} {'mot ' * 200}".strip() for number in range(8))


@pytest.fixture
async def awa(api: BotApi) -> Citizen:
    citizen = api.private_chat(42, "Awa")
    await citizen.says("Bonjour")  # no bot may write first
    return citizen


@pytest.fixture
def forum(api: BotApi) -> StaffGroup:
    return api.group(FORUM, "Service", forum=True, members=["Alice"])


@pytest.fixture
def plain(api: BotApi) -> StaffGroup:
    return api.group(PLAIN, "Service", members=["Alice"], bot_rights=None)


@pytest.fixture
async def request_of_awa(store: SqlStore) -> HandOver:
    async with store.work() as work:
        return await work.open_hand_over("telegram", "42", "42/1", now())


@asynccontextmanager
async def sending(bot: Bot, store: SqlStore, chat: int | None = None, *, forum: bool = False) -> AsyncIterator[Sender]:
    sender = Sender(bot, store, Group(chat, forum), Health(), asyncio.Event(), asyncio.Event())
    running = asyncio.create_task(sender.run())
    yield sender
    sender.stop.set()
    await running


async def enqueue(store: SqlStore, *outgoing: Outgoing) -> None:
    async with store.work() as work:
        await work.enqueue(outgoing, now())


def reply(request: HandOver, text: str = "Venez mardi", origin: int | None = 7) -> Outgoing:
    """What a person of the staff wrote to the citizen, as the message `origin` of the group."""
    return Outgoing(request.chat, "sendMessage", {"text": text}, request.id, origin)


async def settled(sender: Sender, **numbers: int) -> None:
    """Wait until the outbox counts so many rows."""
    async with asyncio.timeout(20):
        while not _reached(await sender.store.counts(), numbers):
            with suppress(TimeoutError):
                await asyncio.wait_for(sender.queued.wait(), 0.1)


def _reached(counts: Mapping[str, int], numbers: Mapping[str, int]) -> bool:
    return all(counts[f"outbox.{state}"] >= number for state, number in numbers.items())


def texts(view: Citizen | StaffGroup) -> list[str]:
    return [message.text for message in view.messages]


# The citizen cannot be reached


@pytest.mark.parametrize(("leaves", "told"), [("blocks_bot", BLOCKED), ("deactivated", DEACTIVATED)])
async def test_who_cannot_be_reached_ends_subscriptions_and_whoever_wrote_is_told_why(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, plain: StaffGroup, request_of_awa: HandOver, leaves, told
):
    alices = await plain.member("Alice").says("Venez mardi")
    await getattr(awa, leaves)()
    await enqueue(store, reply(request_of_awa, origin=alices))
    async with sending(bot, store, PLAIN) as sender:
        notice = await plain.waits_for(told)
        await settled(sender, failed=1, sent=1)
    assert notice.reply_to == alices
    assert plain.reactions_to(alices) == (), "never shown as arrived"
    assert awa.messages == []


async def test_only_what_has_arrived_is_marked_so(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, plain: StaffGroup, request_of_awa: HandOver
):
    alices = await plain.member("Alice").says("Venez mardi")
    api.fail_next("sendMessage", status=500)
    await enqueue(store, reply(request_of_awa, origin=alices))
    async with sending(bot, store, PLAIN):
        await api.until(lambda: api.called("sendMessage"))
        assert plain.reactions_to(alices) == ()
        await api.until(lambda: plain.reactions_to(alices) == ("👍",))
    assert texts(awa) == ["Venez mardi"]


# Telegram fails, or is not reached

FAULTS = {
    "429": (lambda api, chat: api.fail_next("sendMessage", status=429, retry_after=1, chat_id=chat), 1, 0),
    "500": (lambda api, chat: api.fail_next("sendMessage", status=500, chat_id=chat), 1, 2),
    "502": (lambda api, chat: api.fail_next("sendMessage", status=502, chat_id=chat), 1, 2),
    "reset before the effect": (lambda api, chat: api.drop_connection_next("sendMessage", True, chat_id=chat), 1, 2),
    "reset after the effect": (lambda api, chat: api.drop_connection_next("sendMessage", False, chat_id=chat), 2, 2),
    "timeout before the effect": (
        lambda api, chat: api.drop_connection_next("sendMessage", True, chat_id=chat, hold=_SILENCE),
        *(1, 2),
    ),
    "timeout after the effect": (
        lambda api, chat: api.drop_connection_next("sendMessage", False, chat_id=chat, hold=_SILENCE),
        *(2, 2),
    ),
}
"""How it is planned, how often a message then comes, and how many count as perhaps doubled."""
_SILENCE = 0.6


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next try comes at once, and nobody is waited for so long."""
    monkeypatch.setattr(sending_module, "backoff", lambda *_, **__: 0.0)
    monkeypatch.setattr(sending_module, "call", functools.partial(sending_module.call, read_timeout=_SILENCE / 2))


@pytest.mark.parametrize(("plan", "times", "counted"), FAULTS.values(), ids=FAULTS)
async def test_what_telegram_did_not_confirm_comes_again_to_citizen_and_staff_and_is_counted(
    *, hurried, api: BotApi, bot, store: SqlStore, awa: Citizen, plain: StaffGroup, request_of_awa, plan, times, counted
):
    alices = await plain.member("Alice").says("Venez mardi")
    for chat in (42, PLAIN):
        plan(api, chat)
    await enqueue(store, reply(request_of_awa, origin=alices), to_staff("Demande n° 1", request_of_awa))
    async with sending(bot, store, PLAIN) as sender:
        await api.until(lambda: len(api.called("sendMessage")) >= 2)
        assert plain.reactions_to(alices) == (), "not shown as arrived before Telegram has said so"
        await settled(sender, sent=2)
        await api.until(lambda: plain.reactions_to(alices) == ("👍",))
    assert texts(awa) == ["Venez mardi"] * times
    assert texts(plain) == ["Demande n° 1"] * times
    assert (await store.counts())["outbox.interrupted"] == counted


async def test_a_wait_that_a_second_chat_is_told_of_too_is_obeyed_for_all(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen
):
    people = [awa, api.private_chat(43, "Zoé"), api.private_chat(44, "Ute")]
    for citizen in people[1:]:
        await citizen.says("Bonjour")
    for citizen in people[:2]:
        api.fail_next("sendMessage", status=429, retry_after=2, chat_id=citizen.chat_id)
    await enqueue(store, *(Outgoing(str(chat), "sendMessage", {"text": "a"}) for chat in (42, 43)))
    async with sending(bot, store) as sender:
        await api.until(lambda: len(api.called("sendMessage")) == 2)
        await settled(sender, queued=2)
        await enqueue(store, Outgoing("44", "sendMessage", {"text": "a"}))
        sender.queued.set()
        await settled(sender, sent=3)
    refused, *sent = api.called("sendMessage")[1:]
    assert len(sent) == 3
    assert min(call.time for call in sent) - refused.time > 1.9


async def test_a_clock_that_is_set_forward_shortens_no_wait(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, monkeypatch: pytest.MonkeyPatch
):
    api.fail_next("sendMessage", status=429, retry_after=2)
    await enqueue(store, Outgoing("42", "sendMessage", {"text": "a"}))
    async with sending(bot, store) as sender:
        await api.until(lambda: api.called("sendMessage"))
        await settled(sender, queued=1)
        monkeypatch.setattr(sending_module, "now", lambda: now() + timedelta(hours=1))
        await settled(sender, sent=1)
    refused, sent = api.called("sendMessage")
    assert sent.time - refused.time >= 2


# Telegram does not take it as it is


@pytest.mark.parametrize("chat", ["42", STAFF])
async def test_what_is_too_long_arrives_whole_cut_at_paragraphs(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, plain: StaffGroup, chat: str
):
    markup = {"inline_keyboard": [[{"text": "Oui", "callback_data": "s:grant"}]]}
    await enqueue(store, Outgoing(chat, "sendMessage", {"text": LONG, "reply_markup": markup}))
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=1)
    said = (plain if chat == STAFF else awa).messages
    assert "\n\n".join(message.text for message in said) == LONG
    assert [message.buttons for message in said] == [(), ("Oui",)]


async def test_formatting_that_is_refused_costs_no_word(api: BotApi, bot: Bot, store: SqlStore, awa: Citizen):
    await enqueue(store, Outgoing("42", "sendMessage", {"text": "<b>a</b> &lt; <oops>b", "parse_mode": "HTML"}))
    async with sending(bot, store) as sender:
        await settled(sender, sent=1)
    assert texts(awa) == ["a < b"]


async def test_of_messages_that_are_refused_together_only_the_one_at_fault_is_missing_and_order_is_kept(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup, request_of_awa: HandOver
):
    api.fail_next("sendMessage", status=400, description="Bad Request: no", times=1)
    api.fail_next("sendMessage", status=500)
    await enqueue(store, *(to_staff(word, request_of_awa) for word in ("un", "deux", "trois")))
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=3)
    assert "\n\n".join(texts(plain)) == "un\n\ndeux\n\ntrois"


# Corrections


async def passed_on(store: SqlStore, request: HandOver, text: str) -> None:
    await enqueue(store, Outgoing(STAFF, "sendMessage", {"text": text}, request.id, 9))


async def corrected(store: SqlStore, request: HandOver, text: str) -> None:
    await enqueue(store, Outgoing(STAFF, EDIT_TEXT, {"text": text}, request.id, 9))


async def test_a_correction_longer_than_a_message_reaches_the_staff_whole(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup, request_of_awa: HandOver
):
    await passed_on(store, request_of_awa, "Bonjour")
    await corrected(store, request_of_awa, LONG)
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=2)
    first, *corrections = texts(plain)
    assert (first, "\n\n".join(corrections)) == ("Bonjour", f"✏️ {LONG}")


async def test_a_correction_of_what_the_staff_have_deleted_is_a_message(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup, request_of_awa: HandOver
):
    await passed_on(store, request_of_awa, "Lundi")
    async with sending(bot, store, PLAIN) as sender:
        await plain.waits_for("Lundi")
        plain.of_bot()[0].deleted = True
        await corrected(store, request_of_awa, "Mardi")
        sender.queued.set()
        await settled(sender, sent=2)
    assert texts(plain) == ["✏️ Mardi"]


@pytest.mark.parametrize(("fault", "counted"), [(RetryAfter(1), 0), (TimedOut(), 1)])
async def test_of_a_correction_in_pieces_none_that_arrived_comes_again_and_each_is_known(
    *, bot: Bot, store: SqlStore, plain: StaffGroup, request_of_awa: HandOver, monkeypatch, fault, counted
):
    say, said = sending_module.call, []

    async def second_fails(*what: Any, **more: Any) -> Any:
        said.append(what)
        if len(said) == 2:
            raise fault
        return await say(*what, **more)

    monkeypatch.setattr(sending_module, "call", second_fails)
    await corrected(store, request_of_awa, LONG)
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=2)
    assert "\n\n".join(texts(plain)) == f"✏️ {LONG}"
    assert (await store.counts())["outbox.interrupted"] == counted
    async with store.look() as work:
        copies = await work.copies_in(request_of_awa.id, STAFF)
    assert copies == {PLAIN: [message.message_id for message in plain.messages]}


async def test_of_a_request_from_before_the_group_moved_no_message_of_the_new_group_is_touched(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup, request_of_awa: HandOver
):
    await passed_on(store, request_of_awa, "Lundi")
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=1)
        sender.group.moved(await plain.migrates())
        await corrected(store, request_of_awa, "Mardi")
        await enqueue(store, Outgoing(STAFF, DELETE_COPIES, {}, request_of_awa.id, fleeting=True))
        sender.queued.set()
        told = await plain.waits_for("avant que ce groupe ne change de numéro")
    assert "1 messages" in told.text
    assert api.called("editMessageText") == []
    assert [call.params["chat_id"] for call in api.called("deleteMessages")] == [str(plain.chat_id)]


# Albums


async def test_each_picture_of_an_album_is_known_as_part_of_its_request(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, plain: StaffGroup, request_of_awa: HandOver
):
    pictures = await awa.sends_album(3)
    await enqueue(store, Outgoing(STAFF, "copyMessages", {"from_chat_id": 42, "message_ids": pictures}, 1, pictures[0]))
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, sent=1)
    copies = [message.message_id for message in plain.messages]
    assert len(copies) == 3
    async with store.look() as work:
        assert [await work.hand_over_by_message(STAFF, each, PLAIN) for each in copies] == [request_of_awa] * 3
        assert await work.hand_over_by_message(STAFF, copies[-1] + 1, PLAIN) is None
        assert await work.copies_in(request_of_awa.id, STAFF) == {PLAIN: copies}


# The staff group


async def test_a_topic_that_cannot_be_made_anew_at_once_is_made_when_telegram_lets(
    api: BotApi, bot: Bot, store: SqlStore, forum: StaffGroup, request_of_awa: HandOver
):
    await enqueue(store, Outgoing(STAFF, CREATE_TOPIC, {"name": "N° 1"}, request_of_awa.id))
    async with sending(bot, store, FORUM, forum=True) as sender:
        await settled(sender, sent=1)
        [gone] = forum.topics
        await forum.deletes_topic(gone.id)
        api.fail_next("createForumTopic", status=429, retry_after=1)
        await enqueue(store, to_staff("Encore", request_of_awa), to_staff("et encore", request_of_awa))
        sender.queued.set()
        told = await forum.waits_for("Encore")
    assert told.text == "Encore\n\net encore"
    assert told.thread == forum.topics[-1].id != gone.id
    assert (await store.counts())["outbox.interrupted"] == 0
    refused, made = api.called("createForumTopic")[-2:]
    assert (refused.status, made.time - refused.time >= 1) == (429, True)


async def test_what_is_said_in_a_topic_that_is_gone_and_of_no_request_is_said_in_the_group(
    api: BotApi, bot: Bot, store: SqlStore, forum: StaffGroup
):
    await enqueue(store, Outgoing(STAFF, "sendMessage", {"text": "Rien n'est parti", "message_thread_id": 99}))
    async with sending(bot, store, FORUM, forum=True) as sender:
        await settled(sender, sent=1)
    assert [(message.text, message.thread) for message in forum.messages] == [("Rien n'est parti", None)]


async def test_what_is_refused_and_of_no_request_is_not_said_to_be_a_citizens(
    api: BotApi, bot: Bot, store: SqlStore, plain: StaffGroup
):
    api.fail_next("sendMessage", status=400, description="Bad Request: no")
    await enqueue(store, to_staff("Une offre se termine"))
    async with sending(bot, store, PLAIN) as sender:
        await settled(sender, failed=1)
    assert (texts(plain), (await store.counts())["outbox.queued"]) == ([], 0)


async def test_what_a_stop_cuts_short_is_sent_again_and_counted(api: BotApi, bot: Bot, store: SqlStore, awa: Citizen):
    api.delay("sendMessage", 30, before_effect=False)
    await enqueue(store, Outgoing("42", "sendMessage", {"text": "Bonjour"}))
    sender = Sender(bot, store, Group(None), Health(), asyncio.Event(), asyncio.Event())
    running = asyncio.create_task(sender.run())
    await awa.waits_for("Bonjour")
    running.cancel()
    await asyncio.wait([running])
    api.delay("sendMessage", 0)
    assert await store.recover_sending(now()) == 1
    async with sending(bot, store) as sender:
        await settled(sender, sent=1)
    assert texts(awa) == ["Bonjour"] * 2
    assert (await store.counts())["outbox.interrupted"] == 1


async def test_a_wait_of_the_group_holds_up_no_citizen(
    api: BotApi, bot: Bot, store: SqlStore, awa: Citizen, plain: StaffGroup, request_of_awa: HandOver
):
    api.fail_next("sendMessage", status=429, retry_after=2, chat_id=PLAIN)
    await enqueue(store, to_staff("pour vous", request_of_awa))
    began = time.monotonic()
    async with sending(bot, store, PLAIN) as sender:
        await api.until(lambda: api.called("sendMessage"))
        await enqueue(store, Outgoing("42", "sendMessage", {"text": "Bonjour"}))
        sender.queued.set()
        await awa.waits_for("Bonjour")
        assert time.monotonic() - began < 2
        await plain.waits_for("pour vous")
        assert time.monotonic() - began >= 2
