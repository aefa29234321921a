"""Questions of which citizens said something, and what staff decided on it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.model import Question
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import QUESTION_SAID, questions


class RatedQuestions:
    """The part of `ConsoleStore` that is about feedback."""

    _store: SqlStore

    async def opinions(self, channel: str, limit: int) -> list[Question]:
        ratings, reviewed = (cast(column, String) for column in (questions.c.ratings, questions.c.reviewed))
        chosen = and_(
            questions.c.decision == "clarify", questions.c.status == "answered", questions.c.entry.is_not(None)
        )
        rated_too = ratings.like(literal('%"') + questions.c.entry + literal('":%'))
        spoken_of = _keys(ratings) + case((and_(chosen, not_(rated_too)), 1), else_=0)
        return await self._said(channel, limit, or_(chosen, ratings.like('%": false%')), _keys(reviewed) < spoken_of)

    async def decided(self, channel: str, limit: int) -> list[Question]:
        return await self._said(channel, limit, cast(questions.c.reviewed, String) != "{}")

    async def _said(self, channel: str, limit: int, *conditions: ColumnElement[bool]) -> list[Question]:
        newest = select(questions).where(QUESTION_SAID, questions.c.channel == channel, *conditions)
        async with self._store.reading() as connection:
            return [
                read_question(row)
                for row in await connection.execute(newest.order_by(questions.c.id.desc()).limit(limit))
            ]

    async def _review(self, connection: AsyncConnection, numbers: Sequence[int], entry: str, *, accepted: bool) -> bool:
        these = select(questions.c.id, questions.c.reviewed).where(questions.c.id.in_(numbers))
        rows = (await connection.execute(these.order_by(questions.c.id).with_for_update())).all()
        left = [row for row in rows if entry not in row.reviewed]
        for row in left:
            decided = {**row.reviewed, entry: accepted}
            await connection.execute(update(questions).where(questions.c.id == row.id).values(reviewed=decided))
        return bool(left)


def _keys(of_entries: ColumnElement[str]) -> ColumnElement[int]:
    """How many entries the JSON of a column names: their ids hold no quote and no colon."""
    return func.length(of_entries) - func.length(func.replace(of_entries, '":', '"'))
