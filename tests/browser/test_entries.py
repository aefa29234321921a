"""The knowledge as agents and editors see it, in a browser."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.console.demo import furnish
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from bot.matching.evaluation import Labelled
from tests.browser.conftest import NARROW, overflows, violations
from tests.browser.test_conversations import LOOKS
from tests.editing.examples import KnowsByHeart, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "knowledge")


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Publisher(folder), KnowsByHeart, lambda: [Labelled("c ouvert quand", ("hours",), "fr", "sms")])


@pytest.fixture
async def hired(store, dialogue) -> None:
    """Sacha is an editor."""
    await furnish(store, dialogue, datetime.now(UTC))


async def asks_for_more(page: Page) -> None:
    """An agent adds a way to ask, and sees what it would change."""
    await page.goto("/fiches/id/hours/modifier")
    await page.locator("#utterances_fr").fill("horaires\nc ouvert quand")
    await page.get_by_label("Pourquoi").fill("Une question reçue")
    await page.get_by_role("button", name="Voir ce que cela change").click()
    await expect(page.locator("#essai")).to_contain_text("Mieux : 1")  # without loading the page again


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=str)
async def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(opens, hired, size, scheme):
    async with opens("Sacha", size, scheme) as page:
        await asks_for_more(page)
        proposal = page.url
        assert await violations(page) == ""
        assert not await overflows(page)
        await page.get_by_role("button", name="Publier").click()
        await page.wait_for_url("**/fiches/historique")
        one = "/fiches/id/hours"
        for path in ("/fiches", one, f"{one}/modifier", "/fiches/nouvelle", "/fiches/historique", proposal):
            await page.goto(path)
            assert await violations(page) == "", path
            assert not await overflows(page), path


async def test_from_a_question_to_knowledge_and_back(opens, hired, folder):
    async with opens("Sacha") as page:
        await asks_for_more(page)
        await expect(page.locator(".diff .add")).to_contain_text("c ouvert quand")
        await page.get_by_role("button", name="Publier").click()
        await page.wait_for_url("**/fiches/historique")
        assert load(folder, None).entries["hours"].utterances["fr"] == ("horaires", "c ouvert quand")
        await page.get_by_role("button", name="Revenir en arrière").click()
        await expect(page.locator(".card")).to_have_count(2)
        assert load(folder, None).entries["hours"].utterances["fr"] == ("horaires",)


async def test_an_agent_proposes_and_the_editor_sees_it(opens, hired):
    async with opens("Camille") as camille, opens("Sacha") as sacha:
        await asks_for_more(camille)
        await expect(camille.get_by_text("Une personne de la rédaction doit la publier.")).to_be_visible()
        await sacha.goto("/fiches")
        await sacha.get_by_role("link", name="Une question reçue").click()
        await expect(sacha.get_by_role("button", name="Publier")).to_be_visible()


async def test_an_entry_is_frozen_by_keyboard_on_a_small_phone(opens, hired, folder):
    async with opens("Sacha", NARROW) as page:
        await page.goto("/fiches/id/hours")
        await page.get_by_label("Pourquoi").focus()
        await page.keyboard.type("Fausse")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Dégeler la fiche")).to_be_visible()
        assert load(folder, None).entries["hours"].frozen
