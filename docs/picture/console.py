"""Take docs/picture/console-*.png: the console's pages in its demonstration, as Chromium shows them.

PYTHONPATH=. .venv/bin/python docs/picture/console.py [FOLDER]
"""

# ruff: noqa: INP001 - a script beside what it takes

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, async_playwright

from bot.app import build_dialogue, build_matcher, load_knowledge
from bot.console.demo import demo_parts, furnish
from bot.console.service import ConsoleService
from bot.settings import Settings
from bot.storage.sql import open_store

ROOT = Path(__file__).resolve().parents[2]
SHOTS = (("conversations", "/conversations", (1100, 760)),)
"""Name, page, size of the window."""


async def take(folder: Path) -> None:
    async with _served() as url, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await chromium.new_page(base_url=url, locale="fr-FR")
        await page.goto("/entrer")
        await page.get_by_role("button", name="Camille").click()
        for name, path, size in SHOTS:
            await _shoot(page, path, size, folder / f"console-{name}.png")
        await chromium.close()


async def _shoot(page: Page, path: str, size: tuple[int, int], file: Path) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.goto(path)
    await page.screenshot(path=file)


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    """The demonstration; its address."""
    settings = Settings(knowledge_dir=ROOT / "knowledge", semantic="off")
    matcher, _ = build_matcher(settings, load_knowledge(settings), lambda _done, _total: None)
    dialogue = build_dialogue(settings, matcher)
    store, stop = await open_store("sqlite+aiosqlite://", datetime.now(UTC)), asyncio.Event()
    await furnish(store, dialogue, datetime.now(UTC))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    parts = demo_parts(store, dialogue, listen, stop)
    serving = asyncio.create_task(ConsoleService(parts, listen).serve(stop))
    try:
        yield parts.url
    finally:
        stop.set()
        await serving
        await store.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
