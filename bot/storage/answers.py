"""Who got which entry as an answer, and the corrections of it; inside a transaction."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert_new
from bot.storage.model import Delivery, Received
from bot.storage.tables import OUTBOX_ANSWERS, corrections, outbox


class Answers:
    """The part of `Work` that is about answers that have been given."""

    _connection: AsyncConnection

    async def received(self, entry: str, since: datetime, until: datetime) -> list[Received]:
        answers = (OUTBOX_ANSWERS, outbox.c.entry == entry, outbox.c.status != Delivery.FAILED)
        chats = (
            select(outbox.c.chat, func.max(outbox.c.queued_at).label("at"))
            .where(*answers, outbox.c.queued_at >= since, outbox.c.queued_at < until)
            .group_by(outbox.c.chat)
            .order_by(func.min(outbox.c.id))
        )
        return [Received(row.chat, row.at) for row in await self._connection.execute(chats)]

    async def begin_correction(self, correction_id: str, entry: str, now: datetime) -> bool:
        new = insert_new(self._connection, corrections).values(id=correction_id, entry=entry, made_at=now)
        return bool((await self._connection.execute(new)).rowcount)
