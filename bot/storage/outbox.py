"""The outbox: calls of the Bot API that wait for the sender."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import Database
from bot.storage.model import Delivery, OutboxRow, Outgoing
from bot.storage.tables import OUTBOX_PENDING, outbox


class Outbox(Database):
    async def due_messages(self, *, busy_chats: Collection[str], limit: int, now: datetime) -> list[OutboxRow]:
        heads = (
            select(func.min(outbox.c.id))
            .where(OUTBOX_PENDING, outbox.c.chat.not_in(busy_chats))
            .group_by(outbox.c.chat)
        )
        due = (
            select(outbox)
            .where(
                outbox.c.id.in_(heads),
                outbox.c.status == Delivery.QUEUED,
                or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= now),
            )
            .order_by(outbox.c.id)
            .limit(limit)
        )
        async with self.reading() as connection:
            return [_read(row) for row in await connection.execute(due)]

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
        await self._mark(message, status=Delivery.SENDING, attempts=outbox.c.attempts + 1, changed_at=now)

    async def mark_sent(self, message: int | Sequence[int], message_id: int | None, now: datetime) -> None:
        await self._mark(
            message, status=Delivery.SENT, message_id=message_id, error=None, retry_at=None, changed_at=now
        )

    async def mark_failed(self, message: int, error: str, now: datetime, *, then: Sequence[Outgoing] = ()) -> None:
        failed = update(outbox).where(outbox.c.id == message)
        async with self.writing() as connection:
            await connection.execute(failed.values(status=Delivery.FAILED, error=error, retry_at=None, changed_at=now))
            await enqueue(connection, then, now)

    async def mark_retry(self, message: int | Sequence[int], error: str, retry_at: datetime) -> None:
        await self._mark(message, status=Delivery.QUEUED, error=error, retry_at=retry_at)

    async def recover_sending(self, now: datetime) -> int:
        recovered = (
            update(outbox)
            .where(OUTBOX_PENDING, outbox.c.status == Delivery.SENDING)
            .values(status=Delivery.QUEUED, interrupted=true(), retry_at=None, changed_at=now)
        )
        async with self.writing() as connection:
            return (await connection.execute(recovered)).rowcount

    async def change_chat(self, old: str, new: str, now: datetime) -> None:
        moved = update(outbox).where(OUTBOX_PENDING, outbox.c.chat == old).values(chat=new, changed_at=now)
        async with self.writing() as connection:
            await connection.execute(moved)

    async def _mark(self, message: int | Sequence[int], **values: object) -> None:
        ids = [message] if isinstance(message, int) else message
        async with self.writing() as connection:
            await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(**values))


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
            "queued_at": now,
            "changed_at": now,
        }
        for message in outgoing
    ]
    if rows:
        await connection.execute(insert(outbox), rows)


def _read(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        outgoing=Outgoing(row.chat, row.method, row.params, row.hand_over, row.origin),
        status=Delivery(row.status),
        attempts=row.attempts,
        message_id=row.message_id,
        error=row.error,
        interrupted=row.interrupted,
    )
