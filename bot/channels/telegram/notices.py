"""What people asked to be told of, told when it is due; the staff are warned of offers that end."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.channels.telegram.desk import CHANNEL, now
from bot.channels.telegram.health import Health
from bot.channels.telegram.outgoing import STAFF, say_to_citizen, to_staff
from bot.channels.telegram.waiting import again_and_again
from bot.conversation import nothing_asked
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.record import from_record
from bot.dialogue.state import Conversation, Mode
from bot.dialogue.subscriptions import Subscriptions
from bot.dialogue.voice import Voice
from bot.knowledge.model import DEFAULT_LANGUAGE, text_in
from bot.knowledge.opportunities import ENDING, expiring
from bot.opportunities.subscriptions import (
    REMEMBERED,
    About,
    CivilHours,
    Key,
    Notice,
    NoticeKind,
    Topic,
    Watch,
    observe,
    states,
)
from bot.staff.texts import text
from bot.storage.store import Store, StoreAwayError

log = logging.getLogger(__name__)

_LOOK_EVERY = 2.0
"""Seconds until a changed knowledge is noticed."""
_DAILY = timedelta(minutes=10)
"""Until everything is looked at again: hours begin and days pass."""


@dataclass(slots=True)
class Notices:
    store: Store
    dialogue: Callable[[], Dialogue]
    hours: CivilHours
    health: Health
    queued: asyncio.Event
    stop: asyncio.Event
    _looked: tuple[str, datetime] | None = None

    async def run(self) -> None:
        """Look when the knowledge has changed, and from time to time, until `stop` is set."""
        await again_and_again(self._look_when_due, self.stop, seconds=_LOOK_EVERY, what="notices")

    async def _look_when_due(self) -> None:
        if not self._due(now()):
            return
        try:
            await self.look(now())
        except StoreAwayError:
            raise
        except Exception:
            self._looked = self.dialogue().knowledge.fingerprint, now()  # due again in ten minutes
            raise

    def _due(self, moment: datetime) -> bool:
        if self._looked is None:
            return True
        fingerprint, last = self._looked
        return fingerprint != self.dialogue().knowledge.fingerprint or moment - last >= _DAILY

    async def look(self, moment: datetime) -> int:
        """Queue what is due at `moment`: how many notices."""
        dialogue = self.dialogue()
        knowledge, day = dialogue.knowledge, Moment(moment).day
        async with self.store.work() as work:
            known = await work.sightings()
            changed = observe(known, states(knowledge, day), moment)
            await work.sight(changed)
            subscriptions = await work.subscriptions(CHANNEL)
            told = await work.told(CHANNEL, moment - REMEMBERED)
        watch = Watch(knowledge, {**known, **changed}, moment, self.hours)
        sent = 0
        due = sorted(watch.due(subscriptions, told), key=lambda notice: notice.key.chat)
        for chat, notices in groupby(due, key=lambda notice: notice.key.chat):
            try:
                sent += await self._tell(dialogue, chat, list(notices), moment)
            except ValueError as error:  # their conversation cannot be read: the others are told all the same
                log.error("the notices of one chat were left out: %s", type(error).__name__)  # noqa: TRY400 - it may quote
        if watch.open:
            sent += await self._warn_staff(dialogue, moment)
        async with self.store.work() as work:
            for subscription in subscriptions:
                if watch.over(subscription):
                    await work.unsubscribe(CHANNEL, subscription.chat, subscription.about)
        self._looked = knowledge.fingerprint, moment
        return sent

    async def _tell(self, dialogue: Dialogue, chat: str, due: Sequence[Notice], moment: datetime) -> int:
        """One person, in one transaction; whoever speaks with the staff is told later."""
        async with self.store.work() as work:
            stored = await work.conversation(CHANNEL, chat)
            conversation = from_record(stored.state) if stored else Conversation()
            if conversation.mode is Mode.WITH_STAFF:
                return 0
            kept = {each.about for each in await work.subscriptions(CHANNEL, chat)}
            wanted = {notice.key: notice for notice in due if notice.reason in kept}
            new = [wanted[key] for key in await work.tell(CHANNEL, list(wanted), moment)]
            voice = Voice(dialogue.knowledge, conversation.language, dialogue.days_kept)
            for say in Subscriptions(voice, Moment(moment)).notices(new):
                await work.enqueue(list(say_to_citizen(chat, say)), moment)
            if new:
                await nothing_asked(work, CHANNEL, chat, moment)
        for notice in new:
            self.health.notices.labels(notice.key.kind).inc()
        self.queued.set()
        return len(new)

    async def _warn_staff(self, dialogue: Dialogue, moment: datetime) -> int:
        """Each offer that ends soon, once."""
        ending = {
            Key(STAFF, About(Topic.OFFER, offer.id).pack(), NoticeKind.EXPIRING, str(ends)): (offer, ends)
            for offer, ends in expiring(dialogue.knowledge.opportunities, Moment(moment).day, ENDING)
        }
        if not ending:
            return 0
        async with self.store.work() as work:
            new = await work.tell(STAFF, list(ending), moment)
            for offer, ends in (ending[key] for key in new):
                title = text_in(offer.title, DEFAULT_LANGUAGE)[0]
                said = text("offer_expiring", title=title, id=offer.id, day=f"{ends:%d/%m/%Y}", owner=offer.owner)
                await work.enqueue([to_staff(said)], moment)
        self.queued.set()
        return len(new)
