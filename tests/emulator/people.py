"""People who write to the bot."""

from tests.emulator.entities import FormattedText, with_found_entities
from tests.emulator.files import PIXEL
from tests.emulator.markup import inline_buttons
from tests.emulator.model import Chat, Json, Membership, Message, User
from tests.emulator.sent import ChatView
from tests.emulator.world import InlineQuery, Press, World


class Person:
    """Somebody in a chat. Each deed is awaited, becomes an update, and answers the new message's id."""

    def __init__(self, world: World, view: ChatView, user: User) -> None:
        self._world = world
        self._view = view
        self.user = user

    async def says(self, text: str, *, reply_to: int | None = None, thread: int | None = None) -> int:
        return await self._posts("text", _words(text), reply_to, thread)

    async def sends_photo(self, caption: str = "", *, data: bytes = PIXEL, **place: int | None) -> int:
        return await self._sends_file("photo", data, "photo.jpg", "image/jpeg", caption, **place)

    async def sends_voice(self, *, data: bytes = b"OggS", caption: str = "", **place: int | None) -> int:
        return await self._sends_file("voice", data, "voice.oga", "audio/ogg", caption, **place)

    async def sends_document(
        self, name: str = "file.pdf", *, data: bytes = b"%PDF-", caption: str = "", **place: int | None
    ) -> int:
        return await self._sends_file("document", data, name, "application/pdf", caption, **place)

    async def sends_video(self, *, data: bytes = b"ftyp", caption: str = "", **place: int | None) -> int:
        return await self._sends_file("video", data, "video.mp4", "video/mp4", caption, **place)

    async def sends_sticker(self, *, data: bytes = b"RIFF", **place: int | None) -> int:
        return await self._sends_file("sticker", data, "sticker.webp", "image/webp", "", **place)

    async def sends_location(self, latitude: float = 48.85, longitude: float = 2.35, **place: int | None) -> int:
        content = {"location": {"latitude": latitude, "longitude": longitude}}
        return await self._posts("location", content, **place)

    async def sends_contact(self, phone_number: str = "+33100000000", **place: int | None) -> int:
        contact = {"phone_number": phone_number, "first_name": self.user.first_name, "user_id": self.user.id}
        return await self._posts("contact", {"contact": contact}, **place)

    async def sends_poll(self, question: str = "?", options: tuple[str, ...] = ("a", "b"), **place: int | None) -> int:
        poll = {
            "id": str(self._world.tick()),
            "question": question,
            "options": [
                {"persistent_id": str(number), "text": text, "voter_count": 0} for number, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return await self._posts("poll", {"poll": poll}, **place)

    async def sends_album(self, size: int = 2, caption: str = "", **place: int | None) -> list[int]:
        """Photos that share a media_group_id, one update each, the caption on the first."""
        group_id = str(self._world.tick())
        ids = []
        for number in range(size):
            photo = self._world.files.add("photo", PIXEL, "photo.jpg", "image/jpeg").content_json()
            words = _words(caption if number == 0 else "", "caption")
            ids.append(await self._posts("photo", photo | words | {"media_group_id": group_id}, **place))
        return ids

    async def edits(self, message_id: int, text: str) -> None:
        """https://core.telegram.org/bots/api#update: edited_message."""
        message = self._view.chat.messages[message_id]
        message.content = _words(text)
        self._acts()
        self._world.edited(message)
        self._world.queue.put("edited_message", message.json(), self._view.chat.id)
        await self._world.announce()

    async def reacts(self, message_id: int, emoji: str) -> None:
        """Reaches the bot only if allowed_updates names message_reaction."""
        payload = {
            "chat": self._view.chat.json(),
            "message_id": message_id,
            "user": self.user.json(),
            "date": self._world.now(),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        self._acts()
        self._world.queue.put("message_reaction", payload, self._view.chat.id)
        await self._world.announce()

    async def presses(self, label: str, *, message_id: int | None = None) -> Press:
        """Presses the newest inline button of that label; the answer shows the bot's answerCallbackQuery."""
        message, button = self._button(label, message_id)
        self._acts()
        kinds = ("callback_data", "url", "web_app")
        if "callback_data" not in button:
            raise AssertionError(f"{label!r} calls nothing back: {[kind for kind in kinds if kind in button]}")
        press = self._world.press(message, self.user, {"data": button["callback_data"]})
        await self._world.announce()
        return press

    async def presses_when_there(self, label: str, *, timeout: float = 30) -> Press:  # noqa: ASYNC109 - as in ChatView
        """Waits for a button that this person has not seen before the last deed, and presses it."""
        await self._world.until(lambda: self._view.shows(label), timeout)
        return await self.presses(label)

    async def looks_up(self, words: str, *, offset: str = "", timeout: float = 30) -> InlineQuery:  # noqa: ASYNC109 - as in ChatView
        """Types `@bot words` in some chat, and waits for what comes up."""
        query = self._world.types(self.user, words, offset)
        await self._world.announce()
        await self._world.until(lambda: query.answered, timeout)
        return query

    def _button(self, label: str, message_id: int | None) -> tuple[Message, Json]:
        shown = [message for message in self._view.of_bot() if not message.deleted and message.markup]
        for message in reversed(shown):
            for button in inline_buttons(message.markup):
                if button["text"] == label and message_id in (None, message.message_id):
                    return message, button
        labels = sorted({button["text"] for message in shown for button in inline_buttons(message.markup)})
        raise AssertionError(f"no button {label!r} in chat {self._view.chat.id}; there are {labels}")

    async def _sends_file(self, kind: str, data: bytes, name: str, mime: str, caption: str, **place: int | None) -> int:
        content = self._world.files.add(kind, data, name, mime).content_json()
        return await self._posts(kind, content | _words(caption, "caption"), **place)

    async def _posts(self, kind: str, content: Json, reply_to: int | None = None, thread: int | None = None) -> int:
        chat = self._view.chat
        original = chat.messages[reply_to] if reply_to is not None else None
        if original is not None and thread is None:
            thread = original.thread
        if original is None and thread is not None:
            original = chat.messages[thread]  # in a topic Telegram's clients reply to the message that opened it
        if thread is not None and chat.topics[thread].deleted:
            raise AssertionError(f"topic {thread} is deleted: nobody can write there")
        self._acts()
        message = self._world.post(chat, self.user, kind, content, thread=thread, reply_to=original)
        await self._world.announce()
        return message.message_id

    def _acts(self) -> None:
        """For those who keep a mark of their last deed."""


def _words(text: str, name: str = "text") -> Json:
    formatted = with_found_entities(FormattedText(text))
    content: Json = {name: text} if text else {}
    if formatted.entities:
        content["entities" if name == "text" else "caption_entities"] = list(formatted.entities)
    return content


class Citizen(ChatView, Person):
    """Somebody in a private chat. `waits_for` looks at what the bot did since this person's last deed."""

    def __init__(self, world: World, chat: Chat, user: User) -> None:
        ChatView.__init__(self, world, chat)
        Person.__init__(self, world, self, user)

    async def blocks_bot(self) -> None:
        """https://core.telegram.org/bots/api#update: my_chat_member tells the bot."""
        self._set_blocked(blocked=True)
        await self._world.announce()

    async def unblocks_bot(self) -> None:
        self._set_blocked(blocked=False)
        await self._world.announce()

    async def deactivated(self) -> None:
        """Telegram closes the account; the bot learns it from the next 403 only."""
        self._view.chat.deactivated = True
        await self._world.announce()

    def _set_blocked(self, *, blocked: bool) -> None:
        self.chat.blocked = blocked
        bot = self._world.bot
        inside, outside = Membership(bot, "member"), Membership(bot, "kicked")
        old, new = (inside, outside) if blocked else (outside, inside)
        self._world.bot_status_changed(self._view.chat, self.user, old, new)

    async def _posts(self, kind: str, content: Json, reply_to: int | None = None, thread: int | None = None) -> int:
        if self._view.chat.blocked:
            raise AssertionError("who has blocked the bot cannot write to it; await unblocks_bot() first")
        self._view.chat.started = True
        return await super()._posts(kind, content, reply_to, thread)

    def _acts(self) -> None:
        self._mark = self._world.tick()
