"""`doctor` about what a deployed bot needs: rights, room, backups, the time, the webhook's address."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.webhook import Webhook
from bot.doctor import State
from bot.doctor.machine import backup, disk, files, secret_files
from bot.doctor.network import address, clock
from bot.operating import archive
from bot.settings import Settings
from bot.storage.sql import SqlStore
from tests.emulator.wire import LoopServer

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, no `.env`."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{tmp_path}/bot.db", **values)


class TestFiles:
    def test_what_others_can_read_is_named_with_the_command_that_mends_it(self, tmp_path: Path):
        database, env = tmp_path / "bot.db", tmp_path / ".env"
        for path, mode in ((database, 0o640), (env, 0o604)):
            path.touch()
            path.chmod(mode)
        check = files(secret_files(settings(tmp_path)))
        assert check.state is State.WARNING
        assert check.remedy == f"chmod 600 .env {database}"
        for path in (database, env):
            path.chmod(0o600)
        assert files(secret_files(settings(tmp_path))).state is State.OK

    def test_what_is_not_there_needs_no_protection(self, tmp_path: Path):
        assert files(secret_files(settings(tmp_path))).state is State.OK

    def test_a_bad_address_is_told_elsewhere(self):
        assert secret_files(Settings(database_url="mysql://x")) == [Path(".env")]


@pytest.mark.parametrize(
    ("free", "state"),
    [(99 << 20, State.FAILED), (100 << 20, State.WARNING), (1023 << 20, State.WARNING), (1 << 30, State.OK)],
)
def test_little_room_is_told_before_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, state: State
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    assert disk(settings(tmp_path)).state is state


def test_a_folder_that_is_not_there_has_no_room(tmp_path: Path):
    assert disk(settings(tmp_path / "nowhere")).state is State.WARNING


class TestBackup:
    def test_who_only_tries_the_bot_needs_none(self, tmp_path: Path):
        assert backup(settings(tmp_path), NOW).state is State.OK
        assert backup(settings(tmp_path, bot_token="1:a"), NOW).state is State.WARNING  # noqa: S106 - nobody's

    @pytest.mark.parametrize(("hours", "state"), [(1, State.OK), (48, State.OK), (49, State.WARNING)])
    def test_an_old_one_is_told(self, tmp_path: Path, hours: int, state: State):
        """By the date inside: the name and the time of a file may come from a copy."""
        (tmp_path / "fiches").mkdir()
        (tmp_path / "empty.db").touch()
        for name, age in (("passerelle-20261201T020000Z.tar.gz", 9000), ("before-the-works.tar.gz", hours)):
            made_at = NOW - timedelta(hours=age)
            archive.write(tmp_path / name, tmp_path / "empty.db", tmp_path / "fiches", made_at)
        (tmp_path / "passerelle-20261202T020000Z.tar.gz").write_bytes(b"cut")
        check = backup(settings(tmp_path, backup_dir=tmp_path), NOW)
        assert check.state is state
        assert f"a {hours} h" in check.detail

    def test_an_empty_folder_is_told(self, tmp_path: Path):
        assert backup(settings(tmp_path, backup_dir=tmp_path), NOW).state is State.WARNING


@asynccontextmanager
async def answering(app: Starlette) -> AsyncIterator[str]:
    server = LoopServer(app)
    await server.open()
    yield f"{server.url}/telegram"
    await server.close()


async def test_the_clock_is_compared_with_that_of_the_server():
    async def tell(_request: object) -> Response:
        return Response(status_code=404, headers={"Date": format_datetime(NOW, usegmt=True)})

    async with answering(Starlette(routes=[Route("/telegram", tell)])) as url:
        right, wrong = (
            await clock(url, NOW + timedelta(seconds=59)),
            await clock(url, NOW - timedelta(days=1, seconds=5)),
        )
    assert right is not None
    assert wrong is not None
    assert (right.state, wrong.state) == (State.OK, State.WARNING)
    assert "86405 secondes" in wrong.detail
    assert await clock(url, NOW) is None  # nobody answers any more: another check says so


async def state_at(app: Starlette) -> State:
    async with answering(app) as url:
        return (await address(url, NOW)).state


class TestAddress:
    async def test_the_bot_is_recognised(self):
        hook = Webhook("https://bot.example/telegram", "secret", "127.0.0.1:0")
        assert (
            await state_at(hook.app(SqlStore.__new__(SqlStore), InlineQueries.__new__(InlineQueries), asyncio.Event()))
            is State.OK
        )

    @pytest.mark.parametrize("status", [200, 302, 404, 502, 503])
    async def test_another_answer_is_not(self, status: int):
        async def answer(_request: object) -> Response:
            return Response(status_code=status)

        assert await state_at(Starlette(routes=[Route("/telegram", answer)])) is State.WARNING

    async def test_where_nobody_listens_nothing_can_come(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        check = await address(f"http://127.0.0.1:{port}/telegram", NOW)
        assert check.state is State.FAILED
        assert "n'est pas joignable" in check.detail
