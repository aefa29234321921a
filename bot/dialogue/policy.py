"""The dialogue: ``step(conversation, event, moment) → (conversation, effects)``. No I/O, no clock.

The rules that hold in every path, and that the property tests check:

* in WITH_STAFF the bot says only that the exchange has ended, and speaks of the citizen's own data and subscriptions;
* a text of the citizen is always answered, or in front of staff, or offered a way to a person;
* a hand-over is opened at most once until it is closed;
* what is kept of a question is masked (`bot.privacy.masking`); staff read it as it was written.

Who speaks, and the way to a person and back: `hand_over.py`. What citizens ask about their data: `personal_data.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from bot.dialogue.answers import answer
from bot.dialogue.children import forgotten
from bot.dialogue.decision import Floors, Verdict, decide, likely, logged
from bot.dialogue.effects import (
    Decision,
    Effect,
    Ending,
    OpenHandOver,
    QuestionStatus,
    Reason,
    RelayToStaff,
    Say,
    SettleQuestion,
)
from bot.dialogue.eligibility import Interviewing, for_staff
from bot.dialogue.events import (
    Action,
    ActionKind,
    Asked,
    Attached,
    ChatEvent,
    Command,
    Commanded,
    DataErased,
    DataFound,
    Event,
    Pressed,
    StaffClosed,
    StaffReplied,
    StaffReturned,
    StaffTook,
    SubscriptionEvent,
)
from bot.dialogue.hand_over import (
    Step,
    also_to_staff,
    announced,
    asked_again,
    ended,
    handed_over,
    staff_acted,
    with_handed_over,
)
from bot.dialogue.moment import Moment
from bot.dialogue.opportunities import TOPIC_LINK, Search
from bot.dialogue.personal_data import about_data
from bot.dialogue.rating import offered, rateable, rated
from bot.dialogue.replies import Replies, asking, seen_by_staff
from bot.dialogue.state import Conversation, Mode, Pending
from bot.dialogue.subscriptions import Subscriptions
from bot.dialogue.voice import Voice
from bot.knowledge.model import LANGUAGES, HandOver, KnowledgeBase
from bot.matching.model import Candidate, Ranking
from bot.privacy.masking import mask
from bot.privacy.terms import DAYS_KEPT


class Understands(Protocol):
    """What the dialogue asks of the matcher."""

    def understand(self, text: str, *, language: str, day: date, last_entry: str | None) -> Sequence[Ranking]:
        """The questions of a message, each with its ranked entries; never empty.

        `last_entry` is the entry answered before: the subject of a question that names none.
        """

    def language_of(self, text: str, *, fallback: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Dialogue:
    knowledge: KnowledgeBase
    matcher: Understands
    floors: Floors = field(default_factory=Floors)
    days_kept: int = DAYS_KEPT

    def step(self, conversation: Conversation, event: Event, moment: Moment) -> Step:
        """What `event` changes, and what has to happen."""
        conversation = self._greeted_in(conversation, getattr(event, "interface_language", None))
        own = Subscriptions(self._voice(conversation), moment).answer(event)
        if own is None and not isinstance(event, SubscriptionEvent):
            return asking(*self._step(conversation, event, moment))
        return asking(conversation, own or ())

    def _step(self, conversation: Conversation, event: ChatEvent, moment: Moment) -> Step:
        match event:
            case StaffTook() | StaffReplied() | StaffClosed() | StaffReturned():
                return staff_acted(self._voice(conversation), conversation, event)
            case Pressed(action=Action(kind=ActionKind.CANCEL_PERSON)):
                return ended(self._voice(conversation), conversation, Ending.CANCELLED_BY_CITIZEN)
            case (
                DataFound()
                | DataErased()
                | Commanded(command=Command.MY_DATA | Command.ERASE)
                | Pressed(action=Action(kind=ActionKind.ERASE | ActionKind.KEEP))
            ):
                return about_data(self._voice(conversation), conversation, event, moment)
            case Pressed(action=Action(kind=ActionKind.HELPED | ActionKind.NOT_MINE)):
                return rated(self._voice(conversation), conversation, event.action, moment.day)
            case _ if conversation.mode is Mode.WITH_STAFF:
                return conversation, (RelayToStaff(event.ref),)
            case _:
                return self._informed(*self._acted(conversation, event, moment))

    def _acted(self, conversation: Conversation, event: Asked | Attached | Pressed | Commanded, moment: Moment) -> Step:
        match event:
            case Asked():
                return self._typed(conversation, event, moment)
            case Attached():
                return self._attached(conversation, event, moment)
            case Pressed(action=Action(kind=ActionKind.INTERVIEW, argument=answers)):
                return self._interviewing(conversation, moment).pressed(event.ref, answers)
            case Pressed():
                return self._pressed(conversation, event, moment)
            case Commanded():
                return self._commanded(conversation, event, moment)

    def _typed(self, conversation: Conversation, event: Asked, moment: Moment) -> Step:
        """A reply to the bot, an answer of an interview, a request in so many words, or else a question."""
        replies = Replies(self._voice(conversation), conversation, moment.day)
        meant = replies.answering(event.text)
        if (meant is None or replies.about_a_person) and (
            typed := self._interviewing(conversation, moment).typed(event.ref, event.text)
        ):
            return typed
        match meant or replies.requested(event.text):
            case Action() as tap:
                step = self._step(conversation, Pressed(event.ref, tap), moment)
            case Say() as say:
                step = conversation, (say,)
            case None:
                return self._asked(self._in_language_of(conversation, event), event, moment)
        return seen_by_staff(conversation, step, event.ref)

    # Language

    def _greeted_in(self, conversation: Conversation, interface: str | None) -> Conversation:
        """Until the citizen has written or chosen, the language is the one of the citizen's Telegram."""
        if conversation.language_chosen or conversation.last_ref or interface not in LANGUAGES:
            return conversation
        return replace(conversation, language=interface)

    def _in_language_of(self, conversation: Conversation, event: Asked) -> Conversation:
        if conversation.language_chosen:
            return conversation
        language = self.matcher.language_of(event.text, fallback=conversation.language)
        return replace(conversation, language=language)

    def _voice(self, conversation: Conversation) -> Voice:
        return Voice(self.knowledge, conversation.language, self.days_kept)

    # Questions

    def _asked(self, conversation: Conversation, event: Asked, moment: Moment) -> Step:
        # A citizen who chose a language for the answers may still write in another.
        spoken = conversation.language
        written_in = self.matcher.language_of(event.text, fallback=spoken) if conversation.language_chosen else spoken
        rankings = self.matcher.understand(
            event.text, language=written_in, day=moment.day, last_entry=conversation.last_entry
        )
        asked = replace(conversation, pending=(), last_ref=event.ref, last_question=mask(event.text))
        verdicts = [decide(ranking, self.floors) for ranking in rankings]
        if len(rankings) > 1:
            step = self._answer_parts(asked, event, rankings, verdicts, moment)
        else:
            step = self._decided(asked, event, rankings[0], verdicts[0], moment)
        entries = [entry for verdict in verdicts for entry in (verdict.entry, *verdict.offered)]
        for_a_child = self._search(asked, moment).for_a_child(event.text, entries)
        return forgotten(self._voice(asked), conversation, step) if for_a_child else step

    def _answer_parts(
        self,
        conversation: Conversation,
        event: Asked,
        rankings: Sequence[Ranking],
        verdicts: Sequence[Verdict],
        moment: Moment,
    ) -> Step:
        """Several questions in one message: each is decided, logged and answered by itself."""
        effects: list[Effect] = []
        for number, (ranking, verdict) in enumerate(zip(rankings, verdicts, strict=True), start=1):
            part = replace(event, ref=f"{event.ref}/{number}", text=ranking.question)
            conversation, part_effects = self._decided(conversation, part, ranking, verdict, moment)
            effects.extend(part_effects)
        return conversation, tuple(effects)

    def _decided(
        self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict, moment: Moment
    ) -> Step:
        match verdict.decision:
            case Decision.ANSWER if verdict.entry is not None:
                return self._answered(conversation, event, ranking, verdict.entry, moment)
            case Decision.CLARIFY:
                return self._clarified(conversation, event, ranking, verdict)
            case _:
                return self._not_known(conversation, event, ranking, verdict, moment)

    def _answered(
        self, conversation: Conversation, event: Asked, ranking: Ranking, entry_id: str, moment: Moment
    ) -> Step:
        entry = self.knowledge.entries[entry_id]
        voice, always = self._voice(conversation), entry.hand_over is HandOver.ALWAYS
        log = logged(
            event.ref,
            event.text,
            ranking,
            Verdict(Decision.ANSWER, Reason.CONFIDENT, entry=entry_id),
            QuestionStatus.OPEN if always else QuestionStatus.ANSWERED,
        )
        say = voice.completed(answer(self.knowledge, entry, conversation.language, moment.day), ranking)
        conversation = replace(conversation, last_entry=entry_id)
        if always:
            card = self._card(conversation, event.ref, event.text, Reason.ENTRY_ALWAYS, ranking.candidates, (entry_id,))
            conversation, opened = handed_over(conversation, card)
            say = replace(say, buttons=(*say.buttons, voice.cancel_button))
            return conversation, (log, say, *opened)
        say, private = self._search(conversation, moment).reply(entry_id, event.text, say)
        if private:
            return conversation, (say,)
        others = likely(ranking, self.floors)
        conversation, say = rateable(voice, conversation, say, event.ref, mask(event.text), others)
        return conversation, (log, say, *also_to_staff(conversation, event.ref, entry_id))

    def _clarified(self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict) -> Step:
        voice = self._voice(conversation)
        conversation, say = offered(
            voice, conversation, Pending(event.ref, mask(event.text), verdict.offered), "clarify"
        )
        log = logged(event.ref, event.text, ranking, verdict, QuestionStatus.OPEN)
        return conversation, (log, say, *also_to_staff(conversation, event.ref))

    def _not_known(
        self, conversation: Conversation, event: Asked, ranking: Ranking, verdict: Verdict, moment: Moment
    ) -> Step:
        log = logged(event.ref, event.text, ranking, verdict, QuestionStatus.OPEN)
        if conversation.mode is Mode.WAITING:
            added = with_handed_over(conversation, event.ref)
            return added, (log, RelayToStaff(event.ref), self._voice(added).announcement("hand_over_added"))
        if verdict.reason is Reason.OUT_OF_SCOPE:
            return conversation, (log, self._voice(conversation).not_ours)
        card = self._card(conversation, event.ref, event.text, verdict.reason, ranking.candidates)
        conversation, announcement = announced(self._voice(conversation), conversation, card, moment)
        return conversation, (log, *announcement)

    def _informed(self, conversation: Conversation, effects: tuple[Effect, ...]) -> Step:
        """The first message of the bot bears the short notice on personal data."""
        notice = self._voice(conversation).notice
        for index, effect in enumerate(effects):
            if isinstance(effect, Say) and not conversation.informed:
                informed = replace(effect, notes=(*effect.notes, notice))
                return replace(conversation, informed=True), (*effects[:index], informed, *effects[index + 1 :])
        return conversation, effects

    # Buttons and commands

    def _pressed(self, conversation: Conversation, event: Pressed, moment: Moment) -> Step:
        action = event.action
        match action.kind:
            case ActionKind.CHOOSE | ActionKind.SHOW if self._in_force(action.argument, moment.day):
                return self._shown(conversation, event.ref, action, moment)
            case ActionKind.SEARCH | ActionKind.OFFER:
                return conversation, (self._search(conversation, moment).pressed(action),)
            case ActionKind.NONE_OF_THESE:
                return self._none_of_these(conversation, event, moment)
            case ActionKind.PERSON:
                return self._person_asked(conversation, event.ref, moment)
            case ActionKind.LANGUAGE if action.argument in LANGUAGES:
                chosen = replace(conversation, language=action.argument, language_chosen=True)
                voice = self._voice(chosen)
                return chosen, (Say(voice.text("language_set"), buttons=voice.start_buttons(moment.day)),)
            case _:
                return conversation, (self._voice(conversation).menu(moment.day),)

    def _in_force(self, entry: str, day: date) -> bool:
        return entry in self.knowledge.entries and self.knowledge.entries[entry].in_force(day)

    def _shown(self, conversation: Conversation, ref: str, action: Action, moment: Moment) -> Step:
        entry = self.knowledge.entries[action.argument]
        chosen = None
        if action.kind is ActionKind.CHOOSE:
            chosen = next((pending for pending in conversation.pending if entry.id in pending.offered), None)
        question_ref = chosen.ref if chosen else ref
        question = chosen.question if chosen else entry.title_in(conversation.language)
        conversation = conversation.without(chosen)
        if entry.frozen:
            asked_for = (Candidate(entry.id, 1.0, frozen=True),)
            card = self._card(conversation, question_ref, question, Reason.ENTRY_FROZEN, asked_for)
            return announced(self._voice(conversation), conversation, card, moment, chosen)
        conversation = replace(conversation, last_entry=entry.id)
        say = answer(self.knowledge, entry, conversation.language, moment.day)
        if entry.hand_over is HandOver.ALWAYS:
            card = self._card(conversation, question_ref, question, Reason.ENTRY_ALWAYS, shown=(entry.id,))
            conversation, opened = handed_over(conversation, card, chosen)
            settle = (SettleQuestion(chosen.ref, QuestionStatus.OPEN, entry.id),) if chosen else ()
            return conversation, (
                *settle,
                replace(say, buttons=(*say.buttons, self._voice(conversation).cancel_button)),
                *opened,
            )
        if chosen is None:
            return conversation, (say,)
        conversation, say = rateable(
            self._voice(conversation), conversation, say, chosen.ref, chosen.question, chosen.offered
        )
        return conversation, (SettleQuestion(chosen.ref, QuestionStatus.ANSWERED, entry.id), say)

    def _none_of_these(self, conversation: Conversation, event: Pressed, moment: Moment) -> Step:
        refused = next((pending for pending in conversation.pending if pending.key == event.action.argument), None)
        if refused is None:
            return self._person_asked(conversation, event.ref, moment)
        conversation = conversation.without(refused)
        card = self._card(
            conversation,
            refused.ref,
            refused.question,
            Reason.NONE_OF_THESE,
            shown=refused.shown,
        )
        return announced(self._voice(conversation), conversation, card, moment, refused)

    def _person_asked(self, conversation: Conversation, ref: str, moment: Moment) -> Step:
        if conversation.mode is Mode.WAITING:
            interview = for_staff(self.knowledge, conversation)
            return asked_again(self._voice(conversation), conversation, ref, interview)
        shown = (conversation.last_entry,) if conversation.last_entry else ()
        ref, question = conversation.last_ref or ref, conversation.last_question
        card = self._card(conversation, ref, question, Reason.ASKED_FOR_PERSON, shown=shown)
        return announced(self._voice(conversation), conversation, card, moment)

    def _commanded(self, conversation: Conversation, event: Commanded, moment: Moment) -> Step:
        voice = self._voice(conversation)
        match event.command:
            case Command.START:
                return self._started(conversation, event, moment)
            case Command.OPPORTUNITIES:
                return conversation, (self._search(conversation, moment).begin(),)
            case Command.CONTACT if self.knowledge.menu.contact and self._in_force(
                self.knowledge.menu.contact, moment.day
            ):
                contact = Action(ActionKind.SHOW, self.knowledge.menu.contact)
                return self._shown(conversation, event.ref, contact, moment)
            case Command.PERSON | Command.CONTACT:
                return self._person_asked(conversation, event.ref, moment)
            case Command.LANGUAGE:
                return conversation, (voice.language_choice(),)
            case _:
                return conversation, (voice.menu(moment.day),)

    def _started(self, conversation: Conversation, event: Commanded, moment: Moment) -> Step:
        """The welcome, or what a link of ours leads to."""
        if offer := self._search(conversation, moment).linked(event.argument):
            return conversation, (offer,)
        topic = event.argument.removeprefix(TOPIC_LINK)
        if event.argument.startswith(TOPIC_LINK) and self._in_force(topic, moment.day):
            return self._shown(conversation, event.ref, Action(ActionKind.SHOW, topic), moment)
        return replace(conversation, informed=True), (self._voice(conversation).welcome(moment.day),)

    def _search(self, conversation: Conversation, moment: Moment) -> Search:
        return Search(self._voice(conversation), moment.day)

    def _interviewing(self, conversation: Conversation, moment: Moment) -> Interviewing:
        return Interviewing(self._voice(conversation), conversation, moment)

    def _attached(self, conversation: Conversation, event: Attached, moment: Moment) -> Step:
        if conversation.mode is Mode.WAITING:
            say = self._voice(conversation).announcement("hand_over_added")
            return conversation, (RelayToStaff(event.ref), say)
        card = self._card(conversation, event.ref, event.caption, Reason.UNREADABLE)
        conversation, announcement = announced(self._voice(conversation), conversation, card, moment)
        return conversation, (*announcement, RelayToStaff(event.ref))

    def _card(
        self,
        conversation: Conversation,
        ref: str,
        question: str,
        reason: Reason,
        candidates: tuple[Candidate, ...] = (),
        shown: tuple[str, ...] = (),
    ) -> OpenHandOver:
        # Sent with what the citizen asks a person for, and with nothing else.
        interview = for_staff(self.knowledge, conversation) if reason is Reason.ASKED_FOR_PERSON else ()
        return OpenHandOver(ref, question, conversation.language, reason, candidates, shown, interview)
