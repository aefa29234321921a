"""Questions of which citizens said something, and what staff decided on it."""

from collections.abc import Sequence

from sqlalchemy import String, and_, cast, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.model import Question
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import QUESTION_SAID, questions


class RatedQuestions:
    """The part of `ConsoleStore` that is about feedback."""

    _store: SqlStore

    async def rated_questions(self, channel: str, limit: int) -> list[Question]:
        chosen = and_(
            questions.c.decision == "clarify", questions.c.status == "answered", questions.c.entry.is_not(None)
        )
        said = or_(chosen, cast(questions.c.ratings, String) != "{}")
        newest = select(questions).where(QUESTION_SAID, questions.c.channel == channel, said)
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
