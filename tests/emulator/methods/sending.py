"""What all methods that put a message into a chat share."""

from dataclasses import dataclass
from typing import Any

from tests.emulator import access, entities
from tests.emulator.errors import NotEmulatedError, bad_request
from tests.emulator.markup import read_markup
from tests.emulator.model import Chat, Json, Message
from tests.emulator.parameters import Params
from tests.emulator.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
RAW_TEXT_LIMIT = 1 << 15
"""Bytes accepted before entities are parsed (Client.cpp:11309)."""


@dataclass(frozen=True)
class Destination:
    """Where a message goes and what hangs on it."""

    chat: Chat
    thread: int | None
    reply_to: Message | None
    markup: Json | None


def destination(world: World, params: Params) -> Destination:
    chat = access.writable_chat(world, params)
    thread = access.open_thread(world, chat, params)
    reply_to = reply_target(chat, params)
    if thread is None and reply_to is not None and reply_to.thread is not None:
        inherited = Params({"message_thread_id": reply_to.thread})
        thread = access.open_thread(world, chat, inherited)
    return Destination(chat, thread, reply_to, read_markup(params, chat))


def deliver(world: World, to: Destination, kind: str, content: Json, **extra: Any) -> Message:
    return world.post(
        to.chat, world.bot, kind, content, thread=to.thread, reply_to=to.reply_to, markup=to.markup, **extra
    )


def reply_target(chat: Chat, params: Params) -> Message | None:
    """https://core.telegram.org/bots/api#replyparameters, and the older reply_to_message_id."""
    reply = params.tree("reply_parameters") or {}
    message_id = int(reply.get("message_id") or params.integer("reply_to_message_id"))
    if not message_id:
        return None
    if "chat_id" in reply and int(reply["chat_id"]) != chat.id:
        raise NotEmulatedError("reply_parameters.chat_id of another chat")
    message = chat.messages.get(message_id)
    if message is not None and not message.deleted:
        if str(reply.get("quote", "")) not in message.text:
            raise bad_request("QUOTE_TEXT_INVALID")
        return message
    if reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def read_text(params: Params, name: str = "text") -> entities.FormattedText:
    """https://core.telegram.org/bots/api#sendmessage: 1-4096 characters after entities parsing (counted in UTF-16)."""
    formatted = _formatted(params, name, "entities" if name == "text" else f"{name}_entities")
    limit, noun = (TEXT_LIMIT, "message") if name == "text" else (CAPTION_LIMIT, "message caption")
    if entities.utf16_length(formatted.text) > limit:
        raise bad_request(f"{noun} is too long")
    if name == "text" and not formatted.text:
        raise bad_request("message text is empty")
    return formatted


def _formatted(params: Params, name: str, entities_name: str) -> entities.FormattedText:
    raw, parse_mode = params.text(name), params.text("parse_mode")
    if len(raw.encode()) > RAW_TEXT_LIMIT:
        raise bad_request("text is too long")
    if parse_mode.lower() in ("markdown", "markdownv2"):
        raise NotEmulatedError(f"parse_mode={parse_mode}")
    if parse_mode.lower() not in ("", "none", "html"):
        raise bad_request("unsupported parse_mode")
    return entities.parse(raw, parse_mode, params.tree(entities_name))


def source_html(params: Params, name: str = "text") -> str | None:
    return params.text(name) if params.text("parse_mode").lower() == "html" else None


def as_content(formatted: entities.FormattedText, name: str = "text") -> Json:
    """The text or caption fields of a message."""
    if not formatted.text:
        return {}
    content: Json = {name: formatted.text}
    if formatted.entities:
        content["entities" if name == "text" else "caption_entities"] = list(formatted.entities)
    return content
