"""Effects → calls of the Bot API."""

from datetime import UTC, datetime

import pytest
from telegram import Message

from bot.channels.telegram.incoming import CitizenActed, Place, StaffWrote
from bot.channels.telegram.outgoing import (
    CLOSE_TOPIC,
    CREATE_TOPIC,
    STAFF,
    Translator,
    edit_for_citizen,
    edit_for_staff,
    merged,
    to_staff,
)
from bot.dialogue.effects import (
    Button,
    CloseHandOver,
    Ending,
    OpenHandOver,
    Reason,
    RelayToCitizen,
    RelayToStaff,
    Say,
)
from bot.dialogue.events import Action, ActionKind, Agent, Asked, Attached, Pressed
from bot.matching.model import Candidate
from bot.staff.texts import TEXTS
from bot.storage.model import HandOver, HandOverStatus
from tests.unit.dialogue_fakes import KNOWLEDGE

HAND_OVER = HandOver(12, "telegram", "42", "42/9", HandOverStatus.WAITING, None, datetime(2026, 11, 24, tzinfo=UTC))
ALICE = Agent(7, "Alice")
PHOTO = {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}


def message(chat=42, **content):
    return Message.de_json({"message_id": 9, "date": 0, "chat": {"id": chat, "type": "private"}, **content}, None)


def asked(text):
    return CitizenActed("42", Asked("42/9", text), (message(text=text),))


def translated(effects, cause=None, hand_over=HAND_OVER, *, concerned=None, forum=False):
    return Translator(KNOWLEDGE, cause, "42", concerned, forum)(effects, hand_over)


def card(**fields):
    return OpenHandOver(**{"ref": "42/9", "question": "Où ?", "language": "de", "reason": Reason.TOO_LOW, **fields})


def test_short_buttons_share_a_row():
    person, yes, no = (Action(kind) for kind in (ActionKind.PERSON, ActionKind.HELPED, ActionKind.NOT_MINE))
    say = Say("a", buttons=(Button("Une personne", person), Button("Oui", yes), Button("Non", no, beside=True)))
    [sent] = translated([say])
    rows = sent.params["reply_markup"]["inline_keyboard"]
    assert [[key["text"] for key in row] for row in rows] == [["Une personne"], ["Oui", "Non"]]


def test_buttons_stand_under_the_last_message_of_a_long_answer():
    say = Say(f"{'a' * 4000}\n\n{'b' * 4000}", buttons=(Button("Oui", Action(ActionKind.SHOW, "grant")),))
    first, last = translated([say], hand_over=None)
    assert "reply_markup" not in first.params
    assert last.params["reply_markup"]["inline_keyboard"] == [[{"text": "Oui", "callback_data": "s:grant"}]]


def test_a_card_opens_its_topic_and_says_what_staff_need():
    candidates = (Candidate("grant", 0.31), Candidate("gone", 0.2))
    topic, sent = translated([card(candidates=candidates, shown=("office",))])
    assert (topic.chat, topic.method, topic.params) == (STAFF, CREATE_TOPIC, {"name": "N° 12 · Où ?"})
    html = sent.params["text"]
    assert "Demande n° 12" in html
    assert "<blockquote>Où ?</blockquote>" in html
    assert "Langue : Deutsch" in html
    assert "Demander une aide (31 %), gone (20 %)" in html
    assert "Où sommes-nous ?" in html
    buttons = [button["callback_data"] for row in sent.params["reply_markup"]["inline_keyboard"] for button in row]
    assert buttons == ["prendre:12", "clore:12"]


def test_a_card_tells_how_to_reply_in_this_kind_of_group():
    assert TEXTS["card_how_by_reply"] in translated([card()])[1].params["text"].replace("&#x27;", "'")
    assert "Écrivez dans ce sujet" in translated([card()], forum=True)[1].params["text"]


def test_a_long_question_is_shown_to_its_end_and_its_topic_has_a_name_that_fits():
    topic, *cards = translated([card(question="mot " * 1020 + "FIN")])
    assert len(topic.params["name"]) == 128
    assert any("FIN" in sent.params["text"] for sent in cards)
    assert [("reply_markup" in sent.params) for sent in cards] == [False] * (len(cards) - 1) + [True]


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_a_sentence(reason):
    assert TEXTS[f"reason_{reason}"] in translated([card(reason=reason)])[1].params["text"].replace("&#x27;", "'")


def test_what_a_citizen_writes_reaches_staff_without_markup_of_theirs():
    (relayed,) = translated([RelayToStaff("42/9")], asked("<b>gras</b> & co"))
    assert (relayed.chat, relayed.hand_over, relayed.origin) == (STAFF, 12, 9)
    assert relayed.params["text"] == "👤 &lt;b&gt;gras&lt;/b&gt; &amp; co"


def test_a_message_of_two_questions_is_passed_on_once_with_what_was_answered():
    relayed = translated([RelayToStaff("42/9/1", "grant"), RelayToStaff("42/9/2")], asked("aide ? et où ?"))
    assert [sent.params["text"] for sent in relayed] == [
        "👤 aide ? et où ?",
        "🤖 L'assistant a répondu avec la fiche « Demander une aide ».",
    ]


