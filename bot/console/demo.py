"""The console without Telegram: invented people, in memory, on this machine only.

What they write goes the same way as on Telegram; only the sender is played.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from telegram import Update

from bot.channels.telegram.desk import CHANNEL
from bot.channels.telegram.incoming import CitizenActed, StaffWrote, read
from bot.channels.telegram.outgoing import Translator
from bot.channels.telegram.waiting import any_of
from bot.console.access import Access
from bot.console.membership import Member
from bot.console.pages import Parts
from bot.console.registry import PAGES
from bot.conversation import handle
from bot.dialogue.events import StaffReplied
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.packaged import packaged_yaml
from bot.storage.console import Act, Person, Session
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore

STORY: Mapping[str, Any] = packaged_yaml(__package__, "demo.yaml")
_STAFF_CHAT = -1
_SENT_AFTER = 2.0
"""Seconds, so that "waiting to be sent" is seen."""
_REFUSAL = "Forbidden: bot was blocked by the user"


def on_this_machine(listen: str) -> bool:
    """Nobody else can reach the address."""
    host = listen.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def demo_parts(store: SqlStore, dialogue: Dialogue, listen: str, stop: asyncio.Event) -> Parts:
    """The pages over the invented people."""
    console = SqlConsole(store)
    return Parts(
        store=console,
        access=Access(console, DemoMembership(), "", _now),
        dialogue=lambda: dialogue,
        clock=_now,
        url=f"http://{listen}",
        pages=PAGES,
        stop=stop,
        demo=True,
    )


class DemoMembership:
    """The staff of the story."""

    async def member(self, user_id: int) -> Member | None:
        found = next((person for person in STORY["staff"] if person["id"] == user_id), None)
        return Member(user_id, found["name"], bool(found.get("administrator"))) if found else None


async def furnish(store: SqlStore, dialogue: Dialogue, now: datetime) -> None:
    """Let the story happen."""
    await _hire(SqlConsole(store), now)
    for citizen in STORY["citizens"]:
        teller = Teller(store, dialogue, citizen)
        await teller.says(citizen["says"], now - _ago(citizen))
        if not citizen.get("only_asks"):
            await teller.says("/humain", now - _ago(citizen))
        for turn in citizen["then"]:
            if "citizen" in turn:
                await teller.says(turn["citizen"], now - _ago(turn))
            else:
                await teller.is_answered(turn["reply"], turn["staff"], now - _ago(turn))
        await deliver(store, now - _ago(citizen))


async def deliver_until(stop: asyncio.Event, store: SqlStore) -> None:
    """Play the sender."""
    while not stop.is_set():
        await any_of(stop, seconds=_SENT_AFTER)
        await deliver(store, _now())


async def deliver(store: SqlStore, now: datetime) -> None:
    """What waits arrives, but at those who have blocked the bot."""
    blocked = {str(citizen["id"]) for citizen in STORY["citizens"] if citizen.get("blocked")}
    while rows := await store.due_messages(busy_chats=(), limit=50, now=now):
        for row in rows:
            await store.mark_sending(row.id, now)
            if row.outgoing.chat in blocked and row.outgoing.hand_over:
                await store.mark_failed(row.id, _REFUSAL, now)
            else:
                await store.mark_sent(row.id, row.id, now)


@dataclass(slots=True)
class Teller:
    """One citizen's part of the story."""

    store: SqlStore
    dialogue: Dialogue
    citizen: Mapping[str, Any]
    _messages: int = 0

    async def says(self, words: str, at: datetime) -> None:
        acted = read(self._update(words, at, int(self.citizen["id"]), "private"), _STAFF_CHAT)
        if isinstance(acted, CitizenActed):
            await self._handle(acted.event, Translator(self.dialogue.knowledge, acted, acted.chat), at)

    async def is_answered(self, words: str, agent: int, at: datetime) -> None:
        async with self.store.look() as work:
            hand_over = await work.hand_over_of_chat(CHANNEL, str(self.citizen["id"]))
        wrote = read(self._update(words, at, _STAFF_CHAT, "supergroup", agent), _STAFF_CHAT)
        if hand_over and isinstance(wrote, StaffWrote):
            translator = Translator(self.dialogue.knowledge, wrote, hand_over.chat, hand_over)
            await self._handle(StaffReplied(f"story/{at.timestamp()}", wrote.agent), translator, at)

    async def _handle(self, event: Any, translator: Translator, at: datetime) -> None:  # noqa: ANN401 - any event
        chat = str(self.citizen["id"])
        await handle(
            self.store, self.dialogue, event, channel=CHANNEL, chat=chat, moment=Moment(at), translate=translator
        )

    def _update(self, words: str, at: datetime, chat: int, kind: str, agent: int | None = None) -> Update:
        self._messages += 1
        names = {person["id"]: person["name"] for person in STORY["staff"]}
        writer = {
            "id": agent or self.citizen["id"],
            "is_bot": False,
            "first_name": names[agent] if agent else self.citizen["name"],
            "language_code": self.citizen["language"],
        }
        message = {
            "message_id": int(self.citizen["id"]) * 100 + self._messages,
            "date": int(at.timestamp()),
            "chat": {"id": chat, "type": kind},
            "from": writer,
            "text": words,
        }
        update = Update.de_json(json.loads(json.dumps({"update_id": 1, "message": message})), None)
        assert update is not None  # noqa: S101 - it was made just above
        return update


async def _hire(console: SqlConsole, now: datetime) -> None:
    for person in STORY["staff"]:
        known = Person(person["id"], person["name"], bool(person.get("administrator")), editor=False, seen_at=now)
        await console.start_session(Session(f"story-{known.user_id}", known, now, now), replaces=None)
        if person.get("editor"):
            await console.set_editor(
                known.user_id, editor=True, act=Act(3, "make_editor", f"person:{person['id']}", now)
            )


def _ago(what: Mapping[str, Any]) -> timedelta:
    return timedelta(minutes=what["ago"])


def _now() -> datetime:
    return datetime.now(UTC)
