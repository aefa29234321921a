"""The open hand-overs: read, taken, answered, ended from here as from the Telegram group."""

from datetime import timedelta

import pytest

from bot.console.demo import deliver
from bot.console.pages import Parts
from bot.conversation import current
from bot.dialogue.state import Mode
from bot.storage.sql import SqlStore
from tests.console.conftest import CAMILLE, NOW, Browser, Clock, hidden

ONE = "/conversations/1"


async def outbox(store: SqlStore) -> list[tuple[str, str]]:
    """Chat and text of what waits, in order."""
    first = await store.due_messages(busy_chats=(), limit=10, now=NOW)
    rows = [row for head in first for row in (head, *await store.next_in_chat(head))]
    rows.sort(key=lambda row: row.id)
    return [(row.outgoing.chat, row.outgoing.params.get("text", row.outgoing.method)) for row in rows]


async def sends(browser: Browser, words: str, **changes: str):
    """A reply, as from the page that is shown now."""
    seen = str((await browser.reads(f"{ONE}.json"))["seen"])
    return await browser.submits(f"{ONE}/repondre", **{"reply": words, "seen": seen} | changes)


# The list


async def test_who_has_waited_longest_comes_first_and_who_has_been_answered_last(camille: Browser, teller):
    for number, hours in ((1, 1), (2, 3), (3, 5)):
        await teller(number).says("xyz", NOW - timedelta(hours=hours))
    answered = teller(4)
    await answered.says("xyz", NOW - timedelta(hours=9))
    await answered.is_answered("Bonjour", CAMILLE, NOW - timedelta(hours=8))
    page = await camille.reads("/conversations.json")
    assert [row["number"] for row in page["rows"]] == [3, 2, 1, 4]
    assert (page["waiting"], page["free"]) == (3, 3)


async def test_who_writes_after_an_answer_waits_since_then(camille: Browser, awa):
    await awa.is_answered("Bonjour", CAMILLE, NOW - timedelta(minutes=50))
    await awa.says("Et pour dix jeunes ?", NOW - timedelta(minutes=20))
    (row,) = (await camille.reads("/conversations.json"))["rows"]
    assert row["waiting_since"] == "2026-11-24T08:40:00Z"
    assert row["mine"]


async def test_the_list_shows_question_language_wait_and_who_has_it(camille: Browser, sacha: Browser, awa):
    await sacha.submits(f"{ONE}/prendre")
    page = (await camille.get("/conversations")).text
    for shown in ("xyz", "français", "attend depuis environ 1 heure", "Sacha s&#39;en occupe"):
        assert shown in page


async def test_a_closed_request_is_no_more_in_the_list_and_can_still_be_read(camille: Browser, awa):
    await camille.submits(f"{ONE}/clore", seen="99")
    assert (await camille.reads("/conversations.json"))["rows"] == []
    page = await camille.get(ONE)
    assert "Cette demande est close" in page.text
    assert "<textarea" not in page.text


async def test_forty_requests_are_a_page_and_a_page_that_is_gone_is_the_last_one(camille: Browser, teller):
    for number in range(1, 43):
        await teller(number).says("xyz", NOW - timedelta(minutes=number))
    pages = [(await camille.reads(f"/conversations.json?page={page}"))["rows"] for page in ("", 2, 9, "x")]
    assert [len(rows) for rows in pages] == [40, 2, 2, 40]
    assert [row["number"] for row in pages[1]] == [2, 1]
    page = (await camille.get("/conversations?page=2")).text
    assert "42 personnes" in page  # all, not those of the page
    assert 'hx-get="/conversations?page=2"' in page


async def test_nobody_waiting_is_said(camille: Browser):
    assert "Personne n&#39;attend de réponse" in (await camille.get("/conversations")).text


# One


