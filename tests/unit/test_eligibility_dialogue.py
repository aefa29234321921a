"""The eligibility interview in the dialogue: questions, answers written and pressed, summary, hand-over."""

from dataclasses import replace
from datetime import date

import pytest

from bot.channels.telegram.incoming import CitizenActed
from bot.channels.telegram.outgoing import Translator
from bot.dialogue.effects import LogQuestion, OpenHandOver, Reason, RelayToStaff, Say, SettleQuestion
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Pressed, StaffClosed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.record import from_record, to_record
from bot.dialogue.state import Conversation, Mode
from bot.knowledge.eligibility import (
    NO,
    YES,
    Choice,
    Condition,
    Interview,
    Otherwise,
    Question,
    QuestionKind,
    Rule,
)
from bot.knowledge.model import LANGUAGES
from tests.unit.dialogue_fakes import CLOSE, GRANT, KNOWLEDGE, LOW, MESSAGES, NOW, FakeMatcher
from tests.unit.telegram.test_outgoing import HAND_OVER

FR, DE = MESSAGES["fr"], MESSAGES["de"]
INFORMED = Conversation(informed=True)
QUESTIONS = (
    Question("seat", QuestionKind.YES_NO, {"fr": "Siège"}, {"fr": "Siège ici ?"}, (Choice(YES, {}), Choice(NO, {}))),
    Question("years", QuestionKind.NUMBER, {"fr": "Âge"}, {"fr": "Quel âge ?"}, unit={"fr": "ans"}),
    Question(
        "who",
        QuestionKind.CHOICE,
        {"fr": "Qui"},
        {"fr": "Qui ?"},
        (Choice("club", {"fr": "Un club"}), Choice("school", {"fr": "Une école"})),
    ),
)
RULES = (
    Rule("seat", {"fr": "« Siège ici. »"}, "guide", Condition("seat", (YES,)), Otherwise.NOT_ELIGIBLE),
    Rule("years", {"fr": "« Deux ans. »"}, "page", Condition("years", at_least=2)),
)
FUND = Interview("fund", {"fr": "Le fonds"}, {"fr": "Trois questions."}, QUESTIONS, RULES, complete=True)
GRANT_ENTRY = replace(KNOWLEDGE.entries["grant"], interview="fund")
OFFERED = replace(KNOWLEDGE, interviews={"fund": FUND}, entries={**KNOWLEDGE.entries, "grant": GRANT_ENTRY})
BEGIN = Pressed("b", Action(ActionKind.INTERVIEW, "fund"))


def step(conversation, event, knowledge=OFFERED):
    return Dialogue(knowledge, FakeMatcher()).step(conversation, event, Moment(NOW))


def say_of(effects):
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    return say


def play(*acts, start=INFORMED, knowledge=OFFERED):
    """Presses the button of a label, or writes a text that no button bears; the last message, and what came with it."""
    conversation, effects = step(start, BEGIN, knowledge)
    for act in acts:
        pressed = [button.action for button in say_of(effects).buttons if button.label == act]
        event = Pressed("b", pressed[0]) if pressed else Asked("t", act)
        conversation, effects = step(conversation, event, knowledge)
    return conversation, effects


def labels(effects):
    return [button.label for button in say_of(effects).buttons]


def test_the_button_stands_under_an_entry_that_names_an_interview():
    _, effects = step(INFORMED, Asked("1", GRANT))
    assert labels(effects)[0] == "Vérifier si mon projet peut être aidé"
    assert say_of(effects).buttons[0].action == BEGIN.action


def test_it_begins_with_what_it_is_for_and_the_first_question():
    _, effects = play()
    assert say_of(effects).text == "Trois questions.\n\nSiège ici ?"
    assert labels(effects) == ["Oui", "Non", "Je ne sais pas"]


def test_each_question_offers_that_one_does_not_know():
    for answers in ([], ["Oui"], ["Oui", "3"]):
        assert "Je ne sais pas" in labels(play(*answers)[1])


