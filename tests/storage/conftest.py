"""One contract, several stores: every test that takes `store` runs over each of them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.storage.sql import SqlStore, open_store
from tests.storage import postgresql as server
from tests.storage.examples import NOW, file_url

STORES = ("sqlite_file", "sqlite_memory", "postgresql")
"""Fixtures that give the URL of an empty database with its tables."""
SHARED = ("sqlite_file", "postgresql")
"""Those that several processes can use at once."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _create_tables(file_url(path))
    return path


@pytest.fixture
def sqlite_file(tmp_path: Path, template: Path) -> str:
    """A copy of an empty database: to migrate a new one in each test takes five times as long."""
    return file_url(shutil.copy(template, tmp_path / "passerelle.db"))


@pytest.fixture
def sqlite_memory() -> str:
    return "sqlite+aiosqlite://"


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    with server.new_database() as url:
        _create_tables(url)
        yield url


@pytest.fixture
def postgresql(migrated: str) -> str:
    server.empty(migrated)
    return migrated


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=SHARED)
def shared_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=SHARED)
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite_file":
        yield file_url(tmp_path / "new.db")
    else:
        with server.new_database() as url:
            yield url


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlStore]:
    opened = await open_store(url, NOW)
    yield opened
    await opened.close()


@pytest.fixture
async def two_stores(shared_url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two processes, as far as the database can tell."""
    first, second = await open_store(shared_url, NOW), await open_store(shared_url, NOW)
    yield first, second
    await first.close()
    await second.close()


def _create_tables(url: str) -> None:
    async def create() -> None:
        await (await open_store(url, NOW)).close()

    asyncio.run(create())
