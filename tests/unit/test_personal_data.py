"""What citizens ask about their own data: which words, which effects, whoever is speaking."""

import json
from dataclasses import replace

import pytest

from bot.dialogue.effects import DeleteCopies, EraseData, FindData, RelayToStaff, Say, SendFile
from bot.dialogue.events import (
    Action,
    ActionKind,
    Agent,
    Command,
    Commanded,
    DataErased,
    DataFound,
    Pressed,
    StaffReplied,
)
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from bot.knowledge.model import LANGUAGES
from tests.unit.dialogue_fakes import KNOWLEDGE, MESSAGES, NOW, FakeMatcher

FR = MESSAGES["fr"]
ROWS = {
    "chat": "42",
    "conversation": {"mode": "bot"},
    "questions": [{"asked_at": "2026-11-24T08:30:00+00:00", "text": "Où est\nle fonds ?", "ratings": {}}],
    "hand_overs": [{"opened_at": "2026-11-24T08:30:00+00:00", "id": 12}],
    "messages": [
        {
            "to": "you",
            "queued_at": "2026-11-24T08:31:00+00:00",
            "params": {"text": "<b>Ici</b> &amp; là", "parse_mode": "HTML"},
        },
        {"to": "you", "queued_at": "2026-11-24T08:31:00+00:00", "params": {"text": "a < b"}},
        {"to": "staff", "queued_at": "2026-11-24T08:31:00+00:00", "params": {"message_id": 3}},
    ],
    "updates": [{"received_at": "2026-11-24T08:32:00+00:00"}],
}
EVERY_MODE = pytest.mark.parametrize("mode", Mode)


def step(event, conversation=None):
    return Dialogue(KNOWLEDGE, FakeMatcher()).step(conversation or Conversation(informed=True), event, Moment(NOW))


def command(which):
    return Commanded("1", which)


def press(kind):
    return Pressed("1", Action(kind))


def said(effects):
    return "\n".join(effect.text for effect in effects if isinstance(effect, Say))


@EVERY_MODE
def test_who_asks_for_the_own_data_gets_them_looked_up(mode):
    before = Conversation(mode=mode, handed_over=("q",))
    assert step(command(Command.MY_DATA), before) == (before, (FindData(),))


def test_what_is_found_comes_as_a_text_and_as_json():
    _, (_, text, data) = step(DataFound(ROWS))
    assert (text.name, data.name) == ("passerelle.txt", "passerelle.json")
    assert json.loads(data.content) == ROWS


def test_the_text_is_readable():
    _, (_, text, _) = step(DataFound(ROWS))
    assert "- 24/11/2026 09:30 : Où est le fonds ?" in text.content
    assert "- 24/11/2026 09:31 : Ici & là" in text.content
    assert "- 24/11/2026 09:31 : a < b" in text.content
    assert f"- 24/11/2026 09:31 : {FR['data_no_text']}" in text.content
    assert f"{FR['data_hand_overs']} (1)\n- 24/11/2026 09:30 : n° 12" in text.content


def test_the_text_says_what_the_person_said_of_answers():
    rated = ROWS | {"questions": [ROWS["questions"][0] | {"ratings": {"grant": False}}]}
    _, (_, text, _) = step(DataFound(rated))
    assert f"Où est le fonds ? – {FR['button_not_mine']}" in text.content


@EVERY_MODE
def test_erasing_is_confirmed_first(mode):
    before = Conversation(mode=mode, handed_over=("q",))
    after, effects = step(command(Command.ERASE), before)
    assert after == replace(before, asks="e:")
    assert [button.action for button in effects[0].buttons] == [Action(ActionKind.ERASE), Action(ActionKind.KEEP)]


@EVERY_MODE
def test_who_confirms_is_forgotten(mode):
    before = Conversation(mode=mode, handed_over=("q",), last_question="Où ?", last_ref="q", last_entry="grant")
    assert step(press(ActionKind.ERASE), before) == (Conversation(), (EraseData(),))


@EVERY_MODE
def test_who_does_not_confirm_keeps_everything(mode):
    before = Conversation(mode=mode, handed_over=("q",))
    after, effects = step(press(ActionKind.KEEP), before)
    assert after == before
    assert said(effects) == FR["erase_kept"]


def test_staff_see_nothing_of_it():
    for event in (command(Command.MY_DATA), command(Command.ERASE), press(ActionKind.ERASE), press(ActionKind.KEEP)):
        _, effects = step(event, Conversation(mode=Mode.WITH_STAFF))
        assert not any(isinstance(effect, RelayToStaff) for effect in effects)


def test_the_receipt_says_what_is_gone_and_what_remains():
    _, effects = step(DataErased(questions=3, messages=7))
    assert said(effects) == f"{FR['erased'].format(questions=3, messages=7, hand_overs=0)}\n\n{FR['erased_remains']}"


def test_the_receipt_speaks_of_the_staffs_copies_where_there_are_any():
    _, effects = step(DataErased(1, 1, hand_overs=(4, 9), open_hand_over=9, old_copies=2))
    for key in ("erased_open_hand_over", "erased_copies"):
        assert FR[key] in said(effects)
    assert FR["erased_old_copies"].format(count=2) in said(effects)


def test_the_copies_of_each_hand_over_are_deleted_and_staff_told_of_the_open_one():
    _, effects = step(DataErased(1, 1, hand_overs=(4, 9), open_hand_over=9))
    assert effects[1:] == (DeleteCopies(4, was_open=False), DeleteCopies(9, was_open=True))


def test_the_receipt_is_in_the_language_of_the_conversation():
    after, _ = step(press(ActionKind.ERASE), Conversation(language="de", language_chosen=True))
    _, effects = step(DataErased(0, 0), after)
    assert MESSAGES["de"]["erased_remains"] in said(effects)


def test_a_first_command_is_understood_in_the_language_of_the_interface():
    _, effects = step(Commanded("1", Command.ERASE, "de"), Conversation())
    assert said(effects) == MESSAGES["de"]["erase_confirm"]


def test_after_the_erasure_a_late_reply_of_staff_finds_nobody_waiting():
    after, _ = step(press(ActionKind.ERASE), Conversation(mode=Mode.WITH_STAFF, handed_over=("q",)))
    assert step(StaffReplied("s", Agent(7, "Alice")), after)[0].mode is Mode.BOT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_names_the_term_and_both_commands_in_every_language(language):
    dialogue = Dialogue(KNOWLEDGE, FakeMatcher(), days_kept=45)
    _, (welcome,) = dialogue.step(
        Conversation(language=language, language_chosen=True), command(Command.START), Moment(NOW)
    )
    for true in ("45", "/mesdonnees", "/effacer", "elegram" if language != "ar" else "تلغرام"):
        assert true in welcome.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_are_written_in_every_language(language):
    _, effects = step(DataFound(ROWS), Conversation(language=language))
    text = next(effect for effect in effects if isinstance(effect, SendFile))
    assert MESSAGES[language]["data_questions"] in text.content
