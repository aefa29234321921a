"""What time removes, and the key that makes pseudonyms of those whom logs speak of."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.opportunities.subscriptions import REMEMBERED
from bot.storage.database import Database, insert_new
from bot.storage.model import Delivery, HandOverStatus, Intake, Outgoing
from bot.storage.outbox import enqueue
from bot.storage.tables import (
    HAND_OVER_OPEN,
    OUTBOX_PENDING,
    console_attempts,
    conversations,
    group_answers,
    hand_overs,
    inbox,
    notices,
    outbox,
    questions,
    subscriptions,
)
from bot.storage.tables import secrets as kept_secrets

_FAILED_UPDATES = timedelta(days=30)
"""An update that could not be handled holds what somebody wrote: long enough to find the fault."""
_ATTEMPTS = timedelta(days=1)
"""A sign-in counts for minutes."""
_KEY = "pseudonyms"


class Retention(Database):
    async def purge(self, before: datetime, now: datetime) -> Mapping[str, int]:
        opened = select(hand_overs.c.id).where(HAND_OVER_OPEN)
        chats = select(hand_overs.c.channel, hand_overs.c.chat).where(HAND_OVER_OPEN)
        waited_for = tuple_(questions.c.channel, questions.c.chat).in_(chats)
        in_exchange = tuple_(conversations.c.channel, conversations.c.chat).in_(chats)
        asked = (questions.c.asked_at < before, ~waited_for)
        settled = outbox.c.status.in_((Delivery.SENT, Delivery.FAILED))
        topics = select(hand_overs.c.id).where(*_with_topic())
        leaving = select(outbox.c.hand_over).where(OUTBOX_PENDING, outbox.c.hand_over.is_not(None))
        needed = or_(*(outbox.c.hand_over.in_(each) for each in (opened, topics, leaving)))
        over = or_(outbox.c.hand_over.is_(None), ~needed)
        closed = (*_closed(before), hand_overs.c.id.not_in(topics))
        named = select(outbox.c.id).where(outbox.c.hand_over == hand_overs.c.id).exists()
        async with self.writing() as connection:
            await connection.execute(kept_secrets.delete().where(kept_secrets.c.made_at < before))
            await connection.execute(group_answers.delete().where(group_answers.c.made_at < before))
            await connection.execute(console_attempts.delete().where(console_attempts.c.last_at < now - _ATTEMPTS))
            told = notices.c.sent_at < min(before, now - REMEMBERED)  # sooner, it would be told a second time
            await connection.execute(notices.delete().where(told))
            unanswered = select(func.count()).select_from(questions).where(*asked, questions.c.status == "open")
            left = select(func.count()).select_from(hand_overs).where(HAND_OVER_OPEN, hand_overs.c.opened_at < before)
            return {
                "never_answered": await connection.scalar(unanswered) or 0,
                "questions": await _removed(connection, questions.delete().where(*asked)),
                "messages": await _removed(
                    connection, outbox.delete().where(settled, outbox.c.changed_at < before, over)
                ),
                "hand_overs": await _removed(connection, hand_overs.delete().where(*closed, ~named)),
                "conversations": await _removed(
                    connection, conversations.delete().where(conversations.c.changed_at < before, ~in_exchange)
                ),
                "subscriptions": await _removed(
                    connection, subscriptions.delete().where(subscriptions.c.ends_at < now)
                ),
                "updates": await _removed(
                    connection, inbox.delete().where(*_failed(max(before, now - _FAILED_UPDATES)))
                ),
                "open_hand_overs": await connection.scalar(left) or 0,
            }

    async def release_topics(
        self, before: datetime, now: datetime, *, limit: int, deletion: Callable[[int], Sequence[Outgoing]]
    ) -> int:
        due = select(hand_overs.c.id, hand_overs.c.chat).where(*_closed(before), *_with_topic())
        oldest = due.order_by(hand_overs.c.id).limit(limit).with_for_update(skip_locked=True)
        async with self.writing() as connection:
            released = (await connection.execute(oldest)).all()
            numbers, chats = [row.id for row in released], [row.chat for row in released]
            of_them = outbox.c.hand_over.in_(numbers)
            empty: dict[str, Any] = {"params": {}, "method": "", "error": None, "group_answer": None, "author": None}
            await connection.execute(update(outbox).where(of_them).values(empty))
            await connection.execute(update(outbox).where(of_them, outbox.c.chat.in_(chats)).values(chat=""))
            await connection.execute(update(outbox).where(of_them, outbox.c.chat != "").values(origin=None))
            nobodys = {"chat": "", "question_ref": "", "taken_by": None, "taken_name": None}
            await connection.execute(update(hand_overs).where(hand_overs.c.id.in_(numbers)).values(nobodys))
            await enqueue(connection, [each for number in numbers for each in deletion(number)], now)
        return len(numbers)

    async def hash_key(self, now: datetime) -> bytes:
        this = kept_secrets.c.name == _KEY
        async with self.writing() as connection:
            new = {"name": _KEY, "value": secrets.token_bytes(32), "made_at": now}
            await connection.execute(insert_new(connection, kept_secrets).values(new))
            return bytes((await connection.execute(select(kept_secrets.c.value).where(this))).scalar_one())


def _closed(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return hand_overs.c.status == HandOverStatus.CLOSED, hand_overs.c.changed_at < before


def _with_topic() -> tuple[ColumnElement[bool], ...]:
    """Closed ones of which the staff group has a topic that was not let go; an erased one has no chat any more."""
    return hand_overs.c.status == HandOverStatus.CLOSED, hand_overs.c.topic.is_not(None), hand_overs.c.chat != ""


def _failed(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """The newest row stays for `next_offset`."""
    newest = select(func.max(inbox.c.seq)).scalar_subquery()
    return inbox.c.state == Intake.DEAD, inbox.c.settled_at < before, inbox.c.seq < newest


async def _removed(connection: AsyncConnection, rows: Delete) -> int:
    return (await connection.execute(rows)).rowcount
