"""How often each entry was answered, helped, and was not the question: counts, and nobody's chat."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, select

from bot.privacy.few import hidden, told
from bot.storage.console import EntryFigures
from bot.storage.model import Delivery, Question
from bot.storage.review import _read as read_question
from bot.storage.sql import SqlStore
from bot.storage.tables import OUTBOX_ANSWERS, QUESTION_SAID, hand_overs, outbox, questions

_OFFERED = 3
"""The candidates that a citizen could choose from: `bot.dialogue.decision.MAX_OFFERED`."""


class EntryCounts:
    """The part of `ConsoleStore` that is about entries."""

    _store: SqlStore

    async def entry_figures(self, since: datetime) -> Mapping[str, EntryFigures]:
        answers = (OUTBOX_ANSWERS, outbox.c.status != Delivery.FAILED, outbox.c.queued_at >= since)
        served = (
            select(outbox.c.entry, func.count(), func.count(outbox.c.chat.distinct()))
            .where(*answers)
            .group_by(outbox.c.entry)
        )
        same = and_(hand_overs.c.channel == questions.c.channel, hand_overs.c.question_ref == questions.c.ref)
        none_chosen = (questions.c.decision == "clarify", questions.c.entry.is_(None), questions.c.asked_at >= since)
        refused = select(questions.c.id, questions.c.chat, questions.c.candidates).join(hand_overs, same)
        rated = select(questions.c.id, questions.c.chat, questions.c.ratings)
        rated = rated.where(QUESTION_SAID, questions.c.asked_at >= since)
        async with self._store.reading() as connection:
            answered = {entry: (times, chats) for entry, times, chats in await connection.execute(served)}
            # By question: one that was handed over twice, or refused in both ways, is refused once.
            refusing = defaultdict[str, dict[int, str]](dict)
            helping = defaultdict[str, dict[int, str]](dict)
            for number, chat, candidates in await connection.execute(refused.where(*none_chosen)):
                for entry, _ in candidates[:_OFFERED]:
                    refusing[entry][number] = chat
            for number, chat, ratings in await connection.execute(rated):
                for entry, helped in ratings.items():
                    (helping if helped else refusing)[entry][number] = chat
        vain, useful = _shown(refusing), _shown(helping)
        return {
            entry: EntryFigures(told(*answered.get(entry, (0, 0))), vain.get(entry, 0), useful.get(entry, 0))
            for entry in {*answered, *refusing, *helping}
        }

    async def question(self, number: int) -> Question | None:
        async with self._store.reading() as connection:
            row = (await connection.execute(select(questions).where(questions.c.id == number))).first()
        return read_question(row) if row else None

    async def recent_questions(self, limit: int) -> list[str]:
        return [question.text for question in await self._store.questions(limit=limit)]


def _shown(said: Mapping[str, Mapping[int, str]]) -> dict[str, int | None]:
    """Times by entry; the page of figures tells the sum, which must not tell of a single entry."""
    concealed = hidden({entry: set(by_question.values()) for entry, by_question in said.items()})
    return {entry: None if entry in concealed else len(by_question) for entry, by_question in said.items()}
