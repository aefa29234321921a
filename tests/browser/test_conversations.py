"""The conversations as an agent sees them, in a browser."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from bot.console.demo import deliver
from tests.browser.conftest import NARROW, WIDE, violations


async def test_a_link_signs_in_once_and_one_goes_out_again(opens, console):
    link = f"/entrer/{await console.access.new_link(1)}"
    async with opens() as camille, opens() as thief:
        await camille.goto(link)
        await camille.get_by_role("button", name="Continuer").click()
        await camille.wait_for_url("**/conversations")
        await expect(camille.locator(".who")).to_contain_text("Camille, agent")
        await thief.goto(link)
        await expect(thief.get_by_role("heading", level=1)).to_have_text("Ce lien ne sert plus")
        await thief.goto("/conversations")
        await expect(thief).to_have_url(f"{console.url}/entrer")
        await camille.get_by_role("button", name="Sortir").click()
        await camille.goto("/conversations")
        await expect(camille).to_have_url(f"{console.url}/entrer")


async def test_a_request_is_taken_answered_and_closed(opens, awa, store):
    async with opens("Camille") as page:
        await page.get_by_role("link", name="xyz").click()
        await page.get_by_role("button", name="Je prends").click()
        await expect(page.locator("#state")).to_contain_text("vous vous en occupez")
        await page.get_by_label("Votre réponse").fill("Bonjour, venez mardi.")
        await page.get_by_role("button", name="Envoyer").click()
        await expect(page.locator(".line.staff")).to_contain_text("en attente d'envoi")
        await deliver(store, datetime.now(UTC))
        await expect(page.locator(".line.staff .fate")).to_have_text("envoyé")  # without loading the page again
        await page.get_by_role("button", name="Clore la demande").click()
        await expect(page.locator("#state")).to_contain_text("Cette demande est close")
        await page.goto("/conversations")
        await expect(page.locator("#summary")).to_have_text("Personne n'attend de réponse.")


async def test_two_browsers_see_the_same_without_loading_anew(opens, awa):
    async with opens("Camille") as camille, opens("Sacha") as sacha:
        await sacha.goto("/conversations/1")
        await camille.get_by_role("link", name="xyz").click()
        await camille.get_by_role("button", name="Je prends").click()
        await expect(sacha.locator("#state")).to_contain_text("Camille s'en occupe")
        await camille.get_by_label("Votre réponse").fill("Bonjour")
        await camille.get_by_role("button", name="Envoyer").click()
        await expect(sacha.locator("#exchange")).to_contain_text("Bonjour")


async def test_a_new_request_appears_by_itself_and_the_focus_stays(opens, awa, teller):
    async with opens("Camille") as page:
        await page.get_by_role("link", name="xyz").focus()
        await teller(43).says("je conteste", datetime.now(UTC) - timedelta(hours=2))
        await expect(page.locator("#requests li")).to_have_count(2)
        await expect(page.locator("#summary")).to_contain_text("2 personnes")
        await expect(page.get_by_role("link", name="xyz")).to_be_focused()


async def test_what_changed_before_the_page_listened_appears_too(opens, awa, teller):
    listens = asyncio.Event()

    async def once_allowed(route) -> None:
        await listens.wait()
        await route.continue_()

    async with opens("Camille") as page:
        await page.route("**/live", once_allowed)
        await page.goto("/conversations")
        await teller(43).says("je conteste", datetime.now(UTC))
        listens.set()
        await expect(page.locator("#requests li")).to_have_count(2)


async def test_what_is_being_written_stays_when_something_changes(opens, awa):
    async with opens("Camille") as page:
        await page.goto("/conversations/1")
        await page.get_by_label("Votre réponse").fill("Je cherche…")
        await awa.says("C'est pour dix jeunes", datetime.now(UTC))
        await expect(page.locator("#exchange")).to_contain_text("dix jeunes")
        await expect(page.get_by_label("Votre réponse")).to_have_value("Je cherche…")
        await page.reload()
        await expect(page.get_by_label("Votre réponse")).to_have_value("Je cherche…")


async def test_a_reply_written_while_a_colleague_replied_is_held_back_and_kept(opens, awa):
    async with opens("Camille") as camille, opens("Sacha") as sacha:
        for page in (camille, sacha):
            await page.goto("/conversations/1")
        await sacha.get_by_label("Votre réponse").fill("Je m'en charge.")
        await sacha.get_by_role("button", name="Envoyer").click()
        await expect(sacha.locator(".line.staff")).to_be_visible()
        await camille.get_by_label("Votre réponse").fill("Moi aussi.")
        await camille.get_by_role("button", name="Envoyer").click()
        await expect(camille.get_by_role("alert")).to_contain_text("Relisez l'échange")
        await expect(camille.get_by_label("Votre réponse")).to_have_value("Moi aussi.")
        assert await violations(camille) == ""


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=str)
async def test_everything_is_done_with_the_keyboard_alone(opens, awa, store, size):
    async with opens(None, size) as page:
        await presses_until(page, "Tab", "Camille, agente")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/conversations")
        await page.keyboard.press("Tab")
        await expect(page.locator(":focus")).to_have_text("Aller au contenu")
        await page.keyboard.press("Enter")
        await presses_until(page, "Tab", "xyz")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/conversations/1")
        await presses_until(page, "Tab", "Je prends")
        await page.keyboard.press("Enter")
        await expect(page.locator("#state")).to_contain_text("vous vous en occupez")
        await presses_until(page, "Tab", "Votre réponse")
        await page.keyboard.type("Bonjour Awa")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".line.staff")).to_contain_text("Bonjour Awa")


_FOCUSED = """() => {
    const focused = document.activeElement;
    return [(focused.labels?.[0] ?? focused).textContent.trim(), getComputedStyle(focused).outlineStyle];
}"""


async def presses_until(page, key: str, name: str) -> None:
    """Press the key until what has the focus bears that name, and its focus can be seen."""
    for _ in range(30):
        await page.keyboard.press(key)
        label, outline = await page.evaluate(_FOCUSED)
        if label == name:
            assert outline != "none"
            return
    pytest.fail(f"{name!r} cannot be reached with {key}")


async def test_a_double_click_sends_once(opens, awa, store):
    async with opens("Camille") as page:
        await page.goto("/conversations/1")
        await page.get_by_label("Votre réponse").fill("Une fois")
        await page.get_by_role("button", name="Envoyer").dblclick()
        await expect(page.locator(".line.staff")).to_have_count(1)


async def test_the_mini_app_hands_over_what_telegram_has_signed(opens, console):
    """Telegram puts it behind the #; it leaves the address at once."""
    async with opens(None) as page:
        async with page.expect_request("**/entrer/telegram") as _:
            await page.goto("/entrer/telegram#tgWebAppData=user%3D1%26hash%3Dx&tgWebAppVersion=9.1")
        await page.wait_for_load_state()
        await expect(page.get_by_role("alert")).to_contain_text("Telegram n'a pas confirmé")
        assert "#" not in page.url


async def test_without_scripts_a_request_is_answered_all_the_same(chromium, console, awa):
    context = await chromium.new_context(base_url=console.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/entrer")
    await page.get_by_role("button", name="Camille").click()
    await page.get_by_role("link", name="xyz").click()
    await page.get_by_label("Votre réponse").fill("Bonjour")
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator(".line.staff")).to_contain_text("Bonjour")
    await context.close()
