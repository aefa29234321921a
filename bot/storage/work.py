"""One transaction of the conversation: state, log, hand-over, outgoing messages and the update that caused them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.answers import Answers
from bot.storage.database import insert_new
from bot.storage.hand_overs import HandOvers
from bot.storage.model import Intake, Outgoing, Question, StoredConversation
from bot.storage.outbox import enqueue
from bot.storage.persons import Persons
from bot.storage.replicas import RELEASED, free_for
from bot.storage.review import fold
from bot.storage.store import StaleConversationError, StaleUpdateError
from bot.storage.tables import conversations, inbox, questions


class SqlWork(HandOvers, Persons, Answers):
    """`Work` on an open transaction; `SqlStore.work` commits it."""

    def __init__(self, connection: AsyncConnection, owner: str) -> None:
        super().__init__(connection)
        self._owner = owner

    async def conversation(self, channel: str, chat: str) -> StoredConversation | None:
        kept = select(conversations.c.state, conversations.c.version).where(
            conversations.c.channel == channel, conversations.c.chat == chat
        )
        row = (await self._connection.execute(kept)).first()
        return StoredConversation(row.state, row.version) if row else None

    async def save_conversation(
        self, channel: str, chat: str, state: Mapping[str, Any], *, version: int, now: datetime
    ) -> None:
        kept = {"state": dict(state), "version": version + 1, "changed_at": now}
        if version == 0:
            change = insert_new(self._connection, conversations).values(channel=channel, chat=chat, **kept)
            saved = (await self._connection.execute(change)).rowcount
        else:
            same = (
                conversations.c.channel == channel,
                conversations.c.chat == chat,
                conversations.c.version == version,
            )
            saved = (await self._connection.execute(update(conversations).where(*same).values(**kept))).rowcount
        if not saved:
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
        }
        await self._connection.execute(insert_new(self._connection, questions).values(row))

    async def settle_question(self, channel: str, ref: str, *, status: str, entry: str | None, now: datetime) -> None:
        settled = (
            update(questions)
            .where(questions.c.channel == channel, questions.c.ref == ref)
            .values(status=status, entry=entry, closed_at=now)
        )
        await self._connection.execute(settled)

    async def enqueue(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        await enqueue(self._connection, outgoing, now)

    async def update_done(self, seq: int, now: datetime) -> None:
        waiting = (inbox.c.seq == seq, inbox.c.state == Intake.WAITING, free_for(self._owner, inbox))
        # Nothing reads it any more, and it holds what somebody wrote: only its number stays, until no second delivery
        # of it can come.
        emptied = {"state": Intake.DONE, "settled_at": now, "body": "", "lane": ""}
        done = update(inbox).where(*waiting).values(**emptied, **RELEASED)
        if not (await self._connection.execute(done)).rowcount:
            raise StaleUpdateError(f"update {seq}")
