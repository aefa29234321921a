import pytest

from bot.storage.sql import SqlStore
from tests.storage.examples import LATER, NOW, SECOND, log, question


async def refs(store: SqlStore, **filters: object) -> list[str]:
    return [found.ref for found in await store.questions(**filters)]


async def test_a_question_comes_back_as_it_was_logged(store: SqlStore):
    logged = question(id=1, entry="house", status="answered", closed_at=LATER)
    await log(store, logged)
    assert await store.questions() == [logged]


async def test_questions_come_newest_first(store: SqlStore):
    await log(store, question("old"), question("new", asked_at=LATER), question("old too"))
    assert await refs(store) == ["new", "old too", "old"]


async def test_questions_come_no_more_than_asked_for(store: SqlStore):
    await log(store, question("q1"), question("q2"))
    assert await refs(store, limit=1) == ["q2"]


async def test_questions_can_be_filtered_by_status(store: SqlStore):
    await log(store, question("q1"), question("q2", status="answered"))
    assert await refs(store, status="answered") == ["q2"]


async def test_questions_can_be_filtered_by_language(store: SqlStore):
    await log(store, question("q1"), question("q2", language="de"))
    assert await refs(store, language="de") == ["q2"]


async def test_questions_can_be_filtered_by_time_inclusive(store: SqlStore):
    await log(store, question("q1", asked_at=NOW - SECOND), question("q2", asked_at=NOW))
    assert await refs(store, since=NOW) == ["q2"]


async def test_filters_are_combined(store: SqlStore):
    await log(store, question("q1", "école"), question("q2", "école", language="de"), question("q3", "mairie"))
    assert await refs(store, language="fr", containing="école") == ["q1"]


@pytest.mark.parametrize("sought", ["École", "école", "ÉCOLE", "ecole", "E\u0301cole"])
async def test_a_search_ignores_case_and_accents(store: SqlStore, sought: str):
    await log(store, question("q1", "Où est l’École de Saint-Denis ?"), question("q2", "Bonjour"))
    assert await refs(store, containing=sought) == ["q1"]


@pytest.mark.parametrize("sign", ["%", "_", "/", "\\", "'"])
async def test_a_search_takes_signs_literally(store: SqlStore, sign: str):
    await log(store, question("q1", f"aide de 50{sign}0 euros"), question("q2", "aide de 5010 euros"))
    assert await refs(store, containing=f"50{sign}") == ["q1"]


async def test_closing_tells_how_many_questions_were_open(store: SqlStore):
    await log(store, question("q1"), question("q2", status="answered"), question("q3"))
    assert await store.close_questions([1, 2, 99], LATER) == 1
    assert await refs(store, status="closed") == ["q1"]


async def test_a_closed_question_tells_when(store: SqlStore):
    await log(store, question("q1"))
    await store.close_questions([1], LATER)
    assert [closed.closed_at for closed in await store.questions()] == [LATER]


async def test_closing_nothing_closes_nothing(store: SqlStore):
    await log(store, question("q1"))
    assert await store.close_questions([], NOW) == 0


async def test_counts_name_every_state_even_of_an_empty_store(store: SqlStore):
    assert dict(await store.counts()) == dict.fromkeys(
        [
            *("inbox.waiting", "inbox.done", "inbox.dead"),
            *("questions.open", "questions.answered", "questions.closed", "questions.withdrawn"),
            *("hand_overs.waiting", "hand_overs.with_staff", "hand_overs.closed"),
            *("outbox.queued", "outbox.sending", "outbox.sent", "outbox.failed", "outbox.interrupted"),
        ],
        0,
    )


async def test_counts_follow_the_rows(store: SqlStore):
    await log(store, question("q1"), question("q2"), question("q3", status="answered"))
    counts = await store.counts()
    assert (counts["questions.open"], counts["questions.answered"]) == (2, 1)


async def test_a_time_of_another_zone_comes_back_as_the_same_moment_in_utc(store: SqlStore):
    paris = NOW.astimezone(tz=None)
    await log(store, question("q1", asked_at=paris))
    [found] = await store.questions()
    assert (found.asked_at, found.asked_at.tzname()) == (NOW, "UTC")


async def test_a_time_without_a_zone_is_refused(store: SqlStore):
    with pytest.raises(Exception, match="no time zone"):
        await log(store, question("q1", asked_at=NOW.replace(tzinfo=None)))


async def test_what_a_person_says_of_an_answer_is_kept_with_the_question_the_last_word_of_each_entry(store: SqlStore):
    await log(store, question("q1"), question("q2"))
    async with store.work() as work:
        await work.rate_answer("telegram", "q1", "grant", helped=True)
        await work.rate_answer("telegram", "q1", "grant", helped=False)
        await work.rate_answer("telegram", "q1", "office", helped=True)
        await work.rate_answer("telegram", "gone", "grant", helped=True)
    assert {found.ref: found.ratings for found in await store.questions()} == {
        "q1": {"grant": False, "office": True},
        "q2": {},
    }


async def test_a_question_that_is_open_again_has_no_end(store: SqlStore):
    await log(store, question("q1", status="answered"))
    async with store.work() as work:
        await work.settle_question("telegram", "q1", status="open", entry=None, now=LATER)
    [found] = await store.questions()
    assert (found.status, found.closed_at) == ("open", None)
