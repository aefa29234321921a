"""The way to a person and back, in whatever order people act: Hypothesis looks for a path that breaks a rule."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.dialogue.effects import (
    CloseHandOver,
    Effect,
    EraseData,
    OpenHandOver,
    QuestionStatus,
    RelayToCitizen,
    RelayToStaff,
    Say,
    SettleQuestion,
)
from bot.dialogue.events import (
    Action,
    ActionKind,
    Agent,
    Asked,
    Attached,
    Command,
    Commanded,
    DataErased,
    Pressed,
    StaffClosed,
    StaffReplied,
    StaffReturned,
    StaffTook,
)
from bot.dialogue.hand_over import TRANSITIONS
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from tests.unit.dialogue_fakes import KNOWLEDGE, KNOWN, NOW, FakeMatcher

ALICE = Agent(7, "Alice")
DIALOGUE = Dialogue(KNOWLEDGE, FakeMatcher())
CANCEL = Pressed("x", Action(ActionKind.CANCEL_PERSON))
PERSON = Commanded("p", Command.PERSON)
_OWN_DATA = (Command.MY_DATA, Command.ERASE, Command.SUBSCRIPTIONS)
_OWN_BUTTONS = (ActionKind.ERASE, ActionKind.KEEP, ActionKind.SUBSCRIBE, ActionKind.UNSUBSCRIBE, ActionKind.CALENDAR)
agents = st.sampled_from([ALICE, Agent(8, "Bob")])
texts = st.sampled_from([*KNOWN, "?"])


def step(conversation: Conversation, event: Any) -> tuple[Conversation, tuple[Effect, ...]]:
    return DIALOGUE.step(conversation, event, Moment(NOW))


class HandOver(RuleBasedStateMachine):
    """A citizen and the staff; `opened` is what the staff believe: requests whose card came and that have no end."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation = Conversation()
        self.number = 0
        self.opened = 0
        self.promised: set[str] = set()
        """Questions of the open request, by their references."""
        self.shown = [CANCEL.action, Action(ActionKind.NONE_OF_THESE, "gone")]
        """All buttons so far: old ones can be pressed too."""

    def happens(self, event: Any, *, by_citizen: bool) -> tuple[Effect, ...]:
        before = self.conversation
        self.conversation, effects = step(before, event)
        self.shown += [button.action for each in effects if isinstance(each, Say) for button in each.buttons]
        cards = [each for each in effects if isinstance(each, OpenHandOver)]
        ends = [each for each in effects if isinstance(each, CloseHandOver)]
        assert len(cards) + len(ends) <= 1, "one event opens or ends one request at most"
        assert not cards or (by_citizen and before.mode is Mode.BOT), "nothing but a wish of the citizen opens one"
        self.opened += len(cards) - len(ends)
        moves = {(before.mode, after) for (mode, _), after in TRANSITIONS.items() if mode is before.mode}
        assert (before.mode, self.conversation.mode) in moves | {(before.mode, before.mode)}
        settled = {each.ref for each in effects if isinstance(each, SettleQuestion)}
        if ends or any(isinstance(each, RelayToCitizen) for each in effects):
            assert settled <= self.promised, "only questions that wait are settled"
        self.promised = {*self.conversation.handed_over}
        if before.mode is Mode.WITH_STAFF and by_citizen and not ends:
            self.the_bot_is_silent(event, effects)
        return effects

    @staticmethod
    def the_bot_is_silent(event: Any, effects: tuple[Effect, ...]) -> None:
        own = (isinstance(event, Commanded) and event.command in _OWN_DATA) or (
            isinstance(event, Pressed) and event.action.kind in _OWN_BUTTONS
        )
        assert own or not any(isinstance(each, Say) for each in effects)
        rating = isinstance(event, Pressed) and event.action.kind in {ActionKind.HELPED, ActionKind.NOT_MINE}
        assert own or rating or any(isinstance(each, RelayToStaff) for each in effects), "staff see it all"

    def ref(self) -> str:
        self.number += 1
        return f"42/{self.number}"

    # The citizen

    @initialize(language=st.sampled_from([None, "fr", "de"]))
    def starts(self, language: str | None) -> None:
        self.happens(Commanded(self.ref(), Command.START, language), by_citizen=True)

    @rule(text=texts)
    def asks(self, text: str) -> None:
        effects = self.happens(Asked(self.ref(), text), by_citizen=True)
        assert any(isinstance(each, Say | RelayToStaff | OpenHandOver) for each in effects)

    @rule(caption=st.text("ab", max_size=2))
    def sends_a_picture(self, caption: str) -> None:
        effects = self.happens(Attached(self.ref(), caption), by_citizen=True)
        assert any(isinstance(each, RelayToStaff) for each in effects), "what cannot be read is in front of staff"

    @rule(number=st.integers(0, 200))
    def presses_a_button_that_was_shown(self, number: int) -> None:
        action = self.shown[-1 - number % len(self.shown)]
        if action.kind is ActionKind.ERASE:  # the store ends the request
            self.has_everything_erased()
        else:
            self.happens(Pressed(self.ref(), action), by_citizen=True)

    @rule(command=st.sampled_from(Command))
    def commands(self, command: Command) -> None:
        self.happens(Commanded(self.ref(), command), by_citizen=True)

    @rule()
    def has_everything_erased(self) -> None:
        effects = self.happens(Pressed(self.ref(), Action(ActionKind.ERASE)), by_citizen=True)
        assert any(isinstance(each, EraseData) for each in effects)
        numbers = (1,) if self.opened else ()
        self.conversation, _ = step(self.conversation, DataErased(0, 0, numbers, numbers[0] if numbers else None))
        self.opened, self.promised = 0, set()

    # The staff

    @rule(agent=agents)
    def somebody_takes_it(self, agent: Agent) -> None:
        self.happens(StaffTook(self.ref(), agent), by_citizen=False)

    @rule(agent=agents, late=st.booleans())
    def somebody_replies(self, agent: Agent, *, late: bool) -> None:
        before = self.conversation
        effects = self.happens(StaffReplied(self.ref(), agent, late), by_citizen=False)
        assert any(isinstance(each, RelayToCitizen) for each in effects), "no word of the staff is lost"
        assert not late or self.conversation == replace(before, asks="")

    @rule(event=st.sampled_from([StaffClosed, StaffReturned]))
    def somebody_ends_it(self, event: type[StaffClosed | StaffReturned]) -> None:
        self.happens(event(self.ref()), by_citizen=False)
        assert self.conversation.mode is Mode.BOT

    # What holds at any moment

    @invariant()
    def the_staff_have_the_request_that_is_open_and_no_other(self) -> None:
        assert self.opened == int(self.conversation.mode is not Mode.BOT)
        assert self.conversation.mode is not Mode.BOT or not self.conversation.handed_over

    @invariant()
    def everybody_can_end_it(self) -> None:
        for event in (CANCEL, StaffClosed("x"), StaffReturned("x")):
            after, effects = step(self.conversation, event)
            assert after.mode is Mode.BOT
            ended = [each for each in effects if isinstance(each, CloseHandOver)]
            assert len(ended) == self.opened
            settled = {each.ref: each.status for each in effects if isinstance(each, SettleQuestion)}
            assert settled.keys() == (set() if isinstance(event, StaffReturned) else self.promised)
            assert QuestionStatus.OPEN not in settled.values()

    @invariant()
    def a_citizen_gets_a_person_at_any_moment(self) -> None:
        after, _ = step(self.conversation, PERSON)
        assert after.mode is not Mode.BOT

    @precondition(lambda self: self.opened)
    @rule(event=st.sampled_from([CANCEL, StaffClosed("x"), StaffReturned("x")]), text=texts, number=st.integers(0, 200))
    def after_the_end_what_was_said_before_counts_for_nothing(self, event: Any, text: str, number: int) -> None:
        """Whoever ended it, people are answered as if they had never written before."""
        ended, _ = step(self.conversation, event)
        spoken = {"language": ended.language, "language_chosen": ended.language_chosen, "informed": ended.informed}
        stranger = replace(Conversation(), **spoken)
        button = self.shown[-1 - number % len(self.shown)]
        for next_event in (Asked("n", text), Attached("n"), PERSON, Pressed("n", button), CANCEL):
            assert step(ended, next_event)[1] == step(stranger, next_event)[1]


TestHandOver = HandOver.TestCase
TestHandOver.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
