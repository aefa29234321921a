"""Who got a wrong answer is told, once, in their language; nobody else is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram.outgoing import say_to_citizen
from bot.conversation import handle
from bot.dialogue.answers import answer
from bot.dialogue.effects import Say
from bot.dialogue.events import Action, ActionKind, Asked, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.editing.correct import Correction, correct
from bot.storage.model import OutboxRow
from bot.storage.sql import SqlStore, open_store
from tests.unit.dialogue_fakes import GERMAN, GRANT, KNOWLEDGE, LOW, OFFICE, FakeMatcher

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = MONDAY + 24 * HOUR
CORRECTION = Correction("c1", "grant", since=MONDAY - HOUR, until=MONDAY + HOUR)
BETTER = replace(KNOWLEDGE.entries["grant"], answer={"fr": "Écrivez à la mairie.", "de": "An das Rathaus."})
MENDED = replace(KNOWLEDGE, entries={**KNOWLEDGE.entries, "grant": BETTER})


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", MONDAY)
    yield opened
    await opened.close()


async def hears(store: SqlStore, chat: str, event: Asked | Pressed | str, at: datetime = MONDAY) -> None:
    """A citizen asks, and gets what the bot says."""
    event = Asked(f"{chat}/{at}", event) if isinstance(event, str) else event

    def translate(effects, _hand_over):
        return [outgoing for say in effects if isinstance(say, Say) for outgoing in say_to_citizen(chat, say)]

    dialogue = Dialogue(KNOWLEDGE, FakeMatcher())
    await handle(store, dialogue, event, channel="telegram", chat=chat, moment=Moment(at), translate=translate)


async def sent(store: SqlStore, *, fail: bool = False) -> list[OutboxRow]:
    """Everything that is due, given to Telegram."""
    rows = []
    while due := await store.due_messages(busy_chats=(), limit=100, now=NOW):
        for row in due:
            await store.mark_sending(row.id, NOW)
            await (store.mark_failed(row.id, "blocked", NOW) if fail else store.mark_sent(row.id, row.id, NOW))
        rows += due
    return rows


async def tell(store: SqlStore, correction: Correction = CORRECTION, knowledge=MENDED) -> int | None:
    return await correct(store, knowledge, correction, "telegram", say_to_citizen, NOW)


async def told(store: SqlStore, correction: Correction = CORRECTION, knowledge=MENDED) -> list[tuple[str, str]]:
    """(chat, text) of what a correction sends."""
    await sent(store)
    await tell(store, correction, knowledge)
    return [(row.outgoing.chat, row.outgoing.params["text"]) for row in await sent(store)]


async def test_who_got_the_answer_gets_the_correction_with_the_date_and_what_is_right(store: SqlStore):
    await hears(store, "1", GRANT)
    ((chat, text),) = await told(store)
    assert chat == "1"
    assert text.startswith("Nous corrigeons une réponse que vous avez reçue le 02/03/2026 : « Demander une aide »")
    assert "Écrivez à la mairie." in text


async def test_nobody_else_is_told(store: SqlStore):
    await hears(store, "2", OFFICE)
    await hears(store, "3", LOW)
    await hears(store, "4", GRANT, at=MONDAY - 2 * HOUR)
    await hears(store, "5", GRANT, at=MONDAY + HOUR)
    assert await told(store) == []


async def test_who_got_it_by_a_button_is_told_too(store: SqlStore):
    await hears(store, "1", Pressed("b", Action(ActionKind.SHOW, "grant")))
    assert [chat for chat, _ in await told(store)] == ["1"]


async def test_who_got_it_twice_is_told_once(store: SqlStore):
    await hears(store, "1", GRANT)
    await hears(store, "1", GRANT, at=MONDAY + HOUR / 2)
    assert len(await told(store)) == 1


async def test_everybody_is_told_in_their_language(store: SqlStore):
    await hears(store, "1", GERMAN)
    ((_, text),) = await told(store)
    assert text.startswith("Wir berichtigen")
    assert "An das Rathaus." in text


async def test_a_correction_is_sent_once_whoever_asks_again(store: SqlStore):
    await hears(store, "1", GRANT)
    assert [await tell(store), await tell(store)] == [1, None]
    assert await tell(store, replace(CORRECTION, id="c2")) == 1


async def test_who_never_received_the_answer_is_not_told(store: SqlStore):
    await hears(store, "1", GRANT)
    await sent(store, fail=True)
    assert await tell(store) == 0


async def test_an_answer_that_is_on_its_way_is_corrected_after_it(store: SqlStore):
    await hears(store, "1", GRANT)
    await tell(store)
    assert [row.outgoing.params["text"][:15] for row in await sent(store)] == ["Écrivez au serv", "Nous corrigeons"]


@pytest.mark.parametrize(
    "entries",
    [{"grant": replace(BETTER, frozen=True)}, {}, {"grant": replace(BETTER, valid_until=MONDAY.date())}],
    ids=["frozen", "gone", "expired"],
)
async def test_an_answer_that_is_given_no_more_is_withdrawn(store: SqlStore, entries):
    await hears(store, "1", GRANT)
    ((_, text),) = await told(store, knowledge=replace(KNOWLEDGE, entries=entries))
    assert "Nous retirons une réponse" in text
    assert "Écrivez" not in text


async def test_a_correction_counts_as_the_answer_of_its_entry(store: SqlStore):
    await hears(store, "1", GRANT)
    await told(store)
    again = Correction("c2", "grant", since=NOW - HOUR, until=NOW + HOUR)
    assert await tell(store, again) == 1


async def test_a_conversation_that_is_gone_is_told_in_french(store: SqlStore):
    await hears(store, "1", GERMAN)
    await sent(store)
    async with store.work() as work:
        stored = await work.conversation("telegram", "1")
        await work.save_conversation("telegram", "1", {"mode": 5}, version=stored.version, now=NOW)
    await tell(store)
    assert (await sent(store))[0].outgoing.params["text"].startswith("Nous corrigeons")


def test_of_a_long_answer_the_first_message_alone_counts():
    say = replace(answer(KNOWLEDGE, KNOWLEDGE.entries["grant"], "fr", MONDAY.date()), text="Un mot.\n\n" * 2000)
    entries = [message.entry for message in say_to_citizen("1", say)]
    assert entries == ["grant"] + [None] * (len(entries) - 1)
    assert len(entries) > 1