def test_a_number_is_written():
    conversation, effects = play("Oui", "environ 3 ans")
    assert say_of(effects).text == "Qui ?"
    assert conversation.interview.endswith(".2.0.3")


def test_a_number_that_is_none_is_asked_again():
    _, effects = play("Oui", "2,5")
    assert say_of(effects).text.startswith(FR["interview_not_a_number"])
    assert "Quel âge ?" in say_of(effects).text


def test_the_label_of_a_button_may_be_written():
    assert say_of(play("oui !")[1]).text.startswith("Quel âge ?")
    assert say_of(play("Oui", "je ne sais pas")[1]).text == "Qui ?"


def test_a_written_answer_is_no_question_and_is_not_logged():
    _, effects = play("Oui", "3")
    assert not any(isinstance(effect, LogQuestion) for effect in effects)


def test_another_question_is_answered_and_the_interview_goes_on():
    conversation, effects = play("Oui", GRANT)
    assert say_of(effects).text == "Écrivez au service."
    assert say_of(step(conversation, Asked("2", "3"))[1]).text == "Qui ?"


def test_when_a_question_of_the_bot_is_open_a_word_answers_that_one():
    unclear, _ = play("Oui", CLOSE)
    _, effects = step(unclear, Asked("2", "1"))
    assert not any(FR["interview_number"].partition("{")[0] in say.text for say in effects if isinstance(say, Say))
    assert any(isinstance(effect, SettleQuestion) for effect in effects)


def test_a_number_counts_for_nothing_outside_an_interview():
    _, effects = step(INFORMED, Asked("1", "3"))
    assert any(isinstance(effect, OpenHandOver) for effect in effects)


@pytest.mark.parametrize(
    ("answers", "verdict", "quoted", "sources"),
    [
        (["Oui", "2", "Un club"], "eligible", ["« Siège ici. »", "« Deux ans. »"], ["guide", "page"]),
        (["Non", "2", "Un club"], "not_eligible", ["« Siège ici. »"], ["guide"]),
        (["Oui", "1", "Un club"], "staff_decides", ["« Siège ici. »", "« Deux ans. »"], ["guide", "page"]),
        (["Je ne sais pas", "2", "Un club"], "staff_decides", ["« Siège ici. »", "« Deux ans. »"], ["page", "guide"]),
        (["Oui", "2", "Je ne sais pas"], "staff_decides", ["« Siège ici. »", "« Deux ans. »"], ["guide", "page"]),
    ],
)
def test_the_summary_has_the_verdict_and_its_criteria_with_their_sources(answers, verdict, quoted, sources):
    say = say_of(play(*answers)[1])
    assert FR[f"interview_{verdict}"] in say.text
    assert [clause for clause in ("« Siège ici. »", "« Deux ans. »") if clause in say.text] == quoted
    assert [citation.url.rpartition("/")[2] for citation in say.citations] == sources


def test_the_summary_is_dated_and_holds_every_answer():
    text = say_of(play("Oui", "3", "Une école")[1]).text
    assert text.startswith("Le fonds : vos réponses, le 02/03/2026\n• Siège : Oui\n• Âge : 3 ans\n• Qui : Une école\n")
    assert text.endswith(FR["interview_keep"])


def test_why_staff_decide_is_said():
    unpublished = replace(FUND, rules=(*RULES, Rule("rest", {"fr": "Le reste."})), complete=False)
    knowledge = replace(OFFERED, interviews={"fund": unpublished})
    text = say_of(play("Je ne sais pas", "1", "Un club", knowledge=knowledge)[1]).text
    for reason in (
        FR["interview_undecided"].format(clause="« Deux ans. »"),
        FR["interview_unpublished"].format(clause="Le reste."),
        FR["interview_unknown"].format(questions="Siège"),
        FR["interview_incomplete"],
    ):
        assert reason in text


