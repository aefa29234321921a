"""A raw update → what happened, in the words of the dialogue. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from telegram import Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.dialogue.events import Action, ActionKind, Agent, Asked, Attached, Command, Commanded, Event, Pressed
from bot.storage.model import RawUpdate

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "inline_query")
"""The kinds that we ask Telegram for."""
NOTE = "//"
"""A line of the staff that begins so stays among colleagues."""
_STAFF_HELP = "aide"
_CONSOLE = "console"
_ALIASES = {"help": Command.HELP, "menu": Command.HELP, "contacts": Command.CONTACT, "language": Command.LANGUAGE}
_COPIED = ("photo", "sticker", "video", "animation", "voice", "video_note", "audio", "document")
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_PRESENT = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


class StaffCommand(StrEnum):
    """What staff can do with a hand-over; the value is the command, and travels in the data of a button."""

    TAKE = "prendre"
    CLOSE = "clore"
    RETURN = "rendre"
    SNOOZE = "reporter"
    ASSIGN = "confier"
    WHY = "pourquoi"


@dataclass(frozen=True, slots=True)
class CitizenActed:
    chat: str
    event: Event
    messages: tuple[Message, ...] = ()
    """What the citizen sent: several when they came in a burst or are an album; none for a button."""
    callback: str | None = None
    """With a button: the id to answer, so that it stops turning."""
    label: str = ""
    """With a button: what it says."""


@dataclass(frozen=True, slots=True)
class CitizenEdited:
    """A citizen changed a message, or Telegram says so without any visible change."""

    chat: str
    message: Message


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the staff group something was said: what tells which hand-over is meant."""

    topic: int | None = None
    reply_to: int | None = None
    """The message of the group that it replies to."""
    reply_to_user: int | None = None
    """Who wrote that one."""
    group: int | None = None
    """The group's own number: it has another one from when it becomes a supergroup."""


@dataclass(frozen=True, slots=True)
class StaffWrote:
    """Messages of the staff group that may be meant for a citizen: several are an album."""

    messages: tuple[Message, ...]
    place: Place
    agent: Agent


@dataclass(frozen=True, slots=True)
class StaffEdited:
    message: Message
    place: Place


@dataclass(frozen=True, slots=True)
class StaffCommanded:
    """By a command in a topic or in reply to a message, or by a button of the card."""

    ref: str
    command: StaffCommand
    agent: Agent
    argument: str = ""
    place: Place = Place()
    hand_over: int | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class StaffAsksHelp:
    place: Place


@dataclass(frozen=True, slots=True)
class AsksConsole:
    """Somebody wants to enter the console: a person of the staff, or a citizen who wrote an unknown command."""

    user: int
    otherwise: CitizenActed
    """What it is for a citizen."""


@dataclass(frozen=True, slots=True)
class GroupMoved:
    """The staff group has become a supergroup."""

    new_chat: int


@dataclass(frozen=True, slots=True)
class InOtherGroup:
    """Somebody uses the bot in a group that is not the staff group."""

    chat: int


@dataclass(frozen=True, slots=True)
class InUnknownGroup:
    """Something in a group that is not the staff group, unless that has moved and another process was told."""

    chat: int
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing that concerns us; a pressed button is still answered."""

    callback: str | None = None


Incoming = (
    CitizenActed
    | CitizenEdited
    | StaffWrote
    | StaffEdited
    | StaffCommanded
    | StaffAsksHelp
    | AsksConsole
    | GroupMoved
    | InOtherGroup
    | InUnknownGroup
    | Nothing
)


def staff_button_data(command: StaffCommand, hand_over: int) -> str:
    """What a button of a card carries."""
    return f"{command}:{hand_over}"


def belongs_to(first: Incoming, following: Incoming) -> Incoming | None:
    """Both as one, when `following` continues what `first` began: texts, or pictures, in a burst; an album."""
    match first, following:
        case CitizenActed(event=Asked() as asked), CitizenActed(event=Asked() as more):
            text = f"{asked.text}\n{more.text}"
            return replace(first, event=replace(asked, text=text), messages=first.messages + following.messages)
        case CitizenActed(messages=one), CitizenActed(messages=other) if _one_album(one, other):
            return replace(first, messages=one + other)
        case CitizenActed(messages=one, event=Attached()), CitizenActed(messages=other, event=Attached(caption="")) if (
            all(map(_is_copied, one + other))
        ):
            return replace(first, messages=one + other)
        case StaffWrote(messages=one), StaffWrote(messages=other) if _one_album(one, other):
            return replace(first, messages=one + other)
        case _:
            return None


def _is_copied(message: Message) -> bool:
    """No album, and surely taken by copyMessages, which passes over in silence what it does not take."""
    return message.media_group_id is None and any(getattr(message, kind) for kind in _COPIED)


def _one_album(one: tuple[Message, ...], other: tuple[Message, ...]) -> bool:
    albums = {message.media_group_id for message in one + other}
    return len(albums) == 1 and None not in albums


def raw_update(update: Mapping[str, Any]) -> RawUpdate:
    """An update as Telegram's JSON, for the inbox: what happens in one chat is one lane."""
    inner = next((value for key, value in update.items() if key != "update_id" and isinstance(value, dict)), {})
    chat = inner.get("chat") or inner.get("message", {}).get("chat") or inner.get("from") or {}
    return RawUpdate(update["update_id"], str(chat.get("id", "")), json.dumps(update, ensure_ascii=False))


