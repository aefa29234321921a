"""One answer to everybody who asked the same, inside a transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, or_, select, update

from bot.storage.console import GroupWork
from bot.storage.model import Question
from bot.storage.review import _read as read_question
from bot.storage.tables import group_answers, hand_overs, questions
from bot.storage.work import SqlWork


class SqlGroupWork(SqlWork, GroupWork):
    """`GroupWork` on an open transaction."""

    async def waiting_for_answer(self, channel: str, ids: Sequence[int]) -> list[Question]:
        theirs = (questions.c.channel == channel, questions.c.id.in_(ids), questions.c.status == "open", promised())
        # Locked: a second agent who answers the same finds them settled.
        found = select(questions).where(*theirs).order_by(questions.c.id).with_for_update()
        return [read_question(row) for row in await self._connection.execute(found)]

    async def begin_group_answer(self, key: str, user_id: int, question: int, text: str, now: datetime) -> int:
        row = {"key": key, "user_id": user_id, "question": question, "text": text, "made_at": now}
        result = await self._connection.execute(insert(group_answers).values(row))
        assert result.inserted_primary_key is not None  # noqa: S101 - it is a single row
        number: int = result.inserted_primary_key[0]
        return number

    async def change_questions(
        self, channel: str, ids: Sequence[int], was: str, status: str, closed_at: datetime | None
    ) -> int:
        these = (questions.c.channel == channel, questions.c.id.in_(ids), questions.c.status == was)
        changed = update(questions).where(*these).values(status=status, closed_at=closed_at)
        return (await self._connection.execute(changed)).rowcount

    async def label_question(
        self, channel: str, number: int, expected: str | None, user_id: int, now: datetime
    ) -> bool:
        this = update(questions).where(questions.c.channel == channel, questions.c.id == number)
        by = {"labelled_by": user_id, "labelled_at": now} if expected is not None else {}
        label = {"expected": expected, "labelled_by": None, "labelled_at": None} | by
        return bool((await self._connection.execute(this.values(label))).rowcount)


def promised() -> ColumnElement[bool]:
    """Questions whose asker was told that it is noted, or that somebody will answer.

    Who was offered entries and chose none, or refused an answer, was told nothing, unless the question went to the
    staff after all.
    """
    led = hand_overs.alias()
    of_it = (led.c.channel == questions.c.channel, led.c.question_ref == questions.c.ref)
    told = (questions.c.decision == "hand_over", questions.c.promised)
    return or_(*told, select(led.c.id).where(*of_it).correlate(questions).exists())
