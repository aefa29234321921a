"""Whether an answer helped: one tap, that may be changed, and leads on when it did not."""

from dataclasses import replace

import pytest

from bot.dialogue.effects import (
    Acknowledge,
    OpenHandOver,
    QuestionStatus,
    RateAnswer,
    Reason,
    RelayToStaff,
    Say,
    SettleQuestion,
)
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Pressed, StaffReplied
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Given
from bot.matching.model import Candidate, Ranking
from tests.unit.dialogue_fakes import KNOWLEDGE, MESSAGES, NOW
from tests.unit.test_dialogue import ALICE, CLOSE, DISPUTE, GRANT, FakeMatcher, actions, only, press

FR = MESSAGES["fr"]
HELPED, NOT_MINE = Action(ActionKind.HELPED, "1|grant"), Action(ActionKind.NOT_MINE, "1|grant")
OF_GRANT = Action(ActionKind.CHOOSE, "grant")


class Hesitant(FakeMatcher):
    """Answers a grant, with another entry that is not far."""

    def understand(self, text, **known):
        ranking = Ranking(text, "fr", (Candidate("grant", 0.9), Candidate("office", 0.08), Candidate("dispute", 0.001)))
        return [ranking] if text == GRANT else super().understand(text, **known)


def play(*events, matcher=FakeMatcher):
    """The conversation after `events`, and the effects of the last one."""
    dialogue, conversation, effects = Dialogue(KNOWLEDGE, matcher()), Conversation(informed=True), ()
    for event in events:
        happened = Pressed("b", event) if isinstance(event, Action) else event
        conversation, effects = dialogue.step(conversation, happened, Moment(NOW))
    return conversation, effects


def ask(text, ref="1"):
    return Asked(ref, text)


def test_an_answer_to_a_question_ends_with_a_row_to_rate_it():
    _, effects = play(ask(GRANT))
    *_, helped, not_mine = only(Say, effects).buttons
    assert (helped.action, helped.beside) == (HELPED, False)
    assert (not_mine.action, not_mine.beside) == (NOT_MINE, True)


def test_two_long_ids_with_the_same_end_are_two_buttons_of_64_bytes_at_most():
    entries = (f"{town}-how-to-lodge-a-complaint-at-the-desk" for town in ("belfort", "valdoie"))
    keys = {Given("-1001234567890/1234567890/12", "?", entry).key for entry in entries}
    assert len(keys) == 2
    assert all(len(Action(ActionKind.NOT_MINE, key).pack().encode()) <= 64 for key in keys)


@pytest.mark.parametrize(
    "event",
    [ask("bonjour"), ask(DISPUTE), ask(CLOSE), Action(ActionKind.SHOW, "grant"), Commanded("1", Command.START)],
    ids=["small talk", "handed over", "offered", "a topic of the menu", "welcome"],
)
def test_nothing_else_is_asked_about(event):
    _, effects = play(event)
    assert not {ActionKind.HELPED, ActionKind.NOT_MINE} & {action.kind for action in actions(effects)}


def test_a_chosen_entry_is_rated_as_the_answer_to_the_question():
    _, effects = play(ask(CLOSE), OF_GRANT)
    assert actions(effects)[-2:] == [HELPED, NOT_MINE]


def test_an_answer_that_helped_gets_a_word_that_passes():
    _, effects = play(ask(GRANT), HELPED)
    assert RateAnswer("1", "grant", helped=True) in effects
    assert only(Acknowledge, effects).text == FR["rating_noted"]
    assert Say not in map(type, effects)


def test_not_my_question_opens_it_again_and_offers_what_else_is_likely_and_a_person():
    _, effects = play(ask(GRANT), NOT_MINE, matcher=Hesitant)
    assert RateAnswer("1", "grant", helped=False) in effects
    assert only(SettleQuestion, effects) == SettleQuestion("1", QuestionStatus.OPEN, "grant")
    assert only(Say, effects).text == FR["not_mine"]
    assert actions(effects) == [Action(ActionKind.CHOOSE, "office"), Action(ActionKind.NONE_OF_THESE, "1")]


