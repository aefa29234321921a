"""From the bot to a person and back: who speaks, and what each turn changes. Pure.

`TRANSITIONS`, drawn::

    BOT ──open──► WAITING ──staff reply──► WITH_STAFF
     ▲               │                         │
     └──── close ────┴──────── close ──────────┘     (by staff, or cancelled by the citizen)
"""

from dataclasses import replace

from bot.dialogue.effects import (
    CloseHandOver,
    Effect,
    Ending,
    OpenHandOver,
    PromiseAnswer,
    QuestionStatus,
    Reason,
    RelayToCitizen,
    RelayToStaff,
    Say,
    SettleQuestion,
    TakeHandOver,
)
from bot.dialogue.events import StaffClosed, StaffEvent, StaffReplied, StaffReturned, StaffTook
from bot.dialogue.moment import Moment
from bot.dialogue.state import Conversation, Mode, Pending
from bot.dialogue.voice import Voice

TRANSITIONS: dict[tuple[Mode, str], Mode] = {
    (Mode.BOT, "open"): Mode.WAITING,
    (Mode.WAITING, "staff reply"): Mode.WITH_STAFF,
    (Mode.WITH_STAFF, "staff reply"): Mode.WITH_STAFF,
    (Mode.WAITING, "close"): Mode.BOT,
    (Mode.WITH_STAFF, "close"): Mode.BOT,
}
"""All changes of mode there are."""

_SETTLED_BY = {
    Ending.CLOSED_BY_STAFF: QuestionStatus.CLOSED,
    Ending.CANCELLED_BY_CITIZEN: QuestionStatus.WITHDRAWN,
}
"""What becomes of the questions that waited; given back to the bot, they still wait."""

_MAX_HANDED_OVER = 50
"""References kept for one hand-over; the oldest are settled first when a person replies."""

Step = tuple[Conversation, tuple[Effect, ...]]
Answers = tuple[tuple[str, str], ...]
"""Questions of an interview with what was answered."""


def announced(
    voice: Voice, conversation: Conversation, card: OpenHandOver, moment: Moment, asked: Pending | None = None
) -> Step:
    """A hand-over of which the citizen is told, with what is known of the time until somebody answers."""
    conversation, opened = handed_over(conversation, card, asked)
    said = voice.announcement(f"hand_over_{card.reason}", *voice.patience(moment))
    return conversation, (said, *opened)


def handed_over(conversation: Conversation, card: OpenHandOver, asked: Pending | None = None) -> Step:
    """Open a hand-over, or add the question to the one that is open.

    `asked` is the question itself where the citizen put it in an earlier message: a card may also bear a mere title.
    """
    waiting = conversation.mode is Mode.WAITING
    conversation = with_handed_over(conversation, card.ref)
    if card.interview:
        conversation = replace(conversation, interview_sent=conversation.interview)
    if waiting:
        answered = card.shown[-1] if card.reason is Reason.ENTRY_ALWAYS else None
        relay = RelayToStaff(card.ref, answered, card.interview, asked.question if asked else "")
        return conversation, (PromiseAnswer(card.ref), relay)
    return replace(conversation, mode=TRANSITIONS[conversation.mode, "open"]), (card,)


def asked_again(voice: Voice, conversation: Conversation, ref: str, interview: Answers) -> Step:
    """A person is awaited already: the staff get what the citizen has not sent them yet.

    That is a question with a choice still open, and answers of an interview.
    """
    questions = [pending for pending in conversation.pending if pending.ref not in conversation.handed_over]
    news = interview if conversation.interview != conversation.interview_sent else ()
    if not questions and not news:
        return conversation, (voice.announcement("hand_over_already"),)
    effects: list[Effect] = []
    for pending in questions:
        conversation = with_handed_over(conversation, pending.ref)
        effects += [PromiseAnswer(pending.ref), RelayToStaff(pending.ref, question=pending.question)]
    if news:
        effects.append(RelayToStaff(ref, interview=news))
    conversation = replace(conversation, pending=(), interview_sent=conversation.interview)
    return conversation, (*effects, voice.announcement("hand_over_added"))


def with_handed_over(conversation: Conversation, ref: str) -> Conversation:
    """The conversation with one more question that waits for a person."""
    refs = [known for known in conversation.handed_over if known != ref]
    return replace(conversation, handed_over=(*refs, ref)[-_MAX_HANDED_OVER:])


def also_to_staff(conversation: Conversation, ref: str, answered: str | None = None) -> tuple[Effect, ...]:
    """While a person is awaited, staff see everything that the citizen writes."""
    return (RelayToStaff(ref, answered),) if conversation.mode is Mode.WAITING else ()


def staff_acted(voice: Voice, conversation: Conversation, event: StaffEvent) -> Step:
    match event:
        case StaffTook():
            return _taken(voice, conversation, event)
        case StaffReplied():
            return _replied(voice, conversation, event)
        case StaffClosed():
            return ended(voice, conversation, Ending.CLOSED_BY_STAFF)
        case StaffReturned():
            return ended(voice, conversation, Ending.RETURNED_BY_STAFF)


def ended(voice: Voice, conversation: Conversation, ending: Ending) -> Step:
    """Back to the bot; what was said before never leads to a hand-over again."""
    if (conversation.mode, "close") not in TRANSITIONS:
        return conversation, ()
    status = _SETTLED_BY.get(ending)
    settled = tuple(SettleQuestion(ref, status) for ref in conversation.handed_over) if status else ()
    conversation = replace(
        conversation,
        mode=TRANSITIONS[conversation.mode, "close"],
        handed_over=(),
        pending=(),
        given=(),
        interview="",
        interview_sent="",
        last_entry=None,
        last_question="",
        last_ref="",
    )
    say = Say(voice.text(f"hand_over_{ending}"), buttons=(voice.menu_button,))
    return conversation, (*settled, CloseHandOver(ending), say)


def _taken(voice: Voice, conversation: Conversation, event: StaffTook) -> Step:
    if conversation.mode is Mode.BOT:
        return conversation, ()
    told = (voice.announcement("taken_by_staff"),) if conversation.mode is Mode.WAITING else ()
    return conversation, (TakeHandOver(event.agent), *told)


def _replied(voice: Voice, conversation: Conversation, event: StaffReplied) -> Step:
    """The first reply silences the bot; a reply after the end reaches the citizen all the same, and changes nothing."""
    joined = () if conversation.mode is Mode.WITH_STAFF else (Say(voice.text("staff_joined")),)
    if event.late:
        return conversation, (*joined, RelayToCitizen(event.ref, event.agent, late=True))
    settled = tuple(SettleQuestion(ref, QuestionStatus.ANSWERED) for ref in conversation.handed_over)
    mode = TRANSITIONS.get((conversation.mode, "staff reply"), conversation.mode)
    conversation = replace(conversation, mode=mode, handed_over=(), pending=())
    return conversation, (*settled, *joined, RelayToCitizen(event.ref, event.agent))
