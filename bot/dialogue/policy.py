"""The dialogue: ``step(conversation, event, day) → (conversation, effects)``. No I/O, no clock.

Who speaks (`TRANSITIONS`, drawn)::

    BOT ──open──► WAITING ──staff reply──► WITH_STAFF
     ▲               │                         │
     └──── close ────┴──────── close ──────────┘     (by staff, or cancelled by the citizen)

The rules that hold in every path, and that the property tests check:

* in WITH_STAFF the bot says nothing, except that the exchange has ended;
* a text of the citizen is always answered, or in front of staff, or offered a way to a person;
* a hand-over is opened at most once until it is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from bot.dialogue.answers import answer, person_button, show_button
from bot.dialogue.decision import Floors, Verdict, decide
from bot.dialogue.effects import (
    Button,
    CloseHandOver,
    Decision,
    Effect,
    Ending,
    LogQuestion,
    OpenHandOver,
    QuestionStatus,
    Reason,
    RelayToCitizen,
    RelayToStaff,
    Say,
    SettleQuestion,
)
from bot.dialogue.events import (
    Action,
    ActionKind,
    Asked,
    Attached,
    Command,
    Commanded,
    Event,
    Pressed,
    StaffClosed,
    StaffReplied,
)
from bot.dialogue.state import Conversation, Mode, Pending
from bot.knowledge.model import LANGUAGES, HandOver, KnowledgeBase
from bot.matching.model import Candidate, Ranking

_MAX_HANDED_OVER = 50
"""References kept for one hand-over; the oldest are settled first when a person replies."""

TRANSITIONS: dict[tuple[Mode, str], Mode] = {
    (Mode.BOT, "open"): Mode.WAITING,
    (Mode.WAITING, "staff reply"): Mode.WITH_STAFF,
    (Mode.WITH_STAFF, "staff reply"): Mode.WITH_STAFF,
    (Mode.WAITING, "close"): Mode.BOT,
    (Mode.WITH_STAFF, "close"): Mode.BOT,
}
"""All changes of mode there are."""

Step = tuple[Conversation, tuple[Effect, ...]]


class Understands(Protocol):
    """What the dialogue asks of the matcher."""

    def understand(self, text: str, *, language: str, day: date) -> Sequence[Ranking]:
        """The questions of a message, each with its ranked entries; never empty."""

    def language_of(self, text: str, *, fallback: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Dialogue:
    knowledge: KnowledgeBase
    matcher: Understands
    floors: Floors = field(default_factory=Floors)

    def step(self, conversation: Conversation, event: Event, day: date) -> Step:  # noqa: PLR0911 - a table of events
        """What `event` changes, and what has to happen; `day` decides which entries are in force."""
        match event:
            case StaffReplied():
                return self._staff_replied(conversation, event)
            case StaffClosed():
                return self._close(conversation, Ending.CLOSED_BY_STAFF)
            case Pressed(action=Action(kind=ActionKind.CANCEL_PERSON)):
                return self._close(conversation, Ending.CANCELLED_BY_CITIZEN)
            case _ if conversation.mode is Mode.WITH_STAFF:
                return conversation, (RelayToStaff(event.ref),)
            case Asked():
                return self._asked(self._in_language_of(conversation, event), event, day)
            case Attached():
                return self._attached(self._greeted_in(conversation, event.interface_language), event)
            case Pressed():
                return self._informed(
                    *self._pressed(self._greeted_in(conversation, event.interface_language), event, day)
                )
            case Commanded():
                return self._informed(
                    *self._commanded(self._greeted_in(conversation, event.interface_language), event, day)
                )

    # Language

    def _greeted_in(self, conversation: Conversation, interface: str | None) -> Conversation:
        """Until the citizen has written or chosen, the language is the one of the citizen's Telegram."""
        if conversation.language_chosen or conversation.last_ref or interface not in LANGUAGES:
            return conversation
        return replace(conversation, language=interface)

    def _in_language_of(self, conversation: Conversation, event: Asked) -> Conversation:
        known = self._greeted_in(conversation, event.interface_language)
        if known.language_chosen:
            return known
        return replace(known, language=self.matcher.language_of(event.text, fallback=known.language))

    def _text(self, conversation: Conversation, key: str, **values: str) -> str:
        return self.knowledge.message(conversation.language, key, **values)

    # Questions

    def _asked(self, conversation: Conversation, event: Asked, day: date) -> Step:
        rankings = self.matcher.understand(event.text, language=conversation.language, day=day)
        conversation = replace(conversation, pending=(), last_ref=event.ref, last_question=event.text)
        verdicts = [decide(ranking, self.floors) for ranking in rankings]
        if len(rankings) > 1:
            return self._informed(*self._answer_parts(conversation, event, rankings, verdicts))
        return self._informed(*self._decided(conversation, event, rankings[0], verdicts[0]))

    def _answer_parts(
        self, conversation: Conversation, event: Asked, rankings: Sequence[Ranking], verdicts: Sequence[Verdict]
    ) -> Step:
        """Several questions in one message: each is decided, logged and answered by itself."""
        effects: list[Effect] = []
        for number, (ranking, verdict) in enumerate(zip(rankings, verdicts, strict=True), start=1):
            part = replace(event, ref=f"{event.ref}/{number}", text=ranking.question)
            conversation, part_effects = self._decided(conversation, part, ranking, verdict)
            effects.extend(part_effects)
        return conversation, tuple(effects)

    def _decided(self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict) -> Step:
        match verdict.decision:
            case Decision.ANSWER if verdict.entry is not None:
                return self._answered(conversation, event, ranking, verdict.entry)
            case Decision.CLARIFY:
                return self._clarified(conversation, event, ranking, verdict)
            case _:
                return self._not_known(conversation, event, ranking, verdict)

    def _answered(self, conversation: Conversation, event: Asked, ranking: Ranking, entry_id: str) -> Step:
        entry = self.knowledge.entries[entry_id]
        always = entry.hand_over is HandOver.ALWAYS
        log = self._log(
            event,
            ranking,
            Verdict(Decision.ANSWER, Reason.CONFIDENT, entry=entry_id),
            QuestionStatus.OPEN if always else QuestionStatus.ANSWERED,
        )
        say = answer(self.knowledge, entry, conversation.language)
        conversation = replace(conversation, last_entry=entry_id)
        if always:
            conversation, opened = self._hand_over(
                conversation, event.ref, event.text, Reason.ENTRY_ALWAYS, ranking.candidates, shown=(entry_id,)
            )
            return conversation, (log, replace(say, buttons=(*say.buttons, self._cancel(conversation))), *opened)
        return conversation, (log, say, *self._also_to_staff(conversation, event.ref, entry_id))

    def _clarified(self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict) -> Step:
        buttons = [
            show_button(self.knowledge, entry, conversation.language, ActionKind.CHOOSE) for entry in verdict.offered
        ]
        pending = Pending(event.ref, event.text, verdict.offered)
        none_of_these = Action(ActionKind.NONE_OF_THESE, pending.key)
        buttons.append(Button(self._text(conversation, "button_none_of_these"), none_of_these))
        conversation = replace(conversation, pending=(*conversation.pending, pending))
        return conversation, (
            self._log(event, ranking, verdict, QuestionStatus.OPEN),
            Say(self._text(conversation, "clarify"), buttons=tuple(buttons)),
            *self._also_to_staff(conversation, event.ref),
        )

    def _not_known(self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict) -> Step:
        log = self._log(event, ranking, verdict, QuestionStatus.OPEN)
        if conversation.mode is Mode.WAITING:
            added = self._with_handed_over(conversation, event.ref)
            say = Say(self._text(added, "hand_over_added"), buttons=(self._cancel(added),))
            return added, (log, RelayToStaff(event.ref), say)
        if verdict.reason is Reason.OUT_OF_SCOPE:
            buttons = (person_button(self.knowledge, conversation.language), self._menu_button(conversation))
            return conversation, (log, Say(self._text(conversation, "out_of_scope"), buttons=buttons))
        return self._announced(conversation, event.ref, event.text, verdict.reason, ranking.candidates, before=(log,))

    def _log(self, event: Asked, ranking: Ranking, verdict: Verdict, status: QuestionStatus) -> LogQuestion:
        return LogQuestion(
            ref=event.ref,
            text=event.text,
            language=ranking.language,
            decision=verdict.decision,
            reason=verdict.reason,
            status=status,
            candidates=ranking.candidates,
            entry=verdict.entry,
        )

    def _informed(self, conversation: Conversation, effects: tuple[Effect, ...]) -> Step:
        """The first message of the bot bears the short notice on personal data."""
        notice = self._text(conversation, "privacy_notice")
        for index, effect in enumerate(effects):
            if isinstance(effect, Say) and not conversation.informed:
                informed = replace(effect, notes=(*effect.notes, notice))
                return replace(conversation, informed=True), (*effects[:index], informed, *effects[index + 1 :])
        return conversation, effects

    # Buttons and commands

    def _pressed(self, conversation: Conversation, event: Pressed, day: date) -> Step:
        action = event.action
        match action.kind:
            case ActionKind.CHOOSE | ActionKind.SHOW if self._in_force(action.argument, day):
                return self._shown(conversation, event.ref, action)
            case ActionKind.NONE_OF_THESE:
                return self._none_of_these(conversation, event)
            case ActionKind.PERSON:
                return self._person_asked(conversation, event.ref)
            case ActionKind.LANGUAGE if action.argument in LANGUAGES:
                chosen = replace(conversation, language=action.argument, language_chosen=True)
                return chosen, (Say(self._text(chosen, "language_set"), buttons=self._start_buttons(chosen)),)
            case _:
                return conversation, (self._menu(conversation),)

    def _in_force(self, entry: str, day: date) -> bool:
        return entry in self.knowledge.entries and self.knowledge.entries[entry].in_force(day)

    def _shown(self, conversation: Conversation, ref: str, action: Action) -> Step:
        entry = self.knowledge.entries[action.argument]
        chosen = None
        if action.kind is ActionKind.CHOOSE:
            chosen = next((pending for pending in conversation.pending if entry.id in pending.offered), None)
        conversation = replace(_without(conversation, chosen), last_entry=entry.id)
        say = answer(self.knowledge, entry, conversation.language)
        if entry.hand_over is HandOver.ALWAYS:
            question_ref = chosen.ref if chosen else ref
            question = chosen.question if chosen else entry.title_in(conversation.language)
            conversation, opened = self._hand_over(
                conversation, question_ref, question, Reason.ENTRY_ALWAYS, shown=(entry.id,)
            )
            settle = (SettleQuestion(chosen.ref, QuestionStatus.OPEN, entry.id),) if chosen else ()
            return conversation, (*settle, replace(say, buttons=(*say.buttons, self._cancel(conversation))), *opened)
        settled = (SettleQuestion(chosen.ref, QuestionStatus.ANSWERED, entry.id),) if chosen else ()
        return conversation, (*settled, say)

    def _none_of_these(self, conversation: Conversation, event: Pressed) -> Step:
        refused = next((pending for pending in conversation.pending if pending.key == event.action.argument), None)
        if refused is None:
            return self._person_asked(conversation, event.ref)
        conversation = _without(conversation, refused)
        return self._announced(conversation, refused.ref, refused.question, Reason.NONE_OF_THESE, shown=refused.offered)

    def _person_asked(self, conversation: Conversation, ref: str) -> Step:
        if conversation.mode is Mode.WAITING:
            say = Say(self._text(conversation, "hand_over_already"), buttons=(self._cancel(conversation),))
            return conversation, (say,)
        return self._announced(
            conversation,
            conversation.last_ref or ref,
            conversation.last_question,
            Reason.ASKED_FOR_PERSON,
            shown=(conversation.last_entry,) if conversation.last_entry else (),
        )

    def _commanded(self, conversation: Conversation, event: Commanded, day: date) -> Step:
        match event.command:
            case Command.START:
                welcome = "\n\n".join(self._text(conversation, key) for key in ("welcome", "privacy_notice"))
                conversation = replace(conversation, informed=True)
                return conversation, (Say(welcome, buttons=self._start_buttons(conversation)),)
            case Command.CONTACT if self.knowledge.menu.contact and self._in_force(self.knowledge.menu.contact, day):
                return self._shown(conversation, event.ref, Action(ActionKind.SHOW, self.knowledge.menu.contact))
            case Command.PERSON | Command.CONTACT:
                return self._person_asked(conversation, event.ref)
            case Command.LANGUAGE:
                buttons = tuple(
                    Button(self.knowledge.message(language, "language_name"), Action(ActionKind.LANGUAGE, language))
                    for language in LANGUAGES
                )
                return conversation, (Say(self._text(conversation, "language_choose"), buttons=buttons),)
            case Command.HELP:
                return conversation, (self._menu(conversation),)

    def _attached(self, conversation: Conversation, event: Attached) -> Step:
        if event.album and event.album == conversation.last_album:
            return conversation, (RelayToStaff(event.ref),)
        conversation = replace(conversation, last_album=event.album or "")
        if conversation.mode is Mode.WAITING:
            say = Say(self._text(conversation, "hand_over_added"), buttons=(self._cancel(conversation),))
            return conversation, (RelayToStaff(event.ref), say)
        conversation, effects = self._announced(conversation, event.ref, event.caption, Reason.UNREADABLE)
        return self._informed(conversation, (*effects, RelayToStaff(event.ref)))

    def _menu(self, conversation: Conversation) -> Say:
        shortcuts = tuple(
            show_button(self.knowledge, entry, conversation.language) for entry in self.knowledge.menu.help
        )
        person = person_button(self.knowledge, conversation.language)
        return Say(self._text(conversation, "help"), buttons=(*shortcuts, person))

    def _start_buttons(self, conversation: Conversation) -> tuple[Button, ...]:
        shortcuts = (show_button(self.knowledge, entry, conversation.language) for entry in self.knowledge.menu.start)
        return (*shortcuts, person_button(self.knowledge, conversation.language))

    def _menu_button(self, conversation: Conversation) -> Button:
        return Button(self._text(conversation, "button_menu"), Action(ActionKind.MENU))

    def _cancel(self, conversation: Conversation) -> Button:
        return Button(self._text(conversation, "button_cancel_person"), Action(ActionKind.CANCEL_PERSON))

    # Hand-over

    def _announced(
        self,
        conversation: Conversation,
        ref: str,
        question: str,
        reason: Reason,
        candidates: tuple[Candidate, ...] = (),
        *,
        shown: tuple[str, ...] = (),
        before: tuple[Effect, ...] = (),
    ) -> Step:
        """A hand-over of which the citizen is told."""
        conversation, opened = self._hand_over(conversation, ref, question, reason, candidates, shown=shown)
        say = Say(self._text(conversation, f"hand_over_{reason}"), buttons=(self._cancel(conversation),))
        return conversation, (*before, say, *opened)

    def _hand_over(
        self,
        conversation: Conversation,
        ref: str,
        question: str,
        reason: Reason,
        candidates: tuple[Candidate, ...] = (),
        *,
        shown: tuple[str, ...] = (),
    ) -> Step:
        """Open a hand-over, or add the question to the one that is open."""
        waiting = conversation.mode is Mode.WAITING
        conversation = self._with_handed_over(conversation, ref)
        if waiting:
            return conversation, (RelayToStaff(ref, shown[-1] if shown else None),)
        conversation = replace(conversation, mode=TRANSITIONS[conversation.mode, "open"])
        card = OpenHandOver(ref, question, conversation.language, reason, candidates, shown)
        return conversation, (card,)

    def _with_handed_over(self, conversation: Conversation, ref: str) -> Conversation:
        refs = [known for known in conversation.handed_over if known != ref]
        return replace(conversation, handed_over=(*refs, ref)[-_MAX_HANDED_OVER:])

    def _also_to_staff(self, conversation: Conversation, ref: str, answered: str | None = None) -> tuple[Effect, ...]:
        """While a person is awaited, staff see everything that the citizen writes."""
        return (RelayToStaff(ref, answered),) if conversation.mode is Mode.WAITING else ()

    def _staff_replied(self, conversation: Conversation, event: StaffReplied) -> Step:
        """The first reply silences the bot; a reply after the end reaches the citizen all the same."""
        before: tuple[Effect, ...] = ()
        if conversation.mode is not Mode.WITH_STAFF:
            before = (Say(self._text(conversation, "staff_joined")),)
        settled = tuple(SettleQuestion(ref, QuestionStatus.ANSWERED) for ref in conversation.handed_over)
        mode = TRANSITIONS.get((conversation.mode, "staff reply"), conversation.mode)
        conversation = replace(conversation, mode=mode, handed_over=(), pending=())
        return conversation, (*settled, *before, RelayToCitizen(event.ref))

    def _close(self, conversation: Conversation, ending: Ending) -> Step:
        if (conversation.mode, "close") not in TRANSITIONS:
            return conversation, ()
        settled: tuple[Effect, ...] = ()
        if ending is Ending.CLOSED_BY_STAFF:
            settled = tuple(SettleQuestion(ref, QuestionStatus.CLOSED) for ref in conversation.handed_over)
        mode = TRANSITIONS[conversation.mode, "close"]
        conversation = replace(
            conversation,
            mode=mode,
            handed_over=(),
            pending=(),
            last_entry=None,
            last_question="",
            last_ref="",
            last_album="",
        )
        say = Say(self._text(conversation, f"hand_over_{ending}"), buttons=(self._menu_button(conversation),))
        return conversation, (*settled, CloseHandOver(ending), say)


def _without(conversation: Conversation, settled: Pending | None) -> Conversation:
    """The conversation once the citizen has chosen for a question."""
    return replace(conversation, pending=tuple(pending for pending in conversation.pending if pending is not settled))
