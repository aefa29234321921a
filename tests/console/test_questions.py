"""The questions that wait: grouped, filtered, set aside, answered once for everybody who asked."""

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bot.channels.telegram.desk import CHANNEL
from bot.console.demo import deliver
from bot.console.pages import Parts
from bot.conversation import current
from bot.dialogue.state import Mode
from bot.storage.sql import SqlStore
from tests.console.conftest import NOW, URL, Browser, Clock
from tests.console.test_conversations import outbox

FOREIGN = "la météo ?"
"""Out of scope: the bot notes it, and hands nothing over."""


@pytest.fixture
def asks(teller):
    """`asks(7, "…", minutes=5)`: a person's question, so long ago."""
    tellers = {}

    async def asked(person: int, words: str = FOREIGN, **ago: int) -> None:
        known = tellers.setdefault(person, teller(person))
        await known.says(words, NOW - timedelta(**ago or {"minutes": 5}))

    return asked


@pytest.fixture
async def three(asks) -> None:
    """Three people asked the same; the third has a hand-over open."""
    await asks(1, hours=3)
    await asks(2, hours=2)
    await asks(3, "xyz", hours=2)
    await asks(3, hours=1)


async def groups(browser: Browser, query: str = "") -> list[tuple[str, int, int]]:
    page = await browser.reads(f"/questions.json{query}")
    return [(group["wording"], group["askers"], group["times"]) for group in page["groups"]]


async def sent(store: SqlStore, words: str) -> list[str]:
    """The chats of citizens in whose queue the words stand, one for each message."""
    return [chat for chat, text in await outbox(store) if words in text and not chat.startswith("staff")]


async def answers(browser: Browser, number: int, ids: str, words: str = "Voyez meteo.fr", key: str = "k"):
    return await browser.submits(f"/questions/{number}/repondre", w1=ids, answer=words, key=key)


# The list


async def test_questions_alike_are_one_group_counted_by_people(camille: Browser, asks):
    for person in (1, 1, 2):
        await asks(person)
    await asks(3, "La meteo", minutes=1)
    await asks(4, "le prix du pain à Belfort")
    found = await groups(camille)
    assert [(askers, times) for _, askers, times in found] == [(3, 4), (1, 1)]
    assert found[0][0] == "La meteo"


async def test_the_group_that_most_people_ask_is_first_then_the_newest(camille: Browser, asks):
    await asks(1, "un", hours=1)
    await asks(2, "deux", hours=3)
    await asks(3, "trois", hours=2)
    await asks(4, "deux", hours=4)
    assert [wording for wording, _, _ in await groups(camille)] == ["deux", "un", "trois"]


async def test_each_filter_leaves_what_it_names(camille: Browser, asks):
    await asks(1, "aide ou lieu ?", days=3)
    await asks(2, "été à Belfort", minutes=5)
    for query, wordings in {
        "?mots=ETE": ["été à Belfort"],
        "?jours=1": ["été à Belfort"],
        "?fiche=grant": ["aide ou lieu ?"],
        "?genre=clarify": ["aide ou lieu ?"],
        "?langue=de": [],
        "?etat=closed": [],
        "?etat=nothing&jours=x&page=-3": ["été à Belfort", "aide ou lieu ?"],
        "?mots=%25'%20OR%201=1%20--": [],
    }.items():
        assert [wording for wording, _, _ in await groups(camille, query)] == wordings, query


SQL = ["' OR '1'='1", "'; DROP TABLE questions; --", "%", "_", "\\", '" OR 1=1 --', "%' ESCAPE '"]


@pytest.mark.parametrize("words", SQL)
@pytest.mark.parametrize("state", ["open", "closed"])
async def test_sql_in_a_search_is_words_to_look_for(camille: Browser, dominique: Browser, asks, words: str, state: str):
    await asks(1, "xyz")
    await asks(2, f"je cherche {words} ici")
    if state == "closed":
        await dominique.submits("/questions/ranger", w1="1,2")
    assert await groups(camille, f"?{urlencode({'etat': state, 'mots': words})}") == [(f"je cherche {words} ici", 1, 1)]
    assert len(await groups(camille, f"?etat={state}")) == 2


async def test_forty_groups_are_a_page(camille: Browser, store: SqlStore, asks):
    for number in range(41):
        await asks(number + 1, f"q{number} {chr(97 + number % 26) * 9}{number}")
    assert len(await groups(camille)) == 40
    assert len(await groups(camille, "?page=2")) == 1
    assert 'href="/questions?etat=open&amp;page=2"' in (await camille.get("/questions")).text


