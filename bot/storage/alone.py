"""Who may use a database at the same time: one bot on one SQLite file, no bot while it is changed as a whole."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import make_url

from bot.storage.database import create_engine
from bot.storage.leading import POLLER, SENDER, Leadership
from bot.storage.store import StorageError


@contextmanager
def only_bot(url: str) -> Iterator[None]:
    """Keep other bots from the file until the block, or the process, ends. On PostgreSQL several share the work.

    Two on one file would take the same questions, and each answer would come twice. Commands that do not answer
    citizens may use the file meanwhile.

    Raises:
        StorageError: another bot runs on it.
    """
    with _file_lock(url) as taken:
        if not taken:
            raise StorageError(
                f"Un autre assistant est en marche sur la base « {make_url(url).database} » : arrêtez-le d'abord, "
                "ou donnez à celui-ci sa propre base dans PASSERELLE_DATABASE_URL."
            )
        yield


@asynccontextmanager
async def no_bot(url: str) -> AsyncIterator[bool]:
    """Keep bots from the database while the block changes all of it; False where one is at work.

    A bot that starts meanwhile on a file is refused; on PostgreSQL it neither polls nor sends until the block ends.

    Raises:
        StoreAwayError: the server cannot be reached.
    """
    if not url.startswith("postgresql"):
        with _file_lock(url) as taken:
            yield taken
        return
    engine = create_engine(url)
    locks = [Leadership(engine, engine.url.render_as_string(hide_password=True), name) for name in (POLLER, SENDER)]
    try:
        yield all([await lock.held() for lock in locks])
    finally:
        for lock in locks:
            await lock.resign()
        await engine.dispose()


@contextmanager
def _file_lock(url: str) -> Iterator[bool]:
    file = make_url(url).database if url.startswith("sqlite") else None
    if not file or file == ":memory:":
        yield True
        return
    lock = FileLock(f"{file}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError:  # the folder cannot be written: opening the database says so better
        yield True
        return
    try:
        yield True
    finally:
        lock.release()
