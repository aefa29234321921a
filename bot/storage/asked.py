"""Reading questions for people: those that wait, who asked them, what was answered, and rows for figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, UnaryExpression, func, select

from bot.storage.console import Answered, Asked, GroupAnswer, Posted, Waited
from bot.storage.group_answers import promised
from bot.storage.model import Question
from bot.storage.outbox import _read as read_message
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import (
    HAND_OVER_OPEN,
    QUESTION_LABELLED,
    group_answers,
    hand_overs,
    outbox,
    questions,
    subscriptions,
)

_SHOWN = 500
_LABELS = 10_000


class AskedQuestions:
    """The part of `ConsoleStore` that is about questions."""

    _store: SqlStore

    async def open_ids(self, channel: str) -> list[int]:
        opened = select(questions.c.id).where(questions.c.status == "open", questions.c.channel == channel)
        async with self._store.reading() as connection:
            return list(await connection.scalars(opened.order_by(questions.c.id)))

    async def questions_of(self, ids: Sequence[int]) -> list[Question]:
        found: list[Question] = []
        async with self._store.reading() as connection:
            for start in range(0, len(ids), _SHOWN):
                these = select(questions).where(questions.c.id.in_(ids[start : start + _SHOWN]))
                found += [read_question(row) for row in await connection.execute(these.order_by(questions.c.id))]
        return found

    async def settled(self, channel: str, status: str) -> list[Question]:
        these = (questions.c.channel == channel, questions.c.status == status)
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(questions).where(*these).order_by(questions.c.id.desc()).limit(_SHOWN)
            )
            return [read_question(row) for row in rows]

    async def to_label(self, channel: str, limit: int) -> list[Question]:
        return await self._labels(channel, questions.c.expected.is_(None), questions.c.id.desc(), limit)

    async def labelled(self, channel: str) -> list[Question]:
        newest = questions.c.labelled_at.desc()
        return await self._labels(channel, QUESTION_LABELLED, newest, _LABELS)

    async def label_count(self, channel: str) -> int:
        these = (questions.c.channel == channel, QUESTION_LABELLED)
        async with self._store.reading() as connection:
            return await connection.scalar(select(func.count()).select_from(questions).where(*these)) or 0

    async def _labels(
        self, channel: str, condition: ColumnElement[bool] | TextClause, order: UnaryExpression[Any], limit: int
    ) -> list[Question]:
        these = select(questions).where(questions.c.channel == channel, condition).order_by(order).limit(limit)
        async with self._store.reading() as connection:
            return [read_question(row) for row in await connection.execute(these)]

    async def askers(self, ids: Sequence[int]) -> list[Asked]:
        these = select(questions, promised().label("told")).where(questions.c.id.in_(ids))
        opened = select(hand_overs.c.channel, hand_overs.c.chat, hand_overs.c.id).where(HAND_OVER_OPEN)
        async with self._store.reading() as connection:
            with_staff = {(row.channel, row.chat): row.id for row in await connection.execute(opened)}
            rows = await connection.execute(these.order_by(questions.c.id))
            return [Asked(read_question(row), bool(row.told), with_staff.get((row.channel, row.chat))) for row in rows]

    async def group_answer(self, number: int) -> GroupAnswer | None:
        return await self._group_answer(group_answers.c.id == number)

    async def group_answer_of(self, key: str) -> GroupAnswer | None:
        return await self._group_answer(group_answers.c.key == key)

    async def _group_answer(self, condition: ColumnElement[bool]) -> GroupAnswer | None:
        async with self._store.reading() as connection:
            row = (await connection.execute(select(group_answers).where(condition))).first()
        return GroupAnswer(row.id, row.user_id, row.question, row.text, row.made_at) if row else None

    async def recipients(self, group_answer: int) -> list[Posted]:
        bearing = select(outbox).where(outbox.c.group_answer == group_answer).order_by(outbox.c.id)
        async with self._store.reading() as connection:
            return [Posted(read_message(row), row.queued_at) for row in await connection.execute(bearing)]

    async def asked_between(self, channel: str, since: datetime, until: datetime) -> list[Answered]:
        asked = (questions.c.channel == channel, questions.c.asked_at >= since, questions.c.asked_at < until)
        async with self._store.reading() as connection:
            rows = await connection.execute(select(questions).where(*asked).order_by(questions.c.id))
            return [_answered(read_question(row)) for row in rows]

    async def subscribed(self, channel: str, now: datetime) -> tuple[int, int]:
        of_people = select(func.count(), func.count(subscriptions.c.chat.distinct()))
        going_on = of_people.where(subscriptions.c.channel == channel, subscriptions.c.ends_at > now)
        async with self._store.reading() as connection:
            number, people = (await connection.execute(going_on)).one()
            return number, people

    async def waited_between(self, channel: str, since: datetime, until: datetime) -> list[Waited]:
        opened = (hand_overs.c.channel == channel, hand_overs.c.opened_at >= since, hand_overs.c.opened_at < until)
        async with self._store.reading() as connection:
            rows = await connection.execute(select(hand_overs).where(*opened).order_by(hand_overs.c.id))
            return [Waited(row.chat, row.opened_at, row.replied_at) for row in rows]


def _answered(question: Question) -> Answered:
    return Answered(
        question.id,
        question.chat,
        question.asked_at,
        question.language,
        question.decision,
        question.status,
        question.entry or question.topic,
        question.text,
        question.ratings,
    )
