"""What the bot can learn of chats and do to them."""

from tests.emulator import access
from tests.emulator.errors import bad_request
from tests.emulator.methods.registry import method
from tests.emulator.model import Json, Membership
from tests.emulator.parameters import Params
from tests.emulator.world import World

_PERMISSIONS = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
]


@method
def get_me(world: World, _params: Params) -> Json:
    """https://core.telegram.org/bots/api#getme."""
    return world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": world.inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method
def get_chat(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getchat."""
    chat = access.find_chat(world, params)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    body = chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if not chat.is_private:
        body["permissions"] = dict.fromkeys(_PERMISSIONS, True)
    pinned = [chat.messages[message_id] for message_id in chat.pinned if not chat.messages[message_id].deleted]
    if pinned:
        body["pinned_message"] = pinned[-1].json(with_reply=False)
    return body


@method
def get_chat_member(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getchatmember."""
    chat = access.find_chat(world, params)
    user = access.known_user(world, params)
    if chat.is_private:
        return Membership(user).json()
    _require_presence(world, chat.id)
    return chat.members.get(user.id, Membership(user, "left")).json()


@method
def get_chat_member_count(world: World, params: Params) -> int:
    """https://core.telegram.org/bots/api#getchatmembercount."""
    chat = access.find_chat(world, params)
    return 2 if chat.is_private else sum(place.status not in ("left", "kicked") for place in chat.members.values())


@method
def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """https://core.telegram.org/bots/api#getchatadministrators: other bots are left out, not this one."""
    chat = access.find_chat(world, params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    _require_presence(world, chat.id)
    return [place.json() for place in chat.members.values() if place.status in ("creator", "administrator")]


def _require_presence(world: World, chat_id: int) -> None:
    access.writable_chat(world, Params({"chat_id": chat_id}))


@method
def pin_chat_message(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#pinchatmessage."""
    chat = access.writable_chat(world, params)
    message = access.existing_message(chat, params.integer("message_id"), "message to pin")
    if not chat.is_private:
        access.require_right(world, chat, "can_pin_messages", "manage pinned messages in the chat")
    if message.message_id in chat.pinned:
        chat.pinned.remove(message.message_id)
    chat.pinned.append(message.message_id)
    pinned = {"pinned_message": message.json(with_reply=False)}
    world.service(chat, world.bot, pinned, thread=message.thread)
    return True


@method
def unpin_chat_message(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#unpinchatmessage: without message_id the latest pin goes."""
    chat = access.writable_chat(world, params)
    if not chat.is_private:
        access.require_right(world, chat, "can_pin_messages", "manage pinned messages in the chat")
    message_id = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


@method
def leave_chat(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#leavechat."""
    chat = access.writable_chat(world, params)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    old = chat.members[world.bot.id]
    new = Membership(world.bot, "left")
    chat.members[world.bot.id] = new
    world.bot_status_changed(chat, world.bot, old, new)
    return True
