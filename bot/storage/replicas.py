"""What several processes on one PostgreSQL need: leases on rows, one poller, one sender. SQLite has one process.

A process leases the oldest row of a lane or chat before it works on it; nobody else takes that lane or chat until the
row is settled, put back, or its lease has run out because the process died. All times of leases are the database's:
the clocks of the machines may differ as they like. Within one process the caller knows what is under way
(`busy_lanes`, `busy_chats`): its own leases hold nothing back from it.

Numbers are not committed in their order: for a moment two processes may hold one chat, each with a message of another
transaction. Between those two no order is owed: whoever writes in answer to something writes after it.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    TextClause,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import Database
from bot.storage.leading import POLLER, SENDER, Leadership
from bot.storage.model import Delivery
from bot.storage.store import LONGEST_RETRY, StoreAwayError
from bot.storage.tables import LEASED, OUTBOX_CHANNEL, OUTBOX_PENDING, inbox, outbox

LEASE = timedelta(seconds=60)
RELEASED = {"leased_by": None, "leased_until": None}


class Replicas(Database):
    """One of the processes that share a database."""

    def __init__(self, engine: AsyncEngine, lease: timedelta = LEASE) -> None:
        super().__init__(engine)
        self._lease = lease
        self._shared = engine.dialect.name == "postgresql"
        self.owner = uuid4().hex
        self._takes = False
        """Rows have been leased: on SQLite by the bot only, not by a command beside it."""
        self._poller, self._sender = (Leadership(engine, self.url, name) for name in (POLLER, SENDER))

    async def renew(self, now: datetime) -> None:  # noqa: ARG002 - the database's clock counts
        if not self._shared:
            return
        async with self.writing() as connection:
            for table, key in ((inbox, inbox.c.seq), (outbox, outbox.c.id)):
                # A row that is locked is being settled at this moment.
                held = select(key).where(table.c.leased_by == self.owner).with_for_update(skip_locked=True)
                await connection.execute(update(table).where(key.in_(held)).values(leased_until=self._lease_end()))

    async def poll_leader(self, now: datetime) -> bool:  # noqa: ARG002 - a lock has no time
        return not self._shared or await self._poller.held()

    async def send_leader(self, now: datetime, queued: Callable[[], None]) -> bool:  # noqa: ARG002 - as above
        if not self._shared:
            return True
        led, leads = self._sender.is_held, await self._sender.held(OUTBOX_CHANNEL, queued)
        if leads and not led:
            try:
                await self._inherit()
            except StoreAwayError:  # whoever sends next has to
                await self._sender.resign()
                raise
        return leads

    async def _inherit(self) -> None:
        """Take up what the sender before had leased and not begun; what was on its way waits for its lease."""
        theirs = (OUTBOX_PENDING, outbox.c.status == Delivery.QUEUED, LEASED, outbox.c.leased_by != self.owner)
        async with self.writing() as connection:
            await connection.execute(update(outbox).where(*theirs).values(RELEASED))

    async def close(self) -> None:
        """Give back what is leased and not yet begun: others need not wait for it, and no try is counted."""
        if self._takes:
            with suppress(StoreAwayError):
                async with self.writing() as connection:
                    not_begun = (outbox.c.leased_by == self.owner, outbox.c.status == Delivery.QUEUED)
                    await connection.execute(update(inbox).where(inbox.c.leased_by == self.owner).values(RELEASED))
                    await connection.execute(update(outbox).where(*not_begun).values(RELEASED))
        await self._poller.resign()
        await self._sender.resign()
        await super().close()

    async def _take(self, due: Select[Any], key: Column[int], **more: ColumnElement[Any]) -> list[Row[Any]]:
        """The rows that `due` selects, leased, and with `more` written; in the order of `key`."""
        self._takes = True
        # SKIP LOCKED: what another process takes at this moment is passed over, not waited for.
        picked = due.with_only_columns(key).with_for_update(skip_locked=True)
        lease = update(key.table).values({**self._leased(), **more}).returning(key.table)
        if self._shared:
            async with self.writing() as connection:
                # As an array, as in `_heads`: a join would compare each with all rows while the table counts as empty.
                these = func.array(select(picked.cte("picked")).scalar_subquery())
                leased = await connection.execute(lease.where(key == any_(these)))
                return sorted(leased, key=lambda row: row[0])
        async with self.reading() as connection:
            found = (await connection.scalars(picked)).all()
        if not found:  # nothing is written where nothing waits
            return []
        async with self.writing() as connection:
            return sorted(await connection.execute(lease.where(key.in_(found))), key=lambda row: row[0])

    def _due(self, table: Table, now: datetime) -> ColumnElement[bool]:
        """Rows whose next try has come."""
        again = table.c.retry_at
        return or_(again.is_(None), again <= now, again > now + LONGEST_RETRY)

    def _left_behind(self, table: Table) -> ColumnElement[bool]:
        """Rows that a process had leased when it died."""
        others = table.c.leased_by != self.owner
        return and_(others, table.c.leased_until <= func.now()) if self._shared else others

    def _untaken(self, table: Table) -> ColumnElement[bool]:
        """Rows that no other process has leased."""
        if not self._shared:
            return true()
        return or_(free_for(self.owner, table), table.c.leased_until <= func.now())

    def _heads(
        self, key: Column[int], place: Column[str], pending: TextClause, busy: Collection[str]
    ) -> ColumnElement[bool]:
        """The oldest pending row of each `place`, a lane or a chat, in which nobody is at work.

        Beside this, a statement must not name the condition of the partial index: PostgreSQL, which knows nothing of a
        queue's length, would begin at the index and compare each row with each head (seconds, at 5,000 rows).
        """
        # One parameter for all: SQLAlchemy looks at each element of a list by itself.
        others = place.not_in(bindparam("busy", list(busy), expanding=True))
        heads = select(func.min(key)).where(pending, others).group_by(place)
        if not self._shared:
            return key.in_(heads)
        leased = place.table.c
        elsewhere = select(place).where(LEASED, leased.leased_by != self.owner, leased.leased_until > func.now())
        # As an array they are computed once, and looked up by primary key.
        return key == any_(func.array(heads.where(place.not_in(elsewhere)).scalar_subquery()))

    def _leased(self) -> dict[str, Any]:
        return {"leased_by": self.owner, "leased_until": self._lease_end() if self._shared else None}

    def _lease_end(self) -> ColumnElement[datetime]:
        return func.now() + self._lease


def free_for(owner: str | BindParameter[str], table: Table) -> ColumnElement[bool]:
    """Rows that are not somebody else's: what a process that lost its lease may still settle."""
    return or_(table.c.leased_by.is_(None), table.c.leased_by == owner)
