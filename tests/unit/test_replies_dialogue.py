"""Replies that are typed to what the bot has just asked: each is the tap that it stands for."""

from dataclasses import replace

import pytest

from bot.dialogue.effects import EraseData, LogQuestion, OpenHandOver, Reason, RelayToStaff, Say, SettleQuestion
from bot.dialogue.events import Action, ActionKind, Agent, Asked, Command, Commanded, Pressed, StaffReplied
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from bot.knowledge.model import LANGUAGES
from tests.unit.dialogue_fakes import CLOSE, FOREIGN, GRANT, KNOWLEDGE, LOW, MESSAGES, NOW, FakeMatcher, ranked
from tests.unit.opportunity_examples import opportunities

FR = MESSAGES["fr"]
INFORMED = Conversation(informed=True)
ONE = "aide, peut-être ?"
"""A question for which one entry is offered."""

YES = {"fr": "oui", "de": "Ja", "en": "yes please", "sr": "Да", "ar": "نعم"}
NO = {"fr": "non merci", "de": "nein", "en": "none of these", "sr": "ne", "ar": "لا شكرا"}
SECOND = {"fr": "la deuxième", "de": "das zweite", "en": "the second one", "sr": "drugi", "ar": "الثاني"}


class Matcher(FakeMatcher):
    def understand(self, text, **context):
        return (ranked(ONE, grant=0.5),) if text == ONE else super().understand(text, **context)


def play(*events, start=INFORMED, knowledge=KNOWLEDGE):
    """The conversation after `events`, and the effects of the last one."""
    dialogue, conversation, effects = Dialogue(knowledge, Matcher()), start, ()
    for number, event in enumerate(events):
        asked = Asked(str(number), event) if isinstance(event, str) else event
        conversation, effects = dialogue.step(conversation, asked, Moment(NOW))
    return conversation, effects


def said(effects):
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    return say


def of(kind, effects):
    return [effect for effect in effects if isinstance(effect, kind)]


def in_language(language):
    return replace(INFORMED, language=language, language_chosen=True)


def tap(*before, action, start=INFORMED):
    """The effects of a tap in place of what is typed."""
    return play(*before, Pressed(str(len(before)), action), start=start)


# Which topic was meant


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_place_is_the_tap_on_that_entry(language):
    start = in_language(language)
    choose = Action(ActionKind.CHOOSE, "dispute")
    assert play(CLOSE, SECOND[language], start=start) == tap(CLOSE, action=choose, start=start)


