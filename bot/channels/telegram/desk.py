"""What handling an update needs, whoever it comes from."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.outgoing import Translator
from bot.conversation import handle
from bot.dialogue.effects import Effect
from bot.dialogue.events import Event
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.privacy.pseudonyms import Pseudonyms
from bot.storage.model import Outgoing
from bot.storage.store import Store

log = logging.getLogger(__name__)

CHANNEL = "telegram"

Effects = tuple[Effect, ...]


class Console(Protocol):
    """The staff's web page, as far as the bot knows it."""

    async def invitation(self, user_id: int) -> Mapping[str, Any] | None:
        """The parameters of the message that lets a person of the staff in; None for anybody else."""

    async def serve(self, stop: asyncio.Event) -> None:
        """Until `stop` is set.

        Raises:
            OSError: its address cannot be listened on.
        """


@dataclass(frozen=True, slots=True)
class Desk:
    bot: Bot
    store: Store
    dialogue: Callable[[], Dialogue]
    """The dialogue in service at this moment."""
    group: StaffGroup
    pseudonyms: Pseudonyms
    """By which the log calls people."""
    console: Console | None = None
    _courtesies: set[asyncio.Task[None]] = field(default_factory=set)

    async def step(self, dialogue: Dialogue, event: Event, translator: Translator, updates: Sequence[int]) -> Effects:
        """Decide on the event of `updates`, and keep all that follows."""
        return await handle(
            self.store,
            dialogue,
            event,
            channel=CHANNEL,
            chat=translator.chat,
            moment=Moment(now(), self.group.usual_wait),
            translate=translator,
            updates=updates,
            concerns=translator.hand_over.id if translator.hand_over else None,
        )

    async def settle(self, updates: Sequence[int], *outgoing: Outgoing) -> None:
        """The updates need nothing but these messages."""
        async with self.store.work() as work:
            await work.enqueue(outgoing, now())
            for update in updates:
                await work.update_done(update, now())

    async def answer(self, callback: str | None, toast: str | None = None) -> None:
        """Stop a button from turning. Telegram accepts this for a short time only: it never waits in the outbox."""
        if callback is not None:
            params = {"callback_query_id": callback}
            await self.at_once("answerCallbackQuery", params | {"text": toast} if toast else params)

    def typing(self, chat: str) -> None:
        """Show the citizen that an answer comes.

        Nobody waits for it, and nothing that fails cuts it short: httpx would never get the connection back.
        """
        shown = self.at_once("sendChatAction", {"chat_id": int(chat), "action": "typing"})
        task = asyncio.create_task(shown)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def at_once(self, method: str, params: Mapping[str, Any]) -> None:
        """A courtesy that is worth no second try."""
        try:
            await call(self.bot, method, params)
        except TelegramError as error:
            log.info("%s: %s", method, error.message)


def now() -> datetime:
    return datetime.now(UTC)
