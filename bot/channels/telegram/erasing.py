"""What the staff group has of an erased or too old hand-over: deleted as far as Telegram lets a bot do it."""

from collections.abc import Sequence

from telegram import Bot
from telegram.error import BadRequest

from bot.channels.telegram.client import call
from bot.channels.telegram.desk import now
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.outgoing import STAFF, to_staff
from bot.channels.telegram.refusals import Refusal, failure_of
from bot.staff.texts import text
from bot.storage.model import Outgoing
from bot.storage.store import Store

_AT_ONCE = 100
"""https://core.telegram.org/bots/api#deletemessages."""
_NOT_THERE = "not found"


async def delete_copies(bot: Bot, store: Store, group: StaffGroup, hand_over_id: int, *, expired: bool = False) -> None:
    """Delete the topic with all that stands in it, else each message; the staff are told of those that stay.

    Raises:
        TelegramError: Telegram cannot be reached, or asks to wait: to be done again as a whole.
    """
    async with store.look() as work:
        hand_over = await work.hand_over_by_id(hand_over_id)
        found = await work.copies_in(hand_over_id, STAFF)
    gone = hand_over and hand_over.topic is not None and await _topic_deleted(bot, group, hand_over.topic)
    copies, left = () if gone else found.get(group.chat_id, ()), list[int]()
    for start in range(0, len(copies), _AT_ONCE):
        left += await _left_of(bot, group, copies[start : start + _AT_ONCE])
    told: list[Outgoing] = []
    if left:
        reply = {"message_id": left[0], "allow_sending_without_reply": True}
        said = text("expired_copies_left" if expired else "erased_copies_left", number=hand_over_id, count=len(left))
        told.append(Outgoing(STAFF, "sendMessage", {"text": said, "reply_parameters": reply}))
    if elsewhere := sum(len(numbers) for chat, numbers in found.items() if chat != group.chat_id):
        told.append(to_staff(text("copies_in_former_group", number=hand_over_id, count=elsewhere)))
    if told:
        async with store.work() as work:
            await work.enqueue(told, now())


async def _topic_deleted(bot: Bot, group: StaffGroup, topic: int) -> bool:
    """Whether it is gone; False when the bot may not delete it."""
    try:
        await call(bot, "deleteForumTopic", {"chat_id": group.chat_id, "message_thread_id": topic})
    except BadRequest as error:
        return failure_of(error).refusal is Refusal.TOPIC_GONE
    return True


async def _left_of(bot: Bot, group: StaffGroup, messages: Sequence[int]) -> list[int]:
    """Those that stay. One that cannot be deleted keeps Telegram from deleting the others with it."""
    try:
        await call(bot, "deleteMessages", {"chat_id": group.chat_id, "message_ids": list(messages)})
    except BadRequest:
        return [message for message in messages if not await _deleted(bot, group, message)]
    return []


async def _deleted(bot: Bot, group: StaffGroup, message: int) -> bool:
    try:
        await call(bot, "deleteMessage", {"chat_id": group.chat_id, "message_id": message})
    except BadRequest as error:
        return _NOT_THERE in error.message.lower()
    return True
