"""One transaction of the conversation: state, log, hand-over, outgoing messages and the update that caused them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert_new
from bot.storage.model import (
    HandOver,
    HandOverStatus,
    Intake,
    Outgoing,
    Question,
    StoredConversation,
)
from bot.storage.outbox import enqueue
from bot.storage.review import fold
from bot.storage.store import StaleConversationError, StaleUpdateError
from bot.storage.tables import HAND_OVER_OPEN, conversations, hand_overs, inbox, outbox, questions

_HAND_OVER = (
    hand_overs.c.id,
    hand_overs.c.channel,
    hand_overs.c.chat,
    hand_overs.c.question_ref,
    hand_overs.c.status,
    hand_overs.c.topic,
    hand_overs.c.opened_at,
)


class SqlWork:
    """`Work` on an open transaction; `SqlStore.work` commits it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def conversation(self, channel: str, chat: str) -> StoredConversation | None:
        kept = select(conversations.c.state, conversations.c.version).where(
            conversations.c.channel == channel, conversations.c.chat == chat
        )
        row = (await self._connection.execute(kept)).first()
        return StoredConversation(row.state, row.version) if row else None

    async def save_conversation(
        self, channel: str, chat: str, state: Mapping[str, Any], *, version: int, now: datetime
    ) -> None:
        kept = {"state": dict(state), "version": version + 1, "changed_at": now}
        if version == 0:
            change = insert_new(self._connection, conversations).values(channel=channel, chat=chat, **kept)
            saved = (await self._connection.execute(change)).rowcount
        else:
            same = (
                conversations.c.channel == channel,
                conversations.c.chat == chat,
                conversations.c.version == version,
            )
            saved = (await self._connection.execute(update(conversations).where(*same).values(**kept))).rowcount
        if not saved:
            raise StaleConversationError(f"{channel} conversation, version {version}")

    async def log_question(self, question: Question) -> None:
        row = {
            "ref": question.ref,
            "channel": question.channel,
            "chat": question.chat,
            "text": question.text,
            "folded": fold(question.text),
            "language": question.language,
            "candidates": [list(candidate) for candidate in question.candidates],
            "decision": question.decision,
            "reason": question.reason,
            "entry": question.entry,
            "status": question.status,
            "asked_at": question.asked_at,
            "closed_at": question.closed_at,
        }
        await self._connection.execute(insert_new(self._connection, questions).values(row))

    async def settle_question(self, channel: str, ref: str, *, status: str, entry: str | None, now: datetime) -> None:
        settled = (
            update(questions)
            .where(questions.c.channel == channel, questions.c.ref == ref)
            .values(status=status, entry=entry, closed_at=now)
        )
        await self._connection.execute(settled)

    async def open_hand_over(self, channel: str, chat: str, question_ref: str, now: datetime) -> HandOver:
        opened = insert_new(self._connection, hand_overs).values(
            channel=channel,
            chat=chat,
            question_ref=question_ref,
            status=HandOverStatus.WAITING,
            opened_at=now,
            changed_at=now,
        )
        await self._connection.execute(opened)
        hand_over = await self.hand_over_of_chat(channel, chat)
        if hand_over is None:
            raise AssertionError("an open hand-over was there, or has just been inserted")
        return hand_over

    async def hand_over_of_chat(self, channel: str, chat: str) -> HandOver | None:
        return await self._latest_hand_over(HAND_OVER_OPEN, hand_overs.c.channel == channel, hand_overs.c.chat == chat)

    async def hand_over_by_id(self, hand_over_id: int) -> HandOver | None:
        return await self._latest_hand_over(hand_overs.c.id == hand_over_id)

    async def hand_over_by_topic(self, topic: int) -> HandOver | None:
        return await self._latest_hand_over(hand_overs.c.topic == topic)

    async def hand_over_by_message(self, chat: str, message_id: int) -> HandOver | None:
        sent = select(outbox.c.hand_over).where(outbox.c.chat == chat, outbox.c.message_id == message_id)
        return await self._latest_hand_over(hand_overs.c.id.in_(sent))

    async def first_message(self, hand_over_id: int, chat: str) -> int | None:
        arrived = (outbox.c.hand_over == hand_over_id, outbox.c.chat == chat, outbox.c.message_id.is_not(None))
        first = select(outbox.c.message_id).where(*arrived).order_by(outbox.c.id).limit(1)
        message_id: int | None = await self._connection.scalar(first)
        return message_id

    async def set_hand_over(
        self, hand_over_id: int, *, status: str | None = None, topic: int | None = None, now: datetime
    ) -> None:
        changes: dict[str, Any] = {"changed_at": now}
        if status is not None:
            changes["status"] = status
        if topic is not None:
            changes["topic"] = topic
        await self._connection.execute(update(hand_overs).where(hand_overs.c.id == hand_over_id).values(**changes))

    async def enqueue(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        await enqueue(self._connection, outgoing, now)

    async def update_done(self, seq: int, now: datetime) -> None:
        done = (
            update(inbox)
            .where(inbox.c.seq == seq, inbox.c.state == Intake.WAITING)
            .values(state=Intake.DONE, settled_at=now)
        )
        if not (await self._connection.execute(done)).rowcount:
            raise StaleUpdateError(f"update {seq}")

    async def _latest_hand_over(self, *conditions: ColumnElement[bool] | TextClause) -> HandOver | None:
        latest = select(*_HAND_OVER).where(*conditions).order_by(hand_overs.c.id.desc()).limit(1)
        row = (await self._connection.execute(latest)).first()
        if row is None:
            return None
        return HandOver(
            row.id, row.channel, row.chat, row.question_ref, HandOverStatus(row.status), row.topic, row.opened_at
        )
