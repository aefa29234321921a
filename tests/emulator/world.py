"""The state of the emulated Telegram, and the one way anything is said in it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.emulator.files import FileStore
from tests.emulator.model import Chat, Json, Membership, Message, Topic, User
from tests.emulator.updates import UpdateQueue
from tests.emulator.webhook import WebhookSender


@dataclass
class Press:
    """A pressed inline button, waiting for answerCallbackQuery."""

    query_id: str
    message: Message
    answered: bool = False
    text: str = ""
    show_alert: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Shared:
    """A result of an inline query, and the message that it becomes in the chat where it is shared."""

    id: str
    title: str
    description: str
    text: str
    links: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]
    """Label and address."""


@dataclass
class InlineQuery:
    """What somebody typed behind the bot's name, and what came up."""

    answered: bool = False
    results: tuple[Shared, ...] = ()
    button: tuple[str, str] | None = None
    """Label and argument of /start."""
    next_offset: str = ""
    cache_time: int = 0
    personal: bool = False


@dataclass
class Profile:
    """What the bot says of itself, by language code: https://core.telegram.org/bots/api#setmyname."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_buttons: dict[int | None, Json] = field(default_factory=dict)


class World:
    """Chats, people, files, updates; methods of the API and people both act on it."""

    def __init__(self, bot: User, *, first_update_id: int, privacy_mode: bool, webhook_retry_delay: float) -> None:
        self.bot = bot
        self.privacy_mode = privacy_mode
        self.inline_mode = True
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.files = FileStore()
        self.profile = Profile()
        self.queue = UpdateQueue(first_update_id)
        self.webhook = WebhookSender(self.queue, webhook_retry_delay)
        self.condition = asyncio.Condition()
        self.gaps: list[str] = []
        self.ticks = 0
        self._query_ids = count(7_000_000_001)

    def now(self) -> int:
        return int(time.time())

    def tick(self) -> int:
        """A number for "before" and "after" inside a second."""
        self.ticks += 1
        return self.ticks

    async def announce(self) -> None:
        """Wakes everybody who waits for something to happen."""
        async with self.condition:
            self.condition.notify_all()

    async def until(self, happened: Callable[[], Any], seconds: float) -> Any:
        """Waits for a condition without polling; returns its value, raises TimeoutError."""
        async with asyncio.timeout(seconds), self.condition:
            return await self.condition.wait_for(happened)

    def post(
        self,
        chat: Chat,
        sender: User,
        kind: str,
        content: Json,
        *,
        thread: int | None = None,
        reply_to: Message | None = None,
        **extra: Any,
    ) -> Message:
        """Adds a message to a chat; a person's message also becomes an update."""
        chat.last_message_id += 1
        message = Message(
            chat=chat,
            message_id=chat.last_message_id,
            sender=sender,
            date=self.now(),
            kind=kind,
            content=content,
            thread=thread,
            reply_to=reply_to,
            changed=self.tick(),
            **extra,
        )
        chat.messages[message.message_id] = message
        if self._reaches_bot(message):
            self.queue.put("message", message.json(), chat.id)
        return message

    def service(self, chat: Chat, sender: User, content: Json, *, thread: int | None = None) -> Message:
        """A service message. The bot gets those about topics and pins even when it caused them (Client.cpp:17411)."""
        return self.post(chat, sender, "service", content, thread=thread)

    def _reaches_bot(self, message: Message) -> bool:
        """https://core.telegram.org/bots/features#privacy-mode."""
        chat = message.chat
        if message.is_service:
            return chat.is_private or self.is_in(chat)
        if message.sender is self.bot:
            return False
        if chat.is_private:
            return True
        if not self.is_in(chat):
            return False
        sees_all = not self.privacy_mode or chat.members[self.bot.id].status == "administrator"
        to_bot = message.reply_to is not None and message.reply_to.sender is self.bot
        return sees_all or to_bot or message.text.startswith("/") or f"@{self.bot.username}" in message.text

    def is_in(self, chat: Chat) -> bool:
        place = chat.members.get(self.bot.id)
        return place is not None and place.status not in ("left", "kicked")

    def edited(self, message: Message) -> None:
        message.edit_date = self.now()
        message.changed = self.tick()

    def press(self, message: Message, user: User, data: Json) -> Press:
        """https://core.telegram.org/bots/api#callbackquery."""
        query_id = str(next(self._query_ids))
        press = Press(query_id, message)
        self.presses[query_id] = press
        payload = {
            "id": query_id,
            "from": user.json(),
            "message": message.json(),
            "chat_instance": str(message.chat.id),
            **data,
        }
        self.queue.put("callback_query", payload, message.chat.id)
        return press

    def types(self, user: User, words: str, offset: str) -> InlineQuery:
        """https://core.telegram.org/bots/api#inlinequery."""
        query_id = str(next(self._query_ids))
        query = self.inline_queries[query_id] = InlineQuery()
        payload = {"id": query_id, "from": user.json(), "query": words, "offset": offset, "chat_type": "group"}
        self.queue.put("inline_query", payload, user.id)
        return query

    def bot_status_changed(self, chat: Chat, user: User, old: Membership, new: Membership) -> None:
        """https://core.telegram.org/bots/api#chatmemberupdated."""
        payload = {
            "chat": chat.json(),
            "from": user.json(),
            "date": self.now(),
            "old_chat_member": old.json(),
            "new_chat_member": new.json(),
        }
        self.queue.put("my_chat_member", payload, chat.id)

    def create_topic(self, chat: Chat, creator: User, name: str, icon_color: int | None, emoji: str | None) -> Topic:
        """The topic's id is that of the service message that opens it."""
        topic = Topic(chat.last_message_id + 1, name, icon_color or 0x6FB9F0, emoji, creator.id)
        chat.topics[topic.id] = topic
        created = {"name": name, "icon_color": topic.icon_color}
        self.service(chat, creator, {"forum_topic_created": created}, thread=topic.id)
        return topic
