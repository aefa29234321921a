"""The store over SQLAlchemy: SQLite (embedded) or PostgreSQL, with the same statements."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bot.storage.database import create_engine
from bot.storage.faults import sentence
from bot.storage.inbox import Inbox
from bot.storage.migrating import migrate
from bot.storage.outbox import Outbox
from bot.storage.replicas import LEASE
from bot.storage.retention import Retention
from bot.storage.review import Review
from bot.storage.store import StorageError, Store, Work
from bot.storage.work import SqlWork

_UNUSABLE = (SQLAlchemyError, OSError, TypeError, ValueError)
"""How the drivers refuse a URL; the last two stand for an option that they do not know."""


class SqlStore(Inbox, Outbox, Review, Retention, Store):
    """`Store`; reading waits for nobody, writing takes turns.

    Inside a `work()` block call the store's own methods for nothing: they would wait for the block to end.
    """

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.writing(brief=True) as connection:
            yield SqlWork(connection, self.owner)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Work]:
        async with self.reading(brief=True) as connection:
            yield SqlWork(connection, self.owner)


async def open_store(url: str, now: datetime, *, recover: bool = True, lease: timedelta = LEASE) -> SqlStore:
    """Connect, bring the tables up to date, and put back in the queue what a crash interrupted.

    Args:
        url: `PASSERELLE_DATABASE_URL`.
        now: written to what is put back.
        recover: False for a command that only looks while the bot may be running: messages that are on their way
            at this moment are not interrupted ones.
        lease: how long a process of several may leave its rows without a sign of life before others take them.

    Raises:
        StorageError: in a French sentence, what to mend.
    """
    engine = create_engine(url)
    store = SqlStore(engine, lease)
    try:
        async with store.writing() as connection:
            await connection.run_sync(migrate)
        if recover:
            await store.recover_sending(now)
    except BaseException as error:
        await store.close()
        if isinstance(error, _UNUSABLE):
            raise StorageError(sentence(store.url, error)) from error
        raise
    return store
