"""A backup is made while the bot answers, and brought back once it has stopped."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.emulator import BotApi
from tests.end_to_end.conftest import ROOT, running_bot
from tests.storage import postgresql as server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    else:
        with server.new_database() as url:
            yield url


async def command(settings: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Exit status, and what a command says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "run_bot.py"), *arguments),
        env=os.environ | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode()


async def test_a_backup_made_while_the_bot_answers_brings_all_of_it_back(
    api: BotApi, settings: dict[str, str], database: str, tmp_path: Path
):
    settings |= {"PASSERELLE_DATABASE_URL": database}
    kept, asked, stop = tmp_path / "kept.tar.gz", 0, asyncio.Event()

    async def ask() -> None:
        nonlocal asked
        while not stop.is_set():
            citizen = api.private_chat(100 + asked, "Awa")
            await citizen.says(f"Combien de vélos numéro {asked} ?")
            await citizen.waits_for("", timeout=20)
            asked += 1

    async with running_bot(settings, tmp_path / "log") as bot:
        asking = asyncio.create_task(ask())
        while asked < 3:
            await asyncio.wait([asking], timeout=0.01)
            assert not asking.done(), asking
        before = asked
        saved = await command(settings, "backup", str(kept))
        refused = await command(settings, "restore", str(kept), "--force")
        stop.set()
        await asking
        assert saved[0] == 0, saved
        assert (refused[0], "arrêtez l'assistant" in refused[1]) == (2, True), refused
        assert await bot.stops() == 0
    assert asked > before  # it went on meanwhile
    assert (await command(settings, "restore", str(kept), "--force"))[0] == 0
    status, listed = await command(settings, "questions", "--format", "csv")
    assert status == 0
    assert all(f"numéro {number} " in listed for number in range(before))
    async with running_bot(settings, tmp_path / "log"):
        citizen = api.private_chat(99, "Bea")
        await citizen.says("Et maintenant ?")
        await citizen.waits_for("", timeout=20)
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(tmp_path / "bot.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
