"""Gather, decide, apply: one event of a citizen's conversation, the same for every channel."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.dialogue.effects import (
    Acknowledge,
    CloseHandOver,
    DeleteCopies,
    Effect,
    EraseData,
    FindData,
    FindSubscriptions,
    LogQuestion,
    OpenHandOver,
    PromiseAnswer,
    RateAnswer,
    RelayToCitizen,
    RelayToStaff,
    Say,
    SendFile,
    SettleQuestion,
    Subscribe,
    TakeHandOver,
    Unsubscribe,
)
from bot.dialogue.events import (
    Agent,
    DataErased,
    DataEvent,
    DataFound,
    Event,
    StaffClosed,
    StaffReplied,
    StaffReturned,
    StaffTook,
    Subscribed,
    SubscriptionEvent,
    SubscriptionsFound,
)
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.record import from_record, to_record
from bot.dialogue.state import Conversation
from bot.opportunities.subscriptions import MOST
from bot.privacy.masking import mask
from bot.storage.model import HandOver, HandOverStatus, Outgoing, Question
from bot.storage.store import StaleConversationError, Transactions, Work


class ErasedError(Exception):
    """The person has had everything erased: what the staff do with the hand-over concerns nobody any more."""


class ClosedError(Exception):
    """The hand-over has been closed since it was read: what the staff do is of another kind now, so read it again."""


class TakenError(Exception):
    """The hand-over has somebody who takes care of it: `name`, if it is still known."""

    def __init__(self, name: str | None) -> None:
        super().__init__(name)
        self.name = name


_TRIES = 100
"""Each time, another event of the same conversation was faster. Of those that come at once one always wins."""

_Shown = Say | Acknowledge | RelayToStaff | SendFile | DeleteCopies
"""What a channel does, and of which nothing is kept."""

Translate = Callable[[Sequence[Effect], HandOver | None], Sequence[Outgoing]]
"""The effects of one event, and the hand-over that is open after it → the channel's outgoing messages."""


def no_messages(_effects: Sequence[Effect], _hand_over: HandOver | None) -> Sequence[Outgoing]:
    """For a channel that shows the effects by itself."""
    return ()


async def handle(  # noqa: PLR0913 - keywords, of which most have a default
    store: Transactions,
    dialogue: Dialogue,
    event: Event,
    *,
    channel: str,
    chat: str,
    moment: Moment,
    translate: Translate = no_messages,
    updates: Sequence[int] = (),
    concerns: int | None = None,
) -> tuple[Effect, ...]:
    """Decide on `event` and keep everything that follows in one transaction; decided anew when the state moved on.

    `updates` are the numbers, in the inbox, of what brought the event: they are settled in the same transaction.
    `concerns` is the hand-over that an event of the staff speaks of, if that is known.

    Raises:
        StaleUpdateError: another worker has settled an update meanwhile; nothing was kept.
        TakenError: somebody else takes care of the hand-over; nothing was kept.
        ErasedError: the person of the hand-over has had everything erased; nothing was kept.
        ClosedError: the hand-over is closed, and the event is not meant for a closed one; nothing was kept.
        StaleConversationError: it changed again and again; nothing was kept.
    """
    now = moment.now
    for _ in range(_TRIES):
        before, version = await current(store, channel, chat)
        # The matcher computes for some 15 ms: outside the event loop, and outside any transaction.
        after, effects = await asyncio.to_thread(dialogue.step, before, event, moment)
        try:
            async with store.work() as work:
                await work.save_conversation(channel, chat, to_record(after), version=version, now=now)
                if concerns is not None:
                    await _check_kept(work, concerns, event)
                hand_over = await _apply(work, effects, channel, chat, now)
                for answer in await _answers(work, effects, channel, chat, now):
                    effects += _told(dialogue, after, answer, moment)
                await work.enqueue(translate(effects, hand_over), now)
                for update in updates:
                    await work.update_done(update, now)
        except StaleConversationError:
            continue
        return effects
    raise StaleConversationError(f"{channel} conversation: it changed {_TRIES} times while an event was decided on")


async def current(store: Transactions, channel: str, chat: str) -> tuple[Conversation, int]:
    """Where the conversation stands, and the version of it."""
    async with store.look() as work:
        stored = await work.conversation(channel, chat)
    return (from_record(stored.state), stored.version) if stored else (Conversation(), 0)


async def nothing_asked(work: Work, channel: str, chat: str, now: datetime) -> Conversation | None:
    """For what is told outside the dialogue: a "yes" that follows it is not for what the bot had asked before.

    Returns the conversation as it was; None if there is none, or if it cannot be read. One that moves on at this very
    moment is left as it is.
    """
    stored = await work.conversation(channel, chat)
    try:
        state = from_record(stored.state) if stored else None
    except ValueError:
        return None
    if stored and state and state.asks:
        with suppress(StaleConversationError):
            record = to_record(replace(state, asks=""))
            await work.save_conversation(channel, chat, record, version=stored.version, now=now)
    return state


