"""The questions that wait, in a browser: by keyboard, live, answered once."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from bot.console.demo import deliver

FOREIGN = "la météo ?"


@pytest.fixture
async def asked(teller) -> None:
    """Two people asked the same, a third something else."""
    for number, words in ((1, FOREIGN), (2, FOREIGN), (3, "le prix du pain")):
        await teller(number).says(words, datetime.now(UTC))


async def test_a_group_is_answered_once_and_the_fate_is_seen(opens, asked, store):
    async with opens("Camille") as page:
        await page.goto("/questions")
        await expect(page.locator("#groups li")).to_have_count(2)  # on a busy machine they are joined a moment later
        await page.get_by_role("link", name=FOREIGN).click()
        await page.get_by_label("Votre réponse").fill("Voyez meteofrance.com")
        await page.get_by_role("button", name="Voir ce qui sera reçu").click()
        await page.get_by_role("button", name="Envoyer à 2 personnes").dblclick()
        await expect(page.locator("#recipients")).to_contain_text("en attente d'envoi : 2")
        await deliver(store, datetime.now(UTC))
        await expect(page.locator("#recipients")).to_contain_text("envoyé : 2")  # without loading the page again


async def test_the_keyboard_moves_chooses_sets_aside_and_answers(opens, asked):
    async with opens("Camille") as page:
        await page.goto("/questions")
        await expect(page.locator("#groups li")).to_have_count(2)
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name=FOREIGN)).to_be_focused()
        await page.keyboard.press("j")
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("r")
        await expect(page.locator("#groups li")).to_have_count(1)
        await page.keyboard.press("/")
        await expect(page.get_by_label("Chercher des mots")).to_be_focused()
        await page.keyboard.type("jex")
        await expect(page.get_by_label("Chercher des mots")).to_have_value("jex")
        await page.get_by_role("link", name=FOREIGN).focus()
        await page.keyboard.press("e")
        await page.wait_for_url("**/questions/2#answer")


async def test_single_letters_can_be_switched_off(opens, asked):
    async with opens("Camille") as page:
        await page.goto("/questions")
        await page.get_by_text("Au clavier").click()
        await page.get_by_label("Activer ces touches").uncheck()
        await page.reload()
        await page.keyboard.press("j")
        await expect(page.get_by_role("link", name=FOREIGN)).not_to_be_focused()


async def test_questions_are_labelled_by_keyboard_alone(opens, asked, store):
    async with opens("Camille") as page:
        await page.goto("/questions")
        await page.get_by_role("link", name="Étiqueter").click()
        await page.wait_for_url("**/questions/etiquettes")
        await expect(page.locator(".cards .card")).to_have_count(3)
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("0")  # the first: the newest
        await expect(page.locator(".cards .card")).to_have_count(2)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("a")
        await expect(page.locator(".card").nth(1).get_by_role("combobox")).to_be_focused()
        await page.keyboard.press("Tab")
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("Enter")
        assert {each.id: each.expected is None for each in await store.questions()} == {1: False, 2: True, 3: False}
        async with page.expect_navigation(wait_until="load"):
            await page.keyboard.press("u")
        await expect(page.locator(".cards .card")).to_have_count(2)
        await page.get_by_role("link", name="Ce que les personnes disent").click()
        await page.wait_for_url("**/questions/retours")


async def test_new_questions_and_colleagues_appear_by_themselves_and_what_is_chosen_stays(opens, asked, teller):
    async with opens("Camille") as camille, opens("Sacha") as sacha:
        await camille.goto("/questions")
        await camille.locator("#choose-2").check()
        await sacha.goto("/questions/3")
        await expect(camille.locator("#groups")).to_contain_text("Sacha regarde")
        await teller(4).says("les horaires de la piscine", datetime.now(UTC))
        await expect(camille.locator("#groups li")).to_have_count(3)
        await expect(camille.locator("#choose-2")).to_be_checked()
