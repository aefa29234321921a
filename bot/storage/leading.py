"""What only one of several processes on a PostgreSQL may do at a time."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.faults import sentence, translated
from bot.storage.store import StoreAwayError

POLLER, SENDER = 7_263_954_116, 7_263_954_117
"""Any numbers: PostgreSQL's names for "I poll Telegram" and "I send"."""


class Leadership:
    """An advisory lock: one session has it, and loses it the moment that its process or its connection ends."""

    def __init__(self, engine: AsyncEngine, url: str, name: int) -> None:
        self._engine, self._url, self._name = engine, url, name
        self._connection: AsyncConnection | None = None
        self.is_held = False

    async def held(self, channel: str | None = None, heard: Callable[[], None] | None = None) -> bool:
        """Whether this process has it, taking it if nobody else does; `heard` is called at each NOTIFY of `channel`.

        Raises:
            StoreAwayError: the database is away, and the lock with it.
        """
        try:
            with translated(self._url):
                if self._connection is None:
                    connection = await self._engine.connect()
                    self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    if channel and heard:
                        await self._listen(channel, heard)
                # Granted again to the session that has it: asking is also how a lost connection is noticed.
                granted = await self._connection.scalar(text(f"SELECT pg_try_advisory_lock({self._name})"))
        except StoreAwayError:
            await self.resign()
            raise
        self.is_held = bool(granted)
        return self.is_held

    async def resign(self) -> None:
        connection, self._connection, self.is_held = self._connection, None, False
        if connection is not None:
            with suppress(Exception):  # it is gone, or goes now
                await connection.invalidate()  # in the pool the connection would keep the lock
                await connection.close()

    async def _listen(self, channel: str, heard: Callable[[], None]) -> None:
        assert self._connection is not None  # noqa: S101 - it has just been opened
        driver = (await self._connection.get_raw_connection()).driver_connection
        assert driver is not None  # noqa: S101 - as above
        try:
            await driver.add_listener(channel, lambda *_: heard())
        except Exception as error:  # the driver's own, which SQLAlchemy does not get to translate
            raise StoreAwayError(sentence(self._url, error)) from error
