"""What the drivers raise when the database cannot be used, as one error with a French sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.storage.store import StoreAwayError

_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_POSTGRESQL = (
    *("08", "28", "3D"),  # no connection, not let in, no such database: restarted or restored at this moment
    *("53", "57", "58"),  # no room, shut down by its operator, trouble of its system
    *("40", "55"),  # gave way to another transaction; locked, or closed to connections
    *("25006", "25P03"),  # read-only after a failover; idle for too long
)
"""Classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html."""
_REASONS = (
    ("not a database", "n'est pas une base de données SQLite : indiquez un autre fichier."),
    ("unable to open", "ne peut pas être ouvert : vérifiez que son dossier existe et que vous pouvez y écrire."),
    ("readonly", "ne peut pas être modifié : vérifiez les droits du fichier et de son dossier."),
    ("locked", "est occupé par un autre programme : réessayez quand il aura terminé."),
    ("already exists", "contient déjà des tables qui ne sont pas celles de Passerelle : indiquez une autre base."),
    ("malformed", "est abîmé : restaurez une sauvegarde."),
    ("is full", "ne peut pas grandir : le disque est plein."),
    ("No space left", "ne peut pas grandir : le disque est plein."),
    ("password authentication failed", "refuse cet utilisateur ou son mot de passe : corrigez l'adresse."),
    ("does not exist", "n'existe pas : créez la base et son utilisateur, ou corrigez l'adresse."),
    ("too many", "n'accepte plus de connexions : augmentez « max_connections » ou arrêtez un autre programme."),
)
_NO_REASON = "n'est pas utilisable : vérifiez l'adresse, et que la base de données est en marche."


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise StoreAwayError in place of the many ways in which the drivers say that the database cannot be used now."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        if not _passes(error):
            raise
        raise StoreAwayError(sentence(url, error)) from error


def sentence(url: str, error: Exception) -> str:
    """What to mend; `url` without its password."""
    reason = next((reason for sign, reason in _REASONS if sign in str(error)), _NO_REASON)
    return f"PASSERELLE_DATABASE_URL désigne « {url} », qui {reason}"


def _passes(error: Exception) -> bool:
    """True when the same call can succeed later, False for a fault of ours."""
    if not isinstance(error, DBAPIError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE  # none: the driver's own, of our making
    return error.connection_invalidated or str(getattr(error.orig, "sqlstate", None)).startswith(_POSTGRESQL)