def test_rules_of_another_year_decide_nothing_and_say_so():
    knowledge = replace(OFFERED, interviews={"fund": replace(FUND, valid_until=date(2026, 3, 1))})
    text = say_of(play("Non", "3", "Un club", knowledge=knowledge)[1]).text
    assert FR["interview_staff_decides"] in text
    assert FR["interview_out_of_date"] in text


def test_revenir_shows_the_question_before_with_its_answer():
    _, effects = play("Oui", "Revenir")
    assert say_of(effects).text == "Siège ici ?\n\nVotre réponse jusqu'ici : Oui"


def test_any_answer_can_be_changed_from_the_summary():
    _, effects = play("Oui", "3", "Un club", "Changer une réponse")
    assert labels(effects) == ["Siège", "Âge", "Qui", "Revenir"]
    _, effects = play("Oui", "3", "Un club", "Changer une réponse", "Âge", "12")
    assert "• Âge : 12 ans" in say_of(effects).text
    assert "• Siège : Oui" in say_of(effects).text


def test_revenir_leaves_the_answers_as_they_were():
    summary = say_of(play("Oui", "3", "Un club")[1])
    assert say_of(play("Oui", "3", "Un club", "Changer une réponse", "Revenir")[1]) == summary
    assert say_of(play("Oui", "3", "Un club", "Changer une réponse", "Âge", "Revenir")[1]) == summary


# To staff

ANSWERS = (("Siège", "Oui"), ("Âge", "3 ans"), ("Qui", "Je ne sais pas"))
DONE = ("Oui", "3", "Je ne sais pas")
SEND = FR["button_send_answers"]


def test_the_answers_go_to_staff_on_a_card():
    conversation, effects = play(*DONE, SEND)
    (card,) = [effect for effect in effects if isinstance(effect, OpenHandOver)]
    assert (card.reason, card.question, card.interview) == (Reason.INTERVIEW, "Le fonds", ANSWERS)
    assert say_of(effects).text == FR["hand_over_interview"]
    assert conversation.mode is Mode.WAITING


def test_the_answers_join_a_hand_over_that_is_open():
    waiting, _ = step(INFORMED, Asked("1", LOW))
    conversation, effects = play(*DONE, SEND, start=waiting)
    assert [effect for effect in effects if not isinstance(effect, Say)] == [RelayToStaff("b", interview=ANSWERS)]
    assert conversation.handed_over == ("1", "b")


def test_answers_that_were_sent_are_not_sent_again():
    conversation, effects = play(*DONE, SEND)
    press = Pressed("b", say_of(play(*DONE)[1]).buttons[0].action)
    conversation, effects = step(conversation, press)
    assert effects == (Say(FR["hand_over_already"], buttons=say_of(effects).buttons),)
    conversation, effects = step(conversation, Pressed("b", say_of(play("Oui", "4", "Un club")[1]).buttons[0].action))
    assert any(isinstance(effect, RelayToStaff) for effect in effects)


def test_a_person_asked_for_in_an_interview_gets_its_answers_once_also_when_a_request_is_open():
    waiting, _ = step(INFORMED, Asked("1", LOW))
    conversation, _ = play(*DONE, start=waiting)
    conversation, effects = step(conversation, Commanded("2", Command.PERSON))
    relays = [effect for effect in effects if isinstance(effect, RelayToStaff)]
    assert relays == [RelayToStaff("2", interview=ANSWERS)]
    assert say_of(effects).text == FR["hand_over_added"]
    conversation, effects = step(conversation, Commanded("3", Command.PERSON))
    assert say_of(effects).text == FR["hand_over_already"]


def test_while_a_person_is_awaited_staff_see_a_written_answer():
    waiting, _ = step(INFORMED, Asked("1", LOW))
    assert RelayToStaff("t") in play("Oui", "3", start=waiting)[1]


