"""The page of figures: what it shows of whom, its files, its report."""

import csv
import io
import os
import sys
from ctypes.util import find_library
from datetime import timedelta

import openpyxl
import pypdf
import pytest

from bot.console.printing import pdf_of
from bot.opportunities.subscriptions import About, Topic
from bot.storage.sql import SqlStore
from tests.console.conftest import NOW, Browser
from tests.console.test_questions import asks  # noqa: F401 - a fixture

FOREIGN = "la météo ?"


@pytest.fixture
async def week(asks) -> None:  # noqa: F811 - the fixture
    """Six people asked in vain yesterday, five got an answer, one wrote from Germany; three asked before."""
    for person in range(1, 7):
        await asks(person, days=1)
    for person in range(7, 12):
        await asks(person, "aide ?", days=2)
    await asks(12, "Förderung?", days=2)
    for person in range(1, 4):
        await asks(person, days=10)


async def figures(browser: Browser, query: str = "?jours=7") -> dict:
    return await browser.reads(f"/chiffres.json{query}")


async def csv_rows(browser: Browser) -> list[list[str]]:
    text = await browser.get("/chiffres/fichier.csv?jours=7")
    return list(csv.reader(io.StringIO(text.content.decode("utf-8-sig")), delimiter=";"))


async def test_totals_count_people_and_the_period_before_says_nothing_of_three(camille: Browser, week):
    page = await figures(camille)
    assert (page["totals"]["questions"], page["totals"]["people"]) == (12, 12)
    assert page["totals_before"]["questions"] is None
    assert "moins de 5" in (await camille.get("/chiffres?jours=7")).text


async def test_nothing_shown_anywhere_is_of_fewer_than_five_people(camille: Browser, week):
    page = await figures(camille)
    cells = [cell for chart in page["charts"] for cell in chart["cells"]]
    cells += [cell for _, cells in page["week"] for cell in cells]
    assert {cell["people"] for cell in cells if cell["count"]} <= {None, *range(5, 13)}
    assert all(cell["people"] is None or cell["people"] == 0 or cell["people"] >= 5 for cell in cells)


async def test_labels_subscriptions_and_what_helped_are_in_the_page_the_files_and_the_report(
    camille: Browser, week, store: SqlStore
):
    for number in range(1, 6):
        await camille.submits(f"/questions/{number}/etiquette", fiche="-")
        async with store.work() as work:
            about = About(Topic.OFFER, "camp")
            await work.subscribe("telegram", str(number), about, ends=NOW + timedelta(days=9), most=9, now=NOW)
    for asked in await store.questions(language="fr", status="answered"):
        async with store.work() as work:
            await work.rate_answer("telegram", asked.ref, "grant", helped=True)
    page = await figures(camille)
    assert (page["totals"]["helped"], page["subscriptions"], page["quality"]["right"]) == (100, 5, 100)
    rows = await csv_rows(camille)
    for row in (
        ["En bref", "réponses jugées utiles, parmi ces avis", "100 %", "", "moins de 5"],
        ["En bref", "abonnements en cours aujourd'hui (offres, échéances)", "5", "", ""],
        ["L'assistant a-t-il raison ?", "Décisions justes", "100 %", "", ""],
        ["Bonnes réponses", "Seuil 0,5", "0 %", "", ""],
        ["Décisions justes", "Semaine du 23/11/2026", "100 %", "", ""],
    ):
        assert row in rows
    report = " ".join((await camille.get("/chiffres/rapport?jours=7")).text.split())
    assert "juste pour 100 % d&#39;entre elles, fausse pour 0 %" in report
    assert "<strong>100 %</strong>" in report


