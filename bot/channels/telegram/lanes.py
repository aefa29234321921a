"""From the inbox to the dialogue: one lane per chat, in order; chats in parallel."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.incoming import (
    CitizenActed,
    GroupMoved,
    InOtherGroup,
    Nothing,
    StaffAsksHelp,
    StaffCloses,
    StaffWrote,
    read,
)
from bot.channels.telegram.outgoing import STAFF, Translator, say_to, to_staff
from bot.channels.telegram.waiting import any_of
from bot.conversation import current, handle
from bot.dialogue.effects import Effect, Say
from bot.dialogue.events import Asked, Event, StaffClosed, StaffReplied
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Mode
from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.staff.texts import text
from bot.storage.model import HandOver, HandOverStatus, Outgoing, StoredUpdate
from bot.storage.store import StaleUpdateError, Store

log = logging.getLogger(__name__)

CHANNEL = "telegram"
_AT_ONCE = 16
"""Updates handled at the same time; the matcher computes in threads."""
_LOOK_EVERY = 1.0
"""Seconds after which updates whose next try is due are looked for."""
_TRIES = 3
_NEXT_TRY = timedelta(seconds=2)


@dataclass(slots=True)
class Lanes:
    bot: Bot
    store: Store
    dialogue: Callable[[], Dialogue]
    """The dialogue in service at this moment."""
    group: StaffGroup
    arrived: asyncio.Event
    """Set by who stores updates."""
    queued: asyncio.Event
    """Set here when messages wait for the sender."""
    stop: asyncio.Event
    _busy: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Handle updates until `stop` is set; those under way are finished.

        Raises:
            ExceptionGroup: the store does not answer; what was under way is handled again at the next start.
        """
        async with asyncio.TaskGroup() as tasks:
            while not self.stop.is_set():
                self.arrived.clear()
                for update in await self._due():
                    self._busy.add(update.lane)
                    tasks.create_task(self._serve(update, tasks))
                await any_of(self.arrived, self.stop, seconds=_LOOK_EVERY)

    async def _due(self) -> list[StoredUpdate]:
        room = _AT_ONCE - len(self._busy)
        return await self.store.take_updates(busy_lanes=tuple(self._busy), limit=room, now=_now()) if room else []

    async def _serve(self, update: StoredUpdate, tasks: asyncio.TaskGroup) -> None:
        """Bring one update to its end, or to its next try; the next one of its lane is looked for then."""
        try:
            await self._handle(update, tasks)
        except StaleUpdateError:
            log.info("update %s was settled by another worker", update.seq)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and the other lanes go on
            await self._failed(update, error)
        finally:
            self._busy.remove(update.lane)
            self.arrived.set()
            self.queued.set()

    async def _handle(self, update: StoredUpdate, tasks: asyncio.TaskGroup) -> None:
        incoming = read(Update.de_json(json.loads(update.body), None), self.group.chat_id)
        match incoming:
            case CitizenActed():
                await self._citizen_acted(incoming, update, tasks)
            case StaffWrote():
                await self._staff_wrote(incoming, update)
            case StaffCloses():
                await self._staff_closes(incoming, update)
            case StaffAsksHelp(topic=topic):
                await self._settle(update, _in_group(text("staff_help"), topic))
            case GroupMoved(new_chat=new_chat):
                self.group.moved(new_chat)
                await self._settle(update)
            case InOtherGroup(chat=chat):
                await self._settle(update, say_to(str(chat), text("group_number", chat=chat)))
            case Nothing(callback=callback):
                await self._settle(update)
                await self._answer(callback)

    # Citizens

    async def _citizen_acted(self, acted: CitizenActed, update: StoredUpdate, tasks: asyncio.TaskGroup) -> None:
        conversation, _ = await current(self.store, CHANNEL, acted.chat)
        if isinstance(acted.event, Asked) and conversation.mode is not Mode.WITH_STAFF:
            tasks.create_task(self._show_typing(acted.chat))
        dialogue = self.dialogue()
        translator = Translator(dialogue.knowledge, acted, acted.chat, forum=self.group.forum)
        effects = await self._step(dialogue, acted.event, acted.chat, translator, update)
        silent = not any(isinstance(effect, Say) for effect in effects)
        toast = dialogue.knowledge.message(conversation.language, "with_staff_toast") if silent else None
        await self._answer(acted.callback, toast)

    async def _show_typing(self, chat: str) -> None:
        await self._at_once("sendChatAction", {"chat_id": int(chat), "action": "typing"})

    # Staff

    async def _staff_wrote(self, wrote: StaffWrote, update: StoredUpdate) -> None:
        hand_over = await self._hand_over(wrote.topic, wrote.reply_to)
        if hand_over is None:  # colleagues among themselves
            await self._settle(update)
            return
        dialogue = self.dialogue()
        event = StaffReplied(f"{wrote.message.chat.id}/{wrote.message.message_id}")
        translator = Translator(dialogue.knowledge, wrote, hand_over.chat, hand_over, self.group.forum)
        await self._step(dialogue, event, hand_over.chat, translator, update)

    async def _staff_closes(self, closes: StaffCloses, update: StoredUpdate) -> None:
        hand_over = await self._hand_over(closes.topic, closes.reply_to, closes.hand_over)
        if hand_over is None or hand_over.status is HandOverStatus.CLOSED:
            said = text("not_open" if hand_over else "which_one")
            await self._settle(update, *(() if closes.callback else (_in_group(said, closes.topic),)))
            await self._answer(closes.callback, said)
            return
        dialogue = self.dialogue()
        translator = Translator(dialogue.knowledge, None, hand_over.chat, hand_over, self.group.forum)
        await self._step(dialogue, StaffClosed(closes.ref), hand_over.chat, translator, update)
        await self._answer(closes.callback, text("toast_closed"))

    async def _hand_over(
        self, topic: int | None, reply_to: int | None, hand_over_id: int | None = None
    ) -> HandOver | None:
        """The hand-over of a card's button, of a topic, or of the message replied to."""
        async with self.store.look() as work:
            if hand_over_id is not None:
                return await work.hand_over_by_id(hand_over_id)
            found = await work.hand_over_by_topic(topic) if topic is not None else None
            if found is None and reply_to is not None:
                found = await work.hand_over_by_message(STAFF, reply_to)
            return found

    # Both

    async def _step(
        self, dialogue: Dialogue, event: Event, chat: str, translator: Translator, update: StoredUpdate
    ) -> tuple[Effect, ...]:
        return await handle(
            self.store,
            dialogue,
            event,
            channel=CHANNEL,
            chat=chat,
            now=_now(),
            translate=translator,
            update=update.seq,
        )

    async def _settle(self, update: StoredUpdate, *outgoing: Outgoing) -> None:
        async with self.store.work() as work:
            await work.enqueue(outgoing, _now())
            await work.update_done(update.seq, _now())

    async def _answer(self, callback: str | None, toast: str | None = None) -> None:
        """Stop the button from turning. Telegram accepts this for a short time only: it never waits in the outbox."""
        if callback is not None:
            params = {"callback_query_id": callback}
            await self._at_once("answerCallbackQuery", params | {"text": toast} if toast else params)

    async def _at_once(self, method: str, params: Mapping[str, Any]) -> None:
        """A courtesy that is worth no second try."""
        try:
            await call(self.bot, method, params)
        except TelegramError as error:
            log.info("%s: %s", method, error.message)

    async def _failed(self, update: StoredUpdate, error: Exception) -> None:
        """Try again later; after the last try set it aside, and tell the citizen and the staff."""
        log.error("update %s failed, try %d of %d", update.seq, update.tries + 1, _TRIES, exc_info=error)
        last = update.tries + 1 >= _TRIES
        await self.store.update_failed(
            update.seq,
            f"{type(error).__name__}: {error}"[:500],
            _now(),
            retry_at=None if last else _now() + _NEXT_TRY * 2**update.tries,
            then=await self._apologies(update) if last else (),
        )

    async def _apologies(self, update: StoredUpdate) -> list[Outgoing]:
        told = [to_staff(text("update_failed", number=update.seq))]
        if update.lane.isdecimal():  # groups have negative numbers
            language = DEFAULT_LANGUAGE
            with suppress(ValueError):  # the state itself may be what cannot be read
                language = (await current(self.store, CHANNEL, update.lane))[0].language
            told.append(say_to(update.lane, self.dialogue().knowledge.message(language, "trouble")))
        return told


def _in_group(sentence: str, topic: int | None) -> Outgoing:
    """To the staff group, in the topic from which it was asked for."""
    params: dict[str, Any] = {"text": sentence}
    return Outgoing(STAFF, "sendMessage", params | {"message_thread_id": topic} if topic is not None else params)


def _now() -> datetime:
    return datetime.now(UTC)
