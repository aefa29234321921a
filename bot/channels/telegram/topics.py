"""Where a hand-over stands in the staff group: in a topic of its own, or in reply to its card."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.desk import now
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.outgoing import CLOSE_TOPIC, CREATE_TOPIC, STAFF
from bot.channels.telegram.refusals import Refusal, failure_of
from bot.staff.texts import text
from bot.storage.model import HandOver, Outgoing
from bot.storage.store import Store


@dataclass(frozen=True, slots=True)
class Topics:
    bot: Bot
    store: Store
    group: StaffGroup

    async def place(self, outgoing: Outgoing) -> Mapping[str, Any]:
        """The topic of the hand-over, made now if need be; in a group without topics, in reply to its card."""
        if outgoing.hand_over is None:
            return {}
        async with self.store.look() as work:
            hand_over = await work.hand_over_by_id(outgoing.hand_over)
            card = await work.first_message(outgoing.hand_over, STAFF, self.group.chat_id)
        if hand_over and self.group.forum and outgoing.method != CLOSE_TOPIC:
            topic = hand_over.topic or await self._create(hand_over, outgoing.params.get("name"))
            if topic is not None:
                return {"message_thread_id": topic}
        if hand_over and self.group.forum and hand_over.topic:
            return {"message_thread_id": hand_over.topic}
        return {"reply_parameters": {"message_id": card, "allow_sending_without_reply": True}} if card else {}

    async def mend(self, hand_over_id: int, refusal: Refusal) -> None:
        """Reopen the topic, or make a new one in place of the one that somebody deleted."""
        async with self.store.look() as work:
            hand_over = await work.hand_over_by_id(hand_over_id)
        if hand_over is None:
            return
        if refusal is Refusal.TOPIC_CLOSED:
            params = {"chat_id": self.group.chat_id, "message_thread_id": hand_over.topic}
            with suppress(TelegramError):
                await call(self.bot, "reopenForumTopic", params)
                return
        await self._create(hand_over, None)

    async def _create(self, hand_over: HandOver, name: str | None) -> int | None:
        """A topic for the hand-over; None when the bot may not create any."""
        params = {"chat_id": self.group.chat_id, "name": name or text("card_title", number=hand_over.id)}
        try:
            created = await call(self.bot, CREATE_TOPIC, params)
        except TelegramError as error:
            if failure_of(error).refusal is not Refusal.NO_RIGHTS:
                raise
            self.group.without_topics()
            return None
        topic: int = created["message_thread_id"]
        async with self.store.work() as work:
            await work.set_hand_over(hand_over.id, topic=topic, now=now())
        return topic
