"""The console's part of the store, over SQLAlchemy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.asked import AskedQuestions
from bot.storage.console import (
    Act,
    ConsoleStore,
    EndedError,
    OvertakenError,
    Person,
    RepeatedActError,
    Seen,
    Session,
)
from bot.storage.database import insert_new
from bot.storage.entry_figures import EntryCounts
from bot.storage.exchanges import Exchanges
from bot.storage.feedback import RatedQuestions
from bot.storage.group_answers import SqlGroupWork
from bot.storage.model import HandOverStatus
from bot.storage.sql import SqlStore
from bot.storage.store import Transactions, Work
from bot.storage.tables import (
    console_acts,
    console_attempts,
    console_people,
    console_sessions,
    console_tickets,
    hand_overs,
    outbox,
)
from bot.storage.work import SqlWork

LONGEST_SESSION = timedelta(hours=12)
ACTS_KEPT = timedelta(days=365)
_LINKS_AT_ONCE = 5


class SqlConsole(Exchanges, EntryCounts, AskedQuestions, RatedQuestions, ConsoleStore):
    """`ConsoleStore` over the store of the bot: the same database, the same transactions."""

    # Sign-in

    async def issue_ticket(self, ticket: str, user_id: int, expires_at: datetime, now: datetime) -> bool:
        good = (console_tickets.c.user_id == user_id, *_good(now))
        async with self._store.writing() as connection:
            issued = await connection.scalar(select(func.count()).select_from(console_tickets).where(*good))
            if (issued or 0) >= _LINKS_AT_ONCE:
                return False
            row = {"hash": ticket, "user_id": user_id, "expires_at": expires_at}
            await connection.execute(insert(console_tickets).values(row))
            return True

    async def ticket_is_good(self, ticket: str, now: datetime) -> bool:
        good = select(console_tickets.c.hash).where(console_tickets.c.hash == ticket, *_good(now))
        async with self._store.reading() as connection:
            return await connection.scalar(good) is not None

    async def use_ticket(self, ticket: str, now: datetime) -> int | None:
        this = update(console_tickets).where(console_tickets.c.hash == ticket, *_good(now)).values(used_at=now)
        async with self._store.writing() as connection:
            if not (await connection.execute(this)).rowcount:
                return None
            whose = select(console_tickets.c.user_id).where(console_tickets.c.hash == ticket)
            user_id: int | None = await connection.scalar(whose)
            return user_id

    async def spend(self, ticket: str, user_id: int, expires_at: datetime, now: datetime) -> bool:
        async with self._store.writing() as connection:
            row = {"hash": ticket, "user_id": user_id, "expires_at": expires_at, "used_at": now}
            spent = await connection.execute(insert_new(connection, console_tickets).values(row))
            return bool(spent.rowcount)

    async def attempt(self, who: str, most: int, since: datetime, now: datetime) -> bool:
        this = console_attempts.c.who == who
        known = select(console_attempts.c.made).where(this)
        async with self._store.reading() as connection:
            if len(_since(since, await connection.scalar(known))) >= most:
                return False  # without writing: who goes on and on keeps nobody waiting
        async with self._store.writing() as connection:
            await connection.execute(delete(console_attempts).where(console_attempts.c.last_at <= since))
            first = {"who": who, "made": [], "last_at": now}
            await connection.execute(insert_new(connection, console_attempts).values(first))
            counted = _since(since, await connection.scalar(known.with_for_update()))
            if len(counted) >= most:
                return False
            counted.append(now.timestamp())
            await connection.execute(update(console_attempts).where(this).values(made=counted, last_at=now))
            return True

    async def start_session(self, session: Session, *, replaces: str | None) -> None:
        row = {
            "hash": session.hash,
            "user_id": session.person.user_id,
            "started_at": session.started_at,
            "checked_at": session.checked_at,
        }
        async with self._store.writing() as connection:
            await _forget(connection, session.started_at, replaces)
            await _keep(connection, session.person)
            await connection.execute(insert(console_sessions).values(row))
            await _keep_act(connection, Act(session.person.user_id, "sign_in", "", session.started_at))

    async def session(self, session: str) -> Session | None:
        joined = select(console_sessions, console_people).join(
            console_people, console_people.c.user_id == console_sessions.c.user_id
        )
        async with self._store.reading() as connection:
            row = (await connection.execute(joined.where(console_sessions.c.hash == session))).first()
        return Session(row.hash, _person(row), row.started_at, row.checked_at) if row else None

    async def confirm_session(self, session: str, name: str, *, administrator: bool, now: datetime) -> None:
        this = console_sessions.c.hash == session
        whose = select(console_sessions.c.user_id).where(this).scalar_subquery()
        named = {"name": name[:64], "administrator": administrator, "seen_at": now}
        async with self._store.writing() as connection:
            await connection.execute(update(console_sessions).where(this).values(checked_at=now))
            await connection.execute(update(console_people).where(console_people.c.user_id == whose).values(**named))

    async def end_session(self, session: str) -> None:
        await self._delete_sessions(console_sessions.c.hash == session)

    async def end_sessions_of(self, user_id: int) -> None:
        await self._delete_sessions(console_sessions.c.user_id == user_id)

    async def _delete_sessions(self, condition: ColumnElement[bool]) -> None:
        async with self._store.writing() as connection:
            await connection.execute(delete(console_sessions).where(condition))

    # People and the audit log

    async def people(self) -> list[Person]:
        everybody = select(console_people).order_by(console_people.c.name, console_people.c.user_id)
        async with self._store.reading() as connection:
            return [_person(row) for row in await connection.execute(everybody)]

    async def set_editor(self, user_id: int, *, editor: bool, act: Act) -> None:
        this = update(console_people).where(console_people.c.user_id == user_id).values(editor=editor)
        async with self._store.writing() as connection:
            await _keep_act(connection, act)
            await connection.execute(this)

    async def log_act(self, act: Act) -> None:
        async with self._store.writing() as connection:
            await _keep_act(connection, act)

    async def acts(self, limit: int) -> list[Act]:
        newest = select(console_acts).order_by(console_acts.c.id.desc()).limit(limit)
        async with self._store.reading() as connection:
            rows = await connection.execute(newest)
            return [Act(row.user_id, row.act, row.subject, row.at, row.key) for row in rows]

    def acting(self, act: Act, seen: Seen | None = None) -> Transactions:
        return _Acting(self._store, act, seen)

    async def review(self, questions: Sequence[int], entry: str, act: Act, *, accepted: bool) -> bool:
        async with self._store.writing() as connection:
            if not await self._review(connection, questions, entry, accepted=accepted):
                return False
            await _keep_act(connection, act)
            return True

    @asynccontextmanager
    async def answering(self, act: Act) -> AsyncIterator[SqlGroupWork]:
        async with self._store.writing() as connection:
            await _keep_act(connection, act)
            yield SqlGroupWork(connection, self._store.owner)


@dataclass(frozen=True, slots=True)
class _Acting(Transactions):
    """Transactions of the store that also keep an act."""

    store: SqlStore
    act: Act
    seen: Seen | None

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.store.writing() as connection:
            await _keep_act(connection, self.act)
            if self.seen:
                await _verify(connection, self.seen)
            yield SqlWork(connection, self.store.owner)

    def look(self) -> AbstractAsyncContextManager[Work]:
        return self.store.look()


async def _keep_act(connection: AsyncConnection, act: Act) -> None:
    row = {"key": act.key, "user_id": act.user_id, "act": act.act, "subject": act.subject, "at": act.at}
    if not (await connection.execute(insert_new(connection, console_acts).values(row))).rowcount:
        raise RepeatedActError(act.key)


async def _verify(connection: AsyncConnection, seen: Seen) -> None:
    hand_over = (await connection.execute(select(hand_overs).where(hand_overs.c.id == seen.hand_over))).first()
    if hand_over is None or hand_over.status == HandOverStatus.CLOSED:
        raise EndedError
    matters = [outbox.c.chat == hand_over.chat, *([outbox.c.origin.is_not(None)] if seen.citizen_too else [])]
    newer = select(outbox.c.id).where(outbox.c.hand_over == seen.hand_over, outbox.c.id > seen.row, or_(*matters))
    if await connection.scalar(newer.limit(1)) is not None:
        raise OvertakenError


async def _forget(connection: AsyncConnection, now: datetime, replaces: str | None) -> None:
    """What has expired, and the session that is replaced."""
    over = or_(console_sessions.c.started_at <= now - LONGEST_SESSION, console_sessions.c.hash == (replaces or ""))
    await connection.execute(delete(console_sessions).where(over))
    await connection.execute(delete(console_tickets).where(console_tickets.c.expires_at <= now))
    await connection.execute(delete(console_acts).where(console_acts.c.at <= now - ACTS_KEPT))


async def _keep(connection: AsyncConnection, person: Person) -> None:
    """Whether somebody is an editor is known here, and stays."""
    named = {"name": person.name[:64], "administrator": person.administrator, "seen_at": person.seen_at}
    known = update(console_people).where(console_people.c.user_id == person.user_id).values(**named)
    if not (await connection.execute(known)).rowcount:
        row = {**named, "user_id": person.user_id, "editor": False}
        await connection.execute(insert_new(connection, console_people).values(row))


def _since(since: datetime, made: Sequence[float] | None) -> list[float]:
    return [at for at in made or () if at > since.timestamp()]


def _good(now: datetime) -> Sequence[ColumnElement[bool]]:
    return (console_tickets.c.used_at.is_(None), console_tickets.c.expires_at > now)


def _person(row: Row[Any]) -> Person:
    return Person(row.user_id, row.name, row.administrator, row.editor, row.seen_at)
