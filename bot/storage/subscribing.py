"""Subscriptions, what was told of them, and what was known of the offers; inside a transaction."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.opportunities.subscriptions import About, Key, NoticeKind, Sighting, Subscription
from bot.storage.database import insert_new
from bot.storage.tables import notices, sightings, subscriptions

log = logging.getLogger(__name__)

_Read = TypeVar("_Read")
_KEY = (notices.c.chat, notices.c.subject, notices.c.kind, notices.c.occasion)


class Subscribing:
    """The part of `Work` that is about subscriptions."""

    _connection: AsyncConnection

    async def subscribe(
        self, channel: str, chat: str, about: About, *, ends: datetime, most: int, now: datetime
    ) -> bool:
        # What has run out counts for nothing, and asked for again it is a new wish.
        await self._connection.execute(delete(subscriptions).where(*_of(channel, chat), subscriptions.c.ends_at <= now))
        renewed = update(subscriptions).where(*_of(channel, chat), subscriptions.c.subject == about.pack())
        if (await self._connection.execute(renewed.values(ends_at=ends))).rowcount:
            return True
        there = select(func.count()).select_from(subscriptions).where(*_of(channel, chat))
        if (await self._connection.scalar(there) or 0) >= most:
            return False
        row = {"channel": channel, "chat": chat, "subject": about.pack(), "made_at": now, "ends_at": ends}
        await self._connection.execute(insert_new(self._connection, subscriptions), row)
        return True

    async def unsubscribe(self, channel: str, chat: str, about: About | None = None) -> int:
        these = (*_of(channel, chat), *([subscriptions.c.subject == about.pack()] if about else []))
        return (await self._connection.execute(delete(subscriptions).where(*these))).rowcount

    async def subscriptions(self, channel: str, chat: str | None = None) -> list[Subscription]:
        whose = _of(channel, chat) if chat is not None else (subscriptions.c.channel == channel,)
        in_order = (subscriptions.c.made_at, subscriptions.c.chat, subscriptions.c.subject)
        found = select(subscriptions).where(*whose).order_by(*in_order)
        return list(_readable(await self._connection.execute(found), _read))

    async def told(self, channel: str, since: datetime) -> list[Key]:
        of_late = (notices.c.channel == channel, notices.c.sent_at >= since)
        rows = await self._connection.execute(select(*_KEY).where(*of_late))
        return list(_readable(rows, lambda row: Key(row.chat, row.subject, NoticeKind(row.kind), row.occasion)))

    async def tell(self, channel: str, keys: Sequence[Key], now: datetime) -> list[Key]:
        new = []
        for key in keys:
            row = {"channel": channel, **key._asdict(), "sent_at": now}
            if (await self._connection.execute(insert_new(self._connection, notices).values(row))).rowcount:
                new.append(key)
        return new

    async def sightings(self) -> Mapping[str, Sighting]:
        rows = await self._connection.execute(select(sightings))
        return {row.subject: Sighting(row.state, row.since, row.gone_at) for row in rows}

    async def sight(self, changed: Mapping[str, Sighting]) -> None:
        for subject, seen in changed.items():
            values = {"state": seen.state, "since": seen.since, "gone_at": seen.gone}
            known = update(sightings).where(sightings.c.subject == subject).values(values)
            if not (await self._connection.execute(known)).rowcount:
                row = {"subject": subject, **values}
                await self._connection.execute(insert_new(self._connection, sightings).values(row))


def _of(channel: str, chat: str) -> tuple[Any, ...]:
    return subscriptions.c.channel == channel, subscriptions.c.chat == chat


def _readable(rows: Iterable[Any], read: Callable[[Any], _Read]) -> Iterator[_Read]:
    """Without those that another version, or a hand, wrote: one of them keeps nobody else from what is theirs."""
    for row in rows:
        try:
            yield read(row)
        except ValueError:
            log.warning("a subscription or a notice cannot be read and is left out")


def _read(row: Row[Any]) -> Subscription:
    return Subscription(row.chat, About.unpack(row.subject), row.made_at, row.ends_at)
