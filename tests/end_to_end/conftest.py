"""The bot as a process of its own, against the emulator of the Bot API."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup

ROOT = Path(__file__).parents[2]
KNOWLEDGE = Path(__file__).parent / "knowledge"
PLAIN_GROUP, FORUM = -500, -1001234567890


class BotProcess:
    """`run_bot.py telegram`, running."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    async def stops(self) -> int:
        """SIGTERM; the exit status once it has finished."""
        return await self._ends(signal.SIGTERM)

    async def dies(self) -> int:
        """End it without warning (kill -9)."""
        return await self._ends(signal.SIGKILL)

    async def ended(self) -> int:
        """The exit status of a bot that stops by itself."""
        async with asyncio.timeout(60):
            return await self._process.wait()

    async def _ends(self, number: int) -> int:
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()


@pytest.fixture
def plain_group(api: BotApi) -> StaffGroup:
    return api.group(PLAIN_GROUP, "Service", members=["Alice", "Bob"], bot_rights=None)


@pytest.fixture
def forum(api: BotApi) -> StaffGroup:
    return api.group(FORUM, "Service", forum=True, members=["Alice", "Bob"])


@pytest.fixture
def settings(api: BotApi, tmp_path: Path, cache: Path) -> dict[str, str]:
    """The environment of the bot: the emulator, a database of its own, lexical matching (it starts at once)."""
    return {
        "PASSERELLE_BOT_TOKEN": api.token,
        "PASSERELLE_API_URL": api.url,
        "PASSERELLE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/passerelle.db",
        "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE),
        "PASSERELLE_CACHE_DIR": str(cache),
        "PASSERELLE_SEMANTIC": "off",
        "PASSERELLE_BURST_SECONDS": "0",
    }


@pytest.fixture
def awa(api: BotApi) -> Citizen:
    return api.private_chat(42, "Awa")


@pytest.fixture
async def bot(settings: dict[str, str], plain_group: StaffGroup, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The bot, with a plain group as the staff's."""
    async with running_bot(settings | {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP)}, tmp_path / "log") as process:
        yield process


@pytest.fixture
async def bot_of_forum(settings: dict[str, str], forum: StaffGroup, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The bot, with a group with topics as the staff's."""
    async with running_bot(settings | {"PASSERELLE_STAFF_CHAT_ID": str(FORUM)}, tmp_path / "log") as process:
        yield process


@asynccontextmanager
async def running_bot(settings: Mapping[str, str], log: Path, command: str = "telegram") -> AsyncIterator[BotProcess]:
    """The bot with these settings and no others; killed at the end if the test did not stop it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "run_bot.py"),
            command,
            cwd=log.parent,
            env={**kept, "PYTHONPATH": str(ROOT), **settings},
            stdout=output,
            stderr=output,
        )
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        if process.returncode is None:
            await bot.dies()
