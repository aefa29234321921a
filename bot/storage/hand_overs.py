"""Hand-overs inside a transaction: from the citizen's wish for a person to its end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import insert_new
from bot.storage.model import HandOver, HandOverStatus
from bot.storage.tables import HAND_OVER_OPEN, hand_overs, outbox

_Conditions = ColumnElement[bool] | TextClause

_TOGETHER = 100
"""Messages that Telegram copies in one call: so far from the first of them is the last."""


class HandOvers:
    """The part of `Work` that is about hand-overs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

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

    async def take_hand_over(self, hand_over_id: int, by: int, name: str, now: datetime) -> HandOver | None:
        free = (hand_overs.c.id == hand_over_id, hand_overs.c.taken_by.is_(None), HAND_OVER_OPEN)
        taken = update(hand_overs).where(*free).values(taken_by=by, taken_name=name[:64], changed_at=now)
        await self._connection.execute(taken)
        return await self.hand_over_by_id(hand_over_id)

    async def set_hand_over(
        self,
        hand_over_id: int,
        *,
        status: str | None = None,
        topic: int | None = None,
        taken_by: int | None = None,
        taken_name: str | None = None,
        snoozed_until: datetime | None = None,
        alarmed_at: datetime | None = None,
        now: datetime,
    ) -> None:
        named = {
            "status": status,
            "topic": topic,
            "taken_by": taken_by,
            "taken_name": taken_name[:64] if taken_name else None,
            "snoozed_until": snoozed_until,
            "alarmed_at": alarmed_at,
        }
        changes = {name: value for name, value in named.items() if value is not None}
        this = update(hand_overs).where(hand_overs.c.id == hand_over_id)
        await self._connection.execute(this.values({**changes, **_follows(status, now)}))

    async def hand_over_of_chat(self, channel: str, chat: str) -> HandOver | None:
        return await self._latest(HAND_OVER_OPEN, hand_overs.c.channel == channel, hand_overs.c.chat == chat)

    async def hand_over_by_id(self, hand_over_id: int) -> HandOver | None:
        return await self._latest(hand_overs.c.id == hand_over_id)

    async def hand_over_by_topic(self, topic: int) -> HandOver | None:
        return await self._latest(hand_overs.c.topic == topic)

    async def hand_over_by_message(self, chat: str, message_id: int, group: int | None = None) -> HandOver | None:
        there = (
            outbox.c.chat == chat,
            outbox.c.staff_group == group,
            outbox.c.message_id.between(message_id - _TOGETHER, message_id),
        )
        near = select(outbox.c.hand_over, outbox.c.message_id, outbox.c.others).where(*there)
        for row in await self._connection.execute(near.order_by(outbox.c.id.desc())):
            if message_id in (row.message_id, *(row.others or ())):
                return await self.hand_over_by_id(row.hand_over) if row.hand_over is not None else None
        return None

    async def hand_overs_waiting(
        self, opened_before: datetime, alarmed_before: datetime, now: datetime
    ) -> list[HandOver]:
        alarmed, snoozed = hand_overs.c.alarmed_at, hand_overs.c.snoozed_until
        nobodys = and_(
            hand_overs.c.taken_by.is_(None),
            hand_overs.c.replied_at.is_(None),
            hand_overs.c.opened_at <= opened_before,
            or_(alarmed.is_(None), alarmed <= alarmed_before, alarmed > now),  # the last: the clock was set back
            or_(snoozed.is_(None), snoozed <= now),
        )
        put_off_until_now = and_(snoozed <= now, or_(alarmed.is_(None), alarmed < snoozed))
        due = select(hand_overs).where(HAND_OVER_OPEN, or_(nobodys, put_off_until_now))
        in_order = due.order_by(hand_overs.c.opened_at, hand_overs.c.id)
        # Another process that reminds at this moment has them locked.
        return await self._read(in_order.with_for_update(skip_locked=True))

    async def first_message(self, hand_over_id: int, chat: str, group: int | None = None) -> int | None:
        there = (outbox.c.hand_over == hand_over_id, outbox.c.chat == chat, outbox.c.staff_group == group)
        arrived = (*there, outbox.c.message_id.is_not(None))
        first = select(outbox.c.message_id).where(*arrived).order_by(outbox.c.id).limit(1)
        message_id: int | None = await self._connection.scalar(first)
        return message_id

    async def copies(self, chat: str, origin: int, hand_over_id: int, group: int | None = None) -> list[int]:
        passed_on = (outbox.c.hand_over == hand_over_id, outbox.c.origin == origin, outbox.c.chat == chat)
        other = outbox.alias()
        shared = exists().where(
            other.c.chat == chat,
            other.c.staff_group == group,
            other.c.message_id == outbox.c.message_id,
            other.c.id != outbox.c.id,
        )
        arrived = (*passed_on, outbox.c.staff_group == group, outbox.c.message_id.is_not(None), ~shared)
        numbers = select(outbox.c.message_id, outbox.c.others).where(*arrived).order_by(outbox.c.id)
        rows = await self._connection.execute(numbers)
        return [number for row in rows for number in (row.message_id, *(row.others or ()))]

    async def _latest(self, *conditions: _Conditions) -> HandOver | None:
        latest = select(hand_overs).where(*conditions).order_by(hand_overs.c.id.desc()).limit(1)
        return next(iter(await self._read(latest)), None)

    async def _read(self, found: Select[Any]) -> list[HandOver]:
        return [_hand_over(row) for row in await self._connection.execute(found)]


def _follows(status: str | None, now: datetime) -> Mapping[str, Any]:
    """What a change to `status` brings with it."""
    match status:
        case HandOverStatus.WITH_STAFF:
            return {"changed_at": now, "replied_at": func.coalesce(hand_overs.c.replied_at, now)}
        case HandOverStatus.CLOSED:  # names do not outlive the hand-over
            return {"changed_at": now, "taken_name": None}
        case _:
            return {"changed_at": now}


def _hand_over(row: Row[Any]) -> HandOver:
    return HandOver(
        id=row.id,
        channel=row.channel,
        chat=row.chat,
        question_ref=row.question_ref,
        status=HandOverStatus(row.status),
        topic=row.topic,
        opened_at=row.opened_at,
        taken_by=row.taken_by,
        taken_name=row.taken_name,
        replied_at=row.replied_at,
        snoozed_until=row.snoozed_until,
        alarmed_at=row.alarmed_at,
    )
