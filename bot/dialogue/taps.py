"""The button that a typed text names: by its label, or by its place. Pure."""

from collections.abc import Sequence

from bot.dialogue.effects import Button
from bot.dialogue.events import Action
from bot.language.normal_form import normalise
from bot.language.replies import LAST, place


def labelled(buttons: Sequence[Button], text: str) -> Action | None:
    """The action of the button whose label is typed."""
    typed = normalise(text)
    return next((button.action for button in buttons if typed and normalise(button.label) == typed), None)


def placed(buttons: Sequence[Button], text: str, ways_out: int = 1) -> Action | None:
    """The action of the button whose place is typed; the last one proposed stands before the ways out."""
    number = place(text)
    if number == LAST:
        number = len(buttons) - ways_out
    return buttons[number - 1].action if number and 0 < number <= len(buttons) else None