async def test_an_exchange_is_read_in_the_order_in_which_it_was_written(camille: Browser, awa):
    await awa.says("pour un lycée", NOW - timedelta(minutes=50))
    await awa.is_answered("Bonjour <Awa>", CAMILLE, NOW - timedelta(minutes=40))
    lines = (await camille.reads(f"{ONE}.json"))["lines"]
    people = [(line["speaker"], line["text"]) for line in lines if line["speaker"] in {"citizen", "staff"}]
    assert people == [("citizen", "xyz"), ("citizen", "pour un lycée"), ("staff", "Bonjour <Awa>")]
    assert any(line["speaker"] == "bot" for line in lines)


async def test_each_reply_says_who_wrote_it_also_once_it_is_closed(camille: Browser, sacha: Browser, awa):
    await awa.is_answered("Du groupe", CAMILLE, NOW - timedelta(minutes=40))
    await sends(sacha, "D'ici")
    await sacha.submits(f"{ONE}/clore", seen="99")
    lines = (await camille.reads(f"{ONE}.json"))["lines"]
    replies = [(line["text"], line["author"]) for line in lines if line["speaker"] == "staff"]
    assert replies == [("Du groupe", "Camille"), ("D'ici", "Sacha")]
    assert "Répondu par Sacha" in (await camille.get(ONE)).text