def read(update: Update, staff_chat: int | None) -> Incoming:
    """What happened; only what comes from `staff_chat` itself is taken for the staff's."""
    if update.message:
        return _message(update.message, staff_chat)
    if update.edited_message:
        return _edit(update.edited_message, staff_chat)
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
        acted = CitizenActed(str(message.chat.id), event, (message,)) if event else None
        if acted and message.from_user and _command(message) == _CONSOLE:
            return AsksConsole(message.from_user.id, acted)
        return acted or Nothing()
    if staff_chat is not None:
        return InUnknownGroup(message.chat.id)
    return InOtherGroup(message.chat.id) if _command(message) else Nothing()


def _edit(message: Message, staff_chat: int | None) -> Incoming:
    if message.chat.id == staff_chat:
        return Nothing() if _is_note(message) else StaffEdited(message, _place(message))
    if message.chat.type == ChatType.PRIVATE:
        return CitizenEdited(str(message.chat.id), message)
    return InUnknownGroup(message.chat.id) if staff_chat is not None else Nothing()


def _event(message: Message) -> Event | None:
    ref = f"{message.chat.id}/{message.message_id}"
    language = _interface_language(message.from_user.language_code if message.from_user else None)
    if command := _command(message):
        argument = (message.text or "").partition(" ")[2].strip()
        return Commanded(ref, _ALIASES.get(command) or _known(command), language, argument)
    if message.text:
        return Asked(ref, message.text, language)
    if message.effective_attachment:
        return Attached(ref, message.caption or "", language)
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
        command, _, number = query.data.partition(":")
        if command in set(StaffCommand) and number.isdecimal():
            agent = _agent(query.from_user)
            ref = f"callback/{query.id}"
            return StaffCommanded(ref, StaffCommand(command), agent, hand_over=int(number), callback=query.id)
        return Nothing(query.id)
    if query.message.chat.type != ChatType.PRIVATE:
        unknown = staff_chat is not None and query.message.chat.type in _GROUPS
        return InUnknownGroup(query.message.chat.id, query.id) if unknown else Nothing(query.id)
    try:
        action = Action.unpack(query.data)
    except ValueError:
        action = Action(ActionKind.MENU)  # a button of an older version: show what there is now
    event = Pressed(f"callback/{query.id}", action, _interface_language(query.from_user.language_code))
    shown = query.message if isinstance(query.message, Message) else None
    return CitizenActed(str(query.message.chat.id), event, (), query.id, _label(shown, query.data))


def _label(message: Message | None, data: str) -> str:
    rows = message.reply_markup.inline_keyboard if message and message.reply_markup else ()
    return next((button.text for row in rows for button in row if button.callback_data == data), "…")


def _staff_message(message: Message) -> Incoming:
    if message.migrate_to_chat_id:
        return GroupMoved(message.migrate_to_chat_id)
    place, command = _place(message), _command(message)
    if command in set(StaffCommand):
        argument = (message.text or "").partition(" ")[2].strip()
        ref = f"{message.chat.id}/{message.message_id}"
        return StaffCommanded(ref, StaffCommand(command), _agent(message.from_user), argument, place)
    if command:
        return StaffAsksHelp(place) if command in {_STAFF_HELP, _CONSOLE, *_ALIASES, Command.START} else Nothing()
    if _is_note(message) or not (message.text or message.effective_attachment):
        return Nothing()
    return StaffWrote((message,), place, _agent(message.from_user))


def _place(message: Message) -> Place:
    topic = message.message_thread_id if message.is_topic_message else None
    original = message.reply_to_message
    if original is None:
        return Place(topic, group=message.chat.id)
    author = original.from_user.id if original.from_user else None
    return Place(topic, original.message_id, author, message.chat.id)


def without_notes(words: str) -> str:
    """What staff wrote, without the lines that stay among colleagues."""
    lines = words.split("\n")
    kept = [line for line in lines if not line.lstrip().startswith(NOTE)]
    return words if len(kept) == len(lines) else "\n".join(kept).strip()


def _is_note(message: Message) -> bool:
    """Nothing of it is for the citizen; a picture without a caption is."""
    words = message.text or message.caption or ""
    return bool(words) and not without_notes(words)


def _agent(user: User | None) -> Agent:
    """Who writes; an anonymous administrator is the group itself."""
    return Agent(user.id, user.first_name[:64]) if user else Agent(0, "?")


def _elsewhere(chat: Chat, staff_chat: int | None) -> Incoming:
    """Tell a group its number while the operator still looks for it."""
    return InOtherGroup(chat.id) if staff_chat is None else Nothing()
