"""Whether an answer helped, in one tap of the citizen: kept with the question; a wrong one leads on at once. Pure.

Only what answers a question is asked about: not small talk, the numbers for emergencies, or what is not kept.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.dialogue.answers import show_button
from bot.dialogue.decision import MAX_OFFERED
from bot.dialogue.effects import Acknowledge, Button, Effect, QuestionStatus, RateAnswer, Say, SettleQuestion
from bot.dialogue.events import Action, ActionKind
from bot.dialogue.hand_over import Step
from bot.dialogue.state import Conversation, Given, Mode, Pending
from bot.dialogue.voice import Voice
from bot.knowledge.model import Kind

_REMEMBERED = 5
"""Answers that can still be rated, and a rating changed: the last ones, as people may ask three things in a row."""


def rateable(
    voice: Voice, conversation: Conversation, say: Say, ref: str, question: str, others: Iterable[str]
) -> tuple[Conversation, Say]:
    """The answer `say` to the question, with a row of buttons to rate it; unchanged where nothing is to be rated.

    `others` are the entries that may be meant instead, best first.
    """
    if say.entry is None or voice.knowledge.entries[say.entry].kind is not Kind.FACT:
        return conversation, say
    given = Given(ref, question, say.entry, tuple(other for other in others if other != say.entry)[:MAX_OFFERED])
    buttons = (
        Button(voice.text("button_helped"), Action(ActionKind.HELPED, given.key)),
        Button(voice.text("button_not_mine"), Action(ActionKind.NOT_MINE, given.key), beside=True),
    )
    kept = [known for known in conversation.given if known.key != given.key]
    return (
        replace(conversation, given=(*kept, given)[-_REMEMBERED:]),
        replace(say, buttons=(*say.buttons, *buttons)),
    )


def rated(voice: Voice, conversation: Conversation, action: Action, day: date) -> Step:
    """What the citizen says of an answer; the bot is quiet but for a word that passes, or what may be meant instead."""
    given = next((known for known in conversation.given if known.key == action.argument), None)
    if given is None:
        return conversation, (Acknowledge(voice.text("rating_too_late")),)
    helped = action.kind is ActionKind.HELPED
    said_before = given.helped
    kept = tuple(replace(known, helped=helped) if known is given else known for known in conversation.given)
    conversation = replace(conversation, given=kept)
    rate = RateAnswer(given.ref, given.entry, helped)
    if said_before is helped or conversation.mode is Mode.WITH_STAFF:
        return conversation, (rate, Acknowledge(voice.text("rating_noted")))
    if helped:
        waiting = tuple(known for known in conversation.pending if known.ref != given.ref)
        settled = _settled(conversation, given, QuestionStatus.ANSWERED)
        return replace(conversation, pending=waiting), (rate, *settled, Acknowledge(voice.text("rating_noted")))
    refused = tuple(known.entry for known in kept if known.ref == given.ref and known.helped is False)
    others = tuple(other for other in given.others if other not in refused and can_be_offered(voice, other, day))
    pending = Pending(given.ref, given.question, others, refused)
    conversation, say = offered(voice, conversation, pending, "not_mine" if others else "not_mine_no_other")
    return conversation, (rate, *_settled(conversation, given, QuestionStatus.OPEN), say)


def offered(voice: Voice, conversation: Conversation, pending: Pending, said: str) -> tuple[Conversation, Say]:
    """Entries to choose from for a question, and the way out; in place of what was offered for it before."""
    buttons = choices(voice, pending)
    others = [known for known in conversation.pending if known.ref != pending.ref]
    return replace(conversation, pending=(*others, pending)), Say(
        voice.text(said), buttons=buttons, asks=buttons[-1].action
    )


def choices(voice: Voice, pending: Pending) -> tuple[Button, ...]:
    """The entries offered for a question, and the way out behind them."""
    entries = (show_button(voice.knowledge, entry, voice.language, ActionKind.CHOOSE) for entry in pending.offered)
    way_out = voice.text("button_person" if pending.refused else "button_none_of_these")
    return *entries, Button(way_out, Action(ActionKind.NONE_OF_THESE, pending.key))


def _settled(conversation: Conversation, given: Given, status: QuestionStatus) -> tuple[Effect, ...]:
    """While a person is asked for it, the question is theirs to settle."""
    if given.ref in conversation.handed_over:
        return ()
    return (SettleQuestion(given.ref, status, given.entry),)


def can_be_offered(voice: Voice, name: str, day: date) -> bool:
    """An entry may be gone, or over, since its name was kept."""
    entry = voice.knowledge.entries.get(name)
    return entry is not None and entry.in_force(day)
