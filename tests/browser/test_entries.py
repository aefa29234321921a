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
from tests.browser.conftest import NARROW
from tests.editing.examples import KnowsByHeart


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


async def test_a_question_that_waits_becomes_an_entry(opens, hired, folder, teller):
    await teller(42).says("la piscine ouvre quand ?", datetime.now(UTC))
    async with opens("Sacha") as page:
        await page.goto("/questions")
        await page.get_by_role("link", name="la piscine ouvre quand ?").click()
        await page.get_by_role("link", name="En faire une fiche").click()
        await expect(page.locator("#utterances_fr")).to_have_value("la piscine ouvre quand ?")
        await page.locator("#title_fr").fill("La piscine")
        await page.locator("#answer_fr").fill("Le samedi.")
        await page.get_by_label("Sources, par leur identifiant").fill("page")
        await page.get_by_role("button", name="Voir ce que cela change").click()
        await page.get_by_role("button", name="Publier").click()
        await page.wait_for_url("**/fiches/historique")
        assert load(folder, None).entries["la-piscine"].utterances == {"fr": ("la piscine ouvre quand ?",)}


async def test_what_is_published_is_taken_back_at_a_click(opens, hired, folder):
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
        await page.locator("#reason").focus()
        await page.keyboard.type("Fausse")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Dégeler la fiche")).to_be_visible()
        assert load(folder, None).entries["hours"].frozen
