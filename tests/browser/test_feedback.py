"""The page of what citizens said of entries, in a browser: one key each."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.dialogue.policy import Dialogue
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from bot.storage.sql import SqlStore
from tests.editing.examples import KnowsByHeart
from tests.storage.examples import log, question
from tests.unit.dialogue_fakes import FakeMatcher

CHOSEN = {"decision": "clarify", "status": "answered", "entry": "hours"}


@pytest.fixture
def dialogue(folder: Path) -> Dialogue:
    return Dialogue(load(folder, None), FakeMatcher())


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Publisher(folder), KnowsByHeart, list)


@pytest.fixture
async def said(store: SqlStore) -> None:
    await log(store, question("q1", "le prix du pain ?", decision="answer", status="answered", entry="hours"))
    await log(store, question("q2", "vous êtes là quand ?", **CHOSEN), question("q3", "ouvert lundi", **CHOSEN))
    async with store.work() as work:
        await work.rate_answer("telegram", "q1", "hours", helped=False)


async def test_each_is_decided_on_with_one_key(opens, said):
    async with opens("Camille") as page:
        await page.goto("/questions/retours")
        await expect(page.locator("#said .card")).to_have_count(3)
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("n")
        await expect(page.locator("#said .card")).to_have_count(2)
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("o")
        await expect(page.locator(".diff")).to_contain_text("vous êtes là quand ?")


async def test_single_keys_can_be_switched_off(opens, said):
    async with opens("Camille") as page:
        await page.goto("/questions/retours")
        await page.get_by_text("Au clavier").click()
        await page.locator("#keys-on").uncheck()
        await page.locator("h1").click()
        await page.keyboard.press("n")
        await page.reload()
        await expect(page.locator("#said .card")).to_have_count(3)
