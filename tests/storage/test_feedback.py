"""What citizens said of entries waits for staff, who decide once."""

import pytest
from sqlalchemy import event, insert

from bot.storage.console import Act, RepeatedActError
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore, open_store
from bot.storage.tables import questions
from tests.storage.examples import NOW, log, open_hand_over, question
from tests.storage.test_copying import connected, to_revision

CHOSEN = {"decision": "clarify", "status": "answered", "entry": "house"}


@pytest.fixture
def console(store: SqlStore) -> SqlConsole:
    return SqlConsole(store)


def act(key: str) -> Act:
    return Act(1, "review", "question:1", NOW, key)


async def rates(store: SqlStore, ref: str, entry: str, *, helped: bool) -> None:
    async with store.work() as work:
        await work.rate_answer("telegram", ref, entry, helped=helped)


async def test_only_questions_of_which_somebody_said_something_are_found(console: SqlConsole, store: SqlStore):
    silent = [question("q1"), question("q2", decision="clarify", status="answered"), question("q3", decision="clarify")]
    await log(store, *silent, question("q4", **CHOSEN), question("q5"), question("q6", **CHOSEN, channel="terminal"))
    await rates(store, "q5", "house", helped=False)
    assert [found.ref for found in await console.opinions("telegram", 10)] == ["q5", "q4"]
    assert [found.ref for found in await console.opinions("telegram", 1)] == ["q5"]


async def test_staff_decide_once_on_each_entry_of_a_question(console: SqlConsole, store: SqlStore):
    await log(store, question("q1", **CHOSEN))
    (found,) = await console.opinions("telegram", 10)
    assert found.reviewed == {}
    assert await console.review([found.id], "house", act("a"), accepted=True)
    assert not await console.review([found.id], "house", act("b"), accepted=False)
    assert await console.review([found.id], "other", act("c"), accepted=False)
    (found,) = await console.decided("telegram", 10)
    assert found.reviewed == {"house": True, "other": False}
    assert [each.key for each in await console.acts(10)] == ["c", "a"]


async def test_what_many_said_alike_is_decided_together_and_what_was_decided_stays(
    console: SqlConsole, store: SqlStore
):
    await log(store, *(question(f"q{number}", **CHOSEN) for number in range(3)))
    numbers = [found.id for found in await console.opinions("telegram", 10)]
    assert await console.review(numbers[:1], "house", act("a"), accepted=False)
    assert await console.review(numbers, "house", act("b"), accepted=True)
    assert not await console.review(numbers, "house", act("c"), accepted=False)
    decided = [found.reviewed["house"] for found in await console.decided("telegram", 10)]
    assert decided == [False, True, True]


async def test_an_act_that_is_known_decides_nothing(console: SqlConsole, store: SqlStore):
    await log(store, question("q1", **CHOSEN))
    (found,) = await console.opinions("telegram", 10)
    await console.review([found.id], "house", act("a"), accepted=True)
    with pytest.raises(RepeatedActError):
        await console.review([found.id], "other", act("a"), accepted=True)
    (found,) = await console.decided("telegram", 10)
    assert found.reviewed == {"house": True}


async def test_praise_and_what_was_decided_take_no_place_of_what_waits(console: SqlConsole, store: SqlStore):
    await log(store, question("waits"), question("both", **CHOSEN), *(question(f"q{n}", **CHOSEN) for n in range(2)))
    await log(store, question("praise"))
    await rates(store, "waits", "house", helped=False)
    await rates(store, "praise", "false-alarm", helped=True)
    await rates(store, "both", "other", helped=False)
    await rates(store, "q1", "house", helped=True)
    numbers = {found.ref: found.id for found in await console.opinions("telegram", 10)}
    assert set(numbers) == {"waits", "both", "q0", "q1"}
    await console.review([numbers[ref] for ref in ("both", "q0", "q1")], "house", act("a"), accepted=True)
    assert [found.ref for found in await console.opinions("telegram", 10)] == ["both", "waits"]
    assert [found.ref for found in await console.decided("telegram", 10)] == ["q1", "q0", "both"]


async def test_the_question_of_a_hand_over_is_found_if_it_was_kept(store: SqlStore):
    await log(store, question("q1"), question("q2"))
    kept, lost = await open_hand_over(store, ref="q2"), await open_hand_over(store, "chat-2", ref="q9")
    async with store.look() as work:
        found = await work.question_of(kept)
        assert found
        assert found.ref == "q2"
        assert await work.question_of(lost) is None


async def test_a_question_that_is_gone_is_not_decided_on(console: SqlConsole):
    assert not await console.review([99], "house", act("a"), accepted=True)


async def test_what_was_said_before_there_was_an_index_is_found(new_url: str):
    await to_revision(new_url, "0014")
    of_all = {"channel": "telegram", "chat": "c", "text": "?", "folded": "?", "language": "fr", "candidates": []}
    of_all |= {"reason": "x", "status": "answered", "asked_at": NOW, "entry": "house"}
    said = {"q1": ("clarify", {}), "q2": ("answer", {}), "q3": ("answer", {"house": False})}
    rows = [{**of_all, "ref": ref, "decision": how, "ratings": ratings} for ref, (how, ratings) in said.items()]
    async with connected(new_url) as connection:
        for row in rows:
            await connection.execute(insert(questions).values(row))
    store = await open_store(new_url, NOW)
    assert [found.ref for found in await SqlConsole(store).opinions("telegram", 10)] == ["q3", "q1"]
    await store.close()


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda console: console.opinions("telegram", 10), "ix_questions_said"),
        (lambda console: console.decided("telegram", 10), "ix_questions_said"),
        (lambda console: console.label_count("telegram"), "ix_questions_labelled"),
        (lambda console: console.labelled("telegram"), "ix_questions_labelled"),
    ],
    ids=["opinions", "decided", "label_count", "labelled"],
)
async def test_only_the_few_questions_of_which_something_was_said_are_looked_at(ask, index: str):
    store = await open_store("sqlite+aiosqlite://", NOW)
    asked: list[tuple[str, object]] = []

    def keep(_connection, _cursor, statement, values, *_others) -> None:
        asked.append((statement, values))

    event.listen(store._engine.sync_engine, "before_cursor_execute", keep)
    await ask(SqlConsole(store))
    statement, values = asked[-1]
    async with store.reading() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)).all()
    assert index in str(plan)
    await store.close()