def test_the_answers_go_along_when_a_person_is_asked_for_and_with_nothing_else():
    conversation, _ = play(*DONE)
    for event, sent in ((Commanded("1", Command.PERSON), ANSWERS), (Asked("1", LOW), ())):
        (card,) = [effect for effect in step(conversation, event)[1] if isinstance(effect, OpenHandOver)]
        assert card.interview == sent


def test_after_the_end_of_the_exchange_they_are_forgotten():
    conversation, _ = play(*DONE, SEND)
    assert step(conversation, StaffClosed("s"))[0].interview == ""


def test_the_card_shows_the_answers_in_french_whatever_the_language():
    german = replace(INFORMED, language="de", language_chosen=True)
    conversation, effects = play("Ja", "3", "Ich weiß es nicht", DE["button_send_answers"], start=german)
    (_, sent) = Translator(OFFERED, None, "42")(effects, HAND_OVER)[1:3]
    assert "Ses réponses :\n• Siège : Oui\n• Âge : 3 ans\n• Qui : Je ne sais pas" in sent.params["text"]
    assert conversation.language == "de"


def test_answers_that_join_are_shown_after_what_was_pressed():
    cause = CitizenActed("42", BEGIN, label=SEND)
    sent = Translator(OFFERED, cause, "42")([RelayToStaff("b", interview=ANSWERS)], HAND_OVER)
    assert [each.params["text"].splitlines()[0] for each in sent] == [
        f"👤 a appuyé sur « {SEND} »",
        "👤 Réponses aux questions sur son projet :",
    ]
    assert sent[-1].params["text"].splitlines()[1:] == ["• Siège : Oui", "• Âge : 3 ans", "• Qui : Je ne sais pas"]


# Languages, old buttons, storage


def test_a_reservation_is_said_at_the_beginning_and_at_the_end():
    german = replace(INFORMED, language="de", language_chosen=True)
    answers = ["Ja", "3", "Un club"]
    noted = [bool(say_of(play(*answers[:number], start=german)[1]).notes) for number in range(4)]
    assert noted == [True, False, False, True]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_only_in_french_says_so_in_the_language_of_the_citizen(language):
    _, effects = play(start=replace(INFORMED, language=language, language_chosen=True))
    assert (MESSAGES[language]["note_not_translated"] in say_of(effects).notes) == (language != "fr")
    assert labels(effects)[-1] == MESSAGES[language]["answer_unknown"]


def test_a_translation_that_nobody_has_confirmed_says_so():
    translated = replace(FUND, title={"fr": "Le fonds", "de": "Der Fonds"}, unconfirmed_translations=frozenset({"de"}))
    knowledge = replace(OFFERED, interviews={"fund": translated})
    _, effects = play(start=replace(INFORMED, language="de", language_chosen=True), knowledge=knowledge)
    assert DE["note_unconfirmed_translation"] in say_of(effects).notes


def test_the_button_of_other_questions_begins_anew():
    conversation, effects = play("Oui", "3")
    old = Pressed("b", say_of(effects).buttons[0].action)
    changed = replace(OFFERED, interviews={"fund": replace(FUND, questions=QUESTIONS[:2], rules=())})
    _, effects = step(conversation, old, changed)
    assert say_of(effects).text == f"{FR['interview_changed']}\n\nTrois questions.\n\nSiège ici ?"
    assert say_of(step(conversation, Asked("1", GRANT), changed)[1]).text == "Écrivez au service."


def test_the_button_of_an_interview_that_is_no_more_shows_the_menu():
    _, effects = step(INFORMED, BEGIN, replace(OFFERED, interviews={}))
    assert say_of(effects).text == FR["help"]


def test_the_answers_survive_a_restart():
    conversation, _ = play("Oui")
    assert from_record(to_record(conversation)) == conversation
    assert from_record({}).interview == ""


def test_every_button_fits_in_64_bytes():
    for answers in ([], ["Oui"], ["Oui", "999999999"], ["Oui", "999999999", "Une école"]):
        assert max(len(button.action.pack().encode()) for button in say_of(play(*answers)[1]).buttons) <= 64
