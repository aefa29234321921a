"""axe over every page of the console, in light and dark, wide and narrow; a new page cannot be forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.console.app import application
from bot.console.demo import furnish
from bot.console.pages import Parts
from bot.dialogue.policy import Dialogue
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from bot.matching.evaluation import Labelled
from bot.storage.console import Act
from bot.storage.sql import SqlStore
from tests.browser.conftest import NARROW, WIDE, overflows, violations
from tests.editing.examples import KnowsByHeart
from tests.storage.examples import log, question
from tests.unit.dialogue_fakes import FakeMatcher

LOOKS = [(WIDE, "light"), (NARROW, "dark")]
"""Colours do not depend on the width in `console.css`, hence not each with each."""
PAGES = {
    "/entrer": ["/entrer"],
    "/entrer/telegram": ["/entrer/telegram"],
    "/entrer/{secret}": ["/entrer/{link}", "/entrer/x"],
    "/conversations": ["/conversations"],
    "/conversations/{number:int}": ["/conversations/3", "/conversations/6"],
    "/questions": ["/questions?etat=open&jours=30", "/questions?etat=answered"],
    "/questions/{number:int}": ["/questions/1"],
    "/questions/reponses/{number:int}": ["/questions/reponses/1"],
    "/questions/etiquettes": ["/questions/etiquettes?fait=1"],
    "/questions/retours": ["/questions/retours"],
    "/fiches": ["/fiches"],
    "/fiches/nouvelle": ["/fiches/nouvelle"],
    "/fiches/historique": ["/fiches/historique"],
    "/fiches/id/{entry}": ["/fiches/id/hours"],
    "/fiches/id/{entry}/modifier": ["/fiches/id/hours/modifier"],
    "/fiches/propositions/{proposal}": ["/fiches/propositions/{proposal}"],
    "/chiffres": ["/chiffres", "/chiffres?jours=90"],
    "/chiffres/rapport": ["/chiffres/rapport"],
    "/equipe": ["/equipe"],
}
"""Route → the addresses at which it is looked at."""
NO_PAGES = {
    "/": "leads to the first page",
    "/static": "files of the pages",
    "/live": "a stream that the pages listen to",
    "/chiffres/rapport.pdf": "the report as a file; its tags are looked at in tests/console/test_figures.py",
    "/chiffres/fichier.csv": "a file",
    "/chiffres/fichier.xlsx": "a file",
}
"""What answers GET and is not looked at, with the reason. `….json` is the page itself, for programs."""


@pytest.fixture
def dialogue(folder: Path) -> Dialogue:
    return Dialogue(load(folder, None), FakeMatcher())


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(Publisher(folder), KnowsByHeart, lambda: [Labelled("c ouvert quand", ("hours",), "fr", "sms")])


@pytest.fixture
async def busy(store: SqlStore, dialogue: Dialogue, console: Parts) -> None:
    """Conversations, opinions, labels of more than five people."""
    now = datetime.now(UTC)
    await furnish(store, dialogue, now)
    rated = {"decision": "answer", "status": "answered", "entry": "hours", "candidates": (("hours", 0.9),)}
    for number in range(6):
        asked_at = now - timedelta(days=number)
        await log(
            store, question(f"q{number}", f"le prix du pain {number} ?", chat=f"{number}", asked_at=asked_at, **rated)
        )
        async with store.work() as work:
            await work.rate_answer("telegram", f"q{number}", "hours", helped=number > 2)
    for asked in await store.questions(containing="le prix du pain"):
        async with console.store.answering(Act(1, "label", str(asked.id), now, f"l{asked.id}")) as labelling:
            await labelling.label_question("telegram", asked.id, "hours" if asked.id % 3 else "", 1, now)


def answering_get(parts: Parts) -> Iterator[str]:
    for route in application(parts).routes:
        methods = getattr(route, "methods", None) or {"GET"}  # what is mounted has none
        if "GET" in methods and not route.path.endswith(".json"):
            yield route.path


def test_each_route_is_looked_at_or_says_why_not(console_parts: Parts):
    assert set(answering_get(console_parts)) == PAGES.keys() | NO_PAGES.keys()


async def looked_at(page: Page) -> None:
    """The page as it is now, on each screen, in light and dark."""
    for (width, height), scheme in LOOKS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)
        where = f"{page.url}, {width} px, {scheme}"
        assert await violations(page) == "", where
        assert not await overflows(page), where


async def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(opens, busy, console: Parts, desk: Desk):
    async with opens("Dominique") as page:
        await _answers_a_group(page)
        await _proposes(page)
        proposal = desk.proposals.waiting()[0].id
        link = await console.access.new_link(1)
        for address in (each for addresses in PAGES.values() for each in addresses):
            await page.goto(address.format(link=link, proposal=proposal))
            await page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
            await looked_at(page)
        for other in ("/nothing", "/conversations/99"):
            await page.goto(other)
            await looked_at(page)
        await page.goto(f"/fiches/propositions/{proposal}")
        await page.get_by_role("button", name="Publier").click()
        await page.wait_for_url("**/fiches/historique")
        await looked_at(page)


async def _answers_a_group(page: Page) -> None:
    """Passports: three people of the demonstration ask for them."""
    await page.goto("/questions")
    await page.get_by_role("link", name="passeport").click()
    await page.get_by_label("Votre réponse").fill("Voyez https://service-public.fr")
    await page.get_by_role("button", name="Voir ce qui sera reçu").click()
    await expect(page.locator(".phone")).to_contain_text("service-public")
    await looked_at(page)
    await page.get_by_role("button", name="Envoyer à 3 personnes").click()
    await page.wait_for_url("**/reponses/1")


async def _proposes(page: Page) -> None:
    await page.goto("/fiches/id/hours/modifier")
    await page.get_by_label("Pourquoi").fill("Essai")
    await page.get_by_role("button", name="Voir ce que cela change").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await looked_at(page)  # what is not done is told
    await page.locator("#utterances_fr").fill("horaires\nc ouvert quand")
    await page.get_by_role("button", name="Voir ce que cela change").click()
    await expect(page.locator("#essai")).to_contain_text("Mieux : 1")
