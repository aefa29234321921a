"""Reading hand-overs for people: the open ones, and what was said in each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.console import Posted, Request
from bot.storage.hand_overs import _hand_over as read_hand_over
from bot.storage.model import Delivery, HandOver, Question
from bot.storage.outbox import _read as read_message
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import HAND_OVER_OPEN, OUTBOX_PENDING, conversations, hand_overs, outbox, questions

_BEFORE = timedelta(hours=1)
"""What was said so long before the hand-over belongs to what led to it."""


class Exchanges:
    """The part of `ConsoleStore` that is about conversations."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def requests(self, channel: str) -> list[Request]:
        opened = select(hand_overs).where(HAND_OVER_OPEN, hand_overs.c.channel == channel)
        async with self._store.reading() as connection:
            rows = await connection.execute(opened.order_by(hand_overs.c.opened_at, hand_overs.c.id))
            return await _requests(connection, [read_hand_over(row) for row in rows])

    async def request(self, hand_over: int) -> Request | None:
        async with self._store.reading() as connection:
            rows = await connection.execute(select(hand_overs).where(hand_overs.c.id == hand_over))
            return next(iter(await _requests(connection, [read_hand_over(row) for row in rows])), None)

    async def questions_around(self, hand_over: HandOver) -> list[Question]:
        since = or_(questions.c.asked_at >= hand_over.opened_at - _BEFORE, questions.c.ref == hand_over.question_ref)
        of_chat = (questions.c.channel == hand_over.channel, questions.c.chat == hand_over.chat, since)
        async with self._store.reading() as connection:
            rows = await connection.execute(select(questions).where(*of_chat).order_by(questions.c.id))
            return [read_question(row) for row in rows]

    async def posted(self, hand_over: HandOver) -> Sequence[Posted]:
        to_citizen_by_bot = and_(
            outbox.c.chat == hand_over.chat,
            outbox.c.hand_over.is_(None),
            outbox.c.queued_at >= hand_over.opened_at - _BEFORE,
        )
        said = select(outbox).where(or_(outbox.c.hand_over == hand_over.id, to_citizen_by_bot))
        async with self._store.reading() as connection:
            rows = await connection.execute(said.order_by(outbox.c.id))
            return [Posted(read_message(row), row.queued_at) for row in rows]

    async def pulse(self) -> tuple[object, ...]:
        last_words = select(func.max(outbox.c.id)).scalar_subquery()
        unsettled = select(func.count()).select_from(outbox).where(OUTBOX_PENDING).scalar_subquery()
        last_question = select(func.max(questions.c.id)).scalar_subquery()
        waiting = select(func.count()).select_from(questions).where(questions.c.status == "open").scalar_subquery()
        opened = select(func.max(hand_overs.c.id)).scalar_subquery()
        still_open = select(func.count()).select_from(hand_overs).where(HAND_OVER_OPEN).scalar_subquery()
        changed = select(func.max(hand_overs.c.changed_at)).where(HAND_OVER_OPEN).scalar_subquery()
        async with self._store.reading() as connection:
            every = select(last_words, unsettled, last_question, waiting, opened, still_open, changed)
            return tuple((await connection.execute(every)).one())


async def _requests(connection: AsyncConnection, found: Sequence[HandOver]) -> list[Request]:
    """With all that the list shows, in three statements however many they are."""
    asked = {
        (row.channel, row.ref): read_question(row)
        for row in await connection.execute(
            select(questions).where(
                questions.c.channel.in_({each.channel for each in found}),
                questions.c.ref.in_([each.question_ref for each in found]),
            )
        )
    }
    languages = await _languages(connection, found)
    rows: dict[int, list[Row[Any]]] = {}
    for row in await connection.execute(select(outbox).where(_words_of(found)).order_by(outbox.c.id)):
        rows.setdefault(row.hand_over, []).append(row)
    return [
        _request(each, asked.get((each.channel, each.question_ref)), languages, rows.get(each.id, ())) for each in found
    ]


async def _languages(connection: AsyncConnection, found: Sequence[HandOver]) -> dict[tuple[str, str], str]:
    of_chats = select(conversations).where(conversations.c.chat.in_([each.chat for each in found]))
    rows = await connection.execute(of_chats)
    return {(row.channel, row.chat): str(row.state.get("language", "")) for row in rows}


def _words_of(found: Sequence[HandOver]) -> ColumnElement[bool]:
    """What people wrote: citizens' messages are passed on with their origin, replies go to the citizen's chat."""
    chats = [each.chat for each in found]
    said = or_(outbox.c.origin.is_not(None), outbox.c.chat.in_(chats))
    return and_(outbox.c.hand_over.in_([each.id for each in found]), said)


def _request(
    hand_over: HandOver,
    question: Question | None,
    languages: dict[tuple[str, str], str],
    rows: Sequence[Row[Any]],
) -> Request:
    replies = [row for row in rows if row.chat == hand_over.chat]
    return Request(
        hand_over,
        question,
        languages.get((hand_over.channel, hand_over.chat), "") or (question.language if question else ""),
        asked_last=_last_time([row for row in rows if row.chat != hand_over.chat]),
        replied_last=_last_time(replies),
        undelivered=bool(replies) and replies[-1].status == Delivery.FAILED,
    )


def _last_time(rows: Sequence[Row[Any]]) -> datetime | None:
    return rows[-1].queued_at if rows else None
