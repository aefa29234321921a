"""One contract, several stores: every test that takes `store` runs over each of them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.storage.sql import SqlStore, open_store
from tests.storage.examples import NOW, file_url


def sqlite_file(folder: Path, template: Path) -> str:
    """A copy of an empty database: to migrate a new one in each test takes five times as long."""
    return file_url(shutil.copy(template, folder / "passerelle.db"))


def sqlite_memory(_folder: Path, _template: Path) -> str:
    return "sqlite+aiosqlite://"


# PostgreSQL joins here: a function that gives the URL of an empty database, or skips with what to start.
STORES: dict[str, Callable[[Path, Path], str]] = {"sqlite-file": sqlite_file, "sqlite-memory": sqlite_memory}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"

    async def create() -> None:
        await (await open_store(file_url(path), NOW)).close()

    asyncio.run(create())
    return path


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> str:
    return STORES[request.param](tmp_path, template)


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, NOW)
    yield opened
    await opened.close()


@pytest.fixture
async def two_stores(tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two processes, as far as SQLite can tell: two stores on one file."""
    url = file_url(tmp_path / "shared.db")
    first, second = await open_store(url, NOW), await open_store(url, NOW)
    yield first, second
    await first.close()
    await second.close()
