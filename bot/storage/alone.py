"""One bot on one SQLite file: two would take the same questions, and each answer would come twice."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import make_url

from bot.storage.store import StorageError


@contextmanager
def only_bot(url: str) -> Iterator[None]:
    """Keep other bots from the file until the block, or the process, ends. On PostgreSQL several share the work.

    Commands that do not answer citizens may use the file meanwhile.

    Raises:
        StorageError: another bot runs on it.
    """
    file = make_url(url).database if url.startswith("sqlite") else None
    if not file or file == ":memory:":
        yield
        return
    try:
        lock = FileLock(f"{file}.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise StorageError(
            f"Un autre assistant est en marche sur la base « {file} » : arrêtez-le d'abord, "
            "ou donnez à celui-ci sa propre base dans PASSERELLE_DATABASE_URL."
        ) from error
    except OSError:  # the folder cannot be written: opening the database says so better
        yield
        return
    try:
        yield
    finally:
        lock.release()
