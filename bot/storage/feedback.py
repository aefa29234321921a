"""Questions of which citizens said something, and what staff decided on it."""

from sqlalchemy import String, and_, cast, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.model import Question
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import questions


class RatedQuestions:
    """The part of `ConsoleStore` that is about feedback."""

    _store: SqlStore

    async def rated_questions(self, channel: str, limit: int) -> list[Question]:
        chosen = and_(
            questions.c.decision == "clarify", questions.c.status == "answered", questions.c.entry.is_not(None)
        )
        said = or_(chosen, cast(questions.c.ratings, String) != "{}")
        newest = select(questions).where(questions.c.channel == channel, said).order_by(questions.c.id.desc())
        async with self._store.reading() as connection:
            return [read_question(row) for row in await connection.execute(newest.limit(limit))]

    async def _review(self, connection: AsyncConnection, question: int, entry: str, *, accepted: bool) -> bool:
        this = questions.c.id == question
        reviewed = await connection.scalar(select(questions.c.reviewed).where(this).with_for_update())
        if reviewed is None or entry in reviewed:
            return False
        await connection.execute(update(questions).where(this).values(reviewed={**reviewed, entry: accepted}))
        return True
