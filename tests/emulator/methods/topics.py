"""Topics of forums: https://core.telegram.org/bots/api#createforumtopic and its neighbours."""

from tests.emulator import access
from tests.emulator.errors import bad_request
from tests.emulator.methods.registry import method
from tests.emulator.model import Chat, Json
from tests.emulator.parameters import Params
from tests.emulator.world import World

_ICON_COLORS = frozenset({7322096, 16766590, 13338331, 9367192, 16749490, 16478047})


@method
def create_forum_topic(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#createforumtopic."""
    chat = access.forum_chat(world, params)
    access.require_right(world, chat, "can_manage_topics", "create a topic")
    name = _checked_name(params.text("name"))
    color = params.integer("icon_color")
    if color and color not in _ICON_COLORS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    return world.create_topic(chat, world.bot, name, color, params.text("icon_custom_emoji_id") or None).json()


@method
def edit_forum_topic(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#editforumtopic: an omitted or empty name keeps the old one."""
    chat, topic = access.managed_topic(world, params, "edit")
    name = _checked_name(params.text("name")) if params.text("name") else topic.name
    emoji = (
        params.text("icon_custom_emoji_id") or None if "icon_custom_emoji_id" in params else topic.icon_custom_emoji_id
    )
    if (name, emoji) == (topic.name, topic.icon_custom_emoji_id):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon_custom_emoji_id = name, emoji
    world.service(chat, world.bot, {"forum_topic_edited": {"name": name}}, thread=topic.id)
    return True


@method
def close_forum_topic(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#closeforumtopic."""
    return _set_closed(world, params, closed=True)


@method
def reopen_forum_topic(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#reopenforumtopic."""
    return _set_closed(world, params, closed=False)


@method
def delete_forum_topic(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#deleteforumtopic: the topic goes with all its messages."""
    chat, topic = access.managed_topic(world, params, "delete", "can_delete_messages")
    remove_topic(world, chat, topic.id)
    return True


def remove_topic(world: World, chat: Chat, topic_id: int) -> None:
    chat.topics[topic_id].deleted = True
    for message in chat.messages.values():
        if message.thread == topic_id:
            message.deleted = True
            message.changed = world.tick()


def _set_closed(world: World, params: Params, *, closed: bool) -> bool:
    chat, topic = access.managed_topic(world, params, "edit")
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    world.service(chat, world.bot, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, thread=topic.id)
    return True


def _checked_name(name: str) -> str:
    """1-128 characters."""
    if not name.strip():
        raise bad_request("TOPIC_TITLE_EMPTY")
    if len(name) > 128:
        raise bad_request("topic name is too long")
    return name