async def _apply(work: Work, effects: Sequence[Effect], channel: str, chat: str, now: datetime) -> HandOver | None:
    """Write the log and the hand-over; the hand-over that these effects speak of, also when they close it."""
    hand_over = await work.hand_over_of_chat(channel, chat)
    for effect in effects:
        match effect:
            case LogQuestion():
                await work.log_question(_question(effect, channel, chat, now))
            case SettleQuestion(ref=ref, status=status, entry=entry):
                await work.settle_question(channel, ref, status=status, entry=entry, now=now)
            case PromiseAnswer(ref=ref):
                await work.promise_answer(channel, ref)
            case RateAnswer(ref=ref, entry=entry, helped=helped):
                await work.rate_answer(channel, ref, entry, helped=helped)
            case OpenHandOver(ref=ref):
                hand_over = await work.open_hand_over(channel, chat, ref, now)
            case TakeHandOver() | RelayToCitizen() | CloseHandOver():
                hand_over = await _moved_on(work, effect, hand_over, now)
            case FindData() | EraseData() | Subscribe() | Unsubscribe() | FindSubscriptions():
                pass  # these ask the store something: `_answers`
            case Say() | Acknowledge() | RelayToStaff() | SendFile() | DeleteCopies():
                pass  # `_Shown`
            case _:
                assert_never(effect)
    return hand_over


async def _moved_on(
    work: Work, effect: TakeHandOver | RelayToCitizen | CloseHandOver, hand_over: HandOver | None, now: datetime
) -> HandOver | None:
    """The hand-over after what the staff did with it; where none is open, nothing happens to any."""
    match effect:
        case _ if hand_over is None:
            return None
        case TakeHandOver(agent=agent):
            return await _taken(work, hand_over, agent, now)
        case RelayToCitizen(agent=agent):
            if not effect.late:  # a late reply opens nothing anew
                await work.take_hand_over(hand_over.id, agent.id, agent.name, now)
                await work.set_hand_over(hand_over.id, status=HandOverStatus.WITH_STAFF, now=now)
        case CloseHandOver():
            await work.set_hand_over(hand_over.id, status=HandOverStatus.CLOSED, now=now)
            await work.mask_messages(hand_over.id, mask)
        case _:
            assert_never(effect)
    return hand_over


def _told(
    dialogue: Dialogue, kept: Conversation, answer: DataEvent | SubscriptionEvent, moment: Moment
) -> tuple[Effect, ...]:
    """What is said of an answer of the store. State and effects are kept by then: it must ask for no more of either."""
    then, effects = dialogue.step(kept, answer, moment)
    if then != kept or not all(isinstance(effect, _Shown) for effect in effects):
        raise AssertionError(f"{type(answer).__name__} would change what is kept")
    return effects


async def _answers(
    work: Work, effects: Sequence[Effect], channel: str, chat: str, now: datetime
) -> list[DataEvent | SubscriptionEvent]:
    """What the store has to say to the effects that ask it something."""
    answers = [
        await _about_data(work, effects, channel, chat, now),
        *[await _subscribing(work, effect, channel, chat, now) for effect in effects],
    ]
    return [answer for answer in answers if answer]


async def _about_data(
    work: Work, effects: Sequence[Effect], channel: str, chat: str, now: datetime
) -> DataEvent | None:
    """What the store has to say when the citizen's data are looked up or erased."""
    if any(isinstance(effect, EraseData) for effect in effects):
        return DataErased(**asdict(await work.erase_person(channel, chat, now)))
    if any(isinstance(effect, FindData) for effect in effects):
        return DataFound(asdict(await work.personal_data(channel, chat)))
    return None


async def _subscribing(work: Work, effect: Effect, channel: str, chat: str, now: datetime) -> SubscriptionEvent | None:
    match effect:
        case Subscribe(about, days):
            ends = now + timedelta(days=days)
            kept = await work.subscribe(channel, chat, about, ends=ends, most=MOST, now=now)
            return Subscribed(about, ends if kept else None)
        case Unsubscribe(about):
            await work.unsubscribe(channel, chat, about)
        case FindSubscriptions():
            return SubscriptionsFound(tuple(await work.subscriptions(channel, chat)))
        case _:
            pass
    return None


async def _check_kept(work: Work, hand_over_id: int, event: Event) -> None:
    """Raises: ErasedError, ClosedError."""
    hand_over = await work.hand_over_by_id(hand_over_id)
    if hand_over is None or not hand_over.chat:
        raise ErasedError
    meant_for_open = isinstance(event, StaffTook | StaffClosed | StaffReturned) or (
        isinstance(event, StaffReplied) and not event.late
    )
    # Their person may have another one open by now, of which nobody spoke.
    if meant_for_open and hand_over.status is HandOverStatus.CLOSED:
        raise ClosedError


async def _taken(work: Work, hand_over: HandOver, agent: Agent, now: datetime) -> HandOver:
    """The hand-over in the hands of `agent`, who had it not yet.

    Raises:
        TakenError: somebody has it.
    """
    taken = await work.take_hand_over(hand_over.id, agent.id, agent.name, now)
    if hand_over.taken_by is not None or taken is None or taken.taken_by != agent.id:
        raise TakenError(taken.taken_name if taken else None)
    return taken


def _question(log: LogQuestion, channel: str, chat: str, now: datetime) -> Question:
    return Question(
        id=0,
        ref=log.ref,
        channel=channel,
        chat=chat,
        text=log.text,
        language=log.language,
        candidates=tuple((candidate.entry, candidate.confidence) for candidate in log.candidates),
        decision=log.decision,
        reason=log.reason,
        entry=log.entry,
        status=log.status,
        asked_at=now,
    )
