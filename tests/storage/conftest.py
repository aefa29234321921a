"""One contract, several stores: every test that takes `store` runs over each of them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.storage.sql import SqlStore, open_store
from tests.storage.examples import NOW, file_url

# PostgreSQL joins here: a function that gives the URL of an empty database, or skips with what to start.
STORES: dict[str, Callable[[Path], str]] = {
    "sqlite-file": lambda folder: file_url(folder / "passerelle.db"),
    "sqlite-memory": lambda _folder: "sqlite+aiosqlite://",
}


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return STORES[request.param](tmp_path)


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
