"""An answer that was wrong: everybody who got it is told, once, in their language."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.conversation import nothing_asked
from bot.dialogue.answers import answer, person_button
from bot.dialogue.effects import Say
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.storage.model import Outgoing, Received
from bot.storage.store import Transactions

Translate = Callable[[str, Say], Iterable[Outgoing]]
"""A chat and what is said to it → the channel's outgoing messages."""


@dataclass(frozen=True, slots=True)
class Correction:
    id: str
    """The same id sends nothing a second time."""
    entry: str
    since: datetime
    until: datetime
    """Answers before it were wrong: when the entry was frozen or corrected."""


async def correct(
    store: Transactions,
    knowledge: KnowledgeBase,
    correction: Correction,
    channel: str,
    translate: Translate,
    now: datetime,
) -> int | None:
    """Queue one message to each chat that got the answer in that time; how many, None when that was done before.

    It says what the entry answers now; that the answer is withdrawn, if the entry is frozen, out of force or gone.
    All of it is one transaction: after a crash either nobody is told yet, or everybody will be.
    """
    async with store.work() as work:
        if not await work.begin_correction(correction.id, correction.entry, now):
            return None
        received = await work.received(correction.entry, correction.since, correction.until)
        for each in received:
            conversation = await nothing_asked(work, channel, each.chat, now)
            # French for one that is gone or cannot be read: the message matters more.
            language = conversation.language if conversation else DEFAULT_LANGUAGE
            say = corrected(knowledge, correction.entry, language, each, now)
            await work.enqueue(list(translate(each.chat, say)), now)
    return len(received)


def corrected(knowledge: KnowledgeBase, entry: str, language: str, received: Received, now: datetime) -> Say:
    """What a person reads who got the answer of `entry`."""
    date = f"{received.at.astimezone(LEGAL_TIME):%d/%m/%Y}"
    known = knowledge.entries.get(entry)
    title = known.title_in(language) if known else entry
    day = now.astimezone(LEGAL_TIME).date()
    if known is None or not known.speaks_on(day):
        notice = knowledge.message(language, "answer_withdrawn", date=date, title=title)
        return Say(notice, buttons=(person_button(knowledge, language),))
    say = answer(knowledge, known, language, day)
    notice = knowledge.message(language, "answer_corrected", date=date, title=title)
    return replace(say, text=f"{notice}\n\n{say.text}")
