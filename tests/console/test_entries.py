"""The knowledge in the console: edited, tried, published, taken back, frozen, corrected."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bot.console.pages import Parts
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from bot.matching.evaluation import Labelled
from bot.storage.console import Act
from bot.storage.model import Outgoing
from bot.storage.sql import SqlStore
from tests.console.conftest import NOW, SACHA, URL, Browser
from tests.editing.examples import ENTRIES, SOURCES, KnowsByHeart, written
from tests.storage.examples import question

CHANGED = {
    "title_fr": "Les horaires",
    "utterances_fr": "horaires\r\nc ouvert quand",
    "answer_fr": "De 9 h à 12 h.",
    "sources": "page",
    "owner": "Accueil",
    "reason": "Une question reçue",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "knowledge")


@pytest.fixture
def parts(parts: Parts, folder: Path) -> Parts:
    labelled = [Labelled("c ouvert quand", ("hours",), "fr", "sms")]
    return replace(parts, desk=Desk(Publisher(folder), KnowsByHeart, lambda: labelled))


@pytest.fixture
def careful(parts: Parts, folder: Path) -> Parts:
    """Two people are asked for."""
    parts.desk.publisher.two_persons = True
    return parts


@pytest.fixture
async def sacha(sign_in, parts: Parts) -> Browser:
    """An editor."""
    browser = await sign_in(SACHA)
    await parts.store.set_editor(SACHA, editor=True, act=Act(SACHA, "make_editor", f"person:{SACHA}", NOW, "hired"))
    return browser


async def proposes(browser: Browser, path: str = "/fiches/id/hours/modifier", **fields: str) -> str:
    """The address of the proposal, once it has been tried."""
    answer = await browser.submits(path, **{**CHANGED, **fields})
    assert answer.status_code == 303, _notice(answer.text)
    address = answer.headers["location"]
    await tried(browser, address)
    return address


async def tried(browser: Browser, address: str) -> Mapping:
    await browser.get(address)
    for rehearsing in browser.parts.desk._rehearsals.values():
        await rehearsing.task
    return await browser.reads(address)


async def publishes(browser: Browser, address: str, **fields: str):
    base = (await browser.reads(address))["base"]
    return await browser.submits(f"{address}/publier", base=base, **fields)


def _notice(html: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', html, re.DOTALL)
    return found[1] if found else ""


def heard(folder: Path) -> tuple[str, ...]:
    return load(folder, None).entries["hours"].utterances["fr"]


# Reading


async def test_the_list_tells_state_owner_languages_and_figures(camille: Browser, store: SqlStore):
    async with store.work() as work:
        await work.enqueue([Outgoing(str(n), "sendMessage", {"text": "…"}, entry="hours") for n in range(6)], NOW)
    (row,) = (await camille.reads("/fiches"))["rows"]
    assert (row["title"], row["owner"], row["languages"], row["figures"]["served"]) == (
        "Les horaires",
        "Accueil",
        ["fr"],
        6,
    )
    assert "donnée 6 fois" in (await camille.get("/fiches")).text


async def test_figures_of_fewer_than_five_people_are_not_told(camille: Browser, store: SqlStore):
    async with store.work() as work:
        await work.enqueue([Outgoing("1", "sendMessage", {"text": "…"}, entry="hours")] * 9, NOW)
    assert "à moins de cinq personnes" in (await camille.get("/fiches")).text


@pytest.mark.parametrize(("sought", "found"), [("HORAIRES", 1), ("accueil", 1), ("piscine", 0), ("'; DROP TABLE", 0)])
async def test_the_list_can_be_searched(camille: Browser, sought: str, found: int):
    assert len((await camille.reads(f"/fiches?q={quote(sought)}"))["rows"]) == found


async def test_an_entry_shows_its_answer_and_sources(camille: Browser):
    page = (await camille.get("/fiches/id/hours")).text
    assert "De 9 h à 12 h." in page
    assert 'href="https://example.org"' in page
    assert "Geler" not in page  # an agent may not


OUTSIDE = ["../secret", "../../etc/passwd", "..%2Fsecret", "%2e%2e%2f%2e%2e%2fsources", "..%5csecret", "/etc/passwd"]


@pytest.mark.parametrize("entry", ["nowhere", "%00", "hours.yaml", "entries%2Fmairie", *OUTSIDE])
async def test_an_id_that_no_entry_has_is_not_found(camille: Browser, sacha: Browser, folder: Path, entry: str):
    """It is looked up among the ids, and never a path."""
    (folder.parent / "secret.yaml").write_text(ENTRIES.replace("hours", "../secret"), encoding="utf-8")
    before = sorted(folder.parent.rglob("*.yaml"))
    for path in (f"/fiches/id/{entry}", f"/fiches/id/{entry}/modifier", f"/fiches/id/{entry}.json"):
        # As it stands, where a client would shorten it: the console itself must refuse.
        asked = httpx.Request("GET", httpx.URL(URL).copy_with(raw_path=path.encode()), cookies=camille.cookies)
        assert (await camille.send(asked)).status_code == 404
    for act in ("geler", "modifier", "degeler", "rectifier", "retirer", "remettre"):
        target = httpx.URL(URL).copy_with(raw_path=f"/fiches/id/{entry}/{act}".encode())
        assert (await sacha.submits(target, **CHANGED, days="7")).status_code in {404, 409}
    assert sorted(folder.parent.rglob("*.yaml")) == before
    assert not list(folder.parent.rglob("proposals/*.json"))


async def test_a_folder_with_a_problem_is_told_and_what_is_in_service_stays(camille: Browser, folder: Path):
    (folder / "entries/mairie.yaml").write_text(ENTRIES + "    sources: [x]\n", encoding="utf-8")
    page = (await camille.get("/fiches")).text
    assert "garde la version d&#39;avant" in page
    assert "déjà écrit" in page


# Editing


async def test_from_the_form_to_the_folder(sacha: Browser, folder: Path):
    address = await proposes(sacha)
    assert heard(folder) == ("horaires",)
    answer = await publishes(sacha, address)
    assert (answer.status_code, heard(folder)) == (303, ("horaires", "c ouvert quand"))


async def test_the_lines_that_will_be_written_are_shown(sacha: Browser):
    shown = await tried(sacha, await proposes(sacha))
    assert [line for kind, line in shown["lines"] if kind in {"add", "drop"}] == ['+        - "c ouvert quand"']


async def test_the_questions_that_would_change_are_shown(sacha: Browser):
    shown = await tried(sacha, await proposes(sacha))
    assert [change["shift"] for change in shown["changes"]] == ["better"]
    assert "« c ouvert quand » : passe la main → répond avec « Les horaires »" in shown["changes"][0]["text"]


async def test_guards_that_a_publication_would_lose_are_shown(sacha: Browser, folder: Path):
    file = folder / "entries/mairie.yaml"
    file.write_text(ENTRIES + '    must_match: {fr: ["horaires de la mairie"]}\n', encoding="utf-8")
    page = await tried(sacha, address := await proposes(sacha))
    (told,) = page["guards"]
    assert told.startswith("« Les horaires » : la question « horaires de la mairie » ne va à aucune fiche")
    assert "Questions qui gardent les fiches et ne tiennent pas" in (await sacha.get(address)).text
    assert (await publishes(sacha, address)).status_code == 303
    assert "must_match" in file.read_text("utf-8")


async def test_real_questions_are_decided_on_too(sacha: Browser, store: SqlStore):
    async with store.work() as work:
        await work.log_question(question("q1", "ouvert le samedi ?"))
    shown = await tried(sacha, await proposes(sacha, utterances_fr="horaires\nouvert le samedi ?"))
    assert "questions récentes relues : 1" in shown["summary"]
    assert [change["shift"] for change in shown["changes"]] == ["other"]


async def test_a_change_of_anything_leaves_what_the_form_does_not_show(sacha: Browser, folder: Path):
    changed = {
        "answer_fr": "De 8 h à 12 h.",
        "answer_de": "8 bis 12 Uhr.",
        "status": "to_confirm",
        "valid_until": "2027-06-30",
    }
    await publishes(sacha, await proposes(sacha, **changed))
    text = (folder / "entries/mairie.yaml").read_text(encoding="utf-8")
    assert "# Relue en mai" in text
    entry = load(folder, None).entries["hours"]
    assert (entry.answer["de"].strip(), entry.status, str(entry.valid_until)) == (
        "8 bis 12 Uhr.",
        "to_confirm",
        "2027-06-30",
    )


async def test_the_first_and_the_last_day_are_edited_and_taken_out(sacha: Browser, folder: Path):
    days = {"valid_from": "2026-12-01", "valid_until": "2027-06-30"}
    await publishes(sacha, await proposes(sacha, **days))
    entry = load(folder, None).entries["hours"]
    assert [str(entry.valid_from), str(entry.valid_until)] == list(days.values())
    page = (await sacha.get("/fiches/id/hours")).text
    for said in ("à partir du 01/12/2026", "jusqu&#39;au 30/06/2027", "hors de ses dates"):
        assert said in page
    assert 'value="2026-12-01"' in (await sacha.get("/fiches/id/hours/modifier")).text
    await publishes(sacha, await proposes(sacha, valid_from="", valid_until=""), key="k2")
    assert "valid" not in (folder / "entries/mairie.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("days", [("2027-01-02", "2027-01-01"), ("demain", ""), ("", "2027-02-30")])
async def test_days_that_are_none_cannot_be_published(sacha: Browser, folder: Path, days: tuple[str, str]):
    shown = await tried(sacha, await proposes(sacha, valid_from=days[0], valid_until=days[1]))
    assert shown["problems"]
    assert (await publishes(sacha, f"/fiches/propositions/{shown['id']}")).status_code == 409
    assert load(folder, None).entries["hours"].valid_from is None


async def test_an_entry_is_retired_with_a_reason_and_brought_back(camille: Browser, sacha: Browser, folder: Path):
    before = (folder / "entries/mairie.yaml").read_text(encoding="utf-8")
    proposed = await camille.submits("/fiches/id/hours/retirer", reason="L'accueil a fermé")
    await publishes(sacha, proposed.headers["location"])
    gone = load(folder, date(2026, 11, 24)).entries["hours"]  # `check` has nothing against it
    assert (gone.retired, gone.in_force(date(2026, 11, 24))) == (True, False)
    page = (await camille.get("/fiches/id/hours")).text
    assert "<strong>retirée</strong>" in page
    assert 'par Camille, avec l&#39;accord de Sacha : <span dir="auto">Fiche retirée : L&#39;accueil a fermé' in page
    back = await camille.submits("/fiches/id/hours/remettre", key="k2")
    await publishes(sacha, back.headers["location"], key="k2")
    assert (folder / "entries/mairie.yaml").read_text(encoding="utf-8") == before
    assert "Fiche remise" in (await camille.get("/fiches/historique")).text


async def test_retiring_what_the_menu_names_is_told_before_it_is_published(camille: Browser, folder: Path):
    (folder / "menu.yaml").write_text("contact: hours\n", encoding="utf-8")
    proposed = await camille.submits("/fiches/id/hours/retirer", reason="L'accueil a fermé")
    shown = await tried(camille, proposed.headers["location"])
    assert shown["leaving"] == ["« Les horaires » ne sera plus proposée, et reste nommée par : /contact."]
    assert "reste nommée par : /contact" in (await camille.get(proposed.headers["location"])).text


async def test_retiring_needs_a_reason_and_bringing_back_something_retired(camille: Browser):
    for path, told in (("retirer", "Écrivez pourquoi"), ("remettre", "Rien ne change")):
        refused = await camille.submits(f"/fiches/id/hours/{path}", reason=" ")
        assert refused.status_code == 422
        assert told in refused.text
        assert 'action="/fiches/id/hours/modifier"' in refused.text  # the form is that of a change
    assert 'action="/fiches/nouvelle"' in (await camille.get("/fiches/nouvelle")).text


async def test_a_new_entry_with_a_new_source(sacha: Browser, folder: Path):
    fields = {
        "title_fr": "Se garer",
        "utterances_fr": "parking ?",
        "answer_fr": "Devant.",
        "sources": "",
        "source_title": "Le plan",
        "source_url": "https://example.org/plan",
        "file": "entries/mairie.yaml",
        "owner": "",
    }
    await publishes(sacha, await proposes(sacha, "/fiches/nouvelle", **fields))
    made = load(folder, None)
    assert made.entries["se-garer"].sources == ("le-plan",)
    assert made.sources["le-plan"].checked == NOW.date()


async def test_a_new_entry_can_begin_with_a_citizens_question(sacha: Browser, store: SqlStore):
    async with store.work() as work:
        await work.log_question(question("q1", "où se <b>garer</b> ?", language="de"))
    form = (await sacha.reads("/fiches/nouvelle?question=1"))["form"]
    assert form["spoken"]["de"]["utterances"] == "où se <b>garer</b> ?"
    assert "<b>garer" not in (await sacha.get("/fiches/nouvelle?question=1")).text


async def test_from_a_conversation_its_question_becomes_knowledge(sacha: Browser, store: SqlStore):
    async with store.work() as work:
        await work.log_question(question("q1", "ouvert le samedi ?"))
        await work.open_hand_over("telegram", "chat-1", "q1", NOW)
    assert "/fiches/nouvelle?question=1" in (await sacha.get("/conversations/1")).text
    form = (await sacha.reads("/fiches/id/hours/modifier?question=1"))["form"]
    assert (form["spoken"]["fr"]["utterances"], form["reason"]) == (
        "horaires\nouvert le samedi ?",
        "Question reçue n° 1",
    )


@pytest.mark.parametrize("number", ["99", "x", "²", "9" * 30, ""])
async def test_a_question_that_does_not_exist_begins_nothing(camille: Browser, number: str):
    assert (await camille.reads(f"/fiches/nouvelle?question={number}"))["form"]["reason"] == ""


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"utterances_fr": "horaires"}, "Rien ne change"),
        ({"reason": "  "}, "Écrivez pourquoi"),
        ({"utterances_fr": "horaires\nappelez le 06 12 34 56 78"}, "[téléphone]"),
    ],
)
async def test_what_cannot_be_proposed_is_told_with_what_was_written(sacha: Browser, fields: dict, told: str):
    answer = await sacha.submits(
        "/fiches/id/hours/modifier", **{**CHANGED, "title_de": "Öffnungszeiten" if "reason" in fields else "", **fields}
    )
    assert answer.status_code == 422
    assert told in answer.text
    assert "De 9 h à 12 h." in answer.text


@pytest.mark.parametrize("file", ["../a.yaml", "/etc/passwd", "entries/../../a.yaml"])
async def test_a_new_entry_goes_nowhere_else(sacha: Browser, folder: Path, file: str):
    answer = await sacha.submits("/fiches/nouvelle", **{**CHANGED, "utterances_fr": "neuf", "file": file})
    assert answer.status_code == 422
    assert sorted(path.name for path in folder.parent.rglob("*.yaml")) == ["mairie.yaml", "sources.yaml"]


async def test_what_is_not_valid_is_shown_and_cannot_be_published(sacha: Browser, folder: Path):
    address = await proposes(sacha, sources="nowhere")
    shown = await tried(sacha, address)
    assert "nowhere" in shown["problems"][0]
    assert "/publier" not in (await sacha.get(address)).text
    assert (await publishes(sacha, address)).status_code == 409
    assert heard(folder) == ("horaires",)


async def test_a_folder_that_changed_under_the_page_is_not_written(sacha: Browser, folder: Path):
    address = await proposes(sacha)
    base = (await sacha.reads(address))["base"]
    (folder / "sources.yaml").write_text(SOURCES + "# relu\n", encoding="utf-8")
    answer = await sacha.submits(f"{address}/publier", base=base)
    assert (answer.status_code, heard(folder)) == (409, ("horaires",))
    assert "ont changé" in answer.text
    assert (await publishes(sacha, address)).status_code == 303


# Who may


async def test_an_agent_proposes_and_an_editor_publishes(camille: Browser, sacha: Browser, folder: Path):
    address = await proposes(camille)
    assert "/publier" not in (await camille.get(address)).text
    assert (await publishes(camille, address)).status_code == 403
    assert address in (await sacha.get("/fiches")).text
    await publishes(sacha, address)
    (done,) = (await sacha.reads("/fiches/historique"))["rows"]
    assert (done["author"], done["approved_by"], done["reason"]) == ("Camille", "Sacha", "Une question reçue")


async def test_where_two_people_are_asked_for_the_proposer_cannot_publish(
    sacha: Browser, dominique: Browser, careful, folder
):
    address = await proposes(sacha)
    assert "Une autre personne" in (await sacha.get(address)).text
    assert (await publishes(sacha, address)).status_code == 409
    assert heard(folder) == ("horaires",)
    assert (await publishes(dominique, address)).status_code == 303


async def test_a_proposal_is_withdrawn_by_who_made_it_or_an_editor(camille: Browser, sacha: Browser, sign_in):
    address = await proposes(sacha)
    assert (await camille.submits(f"{address}/retirer")).status_code == 403
    assert (await sacha.submits(f"{address}/retirer")).status_code == 303
    assert (await sacha.get(address)).status_code == 404


async def test_every_act_is_in_the_audit_log(sacha: Browser, parts: Parts):
    await publishes(sacha, await proposes(sacha))
    await sacha.submits("/fiches/id/hours/geler", key="k2", reason="Fausse")
    acts = [act.act for act in await parts.store.acts(10)]
    assert acts[:3] == ["freeze", "publish", "propose"]


# At once, and back


async def test_freezing_takes_effect_at_once_and_thawing_is_a_proposal(sacha: Browser, careful, folder: Path):
    assert (await sacha.submits("/fiches/id/hours/geler", reason="Fausse")).status_code == 303
    assert load(folder, None).entries["hours"].frozen
    assert "gelée" in (await sacha.get("/fiches")).text
    answer = await sacha.submits("/fiches/id/hours/degeler", key="k2")
    assert load(folder, None).entries["hours"].frozen
    assert answer.headers["location"].startswith("/fiches/propositions/")


async def test_a_publication_is_taken_back_at_a_click(sacha: Browser, folder: Path):
    await publishes(sacha, await proposes(sacha))
    (done,) = (await sacha.reads("/fiches/historique"))["rows"]
    assert "/revenir" in (await sacha.get("/fiches/historique")).text
    await sacha.submits(f"/fiches/historique/{done['id']}/revenir")
    assert (folder / "entries/mairie.yaml").read_text(encoding="utf-8") == ENTRIES
    back, first = (await sacha.reads("/fiches/historique"))["rows"]
    assert (back["undoes"], first["undone"]) == (True, True)


async def test_what_is_kept_no_more_is_not_offered_to_be_taken_back(sacha: Browser, folder: Path):
    await publishes(sacha, await proposes(sacha))
    for file in (folder / ".passerelle/contents").iterdir():
        file.unlink()
    page = (await sacha.get("/fiches/historique")).text
    assert ("/revenir" in page, "Trop ancienne pour revenir en arrière" in page) == (False, True)


async def test_an_unknown_publication_is_told(sacha: Browser):
    answer = await sacha.submits("/fiches/historique/x/revenir")
    assert (answer.status_code, "numéro x" in answer.text) == (409, True)


# Corrections


async def given(store: SqlStore, chat: str, at=NOW) -> None:
    async with store.work() as work:
        await work.enqueue([Outgoing(chat, "sendMessage", {"text": "…"}, entry="hours")], at)


async def corrections(store: SqlStore) -> list[str]:
    rows, texts = True, []
    while rows:
        rows = await store.due_messages(busy_chats=(), limit=50, now=NOW)
        for row in rows:
            await store.mark_sending(row.id, NOW)
            await store.mark_sent(row.id, row.id, NOW)
        texts += [row.outgoing.chat for row in rows if "corrigeons" in row.outgoing.params["text"]]
    return texts


async def test_those_who_got_the_answer_are_told_once(sacha: Browser, store: SqlStore, clock):
    await given(store, "11", NOW - timedelta(days=2))
    await given(store, "12", NOW - timedelta(days=9))
    answer = await sacha.submits("/fiches/id/hours/rectifier", days="7", until="")
    assert "personnes prévenues : 1" in answer.text
    again = await sacha.submits("/fiches/id/hours/rectifier", days="7", until="")
    assert "a déjà servi" in again.text
    assert await corrections(store) == ["11"]


async def test_who_got_the_answer_after_it_was_corrected_is_not_told(sacha: Browser, store: SqlStore, clock):
    await given(store, "11", NOW - timedelta(hours=1))
    await publishes(sacha, await proposes(sacha))
    (done,) = (await sacha.reads("/fiches/historique"))["rows"]
    clock.passes(hours=2)
    await given(store, "12", NOW + timedelta(hours=1))
    await sacha.submits("/fiches/id/hours/rectifier", days="7", until=done["id"])
    assert await corrections(store) == ["11"]


@pytest.mark.parametrize("days", ["", "0", "91", "-1", "x", "²"])
async def test_a_time_that_is_none_corrects_nothing(sacha: Browser, store: SqlStore, days: str):
    await given(store, "11")
    assert (await sacha.submits("/fiches/id/hours/rectifier", days=days)).status_code == 422
    assert await corrections(store) == []


async def test_a_name_of_the_staff_is_never_markup(sign_in, group, parts: Parts):
    group.members[SACHA] = replace(group.members[SACHA], name="<b>Sacha</b>")
    sacha = await sign_in(SACHA)
    await parts.store.set_editor(SACHA, editor=True, act=Act(SACHA, "make_editor", f"person:{SACHA}", NOW, "named"))
    address = await proposes(sacha)
    pages = [(await sacha.get(path)).text for path in (address, "/fiches")]
    await publishes(sacha, address)
    for page in [*pages, *[(await sacha.get(path)).text for path in ("/fiches/historique", "/fiches/id/hours")]]:
        assert "<b>" not in page
        assert "&lt;b&gt;Sacha&lt;/b&gt;" in page


async def test_what_citizens_and_agents_write_is_never_markup(sacha: Browser):
    address = await proposes(sacha, utterances_fr="horaires\n<script>alert(1)</script>", reason="<img src=x>")
    for path in (address, "/fiches"):
        page = (await sacha.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page
