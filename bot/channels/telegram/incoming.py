"""A raw update → what happened, in the words of the dialogue. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Chat, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.dialogue.events import Action, ActionKind, Asked, Attached, Command, Commanded, Event, Pressed
from bot.storage.model import RawUpdate

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
"""The kinds that we ask Telegram for."""
NOTE = "//"
"""A message of the staff that begins so stays among colleagues."""
_CLOSE, _HELP = "clore", "aide"
_CLOSE_DATA = "close:"
_ALIASES = {"help": Command.HELP, "menu": Command.HELP, "contacts": Command.CONTACT, "language": Command.LANGUAGE}
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_PRESENT = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class CitizenActed:
    chat: str
    event: Event
    message: Message | None
    """What the citizen sent; None for a button."""
    callback: str | None = None
    """With a button: the id to answer, so that it stops turning."""
    label: str = ""
    """With a button: what it says."""


@dataclass(frozen=True, slots=True)
class StaffWrote:
    """A message of the staff group that may be meant for a citizen."""

    message: Message
    topic: int | None
    reply_to: int | None
    """The message of the group that it replies to."""


@dataclass(frozen=True, slots=True)
class StaffCloses:
    """By the command, in a topic or in reply to a message, or by the button of the card."""

    ref: str
    topic: int | None = None
    reply_to: int | None = None
    hand_over: int | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class StaffAsksHelp:
    topic: int | None


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """The staff group has become a supergroup."""

    new_chat: int


@dataclass(frozen=True, slots=True)
class InOtherGroup:
    """Somebody uses the bot in a group that is not the staff group."""

    chat: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing that concerns us; a pressed button is still answered."""

    callback: str | None = None


Incoming = CitizenActed | StaffWrote | StaffCloses | StaffAsksHelp | GroupMoved | InOtherGroup | Nothing


def close_button_data(hand_over: int) -> str:
    return f"{_CLOSE_DATA}{hand_over}"


def raw_update(update: Mapping[str, Any]) -> RawUpdate:
    """An update as Telegram's JSON, for the inbox: what happens in one chat is one lane."""
    inner = next((value for key, value in update.items() if key != "update_id" and isinstance(value, dict)), {})
    chat = inner.get("chat") or inner.get("message", {}).get("chat") or inner.get("from") or {}
    return RawUpdate(update["update_id"], str(chat.get("id", "")), json.dumps(update, ensure_ascii=False))


def read(update: Update, staff_chat: int | None) -> Incoming:
    """What happened; only what comes from `staff_chat` itself is taken for the staff's."""
    if update.message:
        return _message(update.message, staff_chat)
    if update.callback_query:
        return _press(update, staff_chat)
    change = update.my_chat_member
    if change and change.chat.type in _GROUPS and change.new_chat_member.status in _PRESENT:
        return _elsewhere(change.chat, staff_chat)
    return Nothing()


def _message(message: Message, staff_chat: int | None) -> Incoming:
    if message.chat.id == staff_chat:
        return _staff_message(message)
    if message.chat.type == ChatType.PRIVATE:
        event = _event(message)
        return CitizenActed(str(message.chat.id), event, message) if event else Nothing()
    return _elsewhere(message.chat, staff_chat) if _command(message) else Nothing()


def _event(message: Message) -> Event | None:
    ref = f"{message.chat.id}/{message.message_id}"
    language = _interface_language(message.from_user.language_code if message.from_user else None)
    if command := _command(message):
        return Commanded(ref, _ALIASES.get(command) or _known(command), language)
    if message.text:
        return Asked(ref, message.text, language)
    if message.effective_attachment:
        return Attached(ref, message.caption or "", language, album=message.media_group_id)
    return None


def _known(command: str) -> Command:
    """A command that we do not know shows what we do know."""
    return Command(command) if command in set(Command) else Command.HELP


def _command(message: Message) -> str | None:
    """`/aide@our_bot et la suite` → `aide`."""
    words = (message.text or "").split(maxsplit=1)
    if not words or not words[0].startswith("/") or len(words[0]) == 1:
        return None
    return words[0][1:].partition("@")[0].lower()


def _interface_language(code: str | None) -> str | None:
    """`pt-br` → `pt`: an IETF tag to ISO 639-1."""
    return code[:2].lower() if code else None


def _press(update: Update, staff_chat: int | None) -> Incoming:
    query = update.callback_query
    if query is None or query.message is None or not query.data:
        return Nothing(query.id if query else None)
    if query.message.chat.id == staff_chat:
        number = query.data.removeprefix(_CLOSE_DATA)
        if query.data.startswith(_CLOSE_DATA) and number.isdecimal():
            return StaffCloses(f"callback/{query.id}", hand_over=int(number), callback=query.id)
        return Nothing(query.id)
    if query.message.chat.type != ChatType.PRIVATE:
        return Nothing(query.id)
    try:
        action = Action.unpack(query.data)
    except ValueError:
        action = Action(ActionKind.MENU)  # a button of an older version: show what there is now
    event = Pressed(f"callback/{query.id}", action, _interface_language(query.from_user.language_code))
    shown = query.message if isinstance(query.message, Message) else None
    return CitizenActed(str(query.message.chat.id), event, None, query.id, _label(shown, query.data))


def _label(message: Message | None, data: str) -> str:
    rows = message.reply_markup.inline_keyboard if message and message.reply_markup else ()
    return next((button.text for row in rows for button in row if button.callback_data == data), "…")


def _staff_message(message: Message) -> Incoming:
    if message.migrate_to_chat_id:
        return GroupMoved(message.migrate_to_chat_id)
    topic = message.message_thread_id if message.is_topic_message else None
    replied = message.reply_to_message.message_id if message.reply_to_message else None
    command = _command(message)
    if command == _CLOSE:
        return StaffCloses(f"{message.chat.id}/{message.message_id}", topic, replied)
    if command:
        return StaffAsksHelp(topic) if command in {_HELP, *_ALIASES, Command.START} else Nothing()
    if (message.text or message.caption or "").startswith(NOTE):
        return Nothing()
    return StaffWrote(message, topic, replied) if message.text or message.effective_attachment else Nothing()


def _elsewhere(chat: Chat, staff_chat: int | None) -> Incoming:
    """Tell a group its number while the operator still looks for it."""
    return InOtherGroup(chat.id) if staff_chat is None else Nothing()
