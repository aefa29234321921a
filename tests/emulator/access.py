"""May the bot do this, and does that exist? The refusals of `check_chat` and its neighbours in Telegram's server."""

from tests.emulator.errors import ApiError, bad_request, forbidden
from tests.emulator.model import Chat, Message, Topic, User
from tests.emulator.parameters import Params
from tests.emulator.world import World

GENERAL_TOPIC = 1


def find_chat(world: World, params: Params, name: str = "chat_id") -> Chat:
    """The chat of a call, whether or not the bot may write there."""
    if not params.text(name):
        raise bad_request(f"{name} is empty")
    chat = world.chats.get(params.integer(name))
    if chat is None or (chat.is_private and not chat.started):
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    return chat


def writable_chat(world: World, params: Params) -> Chat:
    """A chat the bot may write to: https://core.telegram.org/bots/api#sendmessage."""
    chat = find_chat(world, params)
    if chat.deactivated:
        raise forbidden("user is deactivated")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if not chat.is_private and not world.is_in(chat):
        place = chat.members.get(world.bot.id)
        was_kicked = place is not None and place.status == "kicked"
        kind = "group" if chat.type == "group" else "supergroup"
        raise forbidden(
            f"bot was kicked from the {kind} chat" if was_kicked else f"bot is not a member of the {kind} chat"
        )
    return chat


def has_right(world: World, chat: Chat, right: str) -> bool:
    place = chat.members.get(world.bot.id)
    return place is not None and place.status == "administrator" and right in place.rights


def require_right(world: World, chat: Chat, right: str, deed: str) -> None:
    if not has_right(world, chat, right):
        raise bad_request(f"not enough rights to {deed}")


def open_thread(world: World, chat: Chat, params: Params) -> int | None:
    """The topic a message goes to: https://core.telegram.org/bots/api#forumtopic.

    General (1) must be omitted (Client.cpp:8276). Whether an administrator may write in a closed topic is not
    documented for bots, so the emulator refuses unless the chat says otherwise.
    """
    thread = params.integer("message_thread_id")
    if not thread or not (chat.is_forum or chat.is_private):
        return None
    topic = chat.topics.get(thread)
    if thread == GENERAL_TOPIC or topic is None:
        raise bad_request("message thread not found")
    if topic.deleted:
        raise bad_request(topic.refusal)
    if topic.closed and (chat.closed_topics_refuse_admins or not has_right(world, chat, "can_manage_topics")):
        raise bad_request("TOPIC_CLOSED")
    return thread


def managed_topic(world: World, params: Params, deed: str, right: str = "can_manage_topics") -> tuple[Chat, Topic]:
    """A topic that the bot may change: an administrator with the right, or its creator."""
    chat = forum_chat(world, params)
    topic = chat.topics.get(params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    if not has_right(world, chat, right) and topic.creator_id != world.bot.id:
        raise bad_request(f"not enough rights to {deed} the topic")
    if topic.deleted:
        raise bad_request("TOPIC_DELETED" if topic.refusal == "TOPIC_DELETED" else "TOPIC_ID_INVALID")
    return chat, topic


def forum_chat(world: World, params: Params) -> Chat:
    chat = writable_chat(world, params)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    return chat


def existing_message(chat: Chat, message_id: int, name: str) -> Message:
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise bad_request(f"{name} not found")
    return message


def own_message(world: World, chat: Chat, params: Params) -> Message:
    message = existing_message(chat, params.integer("message_id"), "message to edit")
    if message.sender is not world.bot or message.is_service or message.forward_origin is not None:
        raise bad_request("message can't be edited")
    return message


def known_user(world: World, params: Params) -> User:
    user = world.users.get(params.integer("user_id"))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return user
