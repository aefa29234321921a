"""Wherever a conversation stands, an erasure leaves no word, no number and no name of it in any table."""

import pytest
from sqlalchemy import select

from bot.conversation import current, handle
from bot.dialogue.events import (
    Action,
    ActionKind,
    Agent,
    Asked,
    Attached,
    Command,
    Commanded,
    Pressed,
    StaffClosed,
    StaffReplied,
    StaffReturned,
    StaffTook,
)
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.storage.model import Outgoing
from bot.storage.sql import SqlStore
from bot.storage.tables import metadata
from tests.storage.examples import NOW
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher, ranked

CHAT, NAME, PHONE = "6123456789", "Awatif Diallo", "06 12 34 56 78"
TELLS = f"je suis {NAME}, {PHONE}"
ALICE = Agent(7, "Alice-de-l-accueil")


class Matcher(FakeMatcher):
    """Decides by the first word of a text."""

    def understand(self, text, **_):
        confidences = {"sure": {"grant": 0.95}, "always": {"dispute": 0.95}, "vague": {"grant": 0.3, "dispute": 0.2}}
        return (ranked(text, 0.9 if text.startswith("foreign") else 0.0, **confidences.get(text.split()[0], {})),)


def leaky(effects, hand_over):
    """A channel that writes all it hears into the outbox, for the citizen and for the staff."""
    words = {"text": f"{NAME} {PHONE} {effects}"}
    if hand_over is None:
        return [Outgoing(CHAT, "sendMessage", words)]
    number = hand_over.id
    return [Outgoing(CHAT, "sendMessage", words, number), Outgoing("staff", "copyMessage", words, number, origin=3)]


def asks(first):
    return Asked(f"{CHAT}/1", f"{first} {TELLS}")


STATES = {
    "answered": [asks("sure")],
    "answered, and a person is told": [asks("always")],
    "topics are offered": [asks("vague")],
    "none of the topics": [asks("vague"), Action(ActionKind.NONE_OF_THESE)],
    "a topic is chosen": [asks("vague"), Action(ActionKind.CHOOSE, "grant")],
    "not ours": [asks("foreign")],
    "waits": [asks("?")],
    "waits and writes again": [asks("?"), Asked(f"{CHAT}/2", f"? {TELLS}")],
    "a picture with a caption": [Attached(f"{CHAT}/1", TELLS)],
    "taken": [asks("?"), StaffTook("-5/1", ALICE)],
    "with staff": [asks("?"), StaffReplied("-5/2", ALICE), Asked(f"{CHAT}/3", TELLS)],
    "closed": [asks("?"), StaffReplied("-5/2", ALICE), StaffClosed("-5/3")],
    "given back": [asks("?"), StaffReplied("-5/2", ALICE), StaffReturned("-5/3")],
    "cancelled": [asks("?"), Action(ActionKind.CANCEL_PERSON)],
    "asked for a person after an answer": [asks("sure"), Commanded(f"{CHAT}/2", Command.PERSON)],
    "has looked at the data": [asks("sure"), Commanded(f"{CHAT}/2", Command.MY_DATA)],
    "closed, and asks again": [asks("?"), StaffClosed("-5/3"), asks("vague")],
}


async def happens(store, event):
    if isinstance(event, Action):
        conversation, _ = await current(store, "telegram", CHAT)
        none = event.kind is ActionKind.NONE_OF_THESE
        event = Pressed("press", Action(event.kind, conversation.pending[0].key) if none else event)
    place = {"channel": "telegram", "chat": CHAT, "moment": Moment(NOW)}
    await handle(store, Dialogue(KNOWLEDGE, Matcher()), event, **place, translate=leaky)


async def traces(store):
    """Which of what the person told stands in any table."""
    async with store.reading() as connection:
        rows = [row for table in metadata.tables.values() for row in await connection.execute(select(table))]
    text = str([tuple(row) for row in rows])
    return {word for word in (CHAT, NAME, PHONE, ALICE.name, "[téléphone]") if word in text}


@pytest.mark.parametrize("state", STATES)
async def test_nothing_remains_of_it(store: SqlStore, state):
    for event in STATES[state]:
        await happens(store, event)
    assert {CHAT, NAME} <= await traces(store)
    async with store.work() as work:
        await work.erase_person("telegram", CHAT, NOW)
    assert await traces(store) == set()
