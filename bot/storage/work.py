"""One transaction of the conversation: state, log, hand-over, outgoing messages and the update that caused them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.answers import Answers
from bot.storage.database import insert_new
from bot.storage.hand_overs import HandOvers
from bot.storage.model import HandOver, Intake, Outgoing, Question, StoredConversation
from bot.storage.outbox import enqueue
from bot.storage.persons import Persons
from bot.storage.replicas import RELEASED, free_for
from bot.storage.review import _read as read_question
from bot.storage.review import fold
from bot.storage.store import StaleConversationError, StaleUpdateError
from bot.storage.subscribing import Subscribing
from bot.storage.tables import conversations, inbox, questions

# Made once: to make a statement costs more than to run it.
_THIS_CONVERSATION = (conversations.c.channel == bindparam("of"), conversations.c.chat == bindparam("with"))
_CONVERSATION = select(conversations.c.state, conversations.c.version).where(*_THIS_CONVERSATION)
_MOVED_ON = (
    update(conversations)
    .where(*_THIS_CONVERSATION, conversations.c.version == bindparam("before"))
    .values({name: bindparam(name) for name in ("state", "version", "changed_at")})
)
# Nothing reads it any more, and it holds what somebody wrote: only its number stays, until no second delivery of it can
# come.
_DONE = (
    update(inbox)
    .where(
        inbox.c.seq == bindparam("this"),
        inbox.c.state == Intake.WAITING,
        free_for(bindparam("owner", type_=String), inbox),
    )
    .values(state=Intake.DONE, settled_at=bindparam("settled_at"), body="", lane="", **RELEASED)
)


class SqlWork(HandOvers, Persons, Answers, Subscribing):
    """`Work` on an open transaction; `SqlStore.work` commits it."""

    def __init__(self, connection: AsyncConnection, owner: str) -> None:
        super().__init__(connection)
        self._owner = owner

    async def conversation(self, channel: str, chat: str) -> StoredConversation | None:
        row = (await self._connection.execute(_CONVERSATION, {"of": channel, "with": chat})).first()
        return StoredConversation(row.state, row.version) if row else None

    async def save_conversation(
        self, channel: str, chat: str, state: Mapping[str, Any], *, version: int, now: datetime
    ) -> None:
        kept = {"state": dict(state), "version": version + 1, "changed_at": now}
        if version == 0:
            new = insert_new(self._connection, conversations)
            saved = await self._connection.execute(new, {"channel": channel, "chat": chat, **kept})
        else:
            saved = await self._connection.execute(_MOVED_ON, {"of": channel, "with": chat, "before": version, **kept})
        if not saved.rowcount:
            raise StaleConversationError(f"{channel} conversation, version {version}")

    async def log_question(self, question: Question) -> None:
        row = {
            "ref": question.ref,
            "channel": question.channel,
            "chat": question.chat,
            "text": question.text,
            "folded": fold(question.text),
            "language": question.language,
            "candidates": [list(candidate) for candidate in question.candidates],
            "decision": question.decision,
            "reason": question.reason,
            "entry": question.entry,
            "status": question.status,
            "asked_at": question.asked_at,
            "closed_at": question.closed_at,
            "said": question.decision == "clarify" and question.entry is not None,
        }
        await self._connection.execute(insert_new(self._connection, questions), row)

    async def question_of(self, hand_over: HandOver) -> Question | None:
        this = (questions.c.channel == hand_over.channel, questions.c.ref == hand_over.question_ref)
        row = (await self._connection.execute(select(questions).where(*this))).first()
        return read_question(row) if row else None

    async def settle_question(self, channel: str, ref: str, *, status: str, entry: str | None, now: datetime) -> None:
        this = update(questions).where(questions.c.channel == channel, questions.c.ref == ref)
        chosen = {"entry": entry, "said": True} if entry else {}
        closed_at = None if status == "open" else now
        await self._connection.execute(this.values(status=status, closed_at=closed_at, **chosen))

    async def promise_answer(self, channel: str, ref: str) -> None:
        this = update(questions).where(questions.c.channel == channel, questions.c.ref == ref)
        await self._connection.execute(this.values(promised=True))

    async def rate_answer(self, channel: str, ref: str, entry: str, *, helped: bool) -> None:
        this = (questions.c.channel == channel, questions.c.ref == ref)
        ratings = await self._connection.scalar(select(questions.c.ratings).where(*this).with_for_update())
        if ratings is not None:
            rated = update(questions).where(*this).values(ratings={**ratings, entry: helped}, said=True)
            await self._connection.execute(rated)

    async def enqueue(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        await enqueue(self._connection, outgoing, now)

    async def update_done(self, seq: int, now: datetime) -> None:
        done = await self._connection.execute(_DONE, {"this": seq, "owner": self._owner, "settled_at": now})
        if not done.rowcount:
            raise StaleUpdateError(f"update {seq}")