def test_what_is_no_text_is_copied():
    cause = CitizenActed("42", Attached("42/9"), (message(**PHOTO),))
    (relayed,) = translated([RelayToStaff("42/9")], cause)
    assert (relayed.method, relayed.params) == ("copyMessage", {"from_chat_id": 42, "message_id": 9})


def test_a_pressed_button_is_told_by_its_label():
    cause = CitizenActed("42", Pressed("b", Action(ActionKind.MENU)), (), "5", "Voir les sujets")
    (relayed,) = translated([RelayToStaff("b")], cause)
    assert relayed.params["text"] == "👤 a appuyé sur « Voir les sujets »"


def test_a_staff_reply_keeps_its_formatting_and_remembers_where_it_came_from():
    bold = {"type": "bold", "offset": 0, "length": 3}
    cause = StaffWrote((message(-500, text="Oui", entities=[bold]),), Place(reply_to=3), ALICE)
    (sent,) = translated([RelayToCitizen("x", ALICE)], cause)
    assert (sent.chat, sent.method, sent.origin, sent.hand_over) == ("42", "sendMessage", 9, 12)
    assert sent.params == {"text": "Oui", "entities": [bold]}


@pytest.mark.parametrize("content", [{"text": "Oui\n// non"}, {**PHOTO, "caption": "Oui\n// non"}])
def test_a_note_in_a_reply_never_reaches_the_citizen(content):
    bold = {"type": "bold", "offset": 0, "length": 3}
    cause = StaffWrote((message(-500, **content, entities=[bold]),), Place(reply_to=3), ALICE)
    (sent,) = translated([RelayToCitizen("x", ALICE)], cause)
    assert sent.params.get("text", sent.params.get("caption")) == "Oui"
    assert "entities" not in sent.params


def test_a_reply_after_the_end_still_finds_the_citizen():
    cause = StaffWrote((message(-500, text="Encore ceci"),), Place(topic=4), ALICE)
    (sent,) = translated([RelayToCitizen("x", ALICE)], cause, hand_over=None, concerned=HAND_OVER)
    assert sent.chat == "42"


def test_a_question_that_joins_by_a_button_is_shown_in_its_words():
    pressed = CitizenActed("42", Pressed("callback/1", Action(ActionKind.NONE_OF_THESE, "9")), (), "1", "Autre chose")
    said = translated([RelayToStaff("42/9", question="Où < aller ?")], pressed)
    assert [each.params["text"] for each in said] == ["👤 a appuyé sur « Autre chose »", "👤 Où &lt; aller ?"]


def test_a_question_that_joins_by_a_typed_reply_is_shown_too():
    typed = CitizenActed("42", Asked("x", "oui"), (message(text="oui"),))
    said = translated([RelayToStaff("42/9", question="Où aller ?")], typed)
    assert [each.params["text"] for each in said] == ["👤 oui", "👤 Où aller ?"]


def test_an_album_stays_an_album_and_a_burst_stays_apart():
    pictures = tuple(Message.de_json(message(**PHOTO).to_dict() | {"message_id": n}, None) for n in (11, 10))
    (album,) = translated([RelayToStaff("x")], CitizenActed("42", Attached("x"), pictures))
    assert (album.method, album.params) == ("copyMessages", {"from_chat_id": 42, "message_ids": [10, 11]})
    burst = CitizenActed("42", Asked("x", "a\nb"), (message(text="a"), message(text="b")))
    assert [sent.params["text"] for sent in translated([RelayToStaff("x")], burst)] == ["👤 a", "👤 b"]


def test_corrections_name_the_message_that_they_correct():
    corrected = edit_for_citizen(message(-500, text="Mieux"), HAND_OVER)
    assert (corrected.chat, corrected.method, corrected.origin) == ("42", "editMessageText", 9)
    assert edit_for_staff(message(text="Mieux"), HAND_OVER).params["text"] == "👤 Mieux"
    caption = edit_for_citizen(message(-500, **PHOTO, caption="Le plan"), HAND_OVER)
    assert (caption.method, caption.params) == ("editMessageCaption", {"caption": "Le plan"})


def test_texts_of_one_request_can_leave_as_one():
    one = merged([to_staff("A < B", HAND_OVER), to_staff("C", HAND_OVER)])
    assert one.params["text"] == "A &lt; B\n\nC"


def test_other_requests_buttons_and_overlong_texts_do_not_merge():
    card_with_buttons = translated([card()])[-1]
    assert merged([to_staff("A", HAND_OVER), to_staff("B")]) is None
    assert merged([card_with_buttons, to_staff("B", HAND_OVER)]) is None
    assert merged([to_staff("a" * 3000, HAND_OVER), to_staff("b" * 3000, HAND_OVER)]) is None


@pytest.mark.parametrize("ending", Ending)
def test_the_end_is_told_to_staff_and_closes_the_topic(ending):
    said, closed = translated([CloseHandOver(ending)])
    assert "n° 12" in said.params["text"]
    assert (closed.chat, closed.method, closed.hand_over) == (STAFF, CLOSE_TOPIC, 12)
