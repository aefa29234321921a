"""Copying and forwarding: https://core.telegram.org/bots/api#copymessage, #forwardmessage and their plurals."""

from copy import deepcopy

from tests.emulator import access
from tests.emulator.errors import bad_request
from tests.emulator.methods.registry import method
from tests.emulator.methods.sending import Destination, as_content, deliver, destination, read_text, source_html
from tests.emulator.model import Json, Message
from tests.emulator.parameters import Params
from tests.emulator.world import World

_UNCOPIED = ("service",)


@method
def copy_message(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#copymessage."""
    to = destination(world, params)
    original = _original(world, params, "copy")
    if original.kind in _UNCOPIED:
        raise bad_request("message can't be copied")
    content = deepcopy(original.content)
    html = original.html
    if "caption" in params and original.kind != "text":
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= as_content(read_text(params, "caption"), "caption")
        html = source_html(params, "caption")
    return {"message_id": _copy(world, to, original, content, html).message_id}


@method
def copy_messages(world: World, params: Params) -> list[Json]:
    """https://core.telegram.org/bots/api#copymessages: what cannot be found or copied is skipped."""
    to = destination(world, params)
    originals = [original for original in _originals(world, params, "copy") if original.kind not in _UNCOPIED]
    if not originals:
        raise bad_request("there are no messages to copy")
    copies = [_copy(world, to, original, deepcopy(original.content), original.html) for original in originals]
    return [{"message_id": copy.message_id} for copy in copies]


@method
def forward_message(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#forwardmessage."""
    to = destination(world, params)
    original = _original(world, params, "forward")
    if original.is_service:
        raise bad_request("message can't be forwarded")
    return _forward(world, to, original).json()


@method
def forward_messages(world: World, params: Params) -> list[Json]:
    """https://core.telegram.org/bots/api#forwardmessages."""
    to = destination(world, params)
    originals = [original for original in _originals(world, params, "forward") if not original.is_service]
    if not originals:
        raise bad_request("there are no messages to forward")
    return [{"message_id": _forward(world, to, original).message_id} for original in originals]


def _original(world: World, params: Params, deed: str) -> Message:
    source = access.find_chat(world, params, "from_chat_id")
    return access.existing_message(source, params.integer("message_id"), f"message to {deed}")


def _originals(world: World, params: Params, deed: str) -> list[Message]:
    source = access.find_chat(world, params, "from_chat_id")
    wanted = [int(message_id) for message_id in params.tree("message_ids") or ()]
    if not 1 <= len(wanted) <= 100:
        raise bad_request(f"1-100 message identifiers to {deed} expected")
    if wanted != sorted(set(wanted)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    found = [source.messages.get(message_id) for message_id in wanted]
    return [message for message in found if message is not None and not message.deleted]


def _copy(world: World, to: Destination, original: Message, content: Json, html: str | None) -> Message:
    return deliver(world, to, original.kind, content, html=html, copied_from=(original.chat.id, original.message_id))


def _forward(world: World, to: Destination, original: Message) -> Message:
    origin = original.forward_origin or {
        "type": "user",
        "date": original.date,
        "sender_user": original.sender.json(),
    }
    return deliver(
        world,
        to,
        original.kind,
        deepcopy(original.content),
        html=original.html,
        forward_origin=origin,
        forwarded_from=(original.chat.id, original.message_id),
    )
