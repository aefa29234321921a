"""Raw updates → what happened."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.channels.telegram.incoming import (
    AsksConsole,
    CitizenActed,
    CitizenEdited,
    GroupMoved,
    InOtherGroup,
    InUnknownGroup,
    Nothing,
    Place,
    StaffAsksHelp,
    StaffCommand,
    StaffCommanded,
    StaffEdited,
    StaffWrote,
    belongs_to,
    raw_update,
    read,
    staff_button_data,
    without_notes,
)
from bot.channels.telegram.outgoing import Translator
from bot.dialogue.effects import RelayToCitizen, RelayToStaff
from bot.dialogue.events import Action, ActionKind, Agent, Asked, Attached, Command, Commanded, Pressed
from bot.storage.model import HandOver, HandOverStatus
from tests.unit.dialogue_fakes import KNOWLEDGE

STAFF = -100500
AWA = {"id": 42, "is_bot": False, "first_name": "Awa", "language_code": "de-AT"}
PRIVATE = {"id": 42, "type": "private"}
ALICE = Agent(42, "Awa")
GROUP = {"id": STAFF, "type": "supergroup", "title": "Service"}
ELSEWHERE = {"id": -7, "type": "group", "title": "Club"}


def message(chat=PRIVATE, **content):
    return {"update_id": 1, "message": {"message_id": 9, "date": 0, "chat": chat, "from": AWA, **content}}


def press(data, chat=PRIVATE, **more):
    shown = {"message_id": 8, "date": 1, "chat": chat, "text": "?", **more}
    return {
        "update_id": 1,
        "callback_query": {"id": "5", "from": AWA, "chat_instance": "x", "data": data, "message": shown},
    }


def understood(update, staff_chat=STAFF):
    return read(Update.de_json(update, None), staff_chat)


def test_a_text_is_a_question_in_the_language_of_telegram():
    acted = understood(message(text="Wo?"))
    assert isinstance(acted, CitizenActed)
    assert (acted.chat, acted.event) == ("42", Asked("42/9", "Wo?", "de"))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/start", Command.START),
        ("/start topic-fund", Command.START),
        ("/AIDE", Command.HELP),
        ("/humain@our_bot vite", Command.PERSON),
        ("/help", Command.HELP),
        ("/inconnue", Command.HELP),
        ("/opportunites", Command.OPPORTUNITIES),
    ],
)
def test_commands_are_known_however_they_are_written(text, command):
    event = understood(message(text=text)).event
    assert (type(event), event.ref, event.command, event.interface_language) == (Commanded, "42/9", command, "de")


@pytest.mark.parametrize(
    ("text", "argument"),
    [("/start", ""), ("/start topic-fund", "topic-fund"), ("/start@our_bot opp-camp ", "opp-camp")],
)
def test_what_a_link_asks_for_comes_with_the_command(text, argument):
    assert understood(message(text=text)).event == Commanded("42/9", Command.START, "de", argument)


@pytest.mark.parametrize("text", ["/", "/ aide", "et/ou ?"])
def test_a_slash_alone_is_text(text):
    assert isinstance(understood(message(text=text)).event, Asked)


ATTACHMENTS = {
    "voice": {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
    "photo": {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]},
    "document": {"document": {"file_id": "a", "file_unique_id": "b"}},
    "video": {"video": {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1, "duration": 1}},
    "video note": {"video_note": {"file_id": "a", "file_unique_id": "b", "length": 1, "duration": 1}},
    "poll": {
        "poll": {
            "id": "1",
            "question": "?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
    },
    "location": {"location": {"latitude": 1.0, "longitude": 2.0}},
    "contact": {"contact": {"phone_number": "1", "first_name": "A"}},
    "sticker": {
        "sticker": {
            "file_id": "a",
            "file_unique_id": "b",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
            "type": "regular",
        }
    },
}


@pytest.mark.parametrize("content", ATTACHMENTS.values(), ids=ATTACHMENTS)
def test_what_is_no_text_is_an_attachment(content):
    assert understood(message(**content)).event == Attached("42/9", "", "de")


@pytest.mark.parametrize("content", ATTACHMENTS.values(), ids=ATTACHMENTS)
def test_whatever_it_is_it_is_copied_to_staff_and_to_the_citizen(content):
    theirs = understood(message(**content))
    hand_over = HandOver(12, "telegram", "42", "42/9", HandOverStatus.WAITING, None, datetime(2026, 11, 24, tzinfo=UTC))
    [to_staff] = Translator(KNOWLEDGE, theirs, "42")([RelayToStaff("42/9")], hand_over)
    assert (to_staff.chat, to_staff.method) == ("staff", "copyMessage")
    assert to_staff.params == {"from_chat_id": 42, "message_id": 9}
    ours = understood(message(GROUP, **content, message_thread_id=4, is_topic_message=True))
    assert isinstance(ours, StaffWrote)
    [to_citizen] = Translator(KNOWLEDGE, ours, "42", hand_over)([RelayToCitizen("x", ALICE)], hand_over)
    assert (to_citizen.chat, to_citizen.method) == ("42", "copyMessage")
    assert to_citizen.params == {"from_chat_id": STAFF, "message_id": 9}


def test_an_attachment_brings_its_caption():
    assert understood(message(**ATTACHMENTS["photo"], caption="Voici")).event == Attached("42/9", "Voici", "de")


def test_a_service_message_is_nothing():
    assert understood(message(pinned_message={"message_id": 1, "date": 1, "chat": PRIVATE})) == Nothing()


def test_a_button_is_its_action_with_its_label():
    markup = {"inline_keyboard": [[{"text": "Oui", "callback_data": "c:grant"}]]}
    acted = understood(press("c:grant", reply_markup=markup))
    assert acted.event == Pressed("callback/5", Action(ActionKind.CHOOSE, "grant"), "de")
    assert (acted.callback, acted.label) == ("5", "Oui")


@pytest.mark.parametrize("data", ["?", "close:1", "zz:grant"])
def test_a_forged_button_shows_the_menu(data):
    acted = understood(press(data))
    assert acted.event.action.kind is ActionKind.MENU


def test_staff_writing_in_a_topic_or_in_reply_may_mean_a_citizen():
    in_topic = understood(message(GROUP, text="Oui", message_thread_id=4, is_topic_message=True))
    assert isinstance(in_topic, StaffWrote)
    assert in_topic.place == Place(topic=4, group=STAFF)
    reply = understood(message(GROUP, text="Oui", reply_to_message={"message_id": 3, "date": 0, "chat": GROUP}))
    assert reply.place == Place(reply_to=3, group=STAFF)


def test_a_reply_in_a_plain_supergroup_is_no_topic():
    reply = understood(
        message(GROUP, text="Oui", message_thread_id=3, reply_to_message={"message_id": 3, "date": 0, "chat": GROUP})
    )
    assert reply.place == Place(reply_to=3, group=STAFF)


@pytest.mark.parametrize(
    "content",
    [{"text": "// entre nous"}, {"text": " //un\n// deux"}, {**ATTACHMENTS["photo"], "caption": "// pas envoyer"}],
)
def test_notes_stay_among_colleagues(content):
    assert understood(message(GROUP, **content)) == Nothing()


def test_the_notes_of_a_message_are_left_out_of_it():
    assert without_notes("Bonjour\n// elle a écrit en juin\nVenez mardi") == "Bonjour\nVenez mardi"
    assert without_notes("http://exemple.fr // ceci reste") == "http://exemple.fr // ceci reste"


def test_staff_command_in_a_topic_with_an_argument():
    commanded = understood(
        message(GROUP, text="/reporter@our_bot lundi 9h", message_thread_id=4, is_topic_message=True)
    )
    assert commanded == StaffCommanded(
        f"{STAFF}/9", StaffCommand.SNOOZE, ALICE, "lundi 9h", Place(topic=4, group=STAFF)
    )


@pytest.mark.parametrize("command", StaffCommand)
def test_each_staff_command_has_a_button_that_comes_back(command):
    pressed = understood(press(staff_button_data(command, 12), GROUP))
    assert pressed == StaffCommanded("callback/5", command, ALICE, hand_over=12, callback="5")


@pytest.mark.parametrize("data", [staff_button_data(StaffCommand.CLOSE, 12), "c:grant"])
def test_a_citizen_cannot_press_a_staff_button_nor_a_stranger_s_group_ours(data):
    assert not isinstance(understood(press(data)), StaffCommanded)
    assert understood(press(data, ELSEWHERE)) == InUnknownGroup(-7, "5")


def test_an_edit_is_told_apart_from_a_message():
    edited = {"update_id": 1, "edited_message": message(text="Où ?")["message"] | {"edit_date": 5}}
    assert isinstance(understood(edited), CitizenEdited)
    edited["edited_message"]["chat"] = GROUP
    assert isinstance(understood(edited), StaffEdited)
    edited["edited_message"]["text"] = "// entre nous"
    assert understood(edited) == Nothing()


def test_texts_in_a_burst_are_one_question():
    burst = belongs_to(understood(message(text="bonjour")), understood(message(text="c'est où ?")))
    assert burst.event == Asked("42/9", "bonjour\nc'est où ?", "de")
    assert [each.text for each in burst.messages] == ["bonjour", "c'est où ?"]


def test_the_pictures_of_an_album_belong_together_and_no_others():
    picture = message(**ATTACHMENTS["photo"], media_group_id="7")
    other = message(**ATTACHMENTS["photo"], media_group_id="8")
    alone = message(**ATTACHMENTS["photo"])
    assert len(belongs_to(understood(picture), understood(picture)).messages) == 2
    assert belongs_to(understood(picture), understood(other)) is None
    assert belongs_to(understood(alone), understood(picture)) is None


def test_pictures_and_stickers_that_follow_each_other_are_passed_on_together():
    photo, sticker = message(**ATTACHMENTS["photo"]), message(**ATTACHMENTS["sticker"])
    assert len(belongs_to(understood(photo), understood(sticker)).messages) == 2


def test_a_picture_with_words_of_its_own_stands_by_itself():
    photo, said = message(**ATTACHMENTS["photo"]), message(**ATTACHMENTS["photo"], caption="Et ici ?")
    assert belongs_to(understood(photo), understood(said)) is None


@pytest.mark.parametrize("kind", ["location", "contact"])
def test_what_telegram_may_not_copy_with_others_stands_by_itself(kind):
    photo, other = message(**ATTACHMENTS["photo"]), message(**ATTACHMENTS[kind])
    assert belongs_to(understood(photo), understood(other)) is None


@pytest.mark.parametrize("following", [message(text="/aide"), press("c:grant"), message(**ATTACHMENTS["voice"])])
def test_nothing_else_continues_a_text(following):
    assert belongs_to(understood(message(text="bonjour")), understood(following)) is None


def test_the_staff_group_gets_help():
    assert understood(message(GROUP, text="/aide")) == StaffAsksHelp(Place(group=STAFF))


def test_the_console_is_asked_for_in_private_and_the_group_is_told_how():
    asks = understood(message(text="/console"))
    assert isinstance(asks, AsksConsole)
    assert asks.user == 42
    assert asks.otherwise.event == Commanded("42/9", Command.HELP, "de")
    assert understood(message(GROUP, text="/console")) == StaffAsksHelp(Place(group=STAFF))


def test_the_staff_group_moves():
    assert understood(message(GROUP, migrate_to_chat_id=-1009)) == GroupMoved(-1009)


def test_another_group_is_told_its_number_only_while_none_is_set():
    command = message(ELSEWHERE, text="/start")
    assert understood(command, staff_chat=None) == InOtherGroup(-7)
    assert understood(command) == InUnknownGroup(-7)
    assert understood(message(ELSEWHERE, text="salut"), staff_chat=None) == Nothing()


def test_each_chat_is_a_lane():
    assert raw_update(message(text="a")).lane == "42"
    assert raw_update(press("c:x", GROUP)).lane == str(STAFF)
    assert raw_update({"update_id": 3, "poll": {"id": "1"}}).lane == ""


def test_the_inbox_keeps_the_update_whole():
    update = message(text="Où ?")
    assert json.loads(raw_update(update).body) == update


@given(st.text(max_size=80))
def test_any_text_of_a_citizen_is_theirs(text):
    acted = understood(message(text=text or "."))
    assert isinstance(acted, CitizenActed)
    assert isinstance(acted.event, Asked | Commanded)
