"""What a typed text does that is nothing but a tap in words: "yes", "the second", a label, "in English please". Pure.

A reply is the tap that it stands for. `Conversation.asks` tells what the bot's last message asks; once the bot has said
something else, there is nothing to reply to, and the matcher reads such a text as any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.dialogue.effects import (
    Button,
    Effect,
    EraseData,
    FindData,
    FindSubscriptions,
    RelayToCitizen,
    RelayToStaff,
    Say,
    Subscribe,
)
from bot.dialogue.events import Action, ActionKind
from bot.dialogue.hand_over import Step, also_to_staff
from bot.dialogue.opportunities import Search
from bot.dialogue.personal_data import confirmation
from bot.dialogue.rating import can_be_offered, choices
from bot.dialogue.state import Conversation, Mode, Pending
from bot.dialogue.taps import labelled, placed
from bot.dialogue.voice import Voice
from bot.language.replies import Said, language_meant, place, says

_MENU = Action(ActionKind.MENU)
_SLIP = 9
"""A greater number is no slip in a place, but says something else: 17, 112."""


_SPEAKS = (Say, RelayToCitizen, FindData, FindSubscriptions, Subscribe, EraseData)
"""What puts a message before the citizen: the question before it is no longer the last."""


def asking(conversation: Conversation, effects: tuple[Effect, ...]) -> Step:
    """With what these effects ask of the citizen, which a reply then answers; in place of what was asked before."""
    if not any(isinstance(each, _SPEAKS) for each in effects):
        return conversation, effects
    last = [each for each in effects if isinstance(each, Say)][-1:]
    asked = [say.asks.pack() for say in last if say.asks]
    return replace(conversation, asks="".join(asked)), effects


def seen_by_staff(before: Conversation, step: Step, ref: str) -> Step:
    """The step of a reply; while a person is awaited, staff see it, but for what nobody else is to see."""
    after, effects = step
    says = [each for each in effects if isinstance(each, Say)]
    private = any(say.fleeting for say in says) or before.asks == Action(ActionKind.ERASE).pack()
    if private or before.mode is not Mode.WAITING or any(isinstance(each, RelayToStaff) for each in effects):
        return step
    answered = next((say.entry for say in says if say.entry), None)
    return after, (*effects, *also_to_staff(after, ref, answered))


@dataclass(frozen=True, slots=True)
class Replies:
    voice: Voice
    conversation: Conversation
    day: date

    def answering(self, text: str) -> Action | Say | None:
        """What `text` does that replies to the last message: a tap, or to be asked again; None: it is no reply."""
        match self._asks:
            case Action(kind=ActionKind.NONE_OF_THESE, argument=key):
                asked = next((pending for pending in self.conversation.pending if pending.key == key), None)
                return self._chosen(asked, text) if asked else None
            case Action(kind=ActionKind.PERSON) as person:
                return self._tapped(self.voice.not_ours.buttons, text, person, _MENU, ways_out=2)
            case Action(kind=ActionKind.ERASE):
                return self._erasing(text)
            case Action(kind=ActionKind.SEARCH, argument=step):
                return Search(self.voice, self.day).typed(step, text)
            case Action(kind=ActionKind.LANGUAGE):
                tap = self._tapped(self.voice.language_choice().buttons, text, None, _MENU, ways_out=0)
                return tap or _language(language_meant(text, alone=True))
            case _:
                return None

    @property
    def about_a_person(self) -> bool:
        """The last message only asks whether a person is wanted: an interview that is under way goes on before."""
        return self._asks is not None and self._asks.kind is ActionKind.PERSON

    def requested(self, text: str) -> Action | Say | None:
        """What `text` does that asks for a button in so many words, whatever was said before."""
        if self._cancels(text):
            cancel = self.voice.cancel_button
            how = Say(self.voice.text("cancel_how", button=cancel.label), buttons=(cancel,))
            return labelled((cancel,), text) or how
        return _language(language_meant(text))

    def _cancels(self, text: str) -> bool:
        """Only a request that waits can be meant."""
        if self.conversation.mode is not Mode.WAITING:
            return False
        return says(Said.CANCELLED, text) or labelled((self.voice.cancel_button,), text) is not None

    @property
    def _asks(self) -> Action | None:
        try:
            return Action.unpack(self.conversation.asks)
        except ValueError:  # nothing, or what another version asks
            return None

    def _chosen(self, asked: Pending, text: str) -> Action | Say | None:
        """One of the entries, the way out behind them, or which one is meant; a person alone may be offered too."""
        still = tuple(entry for entry in asked.offered if can_be_offered(self.voice, entry, self.day))
        if asked.offered and not still:
            return None
        asked = replace(asked, offered=still)
        buttons = choices(self.voice, asked)
        way_out = buttons[-1].action
        if not asked.offered:
            return self._tapped(buttons, text, way_out, _MENU)
        only = buttons[0].action if len(asked.offered) == 1 else None
        tap = self._tapped(buttons, text, only, way_out)
        unclear = says(Said.AGREED, text) or _names_one_of(_SLIP, text)
        if tap is None and unclear:
            return Say(self.voice.text("choose_one"), buttons=buttons, asks=way_out)
        return tap

    def _erasing(self, text: str) -> Action | Say | None:
        """Only the whole label erases: a mere yes may be meant for a notice that has come since."""
        again = confirmation(self.voice, "erase_tap")
        if says(Said.REFUSED, text) or says(Said.DROPPED, text):
            return Action(ActionKind.KEEP)
        unclear = says(Said.AGREED, text) or _names_one_of(len(again.buttons), text)
        return again if unclear else labelled(again.buttons, text)

    def _tapped(
        self, buttons: Sequence[Button], text: str, agreed: Action | None, refused: Action, *, ways_out: int = 1
    ) -> Action | None:
        """The tap that `text` stands for: a label, a place among the buttons, yes, no, or never mind."""
        return (
            labelled(buttons, text)
            or placed(buttons, text, ways_out)
            or (agreed if says(Said.AGREED, text) else None)
            or (refused if says(Said.REFUSED, text) else None)
            or (_MENU if says(Said.DROPPED, text) and not self._cancels(text) else None)
        )


def _names_one_of(count: int, text: str) -> bool:
    """Whether `text` is the number of one of so many."""
    return (place(text) or 0) in range(1, count + 1)


def _language(code: str | None) -> Action | None:
    return Action(ActionKind.LANGUAGE, code) if code else None