async def test_what_people_write_does_nothing(camille: Browser, asks):
    attack = "<script>alert(1)</script>\"'><img src=x>"
    await asks(1, attack)
    tried = await camille.submits("/questions/1/apercu", w1="1", answer=attack)
    for page in (await camille.get("/questions"), await camille.get("/questions/1"), tried):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


async def test_groups_are_set_aside_and_opened_again(camille: Browser, dominique: Browser, asks):
    await asks(1)
    await asks(2, "autre chose")
    await camille.submits("/questions/ranger", w1="1", w2="99")
    assert [wording for wording, _, _ in await groups(camille)] == ["autre chose"]
    await camille.submits("/questions/rouvrir", w1="1", query="etat=closed")
    assert len(await groups(camille)) == 2
    done = [act["what"] for act in (await dominique.reads("/equipe.json"))["done"]]
    assert [what.split(" (")[0] for what in done if what.startswith("questions")] == [
        "questions rouvertes",
        "questions mises de côté",
    ]


async def test_who_looks_at_a_group_is_seen_by_others_until_gone(
    camille: Browser, sacha: Browser, asks, clock: Clock, parts: Parts
):
    await asks(1)
    await camille.get("/questions/1")
    assert (await sacha.reads("/questions.json"))["groups"][0]["looking"] == ["Camille"]
    assert (await sacha.reads("/questions/1.json"))["others"] == ["Camille"]
    assert (await camille.reads("/questions/1.json"))["others"] == ["Sacha"]
    before = parts.presence.version
    clock.passes(seconds=80)
    assert (await sacha.reads("/questions.json"))["groups"][0]["looking"] == []
    assert parts.presence.version > before


@pytest.mark.parametrize("number", ["0", "99", "9" * 30, "x", "../etc", "1;DROP TABLE questions"])
async def test_a_question_that_is_none_is_not_found(camille: Browser, asks, number: str):
    await asks(1)
    assert (await camille.get(f"/questions/{number}")).status_code == 404


# Answer once


async def test_everybody_who_asked_is_answered_once_and_the_questions_are(camille: Browser, store: SqlStore, three):
    page = await camille.reads("/questions/1.json")
    assert (page["receive"], page["in_conversation"]) == (3, 1)
    answered = await answers(camille, 1, "1,2,4")
    assert answered.headers["location"] == "/questions/reponses/1"
    assert sorted(await sent(store, "Voyez meteo.fr")) == ["1", "2", "3"]
    assert [q.status for q in await store.questions(containing="météo")] == ["answered"] * 3
    assert FOREIGN not in [wording for wording, _, _ in await groups(camille)]


async def test_each_reads_their_own_question_above_the_answer(camille: Browser, store: SqlStore, three):
    await answers(camille, 1, "1,2,4")
    texts = {chat: text for chat, text in await outbox(store) if "Voyez" in text and chat in {"1", "3"}}
    assert texts["1"] == "Vous aviez demandé : « la météo ? ». Le service vous répond :\n\nVoyez meteo.fr"
    assert texts["3"] == "Voyez meteo.fr"


async def test_who_has_a_hand_over_open_is_answered_in_it(camille: Browser, store: SqlStore, three):
    await answers(camille, 1, "1,2,4")
    conversation, _ = await current(store, CHANNEL, "3")
    assert conversation.mode is Mode.WITH_STAFF
    said = [line["text"] for line in (await camille.reads("/conversations/1.json"))["lines"]]
    assert "Voyez meteo.fr" in said


async def test_a_double_click_sends_nothing_twice(camille: Browser, store: SqlStore, three):
    first, second = await answers(camille, 1, "1,2,4"), await answers(camille, 1, "1,2,4")
    assert first.headers["location"] == second.headers["location"]
    assert sorted(await sent(store, "Voyez meteo.fr")) == ["1", "2", "3"]


async def test_two_agents_at_once_send_nothing_twice(camille: Browser, sacha: Browser, store: SqlStore, three):
    both = await asyncio.gather(answers(camille, 1, "1,2,4", "Un", "a"), answers(sacha, 1, "1,2,4", "Deux", "b"))
    assert sorted(each.status_code for each in both) == [303, 409]
    answered = [text for _, text in await outbox(store) if text.endswith(("\n\nUn", "\n\nDeux"))]
    assert len(answered) == 2
    refused = next(each for each in both if each.status_code == 409)
    assert "Rien n&#39;est parti" in refused.text


