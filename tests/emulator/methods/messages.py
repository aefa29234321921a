"""Sending, editing and deleting text; answers to buttons; reactions."""

from typing import Any

from telegram.constants import ReactionEmoji

from tests.emulator import access
from tests.emulator.errors import bad_request
from tests.emulator.markup import read_inline_markup
from tests.emulator.methods.registry import method
from tests.emulator.methods.sending import as_content, deliver, destination, read_text, source_html
from tests.emulator.model import Json, Message
from tests.emulator.parameters import Params
from tests.emulator.world import World

_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ],
)
_EMOJI = frozenset(emoji.value for emoji in ReactionEmoji)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


@method
def send_message(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#sendmessage."""
    to = destination(world, params)
    return deliver(world, to, "text", as_content(read_text(params)), html=source_html(params)).json()


@method
def send_chat_action(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#sendchataction."""
    chat = access.writable_chat(world, params)
    access.open_thread(world, chat, params)
    if params.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(params.text("action"))
    return True


@method
def edit_message_text(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#editmessagetext."""
    message = _message_to_edit(world, params)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, params, as_content(read_text(params)), source_html(params))


@method
def edit_message_caption(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#editmessagecaption."""
    message = _message_to_edit(world, params)
    kept = {name: value for name, value in message.content.items() if name not in ("caption", "caption_entities")}
    content = kept | as_content(read_text(params, "caption"), "caption")
    return _edit(world, message, params, content, source_html(params, "caption"))


@method
def edit_message_reply_markup(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#editmessagereplymarkup."""
    message = _message_to_edit(world, params)
    return _edit(world, message, params, message.content, message.html)


def _message_to_edit(world: World, params: Params) -> Message:
    chat = access.writable_chat(world, params)
    return access.own_message(world, chat, params)


def _edit(world: World, message: Message, params: Params, content: Json, html: str | None) -> Json:
    """An omitted reply_markup takes the keyboard away."""
    markup = read_inline_markup(params, message.chat)
    if content == message.content and markup == message.markup:
        raise bad_request(_NOT_MODIFIED)
    message.content, message.markup, message.html = content, markup, html
    world.edited(message)
    return message.json()


@method
def delete_message(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#deletemessage."""
    chat = access.writable_chat(world, params)
    message = access.existing_message(chat, params.integer("message_id"), "message to delete")
    _delete(world, message)
    return True


@method
def delete_messages(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#deletemessages: messages that cannot be found are skipped."""
    chat = access.writable_chat(world, params)
    for message_id in params.tree("message_ids") or ():
        message = chat.messages.get(int(message_id))
        if message is not None and not message.deleted:
            _delete(world, message)
    return True


def _delete(world: World, message: Message) -> None:
    chat = message.chat
    mine = message.sender is world.bot and not message.is_service
    if not (mine or chat.is_private or access.has_right(world, chat, "can_delete_messages")):
        raise bad_request("message can't be deleted")
    message.deleted = True
    message.changed = world.tick()


@method
def answer_callback_query(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery."""
    press = world.presses.get(params.text("callback_query_id"))
    if press is None or press.expired:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(params.text("text")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if not press.answered:
        press.answered, press.text, press.show_alert = True, params.text("text"), params.flag("show_alert")
    return True


@method
def set_message_reaction(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setmessagereaction: a bot sets one reaction at most."""
    chat = access.writable_chat(world, params)
    message = access.existing_message(chat, params.integer("message_id"), "message to react")
    wanted: list[Any] = params.tree("reaction") or []
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction.get("type") != "emoji" or reaction.get("emoji") not in _EMOJI for reaction in wanted):
        raise bad_request("REACTION_INVALID")
    message.reactions = tuple(reaction["emoji"] for reaction in wanted)
    return True
