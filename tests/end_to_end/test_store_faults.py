"""The database fails on purpose: nothing is lost, and what waits is answered, once, when it is back."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import BotProcess, running_bot
from tests.storage import postgresql as server

QUESTION, ANSWER = "Comment demander une aide ?", "Écrivez au service"
OTHER, OTHER_ANSWER = "Où êtes-vous ?", "place de la Révolution-française"


async def answered_before(awa: Citizen) -> None:
    await awa.says(QUESTION)
    await awa.waits_for(ANSWER)


@pytest.fixture
def settings(settings: dict[str, str], plain_group: StaffGroup) -> dict[str, str]:
    return settings | {"PASSERELLE_STAFF_CHAT_ID": str(plain_group.chat_id)}


async def asked(api: BotApi, awa: Citizen, *, offered: int = 1) -> None:
    """Another question, and a wish for a person; Telegram has offered them to the bot so many times."""
    polls = len(api.called("getUpdates"))
    await awa.says(OTHER)
    await awa.says("/humain")
    await api.until(lambda: len(api.called("getUpdates")) >= polls + offered, timeout=60)


async def answered_after(awa: Citizen, group: StaffGroup) -> None:
    """Both have come, once and in order, and the staff have the request, once."""
    await awa.waits_for("Je préviens une personne", timeout=60)
    first, second, third = (message.text for message in awa.messages)
    assert (ANSWER in first, OTHER_ANSWER in second, "Je préviens" in third) == (True, True, True)
    await group.waits_for("Demande n° 1", timeout=60)
    assert len(group.messages) == 1


async def test_a_full_disk_leaves_questions_with_telegram(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    async with running_bot(settings, tmp_path / "log") as bot:
        await answered_before(awa)
        limit_files(bot, 4096)  # full for this process: none of its files may grow beyond that
        await asked(api, awa, offered=2)  # the first time it could not be stored
        limit_files(bot, resource.RLIM_INFINITY)
        await answered_after(awa, plain_group)
    assert "PASSERELLE_DATABASE_URL" in bot.log


def limit_files(bot: BotProcess, size: int) -> None:
    resource.prlimit(bot._process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def test_a_database_that_is_locked_makes_questions_wait(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    async with running_bot(settings, tmp_path / "log"):
        await answered_before(awa)
        with closing(sqlite3.connect(tmp_path / "passerelle.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            await asked(api, awa)
        await answered_after(awa, plain_group)


@pytest.fixture
def postgresql(settings: dict[str, str]) -> Iterator[str]:
    """The name of the database of `settings`, empty."""
    with server.new_database() as url:
        settings["PASSERELLE_DATABASE_URL"] = url
        yield url.rpartition("/")[2]


async def on_server(statement: str) -> None:
    connection = await asyncpg.connect(f"{server.SERVER}/postgres")
    await connection.execute(statement)
    await connection.close()


async def goes_away(name: str) -> None:
    """As a server that restarts: connections break, and new ones are refused."""
    await on_server(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    await on_server(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - ours


async def comes_back(name: str) -> None:
    await on_server(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


async def test_a_database_that_is_away_makes_questions_wait_and_ready_tells_so(
    *,
    api: BotApi,
    settings: dict[str, str],
    postgresql: str,
    plain_group: StaffGroup,
    awa: Citizen,
    tmp_path: Path,
    unused_tcp_port: int,
):
    settings["PASSERELLE_HEALTH_LISTEN"] = f"127.0.0.1:{unused_tcp_port}"
    address = f"http://127.0.0.1:{unused_tcp_port}"
    async with running_bot(settings, tmp_path / "log"), httpx.AsyncClient(base_url=address, timeout=30) as client:
        await answered_before(awa)
        await goes_away(postgresql)
        away, figures = await client.get("/ready"), await client.get("/metrics")
        await asked(api, awa)
        await comes_back(postgresql)
        await answered_after(awa, plain_group)
        back = await client.get("/ready")
    assert (away.status_code, away.json()) == (503, {"ready": False, "why": "database"})
    assert "passerelle_updates_total" in figures.text
    assert "passerelle_rows{" not in figures.text
    assert back.status_code == 200
