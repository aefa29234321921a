"""From the inbox to the dialogue: one lane per chat, in order; chats in parallel; messages in a burst are one."""

import asyncio
import json
import logging
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telegram import Message, Update

from bot.channels.telegram.citizens import citizen_acted, citizen_edited
from bot.channels.telegram.desk import CHANNEL, Desk, now
from bot.channels.telegram.health import Health
from bot.channels.telegram.incoming import (
    AsksConsole,
    CitizenActed,
    CitizenEdited,
    GroupMoved,
    Incoming,
    InOtherGroup,
    InUnknownGroup,
    Nothing,
    StaffAsksHelp,
    StaffCommanded,
    StaffEdited,
    StaffWrote,
    belongs_to,
    read,
)
from bot.channels.telegram.outgoing import say_to, to_staff
from bot.channels.telegram.staff import staff_asked_help, staff_commanded, staff_edited, staff_wrote
from bot.channels.telegram.waiting import any_of, store_back
from bot.conversation import ErasedError, current
from bot.dialogue.events import Asked, Attached
from bot.dialogue.state import Mode
from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.staff.texts import text
from bot.storage.model import Outgoing, StoredUpdate
from bot.storage.store import StaleUpdateError, StoreAwayError

log = logging.getLogger(__name__)

_LANES = 200
"""Chats looked after at the same time: most of them wait for the end of a burst."""
_AT_ONCE = 16
"""Updates handled at the same time; the matcher computes in threads."""
_CALM = 10
"""When more chats are looked after, no typing is shown: the calls would hold up the answers."""
_LOOK_EVERY = 1.0
"""Seconds after which updates whose next try is due are looked for."""
_REST = 5
"""After a look, so many times as long none: with a long queue a look is slow, and answers are more urgent."""
_TRIES = 3
_NEXT_TRY = timedelta(seconds=2)
_LONGEST_BURST = 5
"""A burst is answered after so many quiet times at the latest, however it goes on."""
_MANY = 10
"""Who sends more messages in one burst, or within `_RECENT`, is told that they arrive."""
_RECENT = 10.0
"""Seconds."""
_TOLD = timedelta(minutes=10)
"""Until that is said again."""
_ALBUM = timedelta(seconds=1)
"""The pictures of an album arrive one by one, without a sign of the last: https://github.com/tdlib/telegram-bot-api/issues/643"""


