"""A month of invented people for the demonstration: enough of them that the figures may tell something."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.channels.telegram.desk import CHANNEL
from bot.console.demo import STORY, Teller, deliver
from bot.dialogue.policy import Dialogue
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import HandOver, Kind
from bot.opportunities.subscriptions import About, Topic
from bot.storage.console import Act
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore

_TOPICS = 8
_MOST = 12
"""People who ask for the first topic; each other has one less."""
_FIRST = 2001
"""Their number; those of the story come before."""


async def gather(store: SqlStore, dialogue: Dialogue, now: datetime) -> None:
    """Let them ask, rate, subscribe, and let the staff label what they asked."""
    asked = list(enumerate(_questions(dialogue, now), start=_FIRST))
    moments = {number: now - timedelta(days=2 * (number % 14), hours=5 * number % 9 + 1) for number, _ in asked}
    for number, words in sorted(asked, key=lambda each: moments[each[0]]):
        await Teller(store, dialogue, {"id": number, "name": "?", "language": "fr"}).says(words, moments[number])
    await deliver(store, now)
    await _rate_and_label(store, now)
    for number, _ in asked[::7]:
        ends = now + timedelta(days=90)
        async with store.work() as work:
            await work.subscribe(CHANNEL, str(number), About(Topic.OFFER, "demo"), ends=ends, most=1, now=now)


def _questions(dialogue: Dialogue, now: datetime) -> Iterator[str]:
    """What entries say that they are asked, and what nobody here can answer."""
    day = now.astimezone(LEGAL_TIME).date()
    entries = (entry for entry in dialogue.knowledge.entries.values() if entry.in_force(day))
    # What always goes to a person too would fill the conversations, which the story tells.
    facts = (entry for entry in entries if entry.kind is Kind.FACT and entry.hand_over is not HandOver.ALWAYS)
    topics = [entry.utterances["fr"] for entry in facts if entry.utterances.get("fr")][:_TOPICS]
    for rank, wordings in enumerate(topics):
        yield from (wordings[number % len(wordings)] for number in range(_MOST - rank))
    for foreign in STORY["crowd"]:
        yield from [foreign["says"]] * foreign["people"]


async def _rate_and_label(store: SqlStore, now: datetime) -> None:
    """Two in three say that it helped, one in seven that it did not; the staff found one in nine wrong."""
    console = SqlConsole(store)
    answered = [question for question in await store.questions(status="answered") if question.entry]
    for place, question in enumerate(answered):
        if place % 3 or place % 7 == 0:
            async with store.work() as work:
                await work.rate_answer(CHANNEL, question.ref, question.entry or "", helped=place % 7 != 0)
        said = "" if place % 9 == 0 else question.entry
        async with console.answering(Act(1, "label", str(question.id), now, f"crowd-{question.id}")) as labelling:
            await labelling.label_question(CHANNEL, question.id, said, 1, now)