def test_without_another_likely_entry_a_person_is_offered():
    _, effects = play(ask(GRANT), NOT_MINE)
    assert only(Say, effects).text == FR["not_mine_no_other"]
    assert actions(effects) == [Action(ActionKind.NONE_OF_THESE, "1")]


def test_the_person_gets_the_question_and_what_was_refused():
    _, effects = play(ask(GRANT), NOT_MINE, press(ActionKind.NONE_OF_THESE, "1"))
    card = only(OpenHandOver, effects)
    assert (card.ref, card.question, card.reason) == ("1", GRANT, Reason.NONE_OF_THESE)
    assert card.shown == ("grant",)


def test_what_is_chosen_instead_answers_the_question_and_can_be_rated_too():
    _, effects = play(ask(GRANT), NOT_MINE, Action(ActionKind.CHOOSE, "office"), matcher=Hesitant)
    assert only(SettleQuestion, effects) == SettleQuestion("1", QuestionStatus.ANSWERED, "office")
    assert Action(ActionKind.NOT_MINE, "1|office") in actions(effects)


def test_what_was_refused_once_is_not_offered_again():
    refused = (NOT_MINE, Action(ActionKind.CHOOSE, "office"), Action(ActionKind.NOT_MINE, "1|office"))
    _, effects = play(ask(GRANT), *refused, matcher=Hesitant)
    assert actions(effects) == [Action(ActionKind.NONE_OF_THESE, "1")]


def test_a_changed_mind_takes_the_place_of_the_first_word():
    conversation, effects = play(ask(GRANT), NOT_MINE, HELPED)
    assert RateAnswer("1", "grant", helped=True) in effects
    assert only(SettleQuestion, effects) == SettleQuestion("1", QuestionStatus.ANSWERED, "grant")
    assert conversation.pending == ()


def test_the_same_tap_twice_is_not_offered_a_person_twice():
    _, effects = play(ask(GRANT), NOT_MINE, NOT_MINE)
    assert Say not in map(type, effects)


def test_who_asked_several_things_can_rate_each_answer():
    _, effects = play(ask(GRANT), ask("où êtes-vous", "2"), NOT_MINE)
    assert RateAnswer("1", "grant", helped=False) in effects


def test_an_answer_long_ago_can_no_longer_be_rated():
    later = [ask(GRANT, str(number)) for number in range(2, 7)]
    _, effects = play(ask(GRANT), *later, HELPED)
    assert effects == (Acknowledge(FR["rating_too_late"]),)


def test_a_question_that_waits_for_a_person_stays_theirs_to_settle():
    to_a_person = (NOT_MINE, press(ActionKind.NONE_OF_THESE, "1"))
    _, effects = play(ask(GRANT), *to_a_person, HELPED)
    assert RateAnswer("1", "grant", helped=True) in effects
    assert SettleQuestion not in map(type, effects)


def test_with_staff_it_is_kept_and_the_bot_is_silent():
    handed_over = press(ActionKind.PERSON, ref="p")
    _, effects = play(ask(GRANT), handed_over, StaffReplied("s", ALICE), NOT_MINE)
    assert RateAnswer("1", "grant", helped=False) in effects
    assert not {Say, RelayToStaff} & set(map(type, effects))


def test_an_entry_that_is_gone_is_not_offered_instead():
    dialogue = Dialogue(KNOWLEDGE, Hesitant())
    conversation, _ = dialogue.step(Conversation(informed=True), ask(GRANT), Moment(NOW))
    entries = {name: entry for name, entry in KNOWLEDGE.entries.items() if name != "office"}
    reloaded = Dialogue(replace(KNOWLEDGE, entries=entries), Hesitant())
    _, effects = reloaded.step(conversation, Pressed("b", NOT_MINE), Moment(NOW))
    assert actions(effects) == [Action(ActionKind.NONE_OF_THESE, "1")]


def test_the_longest_names_fit_in_a_button():
    ref = f"{10**15}/{10**12}/12"
    _, effects = play(ask(GRANT, ref))
    assert all(len(action.pack().encode()) <= 64 for action in actions(effects))
