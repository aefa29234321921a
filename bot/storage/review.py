"""What staff and `doctor` read: the questions logged, and how many rows stand where."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select, update

from bot.storage.database import Database
from bot.storage.model import Delivery, HandOverStatus, Intake, Question
from bot.storage.tables import hand_overs, inbox, outbox, questions

_OPEN, _ANSWERED, _CLOSED, _WITHDRAWN = "open", "answered", "closed", "withdrawn"
_COUNTED: tuple[tuple[Table, str, Iterable[str]], ...] = (
    (inbox, "state", Intake),
    (questions, "status", (_OPEN, _ANSWERED, _CLOSED, _WITHDRAWN)),
    (hand_overs, "status", HandOverStatus),
    (outbox, "status", Delivery),
)


class Review(Database):
    async def questions(
        self,
        *,
        status: str | None = None,
        language: str | None = None,
        since: datetime | None = None,
        containing: str | None = None,
        limit: int | None = None,
    ) -> list[Question]:
        conditions: list[ColumnElement[bool]] = []
        if status is not None:
            conditions.append(questions.c.status == status)
        if language is not None:
            conditions.append(questions.c.language == language)
        if since is not None:
            conditions.append(questions.c.asked_at >= since)
        if containing is not None:
            conditions.append(questions.c.folded.contains(fold(containing), autoescape=True))
        newest_first = (questions.c.asked_at.desc(), questions.c.id.desc())
        asked = select(questions).where(*conditions).order_by(*newest_first).limit(limit)
        async with self.reading() as connection:
            return [_read(row) for row in await connection.execute(asked)]

    async def close_questions(self, ids: Sequence[int], now: datetime) -> int:
        closed = (
            update(questions)
            .where(questions.c.id.in_(ids), questions.c.status == _OPEN)
            .values(status=_CLOSED, closed_at=now)
        )
        async with self.writing() as connection:
            return (await connection.execute(closed)).rowcount

    async def usual_wait(self, since: datetime, least: int = 5) -> timedelta | None:
        replied = select(
            hand_overs.c.channel, hand_overs.c.chat, hand_overs.c.opened_at, hand_overs.c.replied_at
        ).where(hand_overs.c.opened_at >= since, hand_overs.c.replied_at.is_not(None))
        async with self.reading() as connection:
            rows = (await connection.execute(replied)).all()
        if len({(row.channel, row.chat) for row in rows}) < least:
            return None
        return timedelta(seconds=median((row.replied_at - row.opened_at).total_seconds() for row in rows))

    async def counts(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        async with self.reading() as connection:
            for table, column, states in _COUNTED:
                counts |= {f"{table.name}.{state}": 0 for state in states}
                state = table.c[column]
                for value, number in await connection.execute(select(state, func.count()).group_by(state)):
                    counts[f"{table.name}.{value}"] = number
            repeated = select(func.count()).select_from(outbox).where(outbox.c.interrupted)
            counts["outbox.interrupted"] = await connection.scalar(repeated) or 0
        return counts


def fold(text: str) -> str:
    """`text` without case and accents: SQLite's own LOWER and LIKE know the letters of ASCII only."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _read(row: Row[Any]) -> Question:
    return Question(
        id=row.id,
        ref=row.ref,
        channel=row.channel,
        chat=row.chat,
        text=row.text,
        language=row.language,
        candidates=tuple((entry, confidence) for entry, confidence in row.candidates),
        decision=row.decision,
        reason=row.reason,
        entry=row.entry,
        status=row.status,
        asked_at=row.asked_at,
        closed_at=row.closed_at,
        ratings=row.ratings,
        expected=row.expected,
        reviewed=row.reviewed,
    )
