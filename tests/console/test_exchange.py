"""What was stored of an exchange, as lines to read."""

from dataclasses import replace
from datetime import timedelta

from bot.channels.telegram.outgoing import Translator
from bot.console.exchange import Fate, Line, Speaker, interview, last_row, lines
from bot.dialogue.effects import OpenHandOver, Reason
from bot.storage.console import Posted
from bot.storage.model import Delivery, HandOver, HandOverStatus, OutboxRow, Outgoing
from tests.storage.examples import NOW, question
from tests.unit.dialogue_fakes import KNOWLEDGE

HAND_OVER = HandOver(1, "telegram", "42", "42/7", HandOverStatus.WAITING, None, NOW)
LATER = NOW + timedelta(minutes=5)


def posted(chat: str, text: str, *, minutes: int = 0, **changes) -> Posted:
    """A message of the outbox that has been sent."""
    outgoing = Outgoing(chat, changes.pop("method", "sendMessage"), changes.pop("params", {"text": text}), 1)
    named = changes.keys() & {"origin", "hand_over", "author"}
    outgoing = replace(outgoing, **{key: changes.pop(key) for key in named})
    row = OutboxRow(minutes + 1, outgoing, Delivery.SENT, 1, 5, None)
    return Posted(replace(row, **changes), NOW + timedelta(minutes=minutes))


def words(*given: Posted, questions=()) -> list[tuple[str, str]]:
    return [(line.speaker.value, line.text) for line in lines(HAND_OVER, questions, given)]


def test_the_question_comes_before_what_the_bot_answered_to_it():
    asked = question("42/7", "Où ?")
    assert words(posted("42", "Ici.", hand_over=None), questions=[asked]) == [("citizen", "Où ?"), ("bot", "Ici.")]


def test_a_question_that_was_passed_on_too_is_shown_once_as_it_was_written():
    asked = question("42/9/1", "Combien ?")
    passed_on = posted("staff", "", params={"text": "👤 Quand ? Combien&nbsp;?", "parse_mode": "HTML"}, origin=9)
    assert words(passed_on, questions=[asked]) == [("citizen", "Quand ? Combien\xa0?")]


def test_who_wrote_to_whom_is_told_by_where_it_went():
    said = words(
        posted("staff", "👤 merci", origin=9),
        posted("42", "De rien", minutes=1, origin=10),
        posted("staff", "Alice s'occupe de la demande n° 1.", minutes=2),
    )
    assert said == [("citizen", "merci"), ("staff", "De rien"), ("note", "Alice s'occupe de la demande n° 1.")]


def test_who_of_the_staff_wrote_is_named_where_the_name_is_known():
    said = [posted("42", "a", author=7), posted("42", "b", minutes=1, author=8), posted("42", "c", minutes=2)]
    assert [line.author for line in lines(HAND_OVER, (), said, {7: "Alice"})] == ["Alice", None, None]


def test_an_answer_to_a_whole_group_is_the_staffs_too():
    (line,) = lines(HAND_OVER, (), [posted("42", "Oui.", hand_over=None, author=7)], {7: "Alice"})
    assert (line.speaker, line.author) == (Speaker.STAFF, "Alice")


ANSWERS = "👤 Réponses aux questions sur son projet :\n• Âge : {age} ans"


def test_the_answers_of_an_interview_are_those_of_the_card_and_no_citizens_words():
    given = (("Votre structure", "une <association>"), ("Âge", "15 ans"))
    card = OpenHandOver("42/7", "Ses réponses :\n• Âge : 99", "fr", Reason.INTERVIEW, interview=given)
    sent = [
        Posted(OutboxRow(number, outgoing, Delivery.SENT, 1, 5, None), NOW)
        for number, outgoing in enumerate(Translator(KNOWLEDGE, None, "42", HAND_OVER)([card], HAND_OVER))
    ]
    assert interview([*sent, posted("staff", ANSWERS.format(age=98), origin=9)]) == (
        "Votre structure : une <association>",
        "Âge : 15 ans",
    )
    assert interview([posted("42", ANSWERS.format(age=97))]) == ()


def test_answers_that_were_sent_again_take_the_place_of_the_first():
    sent = [posted("staff", ANSWERS.format(age=age), minutes=age) for age in (15, 16)]
    assert interview(sent) == ("Âge : 16 ans",)


def test_the_card_and_what_only_repeats_a_reply_are_left_out():
    card = posted("staff", "", params={"text": "<b>Demande</b>\n\n<blockquote>Où ?</blockquote>", "parse_mode": "HTML"})
    buttons = posted("staff", "", params={"text": "Langue", "reply_markup": {}})
    assert words(card, buttons, posted("staff", "✍️ Alice (console) : Ici.")) == []


def test_what_is_no_message_is_no_line():
    calls = ("createForumTopic", "closeForumTopic")
    assert words(*[posted("staff", "", method=method, params={}) for method in calls]) == []


def test_a_correction_stands_in_the_place_of_what_it_corrects():
    said = lines(
        HAND_OVER,
        (),
        [
            posted("staff", "👤 lundi", origin=9),
            posted("42", "À lundi", minutes=1, origin=10),
            posted("staff", "👤 mardi", minutes=2, method="editMessageText", origin=9),
            posted("42", "À mardi", minutes=3, method="editMessageText", origin=10),
        ],
    )
    assert [(line.text, line.edited) for line in said] == [("mardi", True), ("À mardi", True)]


def test_a_correction_of_something_that_is_not_shown_changes_nothing():
    assert words(posted("staff", "👤 mardi", method="editMessageText", origin=9)) == []


def test_what_only_telegram_can_show_is_said_to_be_there():
    (line,) = lines(HAND_OVER, (), [posted("staff", "", method="copyMessage", params={"message_id": 9}, origin=9)])
    assert line == Line(Speaker.CITIZEN, "", NOW, attachment=True, origin=9)


def test_a_reply_has_the_fate_that_telegram_gave_it():
    fates = [
        posted("42", "a", status=Delivery.SENT),
        posted("42", "b", minutes=1, status=Delivery.QUEUED),
        posted("42", "c", minutes=2, status=Delivery.QUEUED, error="Timed out"),
        posted("42", "d", minutes=3, status=Delivery.FAILED, error="Forbidden: bot was blocked by the user"),
        posted("42", "e", minutes=4, status=Delivery.FAILED, error="Bad Request: no"),
        posted("42", "f", minutes=5, status=Delivery.SENT, interrupted=True),
    ]
    shown = [line.fate for line in lines(HAND_OVER, (), fates)]
    assert shown[:2] == [Fate(Delivery.SENT), Fate(Delivery.QUEUED)]
    whys = [fate.why for fate in shown[2:]]
    for why, word in zip(whys, ("nouvel essai", "bloqué", "Bad Request", "deux fois"), strict=True):
        assert word in why


def test_a_long_answer_of_the_bot_is_shown_by_its_start_and_nobody_elses_is():
    text = "mot " * 100
    bot, staff = lines(HAND_OVER, (), [posted("42", text, hand_over=None), posted("42", text, minutes=1)])
    assert bot.long
    assert bot.start.endswith("mot …")
    assert len(bot.start) < 170
    assert not staff.long
    assert replace(bot, text="x" * 500).start.startswith("xxx")


def test_an_exchange_has_been_read_up_to_its_last_row():
    assert last_row([posted("42", "a"), posted("42", "b", minutes=6)]) == 7
    assert last_row([]) == 0
