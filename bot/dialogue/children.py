"""Who looks for an offer for a child: answered like anybody, and nothing of the message is kept. Pure."""

from dataclasses import replace

from bot.dialogue.effects import Effect, LogQuestion, RelayToStaff, Say
from bot.dialogue.events import ActionKind
from bot.dialogue.hand_over import Step
from bot.dialogue.state import Conversation
from bot.dialogue.voice import Voice

_RATING = (ActionKind.HELPED, ActionKind.NOT_MINE)


def forgotten(voice: Voice, before: Conversation, step: Step) -> Step:
    """The same `step` without a trace of what was written, and with the word about the guardians.

    When a part of it has to go to a person of the service it is kept, and nothing else is said.
    """
    after, effects = step
    notice = voice.text("offers_guardians")
    if after.handed_over != before.handed_over:
        return after, tuple(_without(notice, effect) for effect in effects)
    pending = tuple(replace(each, question="") for each in after.pending)
    kept = replace(before, language=after.language, last_entry=after.last_entry, pending=pending)
    said = (effect for effect in effects if not isinstance(effect, LogQuestion | RelayToStaff))
    fleeting = [_fleeting(effect) for effect in said]
    return replace(kept, last_ref="", last_question=""), tuple(_guarded(notice, fleeting))


def _fleeting(effect: Effect) -> Effect:
    """Not to be rated either: what was answered is not kept."""
    if not isinstance(effect, Say):
        return effect
    buttons = tuple(each for each in effect.buttons if each.action.kind not in _RATING)
    return replace(effect, buttons=buttons, fleeting=True)


def _guarded(notice: str, effects: list[Effect]) -> list[Effect]:
    """With the notice once: under the first message, where the answer does not bear it yet."""
    says = [effect for effect in effects if isinstance(effect, Say)]
    if not says or any(notice in say.notes for say in says):
        return effects
    return [replace(each, notes=(*each.notes, notice)) if each is says[0] else each for each in effects]


def _without(notice: str, effect: Effect) -> Effect:
    if not isinstance(effect, Say):
        return effect
    return replace(effect, notes=tuple(note for note in effect.notes if note != notice))