@pytest.mark.parametrize("typed", ["1", "le premier", "Demander une aide", "oui, le premier"])
def test_an_entry_may_be_named_by_number_place_or_label(typed):
    assert play(CLOSE, typed) == tap(CLOSE, action=Action(ActionKind.CHOOSE, "grant"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_to_the_only_entry_is_the_tap_on_it(language):
    start = in_language(language)
    choose = Action(ActionKind.CHOOSE, "grant")
    assert play(ONE, YES[language], start=start) == tap(ONE, action=choose, start=start)


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_to_several_asks_which_one_and_the_answer_is_understood(language):
    start = in_language(language)
    conversation, effects = play(CLOSE, YES[language], start=start)
    assert said(effects).text == MESSAGES[language]["choose_one"]
    assert said(effects).buttons == said(play(CLOSE, start=start)[1]).buttons
    assert of(SettleQuestion, play("1", start=conversation)[1])[0].entry == "grant"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_is_the_tap_on_something_else(language):
    start = in_language(language)
    none = Action(ActionKind.NONE_OF_THESE, "0")
    assert play(CLOSE, NO[language], start=start) == tap(CLOSE, action=none, start=start)
    label = MESSAGES[language]["button_none_of_these"]
    assert play(CLOSE, label, start=start) == tap(CLOSE, action=none, start=start)


def test_the_button_behind_the_entries_has_a_number_too():
    assert of(OpenHandOver, play(CLOSE, "3")[1])[0].reason is Reason.NONE_OF_THESE


def test_the_last_is_the_last_of_the_entries():
    assert play(CLOSE, "le dernier") == tap(CLOSE, action=Action(ActionKind.CHOOSE, "dispute"))


def test_a_number_that_is_not_proposed_asks_which_one():
    assert said(play(CLOSE, "7")[1]).text == FR["choose_one"]


@pytest.mark.parametrize("gone", [{"grant"}, {"grant", "dispute"}])
def test_what_was_offered_and_is_gone_since_can_no_longer_be_chosen(gone):
    """An entry may be renamed or retired between the question and the reply."""
    asked, _ = play(CLOSE)
    kept = {name: entry for name, entry in KNOWLEDGE.entries.items() if name not in gone}
    knowledge = replace(KNOWLEDGE, entries=kept, menu=replace(KNOWLEDGE.menu, start=(), help=()))
    _, effects = play("le premier", start=asked, knowledge=knowledge)
    assert "grant" not in {say.entry for say in of(Say, effects)}
    assert of(Say, effects)


def test_never_mind_leaves_the_question_alone():
    conversation, effects = play(CLOSE, "laisse tomber")
    assert (conversation.mode, said(effects).text) == (Mode.BOT, FR["help"])


@pytest.mark.parametrize("typed", ["17", "112", GRANT, "oui mais combien ?", "merci"])
def test_anything_else_is_a_question(typed):
    conversation, effects = play(CLOSE, typed)
    assert of(LogQuestion, effects)
    assert conversation.pending == ()


def test_a_reply_is_no_question_of_its_own():
    _, effects = play(CLOSE, "1")
    assert not of(LogQuestion, effects)
    assert of(SettleQuestion, effects)[0].ref == "0"


@pytest.mark.parametrize("before", [(), (GRANT,), (CLOSE, Commanded("c", Command.HELP)), (CLOSE, "1")])
@pytest.mark.parametrize("typed", ["oui", "1", "non"])
def test_where_nothing_is_asked_a_reply_is_read_as_ever(before, typed):
    assert of(LogQuestion, play(*before, typed)[1])


def test_looking_something_up_between_leaves_nothing_to_reply_to():
    assert of(LogQuestion, play(CLOSE, Commanded("c", Command.SUBSCRIPTIONS), "1")[1])


def test_after_a_word_of_the_staff_a_reply_is_one_to_them():
    late = StaffReplied("s", Agent(7, "Alice"), late=True)
    assert of(LogQuestion, play(CLOSE, late, "oui")[1])
    assert play(CLOSE, late)[0].pending


def test_while_a_person_is_awaited_staff_see_the_reply():
    _, effects = play(LOW, CLOSE, "1")
    assert of(RelayToStaff, effects) == [RelayToStaff("2", "grant")]


def test_after_an_answer_that_was_wrong_a_reply_chooses_among_the_others():
    conversation, effects = play(CLOSE, "1")
    wrong = next(button.action for button in said(effects).buttons if button.action.kind is ActionKind.NOT_MINE)
    conversation, _ = play(Pressed("w", wrong), start=conversation)
    assert of(SettleQuestion, play("oui", start=conversation)[1])[0].entry == "dispute"
    assert of(OpenHandOver, play("non", start=conversation)[1])


def test_yes_to_a_person_instead_of_a_wrong_answer_calls_one():
    conversation, effects = play(GRANT)
    wrong = next(button.action for button in said(effects).buttons if button.action.kind is ActionKind.NOT_MINE)
    conversation, effects = play(Pressed("w", wrong), start=conversation)
    assert said(effects).text == FR["not_mine_no_other"]
    assert of(OpenHandOver, play("oui", start=conversation)[1])
    assert said(play("non", start=conversation)[1]).text == FR["help"]


# A person, beside a subject that is not ours


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_to_a_person_calls_one_and_no_shows_what_there_is(language):
    start = in_language(language)
    assert of(OpenHandOver, play(FOREIGN, YES[language], start=start)[1])
    conversation, effects = play(FOREIGN, NO[language], start=start)
    assert (conversation.mode, said(effects).text) == (Mode.BOT, MESSAGES[language]["help"])


# Erasing everything

ERASE = Commanded("e", Command.ERASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_erases_nothing_and_says_how_to(language):
    start = in_language(language)
    conversation, effects = play(ERASE, YES[language], start=start)
    texts = MESSAGES[language]
    assert effects == (said(effects),)
    assert said(effects).text == texts["erase_tap"].format(button=texts["button_erase"])
    assert said(play(YES[language], start=conversation)[1]).text == said(effects).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_whole_label_erases(language):
    start = in_language(language)
    label = MESSAGES[language]["button_erase"]
    assert play(ERASE, label, start=start) == tap(ERASE, action=Action(ActionKind.ERASE), start=start)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_erases_nothing(language):
    start = in_language(language)
    assert said(play(ERASE, NO[language], start=start)[1]).text == MESSAGES[language]["erase_kept"]


@pytest.mark.parametrize("typed", ["1", "le premier", "annuler", "Non, ne rien effacer", "effacer", "oui oui"])
def test_nothing_else_erases(typed):
    assert not of(EraseData, play(ERASE, typed)[1])


@pytest.mark.parametrize("between", ["bonjour", CLOSE, Commanded("h", Command.HELP), Commanded("d", Command.MY_DATA)])
def test_what_was_asked_before_something_else_erases_nothing(between):
    assert not of(EraseData, play(ERASE, between, FR["button_erase"])[1])


def test_what_is_typed_about_ones_data_is_not_for_staff():
    assert not of(RelayToStaff, play(LOW, ERASE, "oui")[1])


# A request that waits

CANCEL = {
    "fr": "annulez ma demande",
    "de": "Ich möchte meine Anfrage zurückziehen",
    "en": "cancel my request please",
    "sr": "Otkažite moj zahtev",
    "ar": "أريد إلغاء طلبي",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_wants_to_cancel_is_shown_how(language):
    conversation, effects = play(LOW, CANCEL[language], start=in_language(language))
    texts = MESSAGES[language]
    assert said(effects).text == texts["cancel_how"].format(button=texts["button_cancel_person"])
    assert [button.action for button in said(effects).buttons] == [Action(ActionKind.CANCEL_PERSON)]
    assert (conversation.mode, of(RelayToStaff, effects)) == (Mode.WAITING, [RelayToStaff("1")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_label_of_its_button_cancels(language):
    start = in_language(language)
    label = MESSAGES[language]["button_cancel_person"]
    assert play(LOW, label, start=start) == tap(LOW, action=Action(ActionKind.CANCEL_PERSON), start=start)


def test_where_nothing_waits_it_is_a_question():
    assert of(LogQuestion, play("annulez ma demande")[1])


def test_never_mind_to_a_choice_while_a_request_waits_may_mean_the_request():
    texts = FR["cancel_how"].format(button=FR["button_cancel_person"])
    assert said(play(LOW, CLOSE, "annuler")[1]).text == texts


# The language of the answers


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("English please", "en"),
        ("auf Deutsch bitte", "de"),
        ("parle en arabe", "ar"),
        ("srpski", "sr"),
        ("auf französisch bitte", "fr"),
        ("in English", "en"),
        ("بالعربي", "ar"),
    ],
)
def test_a_language_asked_for_in_words_is_chosen(typed, language):
    assert play(typed) == tap(action=Action(ActionKind.LANGUAGE, language))


@pytest.mark.parametrize("typed", ["allemand", "2", "Deutsch", "auf Deutsch"])
def test_after_the_question_which_language_any_name_or_place_is_one(typed):
    conversation, _ = play(Commanded("l", Command.LANGUAGE), typed)
    assert (conversation.language, conversation.language_chosen) == ("de", True)


def test_a_language_alone_that_may_be_a_subject_is_a_question():
    assert of(LogQuestion, play("allemand")[1])


def test_what_was_offered_can_still_be_tapped_in_the_language_chosen():
    conversation, _ = play(CLOSE, "auf Deutsch bitte")
    assert conversation.pending


# Looking for an offer

OFFERED = replace(KNOWLEDGE, opportunities=opportunities())


def search(argument, *typed, start=INFORMED):
    """What follows when this is typed at the question behind `argument`."""
    return play(Pressed("s", Action(ActionKind.SEARCH, argument)), *typed, start=start, knowledge=OFFERED)


def results(argument, start=INFORMED):
    return search(argument, start=start)[1]


@pytest.mark.parametrize("typed", ["Allemagne", "en Allemagne", "Deutschland", "Germany", "u Nemačku", "ألمانيا", "1"])
def test_a_country_may_be_typed(typed):
    assert said(search("", typed)[1]) == said(results("de"))


@pytest.mark.parametrize("typed", ["17", "17 ans", "j'ai 17 ans", "17 Jahre", "I'm 17", "17 godina", "١٧", "dix-sept"])
def test_an_age_may_be_typed(typed):
    assert said(search("de", typed)[1]) == said(results("de.17"))


@pytest.mark.parametrize("typed", ["juillet", "en juillet", "Juli", "im Juli 2026", "July", "jul", "تموز"])
def test_a_month_may_be_typed(typed):
    assert said(search("de.17", typed)[1]).text == said(results("de.17.2026-07")).text


@pytest.mark.parametrize("typed", ["mai", "im Mai", "May"])
def test_a_month_that_is_another_word_too_is_one_where_a_time_is_asked_for(typed):
    assert said(search("de.17", typed)[1]).text == said(results("de.17.2026-05")).text


@pytest.mark.parametrize(
    ("argument", "typed", "after"),
    [
        ("", "Mali", "ml"),
        ("", "Peu importe", "-"),
        ("", "n'importe où", "-"),
        ("", "un autre pays", "zz"),
        ("", "au Burkina Faso", "bf"),
        ("", "Allemagne, 17 ans", "de.17"),
        ("", "Allemagne 17 ans juillet", "de.17.2026-07"),
        ("", "le premier", "de"),
        ("de", "Revenir", ""),
        ("de", "16-18 ans", "de.16-18"),
        ("de", "de 16 à 17 ans", "de.16-17"),
        ("de.17", "Pendant l'été 2026", "de.17.2026-07_2026-08"),
        ("de.17", "je ne sais pas", "de.17.-"),
    ],
)
def test_each_question_takes_words_for_a_tap(argument, typed, after):
    assert said(search(argument, typed)[1]) == said(results(after))


@pytest.mark.parametrize(
    ("argument", "typed"),
    [
        ("", "17"),
        ("", "pas en Allemagne"),
        ("", "et l'Allemagne ?"),
        ("", GRANT),
        ("de", "16 ou 17"),
        ("de", "2"),
        ("de", "112"),
        ("de", "Espagne"),
        ("de.17", "je voudrais parler à quelqu'un en juillet"),
        ("de.17.-", "17"),
        # A word more may be a danger, or another matter.
        ("", "accident en Allemagne"),
        ("", "urgence au Liban"),
        ("", "visa pour le Maroc"),
        ("", "je suis bloqué au Mali"),
        ("de", "violée à 16 ans"),
        ("de", "enceinte à 16 ans"),
        ("de", "help I am 16"),
        ("de.17", "je veux mourir cet été"),
        ("de.17", "mariage forcé cet été"),
    ],
)
def test_what_is_no_clear_answer_is_a_question(argument, typed):
    assert of(LogQuestion, search(argument, typed)[1])


@pytest.mark.parametrize("typed", ["oui", "non"])
def test_yes_or_no_to_a_question_that_wants_more_asks_again(typed):
    assert said(search("de", typed)[1]) == said(results("de"))


def test_never_mind_ends_the_search():
    assert said(search("de", "laisse tomber")[1]).text == FR["help"]


def test_an_age_below_fifteen_is_answered_and_not_kept():
    waiting = replace(INFORMED, mode=Mode.WAITING, handed_over=("q",))
    for start in (INFORMED, waiting):
        conversation, effects = search("de", "12 ans", start=start)
        assert effects == (said(effects),)
        assert said(effects).fleeting
        assert conversation == start


def test_while_a_person_is_awaited_staff_see_what_is_looked_for():
    waiting = replace(INFORMED, mode=Mode.WAITING, handed_over=("q",))
    assert of(RelayToStaff, search("de", "17", start=waiting)[1]) == [RelayToStaff("1")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_that_is_typed_is_its_tap(language):
    start = in_language(language)
    for argument in ("", "de", "de.17"):
        for each in said(results(argument, start)).buttons:
            typed = search(argument, each.label, start=start)
            assert said(typed[1]) == said(results(each.action.argument, start))