@dataclass(slots=True)
class Lanes:
    desk: Desk
    burst: timedelta
    """The quiet time after a text before it is answered: what comes within is one question."""
    health: Health
    arrived: asyncio.Event
    """Set by who stores updates."""
    queued: asyncio.Event
    """Set here when messages wait for the sender."""
    stop: asyncio.Event
    _busy: set[str] = field(default_factory=set)
    _suspect: str | None = None
    """The lane whose update has been tried before: one at a time, in case it ends the process."""
    _recent: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Lane → since when, and how many messages of a citizen came."""
    _told: dict[str, datetime] = field(default_factory=dict)
    """Lanes that were told so, and when."""
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def run(self) -> None:
        """Handle updates until `stop` is set; those under way are finished."""
        async with asyncio.TaskGroup() as tasks:
            while not self.stop.is_set():
                self.arrived.clear()
                began = time.monotonic()
                try:
                    due = await self._due()
                except StoreAwayError as error:
                    await store_back(error, self.stop)
                    continue
                for update in due:
                    self._busy.add(update.lane)
                    self._suspect = update.lane if update.tries else self._suspect
                    tasks.create_task(self._serve(update))
                await any_of(self.stop, seconds=(time.monotonic() - began) * _REST)
                await any_of(self.arrived, self.stop, seconds=_LOOK_EVERY)

    async def _due(self) -> list[StoredUpdate]:
        room = _LANES - len(self._busy)
        if not room:
            return []
        store, busy = self.desk.store, tuple(self._busy)
        return await store.take_updates(busy_lanes=busy, limit=room, now=now(), tried=self._suspect is None)

    async def _serve(self, update: StoredUpdate) -> None:
        """Bring one update to its end, or to its next try; the next one of its lane is looked for then."""
        try:
            await self._try(update)
        except StoreAwayError as error:  # the update is not at fault: no try is counted
            await store_back(error, self.stop)
        finally:
            self._busy.remove(update.lane)
            self._suspect = None if update.lane == self._suspect else self._suspect
            self.arrived.set()
            self.queued.set()

    async def _try(self, update: StoredUpdate) -> None:
        try:
            if update.tries > _TRIES:  # among others once, then by itself
                await self._set_aside(update, "the process ended each time while it was handled")
                return
            gathered = await self._gathered(update)
            if gathered:
                # Not behind others, as long as it has the blame for the process.
                async with nullcontext() if update.tries else self._turn:
                    if not self.stop.is_set():
                        await self._handle(*gathered)
                        self.health.updates.labels("handled").inc(len(gathered[1]))
                        await self._count(update.lane, *gathered)
        except ErasedError:  # at the very moment when the staff acted
            with suppress(StaleUpdateError):
                await self.desk.settle([update.seq], to_staff(text("erased_no_reply")))
        except StaleUpdateError:
            log.info("update %s was settled by another worker", update.seq)
        except StoreAwayError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and the other lanes go on
            await self._failed(update, error)

    # Bursts

    async def _gathered(self, update: StoredUpdate) -> tuple[Incoming, list[int]] | None:
        """The update with those that continue it, once its chat is quiet; None when the bot stops first."""
        incoming = self._read(update)
        if isinstance(incoming, InUnknownGroup) and await self.desk.group.has_become(self.desk.bot, incoming.chat):
            incoming = self._read(update)
        quiet = await self._quiet_time(incoming, update)
        if quiet is None or update.tries:  # tried before, by itself: what follows may be what failed
            return incoming, [update.seq]
        # The clock of the day may be set back meanwhile; nobody waits longer for that.
        latest = time.monotonic() + (quiet * _LONGEST_BURST).total_seconds()
        while True:
            burst, updates, ended = await self._extended(incoming, update)
            if len(updates) > _MANY:
                await self._acknowledge_many(update.lane)
            last = min(updates[-1].received_at + quiet, update.received_at + quiet * _LONGEST_BURST)
            left = min((last - now()).total_seconds(), latest - time.monotonic())
            if ended or left <= 0:
                return burst, [each.seq for each in updates]
            await any_of(self.stop, seconds=left)
            if self.stop.is_set():
                return None

    async def _quiet_time(self, incoming: Incoming, update: StoredUpdate) -> timedelta | None:
        """How long to wait for more, no time for what is there already; None for what stands by itself."""
        match incoming:
            case CitizenActed(messages=messages) | StaffWrote(messages=messages) if _is_album(messages):
                return _ALBUM
            case CitizenActed(event=Asked() | Attached() as event):
                conversation, _ = await current(self.desk.store, CHANNEL, update.lane)
                if conversation.mode is Mode.WITH_STAFF:
                    return None if isinstance(event, Asked) else timedelta()
                if len(self._busy) <= _CALM:
                    self.desk.typing(update.lane)
                return self.burst or None
            case _:
                return None

    async def _count(self, lane: str, incoming: Incoming, updates: list[int]) -> None:
        """Texts and pictures in turn are no burst, and many all the same."""
        if not isinstance(incoming, CitizenActed) or not incoming.messages:
            return
        moment = time.monotonic()
        self._recent = {of: seen for of, seen in self._recent.items() if moment - seen[0] < _RECENT}
        since, number = self._recent.get(lane, (moment, 0))
        self._recent[lane] = since, number + len(updates)
        if number + len(updates) > _MANY:
            await self._acknowledge_many(lane)

    async def _acknowledge_many(self, lane: str) -> None:
        self._told = {other: when for other, when in self._told.items() if when > now() - _TOLD}
        if lane not in self._told and (await current(self.desk.store, CHANNEL, lane))[0].mode is not Mode.WITH_STAFF:
            self._told[lane] = now()
            await self.desk.settle([], await self._say(lane, "many_messages"))
            self.queued.set()

    async def _extended(self, incoming: Incoming, update: StoredUpdate) -> tuple[Incoming, list[StoredUpdate], bool]:
        """What `incoming`, read from `update`, has become with what follows it, and whether something else follows."""
        updates = [update]
        for following in await self.desk.store.next_in_lane(update):
            joined = belongs_to(incoming, self._read(following))
            if joined is None:
                return incoming, updates, True
            incoming = joined
            updates.append(following)
        return incoming, updates, False

    def _read(self, update: StoredUpdate) -> Incoming:
        return read(Update.de_json(json.loads(update.body), None), self.desk.group.chat_id)

    # One update, or a burst of them

    async def _handle(self, incoming: Incoming, updates: list[int]) -> None:  # noqa: C901 - one arm a kind
        desk = self.desk
        match incoming:
            case CitizenActed():
                await citizen_acted(desk, incoming, updates)
            case CitizenEdited():
                await citizen_edited(desk, incoming, updates)
            case StaffWrote():
                await staff_wrote(desk, incoming, updates)
            case StaffEdited():
                await staff_edited(desk, incoming, updates)
            case StaffCommanded():
                await staff_commanded(desk, incoming, updates)
            case StaffAsksHelp():
                await staff_asked_help(desk, incoming, updates)
            case AsksConsole():
                await self._invite(incoming, updates)
            case GroupMoved(new_chat=new_chat):
                desk.group.moved(new_chat)
                await desk.settle(updates)
            case InOtherGroup(chat=chat):
                await desk.settle(updates, say_to(str(chat), text("group_number", chat=chat)))
            case InUnknownGroup(callback=callback) | Nothing(callback=callback):
                await desk.settle(updates)
                await desk.answer(callback)

    async def _invite(self, asks: AsksConsole, updates: list[int]) -> None:
        """A link for a person of the staff; for anybody else it is a command that we do not know."""
        invitation = await self.desk.console.invitation(asks.user) if self.desk.console else None
        if invitation is None:
            await citizen_acted(self.desk, asks.otherwise, updates)
            return
        # At once, not through the outbox: it holds a secret, which is stored nowhere.
        await self.desk.at_once("sendMessage", {"chat_id": int(asks.otherwise.chat), **invitation})
        await self.desk.settle(updates)

    # What goes wrong

    async def _failed(self, update: StoredUpdate, error: Exception) -> None:
        """Try again later; after the last try set it aside, and tell the citizen and the staff."""
        who = self.desk.pseudonyms.of(update.lane)
        log.error("update %s of %s failed, try %d of %d", update.seq, who, update.tries + 1, _TRIES, exc_info=error)
        said = f"{type(error).__name__}: {error}"[:500]
        if update.tries + 1 >= _TRIES:
            await self._set_aside(update, said)
            return
        self.health.updates.labels("retried").inc()
        again = now() + _NEXT_TRY * 2**update.tries
        await self.desk.store.update_failed(update.seq, said, now(), retry_at=again)

    async def _set_aside(self, update: StoredUpdate, why: str) -> None:
        self.health.updates.labels("set_aside").inc()
        told = await self._apologies(update)
        await self.desk.store.update_failed(update.seq, why, now(), retry_at=None, then=told)

    async def _apologies(self, update: StoredUpdate) -> list[Outgoing]:
        told = [to_staff(text("update_failed", number=update.seq))]
        if update.lane.isdecimal():  # groups have negative numbers
            told.append(await self._say(update.lane, "trouble"))
        return told

    async def _say(self, chat: str, message: str) -> Outgoing:
        """One of the bot's own phrases, in the language of the conversation."""
        language = DEFAULT_LANGUAGE
        with suppress(ValueError):  # the state itself may be what cannot be read
            language = (await current(self.desk.store, CHANNEL, chat))[0].language
        return say_to(chat, self.desk.dialogue().knowledge.message(language, message))


def _is_album(messages: tuple[Message, ...]) -> bool:
    return bool(messages) and messages[0].media_group_id is not None
