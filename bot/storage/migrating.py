"""Bringing a database up to the tables of this version of the code; without alembic.ini, at every start."""

from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.storage.store import StorageError

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_263_954_115
"""Any number: PostgreSQL's name for "somebody migrates Passerelle"."""
_WRITTEN_TOGETHER = ("questions", "outbox")


class Schema(Enum):
    """The tables of a database beside those of this version."""

    NONE = auto()
    """No table of Passerelle yet."""
    OLDER = auto()
    CURRENT = auto()
    NEWER = auto()


def schema_of(connection: Connection) -> Schema:
    """Looks, and changes nothing."""
    applied = _applied(connection)
    if not applied:
        return Schema.NONE
    scripts = ScriptDirectory.from_config(_config(connection))
    if applied == set(scripts.get_heads()):
        return Schema.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Schema.OLDER if applied <= known else Schema.NEWER


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, in the transaction of `connection`: all of them and their record, or none.

    Of two processes that start at once, the second waits and then finds nothing to do: on SQLite because the
    transaction began with BEGIN IMMEDIATE, on PostgreSQL by an advisory lock.

    Raises:
        StorageError: the database was written by a newer version.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    match schema_of(connection):
        case Schema.CURRENT:
            return
        case Schema.NEWER:
            raise StorageError(
                "La base de données désignée par PASSERELLE_DATABASE_URL vient d'une version plus récente de "
                f"Passerelle ({', '.join(sorted(_applied(connection)))}) : installez cette version, ou indiquez une "
                "autre base."
            )
    _lock_tables(connection)
    command.upgrade(_config(connection), "head")


def _lock_tables(connection: Connection) -> None:
    """On PostgreSQL wait, with nothing held, for those who write: in the order in which they take these tables."""
    if connection.dialect.name == "postgresql":
        there = [name for name in _WRITTEN_TOGETHER if inspect(connection).has_table(name)]
        if there:
            connection.execute(text(f"LOCK TABLE {', '.join(there)} IN ACCESS EXCLUSIVE MODE"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _applied(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())
