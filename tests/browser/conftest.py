"""The console in Debian's Chromium, served by this process over a store in memory.

Skipped where there is no Chromium, or fails there when everything is asked for (`PASSERELLE_TEST_ALL=1`).
"""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from bot.channels.telegram.serving import serve
from bot.console.app import application
from bot.console.demo import Teller, demo_parts
from bot.console.pages import Parts
from bot.dialogue.policy import Dialogue
from bot.editing.desk import Desk
from bot.storage.sql import SqlStore, open_store
from tests.editing.examples import written
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher

CHROMIUM = shutil.which("chromium")
WIDE, NARROW = (1280, 800), (320, 640)
"""An office computer, and the smallest phone."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", datetime.now(UTC))
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A knowledge folder that can be edited."""
    return written(tmp_path / "knowledge")


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue(KNOWLEDGE, FakeMatcher())


@pytest.fixture
def desk() -> Desk | None:
    """Where the knowledge is edited."""
    return None


@pytest.fixture
def console_parts(store: SqlStore, dialogue: Dialogue, desk: Desk | None) -> Parts:
    """The address is free, nobody serves it yet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    return replace(demo_parts(store, dialogue, listen, asyncio.Event()), desk=desk)


@pytest.fixture
async def console(console_parts: Parts) -> AsyncIterator[Parts]:
    """Being served: its address is in `url`."""
    parts = console_parts
    serving = asyncio.create_task(serve(application(parts), parts.url.removeprefix("http://"), parts.stop))
    yield parts
    parts.stop.set()
    await serving


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        sentence = "these tests need Chromium: apt-get install chromium"
        if os.environ.get("PASSERELLE_TEST_ALL"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    async with async_playwright() as playwright:
        # Root may start it only without its sandbox; it sees no page but ours.
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
def opens(chromium: Browser, console: Parts) -> Callable[..., object]:
    """Somebody's window, signed in, for `async with`; its page must not complain of anything."""

    @asynccontextmanager
    async def opened(
        who: str | None = None, size: tuple[int, int] = WIDE, scheme: str = "light"
    ) -> AsyncIterator[Page]:
        viewport = {"width": size[0], "height": size[1]}
        context = await chromium.new_context(
            base_url=console.url, viewport=viewport, color_scheme=scheme, locale="fr-FR", reduced_motion="reduce"
        )
        page = await context.new_page()
        page.set_default_timeout(15_000)
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto("/entrer")
        if who:
            await page.get_by_role("button", name=who).click()
            await page.wait_for_url("**/conversations")
        yield page
        await context.close()
        refused = "the server responded with a status of 4"  # the page says why
        assert [complaint for complaint in complaints if refused not in complaint] == []

    return opened


@pytest.fixture
def teller(store: SqlStore, dialogue: Dialogue) -> Callable[[int], Teller]:
    """People who write to the bot: `teller(42)`."""
    return lambda number: Teller(store, dialogue, {"id": number, "name": "Awa", "language": "fr"})


@pytest.fixture
async def awa(teller: Callable[[int], Teller]) -> Teller:
    """Has asked what the bot does not know: hand-over 1 is open."""
    awa = teller(42)
    await awa.says("xyz", datetime.now(UTC))
    return awa


async def violations(page: Page) -> str:
    """What axe finds, with the place; "" when nothing."""
    found = await Axe().run(page, options={"runOnly": RULES})
    return "\n".join(
        f"{violation['id']}: {node['html']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    )


async def overflows(page: Page) -> bool:
    """One would have to scroll sideways."""
    wider: bool = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wider
