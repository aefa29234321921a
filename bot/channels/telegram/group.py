"""The staff group as Telegram knows it at this moment."""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.refusals import Failure, Refusal, failure_of
from bot.staff.texts import text

log = logging.getLogger(__name__)

_REST = 60.0
"""Seconds."""
_OTHERS = 1000
"""Other groups remembered: the bot need not be in any."""


@dataclass(slots=True)
class StaffGroup:
    """Where the staff is; `chat_id` None while the operator has not said it."""

    chat_id: int | None = None
    forum: bool = False
    """It has topics, and the bot may create some."""
    usual_wait: timedelta | None = None
    """The measured median until somebody of the staff replies."""
    _others: set[int] = field(default_factory=set)
    """Groups known not to be it."""
    _not_reached: float | None = None
    """When Telegram refused to say which group it is, on the clock `time.monotonic`."""
    _no_topics: bool = False
    """The bot has been refused one: only a new start tries again."""

    async def find(self, bot: Bot) -> Failure | None:
        """Ask Telegram what kind of group it is, and follow it where it moved; why not, if it cannot be reached."""
        if self.chat_id is None:
            log.warning(text("log_no_group"))
            return None
        try:
            chat = await call(bot, "getChat", {"chat_id": self.chat_id})
        except TelegramError as error:
            failure = failure_of(error)
            if failure.refusal is Refusal.MIGRATED and failure.new_chat:
                self.moved(failure.new_chat)
                return await self.find(bot)
            log.warning(text("log_group_unreachable", chat=self.chat_id, error=failure.text))
            return failure
        self.forum = bool(chat.get("is_forum")) and not self._no_topics
        return None

    async def has_become(self, bot: Bot, chat: int) -> bool:
        """Whether it has moved to `chat`; Telegram is asked once of each group, and not at once again if it refuses."""
        resting = self._not_reached is not None and time.monotonic() - self._not_reached < _REST
        if chat in self._others or (resting and chat != self.chat_id):
            return False
        failure = await self.find(bot)
        answered = failure and failure.refusal not in {Refusal.NOT_SENT, Refusal.UNKNOWN_OUTCOME}
        self._not_reached = time.monotonic() if answered else None
        if failure is None and chat != self.chat_id:
            self._others = {*self._others, chat} if len(self._others) < _OTHERS else {chat}
        return chat == self.chat_id

    def moved(self, new_chat: int) -> None:
        if new_chat != self.chat_id:
            log.warning(text("log_group_moved", chat=new_chat))
            self.chat_id = new_chat

    def without_topics(self) -> None:
        """The bot may not create topics: requests go to the general one."""
        self._no_topics = True
        if self.forum:
            log.warning(text("log_no_topics"))
            self.forum = False