async def test_labels_and_subscriptions_of_four_people_are_not_told(camille: Browser, week, store: SqlStore):
    for number in range(1, 5):
        await camille.submits(f"/questions/{number}/etiquette", fiche="-")
        async with store.work() as work:
            ends = NOW + timedelta(days=9)
            await work.subscribe("telegram", str(number), About(Topic.OFFER, "camp"), ends=ends, most=9, now=NOW)
            await work.subscribe("telegram", "5", About(Topic.OFFER, "camp"), ends=NOW, most=9, now=NOW)  # over
    page = await figures(camille)
    assert (page["subscriptions"], page["quality"]) == (None, None)
    assert ["L'assistant a-t-il raison ?", "Décisions justes", "moins de 5", "", ""] in await csv_rows(camille)
    assert "Pas encore mesuré" in (await camille.get("/chiffres/rapport")).text


async def test_a_gap_that_grows_is_named_to_the_staff_but_not_in_the_report(camille: Browser, week):
    page = await figures(camille)
    assert [(gap["wording"], gap["people"], gap["before"]) for gap in page["gaps"]] == [(FOREIGN, 6, None)]
    assert FOREIGN in (await camille.get("/chiffres?jours=7")).text
    report = await camille.get("/chiffres/rapport?jours=7")
    assert report.status_code == 200
    assert FOREIGN not in report.text


async def test_each_plot_has_its_table_beside_it(camille: Browser, week):
    page = (await camille.get("/chiffres?jours=7")).text
    assert page.count('role="img"') == 1  # the days; the other bars stand in the lines of their tables
    assert page.count("<svg") > 4
    assert page.count("<table>") == 5


@pytest.fixture
def pango() -> None:
    """The library that WeasyPrint draws text with."""
    if find_library("pangoft2-1.0") is None:
        (pytest.fail if os.environ.get("PASSERELLE_TEST_ALL") else pytest.skip)("no Pango on this machine")


async def test_the_report_as_a_pdf_says_the_same_and_can_be_read_aloud(camille: Browser, week, pango):
    answer = await camille.get("/chiffres/rapport.pdf?jours=7")
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    assert "12 questions" in text or "questions 12" in text
    assert "moins de 5" in text
    assert FOREIGN not in text
    assert "Se déconnecter" not in text
    assert document.trailer["/Root"]["/Lang"] == "fr"
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "L'assistant" in document.metadata.title


async def test_without_its_library_no_pdf_is_offered(camille: Browser, week, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = await camille.get("/chiffres/rapport.pdf?jours=7")
    assert answer.status_code == 501
    assert "imprimez le rapport depuis le navigateur" in answer.text


async def test_a_page_to_print_reaches_neither_files_nor_the_network(pango, monkeypatch):
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *_, **__: pytest.fail("it was fetched"))
    page = (
        '<html lang="fr"><title>x</title><img src="file:///etc/hostname" alt="x"><img src="http://127.0.0.1/" alt="x">'
    )
    assert pdf_of(page).startswith(b"%PDF")


async def test_files_say_the_same(camille: Browser, week):
    rows = await csv_rows(camille)
    book = await camille.get("/chiffres/fichier.xlsx?jours=7")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == cells
    assert rows[0] == ["Tableau", "Ligne", "Questions", "Personnes", "Période d'avant"]
    assert any(row[:2] == ["Ce que l'assistant en a fait", "rien trouvé"] for row in rows)


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ("?mois=2026-10", ("2026-10-01", "2026-10-31")),
        ("?mois=2026-11", ("2026-11-01", "2026-11-30")),
        ("?jours=7", ("2026-11-18", "2026-11-24")),
        ("?jours=99999&mois=1999-01", ("2026-10-26", "2026-11-24")),
    ],
)
async def test_a_period_is_whole_days_up_to_today_or_a_month(camille: Browser, query, period):
    page = await figures(camille, query)
    assert (page["period"]["first"], page["period"]["last"]) == period


async def test_waiting_is_said_from_five_replies_on(camille: Browser, teller):
    for person in range(1, 6):
        citizen = teller(person)
        await citizen.says("xyz", NOW - timedelta(hours=3))
        await citizen.is_answered("Bonjour", 1, NOW - timedelta(hours=2))
    assert "La moitié des personnes" in (await camille.get("/chiffres?jours=7")).text
