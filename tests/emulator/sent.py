"""What the bot sent, as tests look at it, and waiting for it."""

from dataclasses import dataclass

from tests.emulator.markup import inline_buttons, keyboard_labels
from tests.emulator.model import Chat, Json, Message
from tests.emulator.world import World


@dataclass(frozen=True)
class SentMessage:
    """A message of the bot as it stands now; look again at `.messages` after an edit."""

    message_id: int
    kind: str
    text: str
    html: str | None
    entities: tuple[Json, ...]
    buttons: tuple[str, ...]
    keyboard: tuple[str, ...]
    reply_to: int | None
    thread: int | None
    copied_from: tuple[int, int] | None
    forwarded_from: tuple[int, int] | None
    reactions: tuple[str, ...]
    edited: bool
    deleted: bool


def sent(message: Message) -> SentMessage:
    return SentMessage(
        message_id=message.message_id,
        kind=message.kind,
        text=message.text,
        html=message.html,
        entities=tuple(message.entities),
        buttons=tuple(button["text"] for button in inline_buttons(message.markup)),
        keyboard=keyboard_labels(message.markup),
        reply_to=message.reply_to.message_id if message.reply_to else None,
        thread=message.thread,
        copied_from=message.copied_from,
        forwarded_from=message.forwarded_from,
        reactions=message.reactions,
        edited=message.edit_date is not None,
        deleted=message.deleted,
    )


class ChatView:
    """A chat, seen by the people in it. Works on the chat of the moment: a group may migrate."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.chat = chat
        self._mark = 0

    @property
    def chat_id(self) -> int:
        return self.chat.id

    @property
    def messages(self) -> list[SentMessage]:
        """What the bot sent and did not delete, in order."""
        return [sent(message) for message in self.of_bot() if not message.deleted]

    @property
    def history(self) -> list[SentMessage]:
        """What the bot sent, in order, with what was deleted since."""
        return [sent(message) for message in self.of_bot()]

    @property
    def actions(self) -> list[str]:
        """The chat actions the bot showed, in order."""
        return list(self.chat.actions)

    @property
    def pinned(self) -> list[int]:
        return list(self.chat.pinned)

    def reactions_to(self, message_id: int) -> tuple[str, ...]:
        """The bot's reactions to anybody's message."""
        return self.chat.messages[message_id].reactions

    async def waits_for(
        self,
        substring: str,
        timeout: float = 30,  # noqa: ASYNC109 - the test's own patience, turned into asyncio.timeout below
        *,
        after: int | None = None,
        thread: int | None = None,
    ) -> SentMessage:
        """The newest message of the bot whose text or caption holds the words.

        Looks at messages after the id `after`; without it, at what came or was edited since this view's mark (see
        Citizen and StaffGroup).
        """

        def found() -> Message | None:
            return next((message for message in reversed(self.of_bot()) if fits(message)), None)

        def fits(message: Message) -> bool:
            recent = message.changed > self._mark if after is None else message.message_id > after
            here = thread is None or message.thread == thread
            return recent and here and not message.deleted and substring in message.text

        try:
            return sent(await self._world.until(found, timeout))
        except TimeoutError:
            seen = "\n".join(f"  {message.message_id} [{message.kind}] {message.text!r}" for message in self.of_bot())
            raise AssertionError(
                f"no message with {substring!r} in chat {self.chat_id} within {timeout} s; the bot sent:\n{seen}",
            ) from None

    def shows(self, label: str) -> bool:
        """Whether there is a button of this label on what came or was edited since this view's mark."""
        recent = [message for message in self.of_bot() if message.changed > self._mark and not message.deleted]
        return any(button["text"] == label for message in recent for button in inline_buttons(message.markup))

    def of_bot(self) -> list[Message]:
        """The bot's own messages, service messages left out."""
        messages = self.chat.messages.values()
        return [message for message in messages if message.sender is self._world.bot and not message.is_service]
