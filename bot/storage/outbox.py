"""The outbox: calls of the Bot API that wait for the sender."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, func, insert, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.model import Delivery, OutboxRow, Outgoing
from bot.storage.replicas import RELEASED, Replicas, free_for
from bot.storage.store import StaleMessageError
from bot.storage.tables import OUTBOX_CHANNEL, OUTBOX_PENDING, outbox

_NOTIFY = text(f"NOTIFY {OUTBOX_CHANNEL}")


class Outbox(Replicas):
    async def due_messages(self, *, busy_chats: Collection[str], limit: int, now: datetime) -> list[OutboxRow]:
        if self._shared:
            await self.recover_sending(now)
        due = (
            self._heads(outbox.c.id, outbox.c.chat, OUTBOX_PENDING, busy_chats),
            func.coalesce(outbox.c.status, "") == Delivery.QUEUED,  # disguised, see _heads
            self._due(outbox, now),
        )
        oldest = select(outbox).where(*due, self._untaken(outbox)).order_by(outbox.c.id).limit(limit)
        if self._shared:
            return [_read(row) for row in await self._take(oldest, outbox.c.id)]
        async with self.reading() as connection:
            return [_read(row) for row in await connection.execute(oldest)]

    async def next_in_chat(self, row: OutboxRow, limit: int = 30) -> list[OutboxRow]:
        following = (
            OUTBOX_PENDING,
            outbox.c.chat == row.outgoing.chat,
            outbox.c.id > row.id,
            outbox.c.status == Delivery.QUEUED,
        )
        async with self.reading() as connection:
            rows = await connection.execute(select(outbox).where(*following).order_by(outbox.c.id).limit(limit))
            return [_read(found) for found in rows]

    async def mark_sending(self, message: int | Sequence[int], now: datetime) -> None:
        ids = _ids(message)
        ours = _pending(ids, free_for(self.owner, outbox))
        sending = {"status": Delivery.SENDING, "attempts": outbox.c.attempts + 1, "changed_at": now}
        async with self.writing() as connection:
            if (await connection.execute(ours.values({**sending, **self._leased()}))).rowcount < len(ids):
                raise StaleMessageError(f"outbox messages {ids}")

    async def mark_sent(
        self,
        message: int | Sequence[int],
        message_id: int | None,
        now: datetime,
        *,
        others: Sequence[int] = (),
        then: Sequence[Outgoing] = (),
        unknown: bool = False,
        group: int | None = None,
    ) -> None:
        # It did arrive: a process that lost its lease may still say so, and spare the next one the sending; but not
        # while that one sends, or what is sent twice would look as if sent once.
        ours = _pending(_ids(message), or_(free_for(self.owner, outbox), outbox.c.status == Delivery.QUEUED))
        sent = {"status": Delivery.SENT, "error": None, "retry_at": None, "changed_at": now}
        there = {"message_id": message_id, "others": [*others] or None, "staff_group": group}
        marked = {"interrupted": true()} if unknown else {}
        # Erased meanwhile, with its words: what is missing of it is not said any more.
        whole = select(outbox.c.id).where(outbox.c.id.in_(_ids(message)), outbox.c.method != "")
        async with self.writing() as connection:
            settled = await connection.execute(ours.values({**sent, **there, **marked, **RELEASED}))
            if then and settled.rowcount and await connection.scalar(whole) is not None:
                await enqueue(connection, then, now)
            await _drop_fleeting(connection, message)

    async def settle_in(self, group: int) -> None:
        settled = outbox.c.status.in_((Delivery.SENT, Delivery.FAILED))
        unsaid = (outbox.c.staff_group.is_(None), settled)
        async with self.writing() as connection:
            await connection.execute(update(outbox).where(*unsaid).values(staff_group=group))

    async def mark_failed(
        self,
        message: int | Sequence[int],
        error: str,
        now: datetime,
        *,
        then: Sequence[Outgoing] = (),
        group: int | None = None,
    ) -> None:
        ours = _pending(_ids(message), free_for(self.owner, outbox))
        failed = {"status": Delivery.FAILED, "error": error, "retry_at": None, "changed_at": now, "staff_group": group}
        async with self.writing() as connection:
            if (await connection.execute(ours.values({**failed, **RELEASED}))).rowcount:
                await enqueue(connection, then, now)
                await _drop_fleeting(connection, message)

    async def mark_retry(
        self, message: int | Sequence[int], error: str, retry_at: datetime, *, unknown: bool = False
    ) -> None:
        ours = _pending(_ids(message), free_for(self.owner, outbox))
        again = {"status": Delivery.QUEUED, "error": error, "retry_at": retry_at}
        marked = {"interrupted": true()} if unknown else {}
        async with self.writing() as connection:
            await connection.execute(ours.values({**again, **marked, **RELEASED}))

    async def recover_sending(self, now: datetime, busy_chats: Collection[str] | None = None) -> int:
        on_their_way = (OUTBOX_PENDING, outbox.c.status == Delivery.SENDING, self._abandoned(busy_chats))
        abandoned = select(outbox.c.id).where(*on_their_way)
        # A row that is locked is being settled at this moment.
        picked = abandoned.with_for_update(skip_locked=True).scalar_subquery()
        again = {"status": Delivery.QUEUED, "interrupted": true(), "retry_at": None, "changed_at": now}
        recovered = update(outbox).where(outbox.c.id.in_(picked)).values({**again, **RELEASED})
        async with self.writing() as connection:
            return (await connection.execute(recovered)).rowcount

    def _abandoned(self, busy_chats: Collection[str] | None) -> ColumnElement[bool]:
        """Of the messages on their way, those that no living process sends."""
        idle = outbox.c.chat.not_in(busy_chats) if busy_chats is not None else None
        if not self._shared:
            return true() if idle is None else idle
        ours = outbox.c.leased_by.is_(None) if idle is None else and_(free_for(self.owner, outbox), idle)
        return or_(ours, outbox.c.leased_until <= func.now())


async def enqueue(connection: AsyncConnection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Put messages at the end of the outbox, in this order."""
    rows = [
        {
            "chat": message.chat,
            "method": message.method,
            "params": dict(message.params),
            "hand_over": message.hand_over,
            "origin": message.origin,
            "status": Delivery.QUEUED,
            "attempts": 0,
            "interrupted": False,
            "fleeting": message.fleeting,
            "entry": message.entry,
            "group_answer": message.group_answer,
            "author": message.author,
            "queued_at": now,
            "changed_at": now,
        }
        for message in outgoing
    ]
    if rows:
        await connection.execute(insert(outbox), rows)
        if connection.dialect.name == "postgresql":  # another process may be the one that sends
            await connection.execute(_NOTIFY)


async def _drop_fleeting(connection: AsyncConnection, message: int | Sequence[int]) -> None:
    """Of these messages, those that are settled and not to be kept."""
    settled = (outbox.c.id.in_(_ids(message)), outbox.c.fleeting, outbox.c.status.in_((Delivery.SENT, Delivery.FAILED)))
    await connection.execute(outbox.delete().where(*settled))


def _ids(message: int | Sequence[int]) -> Sequence[int]:
    return [message] if isinstance(message, int) else message


def _pending(ids: Sequence[int], whose: ColumnElement[bool]) -> Update:
    """A change of those messages that are not settled."""
    return update(outbox).where(OUTBOX_PENDING, outbox.c.id.in_(ids), whose)


def _read(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        outgoing=Outgoing(
            chat=row.chat,
            method=row.method,
            params=row.params,
            hand_over=row.hand_over,
            origin=row.origin,
            fleeting=row.fleeting,
            entry=row.entry,
            group_answer=row.group_answer,
            author=row.author,
        ),
        status=Delivery(row.status),
        attempts=row.attempts,
        message_id=row.message_id,
        error=row.error,
        interrupted=row.interrupted,
    )
