"""What is kept about one person, inside a transaction: found, or erased."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.model import Delivery, Erased, HandOverStatus, Intake, PersonalData
from bot.storage.tables import (
    INBOX_WAITING,
    conversations,
    group_answers,
    hand_overs,
    inbox,
    notices,
    outbox,
    questions,
    subscriptions,
)

BOTS_MAY_DELETE = timedelta(hours=48)
"""The age of a message up to which Telegram lets any bot delete its own: https://core.telegram.org/bots/api#deletemessages."""
_NOT_THEIRS = frozenset(
    {"channel", "chat", "folded", "taken_by", "taken_name", "leased_by", "leased_until", "fleeting", "attempts"}
    | {"labelled_by", "author", "said", "staff_group"}
)
"""Columns without a meaning of their own for the person, or about an agent."""
_WORDS = frozenset({"text", "caption", "name"})
"""Parameters in which people's words stand."""


class Persons:
    """The part of `Work` that is about everything kept of one person."""

    _connection: AsyncConnection

    async def personal_data(self, channel: str, chat: str) -> PersonalData:
        state = await self._connection.scalar(select(conversations.c.state).where(*_of(conversations, channel, chat)))
        asked = select(questions).where(*_of(questions, channel, chat)).order_by(questions.c.id)
        opened = select(hand_overs).where(*_of(hand_overs, channel, chat)).order_by(hand_overs.c.id)
        theirs = or_(outbox.c.chat == chat, outbox.c.hand_over.in_(opened.with_only_columns(hand_overs.c.id)))
        received = select(inbox).where(inbox.c.lane == chat).order_by(inbox.c.seq)
        return PersonalData(
            channel,
            chat,
            conversation=state or {},
            questions=await self._rows(asked),
            hand_overs=await self._rows(opened),
            messages=await self._rows(select(outbox).where(theirs).order_by(outbox.c.id), chat=chat),
            updates=await self._rows(received),
            subscriptions=await self._rows(select(subscriptions).where(*_of(subscriptions, channel, chat))),
            notices=await self._rows(select(notices).where(*_of(notices, channel, chat))),
        )

    async def erase_person(self, channel: str, chat: str, now: datetime) -> Erased:
        # Locked, so that nobody adds a message to one of them meanwhile.
        theirs = select(hand_overs).where(*_of(hand_overs, channel, chat)).with_for_update()
        opened = (await self._connection.execute(theirs)).all()
        numbers = [row.id for row in opened]
        erased = Erased(
            questions=await self._deleted(questions, channel, chat),
            messages=await self._count(select(outbox).where(outbox.c.chat == chat)),
            hand_overs=tuple(numbers),
            open_hand_over=next((row.id for row in opened if row.status != HandOverStatus.CLOSED), None),
            old_copies=await self._old_copies([row.id for row in opened if row.topic is None], now),
            subscriptions=await self._deleted(subscriptions, channel, chat),
        )
        answers = await self._group_answers_to(chat)
        await self._empty_hand_overs(numbers, chat, now)
        await self._connection.execute(delete(outbox).where(outbox.c.chat == chat, outbox.c.hand_over.is_(None)))
        await self._delete_answers_to_nobody(answers)
        await self._empty_updates(chat, now)
        await self._deleted(notices, channel, chat)
        await self._deleted(conversations, channel, chat)
        return erased

    async def settle_updates_of(self, chat: str, now: datetime) -> None:
        settled = {"state": Intake.DONE, "settled_at": now, "body": "", "lane": ""}
        await self._connection.execute(update(inbox).where(INBOX_WAITING, inbox.c.lane == chat).values(settled))

    async def copies_in(self, hand_over_id: int, chat: str) -> Mapping[int | None, Sequence[int]]:
        # What staff wrote there is told by the rows that passed it on, whose own chat is forgotten.
        theirs = select(outbox).where(outbox.c.hand_over == hand_over_id, outbox.c.chat.in_((chat, "")))
        copies: dict[int | None, set[int]] = {}
        for row in await self._connection.execute(theirs):
            numbers = (row.message_id, *(row.others or ())) if row.chat == chat else (row.origin,)
            copies.setdefault(row.staff_group, set()).update(number for number in numbers if number is not None)
        return {group: sorted(numbers) for group, numbers in copies.items() if numbers}

    async def mask_messages(self, hand_over_id: int, mask: Callable[[str], str]) -> None:
        arrived = (outbox.c.hand_over == hand_over_id, outbox.c.status == Delivery.SENT)
        for row in await self._connection.execute(select(outbox.c.id, outbox.c.params).where(*arrived)):
            masked = {name: mask(value) if name in _WORDS else value for name, value in row.params.items()}
            if masked != row.params:
                await self._connection.execute(update(outbox).where(outbox.c.id == row.id).values(params=masked))

    async def _empty_hand_overs(self, numbers: list[int], chat: str, now: datetime) -> None:
        """They stay without a word or a name until the copies in the staff group are deleted: by them these are found.

        What is on its way at this moment still gets its number there.
        """
        of_them = outbox.c.hand_over.in_(numbers)
        await self._connection.execute(delete(outbox).where(of_them, outbox.c.status == Delivery.QUEUED))
        emptied = update(outbox).where(of_them).values(params={}, method="", error=None, group_answer=None, author=None)
        await self._connection.execute(emptied)
        await self._connection.execute(update(outbox).where(of_them, outbox.c.chat == chat).values(chat=""))
        await self._connection.execute(update(outbox).where(of_them, outbox.c.chat != "").values(origin=None))
        closed = {"chat": "", "question_ref": "", "status": HandOverStatus.CLOSED, "changed_at": now}
        nobodys = {"taken_by": None, "taken_name": None}
        await self._connection.execute(
            update(hand_overs).where(hand_overs.c.id.in_(numbers)).values({**closed, **nobodys})
        )

    async def _group_answers_to(self, chat: str) -> list[int]:
        theirs = select(outbox.c.group_answer).where(outbox.c.chat == chat, outbox.c.group_answer.is_not(None))
        return [*await self._connection.scalars(theirs)]

    async def _delete_answers_to_nobody(self, answers: list[int]) -> None:
        """What staff wrote to this person alone speaks of them; to others as well, it is theirs too."""
        others = select(outbox.c.group_answer).where(outbox.c.group_answer.in_(answers))
        nobodys = (group_answers.c.id.in_(answers), group_answers.c.id.not_in(others))
        await self._connection.execute(delete(group_answers).where(*nobodys))

    async def _empty_updates(self, chat: str, now: datetime) -> None:
        """Those of the person that are settled; those of groups that failed, as they may quote the person."""
        failed = (inbox.c.state == Intake.DEAD, or_(inbox.c.lane == chat, inbox.c.lane.startswith("-")))
        emptied = {"body": "", "error": None, "lane": "", "state": Intake.DONE, "settled_at": now}
        await self._connection.execute(update(inbox).where(*failed).values(emptied))

    async def _old_copies(self, numbers: list[int], now: datetime) -> int:
        arrived = (outbox.c.hand_over.in_(numbers), outbox.c.message_id.is_not(None))
        old = select(outbox.c.others).where(*arrived, outbox.c.changed_at < now - BOTS_MAY_DELETE)
        return sum(1 + len(others or ()) for others in await self._connection.scalars(old))

    async def _deleted(self, table: Table, channel: str, chat: str) -> int:
        return (await self._connection.execute(delete(table).where(*_of(table, channel, chat)))).rowcount

    async def _count(self, rows: Select[Any]) -> int:
        return await self._connection.scalar(select(func.count()).select_from(rows.subquery())) or 0

    async def _rows(self, rows: Select[Any], **same: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(dict(_values(row, **same)) for row in await self._connection.execute(rows))


def _of(table: Table, channel: str, chat: str) -> tuple[Any, ...]:
    return table.c.channel == channel, table.c.chat == chat


def _values(row: Row[Any], chat: str | None = None) -> Iterator[tuple[str, Any]]:
    """What a person is shown of a row: JSON-compatible."""
    if chat is not None:
        yield "to", "you" if row.chat == chat else "staff"
    for name, value in row._mapping.items():  # noqa: SLF001 - SQLAlchemy's public name for it
        if name == "body":
            yield name, json.loads(value) if value else None
        elif str(name) not in _NOT_THEIRS and value is not None:
            yield str(name), value.isoformat() if isinstance(value, datetime) else value
