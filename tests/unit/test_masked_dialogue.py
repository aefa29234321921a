"""What the dialogue keeps of a question is masked; what staff and matcher read is what was written."""

import json
from dataclasses import replace

import pytest

from bot.dialogue.effects import LogQuestion, OpenHandOver
from bot.dialogue.events import Action, ActionKind, Asked, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.record import from_record, to_record
from bot.dialogue.state import Conversation
from bot.privacy.masking import EMAIL
from tests.unit.dialogue_fakes import CLOSE, GRANT, KNOWLEDGE, LOW, NOW, FakeMatcher

MOMENT = Moment(NOW)
ADDRESS = "awa@exemple.fr"


class Deaf(FakeMatcher):
    """Understands a question as if no address were in it, and notes what it was given."""

    def __init__(self):
        self.heard = []

    def understand(self, text, **context):
        self.heard.append(text)
        rankings = super().understand(text.removesuffix(f" {ADDRESS}"), **context)
        return tuple(replace(ranking, question=text) for ranking in rankings)


def asked(question):
    """What was kept of `question` with an address, and what the matcher read."""
    matcher = Deaf()
    dialogue = Dialogue(KNOWLEDGE, matcher)
    conversation, effects = dialogue.step(Conversation(), Asked("1", f"{question} {ADDRESS}"), MOMENT)
    return dialogue, conversation, effects, matcher.heard


@pytest.mark.parametrize("question", [GRANT, CLOSE, LOW])
def test_the_log_and_the_state_hold_no_address(question):
    _, conversation, effects, _ = asked(question)
    (log,) = [effect for effect in effects if isinstance(effect, LogQuestion)]
    assert log.text == f"{question} {EMAIL}"
    assert ADDRESS not in json.dumps(to_record(conversation))


def test_the_matcher_reads_what_was_written():
    assert asked(GRANT)[3] == [f"{GRANT} {ADDRESS}"]


def test_staff_read_what_was_written():
    _, _, effects, _ = asked(LOW)
    (card,) = [effect for effect in effects if isinstance(effect, OpenHandOver)]
    assert card.question == f"{LOW} {ADDRESS}"


def test_what_is_handed_over_later_is_what_was_kept():
    dialogue, conversation, _, _ = asked(CLOSE)
    _, effects = dialogue.step(conversation, Pressed("2", Action(ActionKind.NONE_OF_THESE, "1")), MOMENT)
    (card,) = [effect for effect in effects if isinstance(effect, OpenHandOver)]
    assert card.question == f"{CLOSE} {EMAIL}"


def test_a_state_that_cannot_be_read_is_refused_without_quoting_it():
    with pytest.raises(ValueError, match="mode") as refused:
        from_record({"mode": "Je m'appelle Awa"})
    assert "Awa" not in str(refused.value)