async def test_what_people_write_is_shown_as_they_wrote_it_and_does_nothing(camille: Browser, teller):
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    await teller(42).says(attack, NOW)
    for path in ("/conversations", ONE):
        page = (await camille.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_name_cannot_do_anything_either(sign_in, group, awa):
    from bot.console.membership import Member  # noqa: PLC0415 - only here

    group.members[CAMILLE] = Member(CAMILLE, "<b>Cam</b>", administrator=True)
    camille = await sign_in(CAMILLE)
    await camille.submits(f"{ONE}/prendre")
    for path in ("/conversations", ONE, "/equipe"):
        page = (await camille.get(path)).text
        assert "<b>" not in page
        assert "&lt;b&gt;Cam&lt;/b&gt;" in page


@pytest.mark.parametrize("number", ["0", "99", "-1", "1.5", "x", "9" * 30, "1;DROP TABLE hand_overs", "%00"])
async def test_a_number_that_is_none_of_ours_is_not_found(camille: Browser, awa, number: str):
    assert (await camille.get(f"/conversations/{number}")).status_code == 404


async def test_a_conversation_of_the_terminal_is_not_for_the_staff(camille: Browser, store: SqlStore):
    async with store.work() as work:
        await work.open_hand_over("terminal", "abc", "abc/1", NOW)
    assert (await camille.reads("/conversations.json"))["rows"] == []
    assert (await camille.get(ONE)).status_code == 404


# Taking


async def test_a_request_is_taken_once_and_the_second_learns_by_whom(camille: Browser, sacha: Browser, awa):
    taken = await camille.submits(f"{ONE}/prendre")
    assert (taken.status_code, taken.headers["location"]) == (303, f"{ONE}#fin")
    second = await sacha.submits(f"{ONE}/prendre")
    assert second.status_code == 409
    assert "Camille vient de prendre" in second.text
    assert (await sacha.reads(f"{ONE}.json"))["row"]["taken_by"] == "Camille"


async def test_taking_tells_the_citizen_and_the_group_as_from_the_group(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    await camille.submits(f"{ONE}/prendre")
    told = await outbox(store)
    assert [chat for chat, _ in told] == ["staff", "42"]
    assert told[0][1] == "Camille s'occupe de la demande n° 1."


async def test_a_request_taken_in_the_group_is_taken_here(camille: Browser, awa, store: SqlStore):
    async with store.work() as work:
        await work.take_hand_over(1, 2, "Sacha", NOW)
    assert (await camille.submits(f"{ONE}/prendre")).status_code == 409


# Replying


async def test_a_reply_goes_to_the_citizen_and_the_group_sees_who_wrote_what(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    assert (await sends(camille, "Venez <mardi> & jeudi")).status_code == 303
    told = await outbox(store)
    assert told[-2:] == [
        ("42", "Venez &lt;mardi&gt; &amp; jeudi"),
        ("staff", "✍️ Camille (console) : Venez &lt;mardi&gt; &amp; jeudi"),
    ]
    conversation, _ = await current(store, "telegram", "42")
    assert conversation.mode is Mode.WITH_STAFF
    (row,) = (await camille.reads("/conversations.json"))["rows"]
    assert row["mine"]
    assert row["waiting_since"] is None


async def test_a_reply_wakes_the_sender(camille: Browser, awa, parts: Parts):
    await sends(camille, "Bonjour")
    assert parts.queued.is_set()


async def test_a_double_click_sends_once(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    first, second = await sends(camille, "Bonjour"), await sends(camille, "Bonjour", seen="0")
    assert (first.status_code, second.status_code) == (303, 303)
    assert [text for chat, text in await outbox(store) if chat == "42"].count("Bonjour") == 1


async def test_other_words_from_the_same_page_are_another_reply(camille: Browser, awa, store: SqlStore):
    """Back in the browser, the page is the one from before: nothing may be lost in silence."""
    await deliver(store, NOW)
    await sends(camille, "Bonjour")
    await sends(camille, "Encore un mot")
    assert ("42", "Encore un mot") in await outbox(store)


async def test_a_reply_is_held_back_when_a_colleague_has_replied_meanwhile(
    camille: Browser, sacha: Browser, awa, store: SqlStore
):
    await deliver(store, NOW)
    page = await camille.get(ONE)
    await sends(sacha, "Je réponds d'ici")
    held = await camille.submits(f"{ONE}/repondre", reply="Moi aussi", seen=hidden(page, "seen"))
    assert held.status_code == 409
    assert "Quelqu&#39;un a écrit depuis" in held.text
    assert "Je réponds d&#39;ici" in held.text
    assert ">Moi aussi</textarea>" in held.text
    assert "Moi aussi" not in str(await outbox(store))
    after = await camille.submits(f"{ONE}/repondre", reply="Moi aussi", seen=hidden(held, "seen"))
    assert after.status_code == 303
    assert ("42", "Moi aussi") in await outbox(store)


async def test_a_reply_from_the_group_holds_it_back_too(camille: Browser, awa):
    page = await camille.get(ONE)
    await awa.is_answered("Du groupe", 2, NOW)
    held = await camille.submits(f"{ONE}/repondre", reply="De la console", seen=hidden(page, "seen"))
    assert held.status_code == 409
    assert "Du groupe" in held.text


async def test_a_reply_to_a_request_closed_meanwhile_is_kept_and_not_sent(
    camille: Browser, sacha: Browser, awa, store: SqlStore
):
    await sacha.submits(f"{ONE}/clore", seen="99")
    await deliver(store, NOW)
    held = await camille.submits(f"{ONE}/repondre", reply="Trop tard", seen="99")
    assert held.status_code == 409
    assert ">Trop tard</textarea>" in held.text
    assert await outbox(store) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "Écrivez votre réponse"),
        (" \r\n ", "Écrivez votre réponse"),
        ("// entre nous", "Toutes les lignes commencent par //"),
        ("x" * 4097, "trop longue"),
        ("😀" * 2049, "trop longue"),
    ],
)
async def test_what_cannot_be_sent_is_said_and_kept(camille: Browser, awa, store: SqlStore, words: str, said: str):
    await deliver(store, NOW)
    refused = await sends(camille, words)
    assert refused.status_code == 422
    assert said in refused.text
    assert f">{words.strip()}</textarea>" in refused.text
    assert await outbox(store) == []


async def test_a_line_between_colleagues_does_not_reach_the_citizen(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    await sends(camille, "Bonjour\r\n// à vérifier avec Sacha\r\nÀ mardi")
    told = await outbox(store)
    assert ("42", "Bonjour\nÀ mardi") in told
    assert "à vérifier avec Sacha" in told[-1][1]


async def test_the_fate_of_a_reply_is_shown_as_telegram_tells_it(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    await sends(camille, "Bonjour")
    assert "en attente d&#39;envoi" in (await camille.get(ONE)).text
    await deliver(store, NOW)
    page = (await camille.get(ONE)).text
    assert ">envoyé<" in page.replace("\n", "").replace("  ", "")
    assert "en attente" not in page


async def test_a_reply_that_cannot_arrive_says_why(camille: Browser, awa, store: SqlStore):
    await deliver(store, NOW)
    await sends(camille, "Bonjour")
    reply = next(row for row in await store.due_messages(busy_chats=(), limit=9, now=NOW) if row.outgoing.chat == "42")
    (relayed,) = await store.next_in_chat(reply)
    await store.mark_failed([reply.id, relayed.id], "Forbidden: bot was blocked by the user", NOW)
    assert "la personne a bloqué l&#39;assistant" in (await camille.get(ONE)).text
    (row,) = (await camille.reads("/conversations.json"))["rows"]
    assert row["undelivered"]


# Ending


async def test_closing_settles_the_questions_and_gives_the_conversation_back(camille: Browser, awa, store: SqlStore):
    seen = str((await camille.reads(f"{ONE}.json"))["seen"])
    await camille.submits(f"{ONE}/clore", seen=seen)
    (question,) = await store.questions()
    assert question.status == "closed"
    conversation, _ = await current(store, "telegram", "42")
    assert conversation.mode is Mode.BOT


async def test_giving_back_leaves_the_questions_open(camille: Browser, awa, store: SqlStore):
    await camille.submits(f"{ONE}/rendre", seen="99")
    (question,) = await store.questions()
    assert question.status == "open"
    assert not (await camille.reads(f"{ONE}.json"))["open"]


async def test_closing_is_held_back_when_the_citizen_has_written_meanwhile(camille: Browser, awa):
    page = await camille.get(ONE)
    await awa.says("Une dernière chose", NOW)
    held = await camille.submits(f"{ONE}/clore", seen=hidden(page, "seen"))
    assert held.status_code == 409
    assert "Une dernière chose" in held.text
    assert (await camille.submits(f"{ONE}/clore", seen=hidden(held, "seen"))).status_code == 303


# What is kept of it


async def test_every_act_is_kept_with_who_and_when_and_none_of_the_words(
    camille: Browser, awa, parts: Parts, clock: Clock
):
    await camille.submits(f"{ONE}/prendre")
    await sends(camille, "Un secret")
    await camille.submits(f"{ONE}/clore", seen="99")
    acts = await parts.store.acts(10)
    assert [(act.user_id, act.act, act.subject) for act in acts][:3] == [
        (CAMILLE, "close", "hand_over:1"),
        (CAMILLE, "reply", "hand_over:1"),
        (CAMILLE, "take", "hand_over:1"),
    ]
    assert {act.at for act in acts} == {clock.now}
    assert "secret" not in str(acts)
    assert "xyz" not in str(acts)


async def test_what_was_refused_is_not_kept_as_done(camille: Browser, sacha: Browser, awa, parts: Parts):
    await camille.submits(f"{ONE}/prendre")
    await sacha.submits(f"{ONE}/prendre")
    assert [act.act for act in await parts.store.acts(10)].count("take") == 1


async def test_what_a_person_has_had_erased_is_not_shown_and_not_answered(camille: Browser, awa, store: SqlStore):
    page = await camille.get(ONE)
    async with store.work() as work:
        await work.erase_person("telegram", "42", NOW)
    assert (await camille.get(ONE)).status_code == 404
    refused = await camille.submits(f"{ONE}/repondre", reply="Bonjour", seen=hidden(page, "seen"))
    assert refused.status_code == 404
    assert "effacée" in refused.text
    assert "Bonjour" not in str(await outbox(store))
