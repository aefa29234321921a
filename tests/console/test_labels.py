"""Labels: one tap says which entry a question asked for."""

import json
import re
from dataclasses import replace

from tests.console.conftest import NOW, Browser
from tests.unit.test_dialogue import GRANT

LABELS = "/questions/etiquettes"


async def test_an_answered_question_is_labelled_in_one_tap_and_leaves_the_list(camille: Browser, teller, store):
    await teller(1).says(GRANT, NOW)
    [question] = (await camille.reads(LABELS))["questions"]
    assert next((choice["entry"], choice["given"]) for choice in question["choices"]) == ("grant", True)
    answer = await camille.submits(f"/questions/{question['number']}/etiquette", fiche="grant")
    assert answer.headers["location"] == f"{LABELS}?fait={question['number']}"
    page = await camille.reads(LABELS)
    assert (page["questions"], page["done"]) == ([], 1)
    assert [each.expected for each in await store.questions()] == ["grant"]


async def test_none_of_ours_and_taking_a_label_back(camille: Browser, teller, store):
    await teller(1).says("la météo ?", NOW)
    await camille.submits("/questions/1/etiquette", fiche="-")
    assert [each.expected for each in await store.questions()] == [""]
    await camille.submits("/questions/1/etiquette", fiche="")
    assert [each.expected for each in await store.questions()] == [None]


async def test_an_entry_or_a_question_that_is_not_there_is_refused(camille: Browser, teller, store):
    await teller(1).says(GRANT, NOW)
    statuses = [
        (await camille.submits(path, fiche=entry, key=str(number))).status_code
        for number, (path, entry) in enumerate(
            [
                ("/questions/1/etiquette", "gone"),
                ("/questions/1/etiquette", "../../etc/passwd"),
                ("/questions/7/etiquette", "grant"),
                (f"/questions/{1 << 70}/etiquette", "grant"),
            ]
        )
    ]
    assert statuses == [404] * 4
    assert [each.expected for each in await store.questions()] == [None]


async def test_a_retired_entry_is_no_label(camille: Browser, teller, dialogue, monkeypatch):
    await teller(1).says(GRANT, NOW)
    grant = dialogue.knowledge.entries["grant"]
    monkeypatch.setitem(dialogue.knowledge.entries, "grant", replace(grant, retired=True))
    page = await camille.reads(LABELS)
    assert "grant" not in {entry for entry, _ in page["entries"]} | {
        choice["entry"] for question in page["questions"] for choice in question["choices"]
    }
    assert (await camille.submits("/questions/1/etiquette", fiche="grant")).status_code == 404


async def test_a_long_question_is_a_short_heading_and_can_be_read_whole(camille: Browser, teller):
    words = "une phrase " * 90
    await teller(1).says(words, NOW)
    page = (await camille.get(LABELS)).text
    heading = re.search(r"<h2[^>]*>(.*?)</h2>", page)[1]
    assert len(heading) < 310
    assert heading.endswith("phrase …")
    assert words.strip() in page


async def test_what_people_write_is_escaped(camille: Browser, teller):
    await teller(1).says("<script>alert(1)</script>", NOW)
    assert "<script>alert" not in (await camille.get(LABELS)).text


async def test_the_figures_need_labels_of_five_people(camille: Browser, teller):
    for number in range(1, 6):
        await teller(number).says(GRANT, NOW)
        assert (await camille.reads("/chiffres"))["quality"] is None
        await camille.submits(f"/questions/{number}/etiquette", fiche="grant")
    found = (await camille.reads("/chiffres"))["quality"]
    assert (found["questions"], found["weeks"][0]["right"]) == (5, 100)
    page = (await camille.get("/chiffres")).text
    assert "Seuil proposé" in page
    assert json.dumps(found)