async def test_only_what_is_ticked_is_answered(camille: Browser, store: SqlStore, three):
    await answers(camille, 1, "2")
    assert await sent(store, "Voyez") == ["2"]
    assert await groups(camille) == [(FOREIGN, 2, 2), ("xyz", 1, 1)]


async def test_who_cancelled_or_erased_is_not_written_to(camille: Browser, store: SqlStore, teller):
    for person in (1, 2, 3):
        await teller(person).says("xyz", NOW)
    first = (await store.questions())[-1]
    async with store.work() as work:
        await work.erase_person(CHANNEL, "2", NOW)
        await work.settle_question(CHANNEL, first.ref, status="withdrawn", entry=None, now=NOW)
    await answers(camille, 3, "1,2,3")
    assert await sent(store, "Voyez") == ["3"]


async def test_who_was_offered_entries_and_told_nothing_is_not_written_to(camille: Browser, store: SqlStore, asks):
    await asks(1, "aide ou lieu ?")
    await asks(2, "aide ou lieu ?")
    page = await camille.reads("/questions/1.json")
    assert (page["receive"], page["not_promised"]) == (0, 2)
    assert "<textarea" not in (await camille.get("/questions/1")).text
    assert (await answers(camille, 1, "1,2")).status_code == 409
    assert await sent(store, "Voyez") == []


async def test_the_preview_is_what_is_sent(camille: Browser, store: SqlStore, three):
    page = await camille.submits("/questions/1/apercu", w1="1,2,4", answer="Voyez <meteo> & co\n// entre nous")
    assert "Voyez &lt;meteo&gt; &amp; co" in page.text
    assert "Envoyer à 3 personnes" in page.text
    assert await sent(store, "Voyez") == []
    await answers(camille, 1, "1,2,4", "Voyez <meteo> & co\n// entre nous")
    first = next(text for chat, text in await outbox(store) if chat == "1" and "Voyez" in text)
    assert first in page.text
    assert "entre nous" not in first


@pytest.mark.parametrize(
    ("words", "ids", "why"),
    [
        ("", "1", "Écrivez la réponse"),
        ("// note", "1", "Écrivez la réponse"),
        ("x" * 4000, "1", "trop longue"),
        ("x", "", "Cochez"),
    ],
)
async def test_what_cannot_be_sent_is_said_and_kept(camille: Browser, store: SqlStore, three, words, ids, why):
    for act in ("apercu", "repondre"):
        page = await camille.submits(f"/questions/1/{act}", w1=ids, answer=words)
        assert page.status_code == 422
        assert why in page.text
        assert words in page.text
    assert len(await sent(store, "x" * 4000)) == 0


async def test_the_fate_of_each_is_shown(camille: Browser, store: SqlStore, three):
    await answers(camille, 1, "1,2,4")
    assert (await camille.reads("/questions/reponses/1.json"))["counts"] == [["queued", 3]]
    rows = [row for row in await store.due_messages(busy_chats=(), limit=10, now=NOW) if row.outgoing.chat == "1"]
    while rows:
        await store.mark_failed([row.id for row in rows], "Forbidden: bot was blocked by the user", NOW)
        rows = [row for row in await store.due_messages(busy_chats=(), limit=10, now=NOW) if row.outgoing.chat == "1"]
    await deliver(store, NOW)
    assert dict((await camille.reads("/questions/reponses/1.json"))["counts"]) == {"failed": 1, "sent": 2}
    assert "la personne a bloqué l&#39;assistant" in (await camille.get("/questions/reponses/1")).text


async def test_a_german_asker_is_addressed_in_german(camille: Browser, store: SqlStore, teller):
    asker = teller(1)
    asker.citizen = {**asker.citizen, "language": "de"}
    await asker.says(FOREIGN, NOW)
    await answers(camille, 1, "1")
    assert any(text.startswith("Sie hatten gefragt") for chat, text in await outbox(store) if chat == "1")


async def test_what_was_answered_leads_to_a_new_entry(camille: Browser, three):
    await answers(camille, 1, "1,2,4")
    for path in ("/questions/1", "/questions/reponses/1"):
        assert 'href="/fiches/nouvelle?question=1"' in (await camille.get(path)).text


async def test_a_form_of_another_site_changes_nothing(camille: Browser, store: SqlStore, three):
    for path in ("/questions/1/repondre", "/questions/ranger"):
        refused = await camille.post(path, data={"w1": "1", "answer": "x", "token": "y"}, headers={"origin": URL})
        assert refused.status_code == 403
    assert len(await store.questions(status="open")) == 4
