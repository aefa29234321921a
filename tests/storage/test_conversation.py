"""`handle`: what one event changes is kept as a whole or not at all, whatever else happens to the conversation."""

import asyncio
from dataclasses import replace

import pytest

from bot.conversation import current, handle
from bot.dialogue.effects import (
    CloseHandOver,
    Decision,
    Ending,
    FindData,
    LogQuestion,
    OpenHandOver,
    QuestionStatus,
    Reason,
    Say,
    SettleQuestion,
)
from bot.dialogue.events import Asked, Command, Commanded
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.matching.model import Candidate
from bot.storage.sql import SqlStore
from bot.storage.store import StaleConversationError, StaleUpdateError
from tests.storage.examples import NOW, due_texts, message, update, waiting_updates
from tests.unit.dialogue_fakes import GRANT, KNOWLEDGE, LOW, FakeMatcher

REAL = Dialogue(KNOWLEDGE, FakeMatcher())
CANDIDATES = (Candidate("grant", 0.1), Candidate("office", 0.05))
LOG = LogQuestion("q1", LOW, "fr", Decision.HAND_OVER, Reason.TOO_LOW, QuestionStatus.OPEN, CANDIDATES)
OPEN = OpenHandOver("q1", LOW, "fr", Reason.TOO_LOW, CANDIDATES)
CLOSE = CloseHandOver(Ending.CLOSED_BY_STAFF)


class Scripted:
    """A dialogue that answers every event with the same effects and notes the event in the state."""

    def __init__(self, *effects):
        self.effects = effects

    def step(self, conversation, event, *_context):
        """The state with the event's reference, and the effects."""
        return replace(conversation, handed_over=(*conversation.handed_over, event.ref)), self.effects


async def happens(store, *effects, ref="q1", **changes):
    """One event of the chat `7`, with these effects."""
    values = {"channel": "telegram", "chat": "7", "moment": Moment(NOW), "translate": said}
    return await handle(store, Scripted(*effects), Asked(ref, LOW), **values | changes)


def said(effects, hand_over):
    """Each text as a message; it belongs to the hand-over."""
    number = hand_over.id if hand_over else None
    return [message("7", effect.text, hand_over=number) for effect in effects if isinstance(effect, Say)]


async def refs(store, channel="telegram", chat="7"):
    """The references of the events that the kept state has seen."""
    return (await current(store, channel, chat))[0].handed_over


async def hand_over(store):
    """The hand-over that is open."""
    async with store.look() as work:
        return await work.hand_over_of_chat("telegram", "7")


async def nothing_kept(store):
    """True when no trace of an event is in the store."""
    traces = (await refs(store), await store.questions(), await hand_over(store), await due_texts(store))
    return not any(traces)


async def received(store):
    """The number in the inbox of one update that waits."""
    await store.receive([update(1)], NOW)
    (taken,) = await store.take_updates(busy_lanes=(), limit=1, now=NOW)
    return taken.seq


async def test_state_log_hand_over_and_messages_of_an_event_are_kept(store: SqlStore):
    effects = await happens(store, LOG, Say("Je transmets."), OPEN)
    assert effects == (LOG, Say("Je transmets."), OPEN)
    assert await refs(store) == ("q1",)
    (question,) = await store.questions()
    assert (question.channel, question.chat, question.ref, question.text, question.asked_at) == (
        "telegram", "7", "q1", LOW, NOW,
    )  # fmt: skip
    assert question.candidates == (("grant", 0.1), ("office", 0.05))
    assert (question.decision, question.reason, question.status, question.entry) == (
        "hand_over", "too_low", "open", None,
    )  # fmt: skip
    opened = await hand_over(store)
    assert (opened.question_ref, opened.status, opened.opened_at) == ("q1", "waiting", NOW)
    (row,) = await store.due_messages(busy_chats=(), limit=9, now=NOW)
    assert (row.outgoing.params["text"], row.outgoing.hand_over) == ("Je transmets.", opened.id)


async def test_an_event_without_messages_of_its_own_enqueues_none(store: SqlStore):
    await handle(store, Scripted(LOG, Say("vu")), Asked("q1", LOW), channel="terminal", chat="7", moment=Moment(NOW))
    assert await due_texts(store) == []
    assert [question.channel for question in await store.questions()] == ["terminal"]


async def test_nothing_is_kept_when_the_messages_cannot_be_made(store: SqlStore):
    seq = await received(store)

    def broken(_effects, _hand_over):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await happens(store, LOG, OPEN, translate=broken, updates=[seq])
    assert await nothing_kept(store)
    assert await waiting_updates(store) == [1]


async def test_the_update_is_settled_with_its_effects(store: SqlStore):
    await happens(store, LOG, Say("a"), updates=[await received(store)])
    assert await waiting_updates(store) == []
    assert await due_texts(store) == ["a"]


async def test_an_update_that_another_worker_has_settled_leaves_nothing(store: SqlStore):
    seq = await received(store)
    async with store.work() as work:
        await work.update_done(seq, NOW)
    with pytest.raises(StaleUpdateError):
        await happens(store, LOG, Say("a"), OPEN, updates=[seq])
    assert await nothing_kept(store)


async def test_a_choice_settles_the_question_that_was_logged_before(store: SqlStore):
    await happens(store, LOG)
    await happens(store, SettleQuestion("q1", QuestionStatus.ANSWERED, "grant"), ref="q2")
    (question,) = await store.questions()
    assert (question.status, question.entry, question.closed_at) == ("answered", "grant", NOW)


