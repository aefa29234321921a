"""The console's part of the store: one-time links, sessions, acts kept with what they do, exchanges read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.storage.console import Act, EndedError, OvertakenError, Person, RepeatedActError, Seen, Session
from bot.storage.console_sql import SqlConsole
from bot.storage.model import HandOver, Outgoing
from bot.storage.sql import SqlStore
from bot.storage.store import StaleUpdateError
from bot.storage.tables import console_attempts
from tests.storage.examples import NOW, question

SOON = NOW + timedelta(minutes=10)
ALICE = Person(7, "Alice", administrator=False, editor=False, seen_at=NOW)
SESSION = Session("one", ALICE, NOW, NOW)


@pytest.fixture
def console(store: SqlStore) -> SqlConsole:
    return SqlConsole(store)


@pytest.fixture
async def hand_over(store: SqlStore) -> HandOver:
    async with store.work() as work:
        await work.log_question(replace(question("42/1"), chat="42", channel="telegram"))
        await work.save_conversation("telegram", "42", {"language": "de"}, version=0, now=NOW)
        return await work.open_hand_over("telegram", "42", "42/1", NOW)


async def enqueued(store: SqlStore, *outgoing: Outgoing, at=NOW):
    async with store.work() as work:
        await work.enqueue(outgoing, at)


async def test_attempts_are_counted_however_many_come_at_once_and_forgotten_in_time(console: SqlConsole):
    minute = timedelta(minutes=1)

    async def tries(times: int, who: str = "a", minutes: int = 0) -> int:
        now = NOW + minutes * minute
        return sum(await asyncio.gather(*(console.attempt(who, 10, now - 5 * minute, now) for _ in range(times))))

    assert await tries(4) == 4
    assert await tries(9, minutes=2) == 6
    assert await tries(3, "b", minutes=2) == 3
    assert await tries(9, minutes=5) == 4  # the first four have passed


async def test_attempts_are_removed_a_day_later_also_when_nobody_tries_again(console: SqlConsole, store: SqlStore):
    await console.attempt("a", 10, NOW, NOW)

    async def kept() -> int:
        async with store.reading() as connection:
            return len((await connection.execute(select(console_attempts))).all())

    await store.purge(NOW - timedelta(days=180), NOW + timedelta(days=1))
    assert await kept() == 1
    await store.purge(NOW - timedelta(days=180), NOW + timedelta(days=1, seconds=1))
    assert await kept() == 0


async def test_a_ticket_is_used_once(console: SqlConsole):
    assert await console.issue_ticket("hash", 7, SOON, NOW)
    assert await console.ticket_is_good("hash", NOW)
    assert await console.use_ticket("hash", NOW) == 7
    assert not await console.ticket_is_good("hash", NOW)
    assert await console.use_ticket("hash", NOW) is None


async def test_a_ticket_that_has_expired_or_was_never_issued_is_not_good(console: SqlConsole):
    await console.issue_ticket("hash", 7, SOON, NOW)
    assert await console.use_ticket("hash", SOON) is None
    assert await console.use_ticket("other", NOW) is None


async def test_a_person_has_five_good_tickets_at_most(console: SqlConsole):
    assert [await console.issue_ticket(str(number), 7, SOON, NOW) for number in range(6)] == [True] * 5 + [False]
    assert await console.issue_ticket("other", 8, SOON, NOW)
    assert await console.issue_ticket("later", 7, SOON + timedelta(hours=1), SOON)


async def test_what_was_spent_is_not_spent_again(console: SqlConsole):
    assert await console.spend("signed", 7, SOON, NOW)
    assert not await console.spend("signed", 7, SOON, NOW)


async def test_a_session_replaces_the_one_that_the_browser_had(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    assert await console.session("one") == SESSION
    await console.start_session(replace(SESSION, hash="two"), replaces="one")
    assert await console.session("one") is None
    assert await console.session("two") == replace(SESSION, hash="two")


async def test_old_sessions_and_tickets_are_forgotten_when_somebody_signs_in(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    await console.issue_ticket("hash", 7, SOON, NOW)
    later = NOW + timedelta(days=1)
    await console.start_session(replace(SESSION, hash="two", started_at=later), replaces=None)
    assert await console.session("one") is None
    assert await console.issue_ticket("hash", 7, later + timedelta(minutes=10), later)


async def test_who_signs_in_again_is_still_an_editor_and_may_have_another_name(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    await console.set_editor(7, editor=True, act=Act(1, "make_editor", "person:7", NOW))
    renamed = replace(SESSION, hash="two", person=replace(ALICE, name="Alice M.", administrator=True))
    await console.start_session(renamed, replaces=None)
    assert await console.people() == [replace(ALICE, name="Alice M.", administrator=True, editor=True)]


async def test_all_sessions_of_who_has_left_end(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    await console.start_session(replace(SESSION, hash="two"), replaces=None)
    await console.end_sessions_of(7)
    assert await console.session("one") is None
    assert await console.session("two") is None


async def test_acts_are_read_newest_first(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    await console.log_act(Act(7, "sign_out", "", SOON))
    assert [act.act for act in await console.acts(10)] == ["sign_out", "sign_in"]
    assert len(await console.acts(1)) == 1


async def test_acts_are_kept_for_a_year(console: SqlConsole):
    await console.start_session(SESSION, replaces=None)
    await console.start_session(replace(SESSION, hash="two", started_at=NOW + timedelta(days=365)), replaces=None)
    assert len(await console.acts(10)) == 1


async def test_an_act_and_what_it_does_are_kept_together_or_not_at_all(console: SqlConsole, store: SqlStore):
    act = Act(7, "reply", "hand_over:1", NOW, "key")
    with pytest.raises(StaleUpdateError):  # noqa: PT012 - the block is what is undone
        async with console.acting(act).work() as work:
            await work.enqueue([Outgoing("42", "sendMessage", {})], NOW)
            await work.update_done(99, NOW)
    assert await console.acts(10) == []
    async with console.acting(act).work() as work:
        await work.enqueue([Outgoing("42", "sendMessage", {})], NOW)
    assert await console.acts(10) == [act]
    assert (await store.counts())["outbox.queued"] == 1


async def test_the_same_form_twice_does_nothing_the_second_time(console: SqlConsole, store: SqlStore):
    act = Act(7, "reply", "hand_over:1", NOW, "key")
    async with console.acting(act).work():
        pass
    with pytest.raises(RepeatedActError):
        async with console.acting(act).work() as work:
            await work.enqueue([Outgoing("42", "sendMessage", {})], NOW)
    assert (await store.counts())["outbox.queued"] == 0


async def test_a_reply_that_was_not_read_holds_an_act_back(console: SqlConsole, store: SqlStore, hand_over: HandOver):
    await enqueued(store, Outgoing("42", "sendMessage", {}, hand_over.id, origin=5))
    (posted,) = await console.posted(hand_over)
    act = Act(7, "reply", "hand_over:1", NOW, "key")
    with pytest.raises(OvertakenError):
        async with console.acting(act, Seen(hand_over.id, posted.row.id - 1)).work():
            pass
    async with console.acting(act, Seen(hand_over.id, posted.row.id)).work():
        pass


async def test_what_the_citizen_wrote_meanwhile_holds_back_only_who_would_close(
    console: SqlConsole, store: SqlStore, hand_over: HandOver
):
    await enqueued(store, Outgoing("staff", "sendMessage", {}, hand_over.id, origin=9))
    async with console.acting(Act(7, "reply", "", NOW, "a"), Seen(hand_over.id, 0)).work():
        pass
    with pytest.raises(OvertakenError):
        async with console.acting(Act(7, "close", "", NOW, "b"), Seen(hand_over.id, 0, citizen_too=True)).work():
            pass


async def test_nothing_is_done_to_a_closed_hand_over(console: SqlConsole, store: SqlStore, hand_over: HandOver):
    async with store.work() as work:
        await work.set_hand_over(hand_over.id, status="closed", now=NOW)
    with pytest.raises(EndedError):
        async with console.acting(Act(7, "reply", "", NOW, "a"), Seen(hand_over.id, 0)).work():
            pass


async def test_open_requests_are_read_with_their_question_language_and_last_words(
    console: SqlConsole, store: SqlStore, hand_over: HandOver
):
    await enqueued(store, Outgoing("42", "sendMessage", {}, hand_over.id, origin=5), at=SOON)
    await enqueued(store, Outgoing("staff", "sendMessage", {}, hand_over.id, origin=9), at=SOON + timedelta(hours=1))
    (request,) = await console.requests("telegram")
    assert request.hand_over == hand_over
    assert request.question is not None
    assert request.question.ref == "42/1"
    assert (request.language, request.replied_last) == ("de", SOON)
    assert request.asked_last == SOON + timedelta(hours=1)
    assert not request.undelivered
    assert await console.requests("terminal") == []


async def test_a_reply_that_did_not_arrive_is_seen_in_the_list(
    console: SqlConsole, store: SqlStore, hand_over: HandOver
):
    await enqueued(store, Outgoing("42", "sendMessage", {}, hand_over.id))
    (posted,) = await console.posted(hand_over)
    await store.mark_failed(posted.row.id, "Forbidden", NOW)
    (request,) = await console.requests("telegram")
    assert request.undelivered


async def test_a_closed_request_is_read_by_its_number_only(console: SqlConsole, store: SqlStore, hand_over: HandOver):
    async with store.work() as work:
        await work.set_hand_over(hand_over.id, status="closed", now=NOW)
    assert await console.requests("telegram") == []
    assert await console.request(hand_over.id) is not None
    assert await console.request(99) is None


async def test_an_exchange_holds_what_the_bot_said_meanwhile_and_nothing_of_other_people(
    console: SqlConsole, store: SqlStore, hand_over: HandOver
):
    early = NOW - timedelta(hours=2)
    await enqueued(store, Outgoing("42", "sendMessage", {"text": "long before"}), at=early)
    await enqueued(store, Outgoing("42", "sendMessage", {"text": "hello"}), Outgoing("43", "sendMessage", {}))
    await enqueued(store, Outgoing("staff", "sendMessage", {"text": "card"}, hand_over.id))
    async with store.work() as work:
        await work.log_question(replace(question("43/1"), chat="43", channel="telegram"))
    said = [posted.row.outgoing.params["text"] for posted in await console.posted(hand_over)]
    assert said == ["hello", "card"]
    assert [asked.ref for asked in await console.questions_around(hand_over)] == ["42/1"]


async def test_the_pulse_changes_with_what_is_written_and_with_what_becomes_of_it(
    console: SqlConsole, store: SqlStore, hand_over: HandOver
):
    pulses = [await console.pulse()]
    await enqueued(store, Outgoing("42", "sendMessage", {}, hand_over.id))
    pulses.append(await console.pulse())
    await store.mark_sent(1, 100, NOW)
    pulses.append(await console.pulse())
    async with store.work() as work:
        await work.take_hand_over(hand_over.id, 7, "Alice", SOON)
    pulses.append(await console.pulse())
    async with store.work() as work:
        await work.set_hand_over(hand_over.id, status="closed", now=SOON)
    pulses.append(await console.pulse())
    assert len(set(pulses)) == len(pulses)
    assert await console.pulse() == pulses[-1]
