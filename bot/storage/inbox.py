"""The inbox: updates are kept here before the channel is told that they arrived."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select, update

from bot.storage.database import insert_new
from bot.storage.model import Intake, Outgoing, RawUpdate, StoredUpdate
from bot.storage.outbox import enqueue
from bot.storage.replicas import RELEASED, Replicas, free_for
from bot.storage.tables import INBOX_WAITING, inbox


class Inbox(Replicas):
    async def receive(self, updates: Sequence[RawUpdate], now: datetime) -> int:
        if not updates:
            return 0
        rows = [
            {
                "update_id": update.update_id,
                "lane": update.lane,
                "body": update.body,
                "state": Intake.WAITING,
                "tries": 0,
                "received_at": now,
            }
            for update in updates
        ]
        async with self.writing() as connection:
            new = await connection.execute(insert_new(connection, inbox).returning(inbox.c.seq), rows)
            return len(new.all())

    async def next_offset(self) -> int | None:
        last = select(inbox.c.update_id).order_by(inbox.c.seq.desc()).limit(1)
        async with self.reading() as connection:
            update_id = await connection.scalar(last)
        return None if update_id is None else update_id + 1

    async def take_updates(
        self, *, busy_lanes: Collection[str], limit: int, now: datetime, tried: bool = True
    ) -> list[StoredUpdate]:
        # Who had it before has died over it, or beside it: that counts a try, from this moment on.
        died = self._left_behind(inbox)
        fresh = and_(inbox.c.tries == 0, free_for(self.owner, inbox))
        tried_before = (INBOX_WAITING, or_(inbox.c.tries > 0, died), self._due(inbox, now))
        first_tried = select(func.min(inbox.c.seq)).where(*tried_before)
        due = (
            self._heads(inbox.c.seq, inbox.c.lane, INBOX_WAITING, busy_lanes),
            inbox.c.settled_at.is_(None),
            self._due(inbox, now),
            or_(fresh, inbox.c.seq == first_tried.scalar_subquery()) if tried else fresh,
        )
        oldest = select(inbox).where(*due, self._untaken(inbox)).order_by(inbox.c.seq).limit(limit)
        tries = case((died, inbox.c.tries + 1), else_=inbox.c.tries)
        return [_read(row) for row in await self._take(oldest, inbox.c.seq, tries=tries)]

    async def next_in_lane(self, update: StoredUpdate, limit: int = 20) -> list[StoredUpdate]:
        following = (INBOX_WAITING, inbox.c.lane == update.lane, inbox.c.seq > update.seq)
        async with self.reading() as connection:
            rows = await connection.execute(select(inbox).where(*following).order_by(inbox.c.seq).limit(limit))
            return [_read(row) for row in rows]

    async def update_failed(
        self, seq: int, error: str, now: datetime, *, retry_at: datetime | None, then: Sequence[Outgoing] = ()
    ) -> None:
        dead = retry_at is None
        failed = (
            update(inbox)
            .where(inbox.c.seq == seq, inbox.c.state == Intake.WAITING, free_for(self.owner, inbox))
            .values(
                state=Intake.DEAD if dead else Intake.WAITING,
                tries=inbox.c.tries + 1,
                error=error,
                retry_at=retry_at,
                settled_at=now if dead else None,
                **RELEASED,
            )
        )
        async with self.writing() as connection:
            if (await connection.execute(failed)).rowcount:
                await enqueue(connection, then, now)

    async def purge_inbox(self, before: datetime) -> int:
        old = (inbox.c.state == Intake.DONE, inbox.c.settled_at < before)
        newest = select(func.max(inbox.c.seq)).scalar_subquery()
        async with self.writing() as connection:
            return (await connection.execute(inbox.delete().where(*old, inbox.c.seq < newest))).rowcount


def _read(row: Row[Any]) -> StoredUpdate:
    return StoredUpdate(row.seq, row.update_id, row.lane, row.body, row.tries, row.received_at)