async def test_a_second_hand_over_joins_the_one_that_is_open(store: SqlStore):
    await happens(store, OPEN)
    first = await hand_over(store)
    await happens(store, replace(OPEN, ref="q2"), ref="q2")
    assert await hand_over(store) == first


async def test_the_message_that_ends_a_hand_over_still_belongs_to_it(store: SqlStore):
    await happens(store, OPEN)
    opened = await hand_over(store)
    await happens(store, CLOSE, Say("C'est fini."), ref="q2")
    (row,) = await store.due_messages(busy_chats=(), limit=9, now=NOW)
    assert row.outgoing.hand_over == opened.id
    assert await hand_over(store) is None


async def test_ending_what_is_not_open_does_nothing(store: SqlStore):
    await happens(store, CLOSE)
    assert await hand_over(store) is None


async def test_each_chat_of_each_channel_has_its_own_conversation(store: SqlStore):
    await happens(store, ref="a")
    await happens(store, ref="b", chat="8")
    await happens(store, ref="c", channel="terminal")
    assert [await refs(store), await refs(store, chat="8"), await refs(store, "terminal")] == [("a",), ("b",), ("c",)]


class Overtaken:
    """While it decides for the first time, another writer handles a question of the same conversation."""

    def __init__(self, store):
        self.store, self.loop, self.overtaken = store, asyncio.get_running_loop(), False

    def step(self, conversation, event, *context):
        """Decides as ever, on the state that it was given."""
        if not self.overtaken:
            self.overtaken = True
            other = handle(self.store, REAL, Asked("early", LOW), channel="telegram", chat="7", moment=Moment(NOW))
            asyncio.run_coroutine_threadsafe(other, self.loop).result()
        return REAL.step(conversation, event, *context)


async def test_an_event_that_was_overtaken_is_decided_anew_on_the_new_state(store: SqlStore):
    where = {"channel": "telegram", "chat": "7", "moment": Moment(NOW), "translate": said}
    effects = await handle(store, Overtaken(store), Commanded("late", Command.PERSON), **where)
    alone = await handle(
        store, REAL, Commanded("again", Command.PERSON), channel="telegram", chat="7", moment=Moment(NOW)
    )
    assert effects == alone, "the hand-over was open already when it was decided"
    assert len(await due_texts(store)) == 1, "what was decided on the old state is not sent"
    assert (await hand_over(store)).question_ref == "early"


async def test_writers_of_two_processes_lose_and_double_nothing(two_stores: tuple[SqlStore, SqlStore]):
    events = [f"q{number}" for number in range(16)]
    logs = [replace(LOG, ref=ref) for ref in events]
    await asyncio.gather(
        *(
            happens(two_stores[number % 2], log, OPEN, Say(log.ref), ref=log.ref)
            for number, log in enumerate(logs)
        )
    )  # fmt: skip
    store = two_stores[0]
    assert sorted(await refs(store)) == sorted(events)
    assert sorted(question.ref for question in await store.questions()) == sorted(events)
    assert (await current(store, "telegram", "7"))[1] == len(events), "one version an event"
    assert (await store.counts())["hand_overs.waiting"] == 1
    assert (await store.counts())["outbox.queued"] == len(events)


async def test_a_real_conversation_goes_on_where_it_stood(store: SqlStore):
    async def asks(ref, text):
        await handle(store, REAL, Asked(ref, text), channel="telegram", chat="7", moment=Moment(NOW))

    await asks("q1", GRANT)
    await asks("q2", LOW)
    kept = (await current(store, "telegram", "7"))[0]
    assert (kept.last_ref, kept.last_question, kept.last_entry, kept.mode) == ("q2", LOW, "grant", "waiting")
    assert {question.ref: question.status for question in await store.questions()} == {"q1": "answered", "q2": "open"}
    assert (await hand_over(store)).question_ref == "q2"


class Restless(Scripted):
    """What the store answers makes it change the state, or ask for more."""

    def step(self, conversation, event, *_context):
        """An answer of the store is noted in the state too."""
        ref = getattr(event, "ref", "answer")
        return replace(conversation, handed_over=(*conversation.handed_over, ref)), self.effects


async def test_an_answer_of_the_store_cannot_change_what_is_kept_already(store: SqlStore):
    with pytest.raises(AssertionError, match="DataFound would change what is kept"):
        await handle(
            store, Restless(FindData()), Asked("q1", LOW), channel="telegram", chat="7", moment=Moment(NOW),
        )  # fmt: skip
    assert await nothing_kept(store)


async def test_a_conversation_that_never_stops_changing_ends_with_an_error(store: SqlStore):
    tries = []

    class Slow(Scripted):
        """A dialogue during which the state always moves on."""

        def step(self, conversation, event, *context):
            """Decided while another event is kept."""
            tries.append(event.ref)
            asyncio.run_coroutine_threadsafe(happens(store, ref=f"other{len(tries)}"), loop).result()
            return super().step(conversation, event, *context)

    loop = asyncio.get_running_loop()
    with pytest.raises(StaleConversationError, match="changed 100 times"):
        await handle(store, Slow(LOG), Asked("q1", LOW), channel="telegram", chat="7", moment=Moment(NOW))
    assert len(tries) == 100
    assert "q1" not in await refs(store)
    assert await store.questions() == []
