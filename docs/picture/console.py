"""Take docs/picture/console-*.png: pages of `run_bot.py console --demo`, as Chromium shows them.

PYTHONPATH=. .venv/bin/python docs/picture/console.py [FOLDER]
"""

# ruff: noqa: INP001 - a script beside what it takes

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parents[2]
SHOTS = (
    ("conversations", "/conversations", (1100, 760)),
    ("questions", "/questions", (1100, 760)),
    ("fiche", "/fiches?q=dossier", (1100, 1000)),
    ("chiffres", "/chiffres?jours=30", (1100, 1150)),
)
"""Name, page, size of the window."""


async def take(folder: Path) -> None:
    async with _demonstration() as url, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = await chromium.new_page(base_url=url, locale="fr-FR")
        await page.goto("/entrer")
        await page.get_by_role("button", name="Sacha").click()
        for name, path, size in SHOTS:
            await _shoot(page, name, path, size, folder)
        await chromium.close()


async def _shoot(page: Page, name: str, path: str, size: tuple[int, int], folder: Path) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.goto(path)
    if name == "fiche":  # the editor of the first one
        await page.locator(".card a.question").first.click()
        await page.get_by_role("link", name="Modifier cette fiche").click()
        await page.wait_for_url("**/modifier")
    await page.screenshot(path=folder / f"console-{name}.png")


@asynccontextmanager
async def _demonstration() -> AsyncIterator[str]:
    """Its address, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    environment = {**os.environ, "PASSERELLE_CONSOLE_LISTEN": listen}
    command = (sys.executable, "run_bot.py", "console", "--demo")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    try:
        # It waits longer after each try: half a minute in all.
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=12)) as client:
            (await client.get(f"http://{listen}/entrer")).raise_for_status()
        yield f"http://{listen}"
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
