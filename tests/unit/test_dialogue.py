"""The dialogue: each path of a conversation, and the invariants that hold in all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.effects import (
    CloseHandOver,
    Ending,
    LogQuestion,
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
from bot.dialogue.events import (
    Action,
    ActionKind,
    Agent,
    Asked,
    Attached,
    Command,
    Commanded,
    Pressed,
    StaffClosed,
    StaffReplied,
    StaffReturned,
    StaffTook,
)
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from bot.knowledge.hours import OpeningHours, Period
from tests.unit.dialogue_fakes import (
    BOTH,
    CLOSE,
    CLOSE_TWICE,
    DISPUTE,
    FOLLOW_UP,
    FOREIGN,
    GERMAN,
    GRANT,
    HELLO,
    KNOWLEDGE,
    KNOWN,
    LOW,
    MESSAGES,
    NOW,
    OFFICE,
    WITH_ANOTHER,
    FakeMatcher,
)

FR = MESSAGES["fr"]
NOTICE = FR["privacy_notice"].format(days=180)
INFORMED = Conversation(informed=True)


ALICE = Agent(7, "Alice")


def play(*events, start=INFORMED, now=NOW):
    """The conversation after `events`, and the effects of the last one."""
    dialogue, conversation, effects = Dialogue(KNOWLEDGE, FakeMatcher()), start, ()
    for event in events:
        conversation, effects = dialogue.step(conversation, event, Moment(now))
    return conversation, effects


def ask(text, ref="1", language=None):
    return Asked(ref, text, language)


def press(kind, argument="", ref="b"):
    return Pressed(ref, Action(kind, argument))


def only(kind, effects):
    """The one effect of a kind."""
    (effect,) = [effect for effect in effects if isinstance(effect, kind)]
    return effect


def kinds(effects):
    return [type(effect) for effect in effects]


def actions(effects):
    return [button.action for effect in effects if isinstance(effect, Say) for button in effect.buttons]


CANCEL = press(ActionKind.CANCEL_PERSON)
PERSON = press(ActionKind.PERSON)
NONE = press(ActionKind.NONE_OF_THESE, "1")


# Answers


def test_a_sure_question_is_answered():
    _, effects = play(ask(GRANT))
    assert only(Say, effects).text == "Écrivez au service."


def test_what_else_the_message_asks_is_said_to_be_left_out():
    _, effects = play(ask(WITH_ANOTHER))
    assert any("autre question" in note for note in only(Say, effects).notes)


def test_an_answered_question_is_logged_as_answered():
    _, effects = play(ask(GRANT))
    log = only(LogQuestion, effects)
    assert (log.ref, log.entry, log.status) == ("1", "grant", QuestionStatus.ANSWERED)


def test_an_answer_cites_its_sources_in_order():
    _, effects = play(ask(GRANT))
    urls = [citation.url for citation in only(Say, effects).citations]
    assert urls == ["https://example.org/guide", "https://example.org/page"]


def test_a_citation_bears_the_day_it_was_checked_and_its_own_date():
    _, effects = play(ask(GRANT))
    dated, undated = [citation.label for citation in only(Say, effects).citations]
    assert ("05/01/2026" in dated, "juin 2021" in dated, "07/02/2026" in undated) == (True, True, True)


def test_a_citation_writes_its_date_as_the_citizen_does():
    _, effects = play(ask(GERMAN))
    assert "05.01.2026" in only(Say, effects).citations[0].label


def test_an_answer_to_confirm_says_so():
    _, effects = play(ask(GRANT))
    assert FR["note_to_confirm"] in only(Say, effects).notes


def test_an_unconfirmed_translation_says_so():
    _, effects = play(ask(GERMAN))
    assert MESSAGES["de"]["note_unconfirmed_translation"] in only(Say, effects).notes


def test_an_answer_that_is_not_translated_says_so():
    _, effects = play(ask(OFFICE), start=replace(INFORMED, language="de", language_chosen=True))
    assert MESSAGES["de"]["note_not_translated"] in only(Say, effects).notes


def test_a_confirmed_answer_in_its_own_language_has_no_notes():
    _, effects = play(ask(OFFICE))
    assert only(Say, effects).notes == ()


def test_a_behaviour_is_answered_without_citations():
    _, effects = play(ask(HELLO))
    assert only(Say, effects).citations == ()


def test_an_entry_that_offers_a_person_has_the_button():
    _, effects = play(ask(GRANT))
    assert actions(effects)[:2] == [Action(ActionKind.SHOW, "office"), Action(ActionKind.PERSON)]


@pytest.mark.parametrize("event", [ask(GRANT), Commanded("1", Command.START)])
def test_an_entry_that_is_out_of_force_is_no_longer_proposed(event):
    last_day, day_after = (datetime(2026, 12, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert Action(ActionKind.SHOW, "office") in actions(play(event, now=last_day)[1])
    assert Action(ActionKind.SHOW, "office") not in actions(play(event, now=day_after)[1])


def test_an_entry_that_never_hands_over_has_no_person_button():
    _, effects = play(ask(OFFICE))
    assert Action(ActionKind.PERSON) not in actions(effects)


def test_likely_entries_are_offered_best_first_then_none_of_these():
    _, effects = play(ask(CLOSE))
    assert actions(effects) == [
        Action(ActionKind.CHOOSE, "grant"),
        Action(ActionKind.CHOOSE, "dispute"),
        Action(ActionKind.NONE_OF_THESE, "1"),
    ]


def test_a_choice_settles_the_question():
    _, effects = play(ask(CLOSE, "7"), press(ActionKind.CHOOSE, "grant"))
    assert only(SettleQuestion, effects) == SettleQuestion("7", QuestionStatus.ANSWERED, "grant")


def test_a_choice_is_answered():
    _, effects = play(ask(CLOSE), press(ActionKind.CHOOSE, "grant"))
    assert only(Say, effects).text == "Écrivez au service."


def test_a_second_choice_settles_nothing_more():
    _, effects = play(ask(CLOSE), press(ActionKind.CHOOSE, "grant"), press(ActionKind.CHOOSE, "grant"))
    assert kinds(effects) == [Say]


def test_the_choice_of_an_entry_that_was_not_offered_settles_nothing():
    _, effects = play(ask(CLOSE), press(ActionKind.CHOOSE, "office"))
    assert SettleQuestion not in kinds(effects)


def test_choosing_an_entry_that_always_hands_over_leaves_the_question_open():
    _, effects = play(ask(CLOSE, "7"), press(ActionKind.CHOOSE, "dispute"))
    assert only(SettleQuestion, effects).status is QuestionStatus.OPEN


def test_none_of_these_hands_the_question_over_with_what_was_shown():
    _, effects = play(ask(CLOSE, "7"), press(ActionKind.NONE_OF_THESE, "7"))
    card = only(OpenHandOver, effects)
    assert (card.ref, card.question, card.reason) == ("7", CLOSE, Reason.NONE_OF_THESE)


def test_a_new_question_replaces_the_pending_one():
    conversation, _ = play(ask(CLOSE), ask(GRANT, "2"))
    assert conversation.pending == ()


def test_of_two_unclear_questions_each_is_settled_by_its_own_choice():
    conversation, effects = play(ask(CLOSE_TWICE, "7"))
    first, second = (pending.key for pending in conversation.pending)
    refusals = [action for action in actions(effects) if action.kind is ActionKind.NONE_OF_THESE]
    assert [refusal.argument for refusal in refusals] == [first, second]
    _, effects = play(press(ActionKind.NONE_OF_THESE, second), start=conversation)
    assert only(OpenHandOver, effects).ref == "7/2"


def test_none_of_these_under_an_old_question_calls_a_person_for_the_last_one():
    _, effects = play(ask(CLOSE, "7"), ask(GRANT, "8"), press(ActionKind.NONE_OF_THESE, "7"))
    assert only(OpenHandOver, effects).ref == "8"


def test_a_command_as_first_act_bears_the_notice_on_personal_data():
    _, effects = play(Commanded("1", Command.HELP), start=Conversation())
    assert NOTICE in only(Say, effects).notes


# Handing over


def test_an_unknown_question_is_handed_over_and_announced():
    conversation, effects = play(ask(LOW))
    assert (conversation.mode, kinds(effects)) == (Mode.WAITING, [LogQuestion, Say, OpenHandOver])


def test_a_second_unknown_question_joins_the_open_hand_over():
    _, effects = play(ask(LOW), ask(LOW, "2"))
    assert kinds(effects) == [LogQuestion, RelayToStaff, Say]


def test_two_unknown_questions_in_one_message_open_one_hand_over():
    _, effects = play(ask("xyz xyz"))
    assert kinds(effects).count(OpenHandOver) == 1


def test_an_answer_while_waiting_is_shown_to_staff():
    _, effects = play(ask(LOW), ask(GRANT, "2"))
    assert only(RelayToStaff, effects) == RelayToStaff("2", "grant")


@pytest.mark.parametrize("asked", [press(ActionKind.SHOW, "dispute"), Commanded("9", Command.CONTACT)])
def test_what_is_pressed_while_waiting_is_no_words_of_the_citizens(asked):
    menu = replace(KNOWLEDGE.menu, contact="dispute")
    dialogue = Dialogue(replace(KNOWLEDGE, menu=menu), FakeMatcher())
    waiting, _ = play(ask(LOW))
    _, effects = dialogue.step(waiting, asked, Moment(NOW))
    relayed = only(RelayToStaff, effects)
    assert (relayed.answered, relayed.question) == ("dispute", "")


def test_a_question_out_of_scope_only_offers_a_person():
    conversation, effects = play(ask(FOREIGN))
    assert (conversation.mode, actions(effects)) == (
        Mode.BOT,
        [Action(ActionKind.PERSON), Action(ActionKind.MENU)],
    )


def test_the_person_offered_out_of_scope_gets_the_question():
    _, effects = play(ask(FOREIGN, "5"), PERSON)
    card = only(OpenHandOver, effects)
    assert (card.ref, card.question, card.reason) == ("5", FOREIGN, Reason.ASKED_FOR_PERSON)


def test_an_entry_that_always_hands_over_is_answered_and_handed_over():
    conversation, effects = play(ask(DISPUTE))
    assert (conversation.mode, kinds(effects)) == (Mode.WAITING, [LogQuestion, Say, OpenHandOver])


def test_the_citizen_can_cancel_each_hand_over_that_is_announced():
    for text in (LOW, DISPUTE):
        assert Action(ActionKind.CANCEL_PERSON) in actions(play(ask(text))[1])


def test_none_of_these_while_another_request_waits_puts_that_question_in_front_of_staff_too():
    conversation, _ = play(ask(CLOSE_TWICE, "7"))
    first, second = (pending.key for pending in conversation.pending)
    conversation, effects = play(
        press(ActionKind.NONE_OF_THESE, first), press(ActionKind.NONE_OF_THESE, second), start=conversation
    )
    assert conversation.handed_over == ("7/1", "7/2")
    assert only(PromiseAnswer, effects) == PromiseAnswer("7/2")
    assert only(RelayToStaff, effects) == RelayToStaff("7/2", question=CLOSE)


def test_a_person_asked_for_again_gets_the_question_whose_choice_is_still_open():
    conversation, effects = play(ask(LOW), ask(CLOSE, "2"), PERSON)
    assert (conversation.handed_over, conversation.pending) == (("1", "2"), ())
    assert kinds(effects) == [PromiseAnswer, RelayToStaff, Say]
    assert only(Say, effects).text == FR["hand_over_added"]
    assert kinds(play(PERSON, start=conversation)[1]) == [Say]


def test_asking_for_a_person_twice_opens_one_hand_over():
    _, effects = play(PERSON, PERSON)
    assert [effect.text for effect in effects] == [FR["hand_over_already"]]


def test_cancelling_gives_the_word_back_to_the_bot():
    conversation, effects = play(ask(LOW), CANCEL)
    assert conversation.mode is Mode.BOT
    assert effects[:2] == (
        SettleQuestion("1", QuestionStatus.WITHDRAWN),
        CloseHandOver(Ending.CANCELLED_BY_CITIZEN),
    )


def test_cancelling_when_nothing_is_open_does_nothing():
    assert play(CANCEL) == (INFORMED, ())


def test_the_first_reply_of_staff_is_introduced_and_settles_the_question():
    _, effects = play(ask(LOW), StaffReplied("s", ALICE))
    assert kinds(effects) == [SettleQuestion, Say, RelayToCitizen]


def test_the_next_reply_of_staff_is_only_relayed():
    _, effects = play(ask(LOW), StaffReplied("s", ALICE), StaffReplied("t", ALICE))
    assert effects == (RelayToCitizen("t", ALICE),)


@pytest.mark.parametrize(
    "event", [ask(GRANT, "9"), Attached("9"), Commanded("9", Command.HELP), press(ActionKind.MENU, ref="9")]
)
def test_after_a_reply_of_staff_the_bot_is_silent(event):
    _, effects = play(ask(LOW), StaffReplied("s", ALICE), event)
    assert effects == (RelayToStaff("9"),)


def test_a_reply_after_the_end_reaches_the_citizen():
    conversation, effects = play(ask(LOW), StaffClosed("s"), StaffReplied("t", ALICE))
    assert (conversation.mode, effects[-1]) == (Mode.BOT, RelayToCitizen("t", ALICE))


@pytest.mark.parametrize("reply", [(), (StaffReplied("s", ALICE),)])
def test_a_reply_in_a_closed_hand_over_answers_nothing_of_the_one_that_is_open(reply):
    before, _ = play(ask(LOW), *reply)
    conversation, effects = play(StaffReplied("t", ALICE, late=True), start=before)
    assert conversation == before
    assert effects[-1] == RelayToCitizen("t", ALICE, late=True)
    assert (Say in kinds(effects)) is not bool(reply)


def test_closing_returns_to_the_bot_and_sets_unanswered_questions_aside():
    conversation, effects = play(ask(LOW), StaffClosed("s"))
    assert (conversation.mode, effects[0]) == (Mode.BOT, SettleQuestion("1", QuestionStatus.CLOSED))


def test_after_the_end_the_bot_answers_again():
    _, effects = play(ask(LOW), StaffReplied("s", ALICE), StaffClosed("t"), ask(GRANT, "2"))
    assert kinds(effects) == [LogQuestion, Say]


# Attachments, commands, buttons


def test_an_attachment_is_handed_over_with_its_caption():
    _, effects = play(Attached("4", "ma carte"))
    card = only(OpenHandOver, effects)
    assert (card.question, card.reason, effects[-1]) == ("ma carte", Reason.UNREADABLE, RelayToStaff("4"))


def test_an_attachment_while_waiting_joins_the_hand_over():
    _, effects = play(ask(LOW), Attached("4"))
    assert kinds(effects) == [RelayToStaff, Say]


def test_start_shows_the_shortcuts_of_the_menu_and_a_person():
    _, effects = play(Commanded("1", Command.START))
    assert [action.argument for action in actions(effects)] == ["grant", "office", ""]


def test_contact_shows_its_entry():
    _, effects = play(Commanded("1", Command.CONTACT))
    assert only(Say, effects).text == "Au 4, square Castan."


def test_contact_calls_a_person_when_its_entry_is_out_of_force():
    _, effects = play(Commanded("1", Command.CONTACT), now=NOW.replace(year=2027))
    assert OpenHandOver in kinds(effects)


def test_the_person_command_opens_a_hand_over():
    _, effects = play(Commanded("1", Command.PERSON))
    assert only(OpenHandOver, effects).reason is Reason.ASKED_FOR_PERSON


def test_help_shows_the_menu():
    _, effects = play(Commanded("1", Command.HELP))
    assert only(Say, effects).text == FR["help"]


def test_the_language_command_offers_each_language():
    _, effects = play(Commanded("1", Command.LANGUAGE))
    assert [action.argument for action in actions(effects)] == list(MESSAGES)


@pytest.mark.parametrize(
    "event",
    [press(ActionKind.SHOW, "gone"), press(ActionKind.CHOOSE, ""), press(ActionKind.LANGUAGE, "xx")],
)
def test_a_button_that_leads_nowhere_shows_the_menu(event):
    _, effects = play(event)
    assert only(Say, effects).text == FR["help"]


@pytest.mark.parametrize("data", ["", "z:grant", "grant", ":"])
def test_data_that_is_no_action_of_ours_is_refused(data):
    with pytest.raises(ValueError, match="ActionKind"):
        Action.unpack(data)


# Language


def test_a_chosen_language_is_no_longer_guessed():
    conversation, _ = play(press(ActionKind.LANGUAGE, "sr"), ask(GERMAN))
    assert conversation.language == "sr"


class RecordingMatcher(FakeMatcher):
    """Ranks with the language that it was given."""

    def understand(self, text, *, language, day, last_entry):
        rankings = super().understand(text, language=language, day=day, last_entry=last_entry)
        return tuple(replace(ranking, language=language) for ranking in rankings)


def test_a_question_is_read_in_its_own_language_and_answered_in_the_chosen_one():
    chosen = replace(INFORMED, language="sr", language_chosen=True)
    _, effects = Dialogue(KNOWLEDGE, RecordingMatcher()).step(chosen, ask(GERMAN), Moment(NOW))
    assert only(LogQuestion, effects).language == "de"
    assert only(Say, effects).notes[-1] == MESSAGES["sr"]["note_not_translated"]


def test_a_question_too_short_to_tell_is_read_in_the_chosen_language():
    chosen = replace(INFORMED, language="sr", language_chosen=True)
    _, effects = Dialogue(KNOWLEDGE, RecordingMatcher()).step(chosen, ask(OFFICE), Moment(NOW))
    assert only(LogQuestion, effects).language == "sr"


def test_a_question_is_answered_in_its_language():
    _, effects = play(ask(GERMAN))
    assert only(Say, effects).text == "Schreiben Sie uns."


def test_the_first_command_is_answered_in_the_language_of_the_interface():
    _, effects = play(Commanded("1", Command.HELP, "ar"))
    assert only(Say, effects).text == MESSAGES["ar"]["help"]


def test_an_interface_we_do_not_speak_is_answered_in_french():
    _, effects = play(Commanded("1", Command.HELP, "it"))
    assert only(Say, effects).text == FR["help"]


def test_once_the_citizen_has_written_the_interface_no_longer_counts():
    conversation, _ = play(ask(GRANT), Commanded("2", Command.HELP, "ar"))
    assert conversation.language == "fr"


def test_the_citizen_is_told_that_somebody_takes_care_of_it():
    conversation, effects = play(ask(LOW), StaffTook("t", ALICE))
    assert (conversation.mode, only(TakeHandOver, effects).agent) == (Mode.WAITING, ALICE)
    assert only(Say, effects).text == FR["taken_by_staff"]


def test_taking_over_a_conversation_under_way_says_nothing():
    _, effects = play(ask(LOW), StaffReplied("s", ALICE), StaffTook("t", Agent(8, "Bob")))
    assert kinds(effects) == [TakeHandOver]


def test_nothing_can_be_taken_once_the_bot_has_the_conversation():
    assert play(StaffTook("t", ALICE))[1] == ()


def test_a_conversation_given_back_leaves_its_questions_open():
    conversation, effects = play(ask(LOW), StaffReturned("t"))
    assert conversation.mode is Mode.BOT
    assert kinds(effects) == [CloseHandOver, Say]
    assert only(CloseHandOver, effects).ending is Ending.RETURNED_BY_STAFF


# How long it takes

WEEKDAYS = OpeningHours(ZoneInfo("Europe/Paris"), ((Period(540, 720),),) * 5 + ((), ()), source="page")
"""Monday to Friday from 9 to 12."""
SATURDAY = datetime(2026, 3, 7, 9, tzinfo=UTC)


def announced_at(now, hours=None, usual_wait=None):
    dialogue = Dialogue(replace(KNOWLEDGE, hours=hours), FakeMatcher())
    return only(Say, dialogue.step(INFORMED, ask(LOW), Moment(now, usual_wait))[1]).text


def test_a_closed_service_says_when_it_opens():
    assert announced_at(SATURDAY, WEEKDAYS).endswith("Le service est fermé en ce moment. Il ouvre lundi 9 mars à 9 h.")


def test_an_open_service_says_the_measured_wait():
    said = announced_at(NOW, WEEKDAYS, timedelta(minutes=21))
    assert said.endswith("En général, il faut environ 20 minutes pour avoir une réponse.")


def test_what_was_not_measured_is_not_said():
    assert announced_at(NOW) == announced_at(NOW, WEEKDAYS) == FR["hand_over_too_low"]


def test_closed_wins_over_the_usual_wait():
    assert "20 minutes" not in announced_at(SATURDAY, WEEKDAYS, timedelta(minutes=21))


# Privacy notice


@pytest.mark.parametrize("first", [ask(GRANT), ask(LOW), ask(CLOSE), ask(BOTH), Attached("1")])
def test_the_first_message_bears_the_privacy_notice_once(first):
    _, effects = play(first, start=Conversation())
    notes = [note for effect in effects if isinstance(effect, Say) for note in effect.notes]
    assert notes.count(NOTICE) == 1


@pytest.mark.parametrize("first", [ask(GRANT), Attached("1"), Commanded("1", Command.START)])
def test_the_privacy_notice_is_not_repeated(first):
    _, effects = play(first, ask(OFFICE, "2"), start=Conversation())
    assert NOTICE not in only(Say, effects).notes


# Several questions in one message


def test_each_question_of_a_message_is_answered_and_logged_under_its_own_reference():
    _, effects = play(ask(BOTH))
    logs = [(effect.ref, effect.entry) for effect in effects if isinstance(effect, LogQuestion)]
    assert logs == [("1/1", "grant"), ("1/2", "office")]


def test_the_unknown_part_of_a_message_is_handed_over():
    _, effects = play(ask("aide ? xyz"))
    assert only(OpenHandOver, effects).question == LOW


def test_a_follow_up_is_about_what_was_answered_before():
    _, effects = play(ask(GRANT), ask(FOLLOW_UP, "2"))
    assert only(LogQuestion, effects).entry == "grant"


def test_after_the_end_of_an_exchange_a_follow_up_follows_nothing():
    _, effects = play(ask(GRANT), ask(LOW, "2"), StaffClosed("s"), ask(FOLLOW_UP, "3"))
    assert only(LogQuestion, effects).entry is None


# Invariants; those of the way to a person and back: `test_hand_over_paths.py`

REFS = st.integers(1, 9).map(str)
ARGUMENTS = st.sampled_from([*KNOWLEDGE.entries, *MESSAGES, "", "gone"])
EVENTS = st.one_of(
    st.builds(Asked, REFS, st.sampled_from([*KNOWN, "?"])),
    st.builds(Attached, REFS, st.text(max_size=3)),
    st.builds(Pressed, REFS, st.builds(Action, st.sampled_from(ActionKind), ARGUMENTS)),
    st.builds(Commanded, REFS, st.sampled_from(Command), st.sampled_from([None, "de", "it"])),
    st.builds(StaffTook, REFS, st.just(ALICE)),
    st.builds(StaffReplied, REFS, st.just(ALICE)),
    st.builds(StaffClosed, REFS),
    st.builds(StaffReturned, REFS),
)
HISTORIES = st.lists(EVENTS, max_size=12)


def steps(events):
    """For each event: the mode before it, the event, the mode after it, its effects."""
    dialogue, conversation = Dialogue(KNOWLEDGE, FakeMatcher()), Conversation()
    for event in events:
        before = conversation.mode
        conversation, effects = dialogue.step(conversation, event, Moment(NOW))
        yield before, event, conversation.mode, effects


@given(HISTORIES)
def test_every_button_the_bot_shows_can_be_pressed(events):
    for _, _, _, effects in steps(events):
        for action in actions(effects):
            assert Action.unpack(action.pack()) == action


@given(st.sampled_from(ActionKind), st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=48))
def test_a_packed_action_fits_in_the_64_bytes_of_a_button(kind, argument):
    assert len(Action(kind, argument).pack().encode()) <= 64
