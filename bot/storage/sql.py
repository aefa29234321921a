"""The store over SQLAlchemy: SQLite (embedded) or PostgreSQL, with the same statements."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from bot.storage.database import create_engine
from bot.storage.inbox import Inbox
from bot.storage.migrating import migrate
from bot.storage.outbox import Outbox
from bot.storage.review import Review
from bot.storage.store import StorageError, Store, Work
from bot.storage.work import SqlWork

_UNUSABLE = (SQLAlchemyError, OSError, TypeError, ValueError)
"""How the drivers refuse a URL; the last two stand for an option that they do not know."""
_REASONS = (
    ("not a database", "n'est pas une base de données SQLite : indiquez un autre fichier."),
    ("unable to open", "ne peut pas être ouvert : vérifiez que son dossier existe et que vous pouvez y écrire."),
    ("readonly", "ne peut pas être modifié : vérifiez les droits du fichier et de son dossier."),
    ("locked", "est occupé par un autre programme : réessayez quand il aura terminé."),
    ("already exists", "contient déjà des tables qui ne sont pas celles de Passerelle : indiquez une autre base."),
    ("malformed", "est abîmé : restaurez une sauvegarde."),
    ("is full", "ne peut pas grandir : le disque est plein."),
)
_NO_REASON = "n'est pas utilisable : vérifiez l'adresse, et que la base de données est en marche."


class SqlStore(Inbox, Outbox, Review, Store):
    """`Store`; reading waits for nobody, writing takes turns.

    Inside a `work()` block call the store's own methods for nothing: they would wait for the block to end.
    """

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.writing() as connection:
            yield SqlWork(connection)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Work]:
        async with self.reading() as connection:
            yield SqlWork(connection)


async def open_store(url: str, now: datetime, *, recover: bool = True) -> SqlStore:
    """Connect, bring the tables up to date, and put back in the queue what a crash interrupted.

    Args:
        url: `PASSERELLE_DATABASE_URL`.
        now: written to what is put back.
        recover: False for a command that only looks while the bot may be running: messages that are on their way
            at this moment are not interrupted ones.

    Raises:
        StorageError: in a French sentence, what to mend.
    """
    engine = create_engine(url)
    store = SqlStore(engine)
    try:
        async with store.writing() as connection:
            await connection.run_sync(migrate)
        if recover:
            await store.recover_sending(now)
    except BaseException as error:
        await store.close()
        if isinstance(error, _UNUSABLE):
            raise StorageError(_sentence(engine.url.render_as_string(hide_password=True), str(error))) from error
        raise
    return store


def _sentence(url: str, error: str) -> str:
    reason = next((sentence for sign, sentence in _REASONS if sign in error), _NO_REASON)
    return f"PASSERELLE_DATABASE_URL désigne « {url} », qui {reason}"
