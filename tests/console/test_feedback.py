"""What citizens said of entries: staff say whether it counts, and what counts is published as any edit."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.console.pages import Parts
from bot.dialogue.policy import Dialogue
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.knowledge.loader import load
from bot.storage.sql import SqlStore
from tests.console.conftest import Browser
from tests.editing.examples import KnowsByHeart, written
from tests.storage.examples import log, question
from tests.unit.dialogue_fakes import FakeMatcher

PAGE = "/questions/retours"
CHOSEN = {"decision": "clarify", "status": "answered", "entry": "hours", "text": "vous êtes là quand ?"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "knowledge")


@pytest.fixture
def parts(parts: Parts, folder: Path) -> Parts:
    desk = Desk(Publisher(folder), KnowsByHeart, list)
    return replace(parts, desk=desk, dialogue=lambda: Dialogue(load(folder, None), FakeMatcher()))


async def rated(store: SqlStore, text: str = "le prix du pain ?", ref: str = "q1") -> None:
    await log(store, question(ref, text, decision="answer", status="answered", entry="hours"))
    async with store.work() as work:
        await work.rate_answer("telegram", ref, "hours", helped=False)


async def decides(browser: Browser, verdict: str, number: int = 1):
    return await browser.submits(f"{PAGE}/{number}", entry="hours", verdict=verdict)


async def edits_of(browser: Browser, address: str):
    (proposal,) = browser.parts.desk.proposals.waiting()
    assert address == f"/fiches/propositions/{proposal.id}"
    return proposal.edits


async def test_a_choice_that_counts_becomes_one_more_way_to_ask(camille: Browser, store: SqlStore):
    await log(store, question(**CHOSEN))
    (said,) = (await camille.reads(PAGE))["said"]
    assert (said["wording"], said["title"], said["right"]) == ("vous êtes là quand ?", "Les horaires", True)
    (edit,) = await edits_of(camille, (await decides(camille, "yes")).headers["location"])
    assert edit.after["utterances"]["fr"] == ["horaires", "vous êtes là quand ?"]
    assert (await camille.reads(PAGE))["said"] == []


async def test_a_refusal_that_counts_guards_the_entry(camille: Browser, store: SqlStore):
    await rated(store)
    (edit,) = await edits_of(camille, (await decides(camille, "yes")).headers["location"])
    assert edit.after["must_not_match"] == {"fr": ["le prix du pain ?"]}
    assert edit.after["utterances"] == {"fr": ["horaires"]}


async def test_what_is_nobodys_is_out_of_scope_as_well(camille: Browser, store: SqlStore, folder: Path):
    await rated(store)
    guard, out = await edits_of(camille, (await decides(camille, "out")).headers["location"])
    assert guard.after["must_not_match"] == {"fr": ["le prix du pain ?"]}
    desk, proposals = camille.parts.desk, camille.parts.desk.proposals
    proposal = proposals.waiting()[0]
    proposals.publish(proposal.id, proposal.signed.author, desk.publisher.version().fingerprint, proposal.signed.at)
    assert load(folder, None).out_of_scope == {"fr": ("le prix du pain ?",)}
    assert out.file == "out_of_scope.yaml"


async def test_what_an_entry_is_asked_for_by_is_not_out_of_scope(camille: Browser, store: SqlStore):
    await rated(store, "Horaires !")
    answer = await decides(camille, "out")
    assert answer.status_code == 422
    assert "« hours » contient déjà cette question" in answer.text
    assert camille.parts.desk.proposals.waiting() == []
    assert len((await camille.reads(PAGE))["said"]) == 1


async def test_an_entry_that_is_retired_is_not_asked_about(camille: Browser, store: SqlStore, folder: Path):
    await log(store, question(**CHOSEN))
    file = folder / "entries/mairie.yaml"
    file.write_text(file.read_text().replace("  - id: hours\n", "  - id: hours\n    retired: true\n"))
    assert (await camille.reads(PAGE))["said"] == []


async def test_the_same_opinion_of_several_people_is_decided_on_once(camille: Browser, store: SqlStore):
    for number in range(3):
        await log(store, question(f"q{number}", chat=f"chat-{number}", **CHOSEN))
    (said,) = (await camille.reads(PAGE))["said"]
    assert (said["question"], said["times"]) == (3, 3)
    assert "3 questions" in (await camille.get(PAGE)).text
    await decides(camille, "yes", number=1)  # a page that was shown before the others came
    assert len(camille.parts.desk.proposals.waiting()) == 1
    assert (await camille.reads(PAGE))["said"] == []


async def test_what_does_not_count_changes_nothing_and_is_not_asked_again(camille: Browser, store: SqlStore):
    await rated(store)
    assert (await decides(camille, "no")).headers["location"] == PAGE
    assert camille.parts.desk.proposals.waiting() == []
    assert (await camille.reads(PAGE))["said"] == []
    (act, *_) = await camille.parts.store.acts(1)
    assert (act.act, act.subject) == ("review", "question:1")


async def test_two_agents_decide_once(camille: Browser, sign_in, store: SqlStore):
    await log(store, question(**CHOSEN))
    sacha = await sign_in(2)
    await decides(camille, "yes")
    assert (await decides(sacha, "yes")).headers["location"] == PAGE
    assert len(camille.parts.desk.proposals.waiting()) == 1


async def test_what_cannot_be_written_is_told_and_stays(camille: Browser, store: SqlStore):
    await log(store, question(**CHOSEN | {"text": "horaires !"}))
    answer = await decides(camille, "yes")
    assert answer.status_code == 422
    assert "contient déjà" in answer.text
    assert len((await camille.reads(PAGE))["said"]) == 1


@pytest.mark.parametrize(("verdict", "number"), [("perhaps", 1), ("yes", 7), ("yes", 10**30)])
async def test_a_form_that_says_nothing_changes_nothing(camille: Browser, store: SqlStore, verdict: str, number: int):
    await log(store, question(**CHOSEN))
    assert (await decides(camille, verdict, number)).headers["location"] == PAGE
    assert len((await camille.reads(PAGE))["said"]) == 1


async def test_an_opinion_whose_proposal_cannot_be_written_is_still_to_be_reviewed(
    camille: Browser, store: SqlStore, monkeypatch
):
    await rated(store)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.editing.proposals.Proposals.propose", full)
    assert (await decides(camille, "yes")).status_code == 500
    assert len((await camille.reads(PAGE))["said"]) == 1


async def test_the_page_shows_words_as_words_and_nobodys_name(camille: Browser, store: SqlStore):
    await rated(store, "<b>gras</b>")
    page = (await camille.get(PAGE)).text
    assert "&lt;b&gt;gras&lt;/b&gt;" in page
    assert "chat-1" not in page
