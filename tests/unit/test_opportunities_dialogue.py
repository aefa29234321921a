"""Looking for an offer: led by buttons in four taps at most, by one sentence, by a link."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.effects import LogQuestion, OpenHandOver, RelayToStaff, Say
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from bot.knowledge.model import LANGUAGES
from bot.knowledge.opportunities import OpportunityStatus
from tests.unit.dialogue_fakes import KNOWLEDGE, MESSAGES, NOW, FakeMatcher, ranked
from tests.unit.opportunity_examples import CAMP, HARZ, OFFERS, offer, opportunities

FR = MESSAGES["fr"]
INFORMED = Conversation(informed=True)
OFFERED = replace(KNOWLEDGE, opportunities=opportunities())


class SureMatcher(FakeMatcher):
    """Takes every text for a question about grants, the one about disputes and unknown ones aside."""

    def understand(self, text, **_):
        entry = "dispute" if "conteste" in text else "office" if "où" in text else "grant"
        return (ranked(text, **{entry: 0.95}),)


def step(event, start=INFORMED, knowledge=OFFERED, now=NOW):
    return Dialogue(knowledge, SureMatcher()).step(start, event, Moment(now))


def said(event, **around):
    """The one message of the bot."""
    _, effects = step(event, **around)
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    return say


def press(argument, kind=ActionKind.SEARCH):
    return Pressed("b", Action(kind, argument))


def start(argument):
    return Commanded("c", Command.START, argument=argument)


def button(say, label):
    (found,) = [each.action for each in say.buttons if each.label == label]
    return Pressed("b", found)


def labels(say):
    return [each.label for each in say.buttons]


OPPORTUNITIES = Commanded("c", Command.OPPORTUNITIES)


# Led by buttons


def test_three_taps_lead_from_the_command_to_the_offers():
    where = said(OPPORTUNITIES)
    how_old = said(button(where, "Allemagne"))
    when = said(button(how_old, "de 16 à 17 ans"))
    results = said(button(when, "Pendant l'été 2026"))
    texts = [say.text for say in (where, how_old, when)]
    assert texts == [FR["offers_where"], FR["offers_how_old"], FR["offers_when"]]
    assert results.text.startswith("J'ai compris : Allemagne, de 16 à 17 ans, juillet")
    assert "Offre harz\nAllemagne · de 16 à 18 ans\nRésumé de harz." in results.text


def test_the_countries_are_those_of_the_offers_and_another():
    assert labels(said(OPPORTUNITIES)) == ["Allemagne", "Union européenne", "Liban", "Un autre pays", "Peu importe"]


def test_each_question_can_be_left_open():
    say = said(OPPORTUNITIES)
    for _ in range(3):
        say = said(button(say, "Peu importe"))
    assert say.text.startswith(FR["offers_all"])


@pytest.mark.parametrize(
    ("argument", "before"), [("de", "offers_where"), ("de.17", "offers_how_old"), ("de.17.2026-07", "offers_when")]
)
def test_back_leads_to_the_question_before(argument, before):
    back = button(said(press(argument)), "Revenir")
    assert said(back).text == FR[before]


@pytest.mark.parametrize(
    ("day", "offered"),
    [
        (date(2026, 3, 2), ["Avant l'été 2026", "Pendant l'été 2026", "Après l'été 2026"]),
        (date(2026, 7, 2), ["Pendant l'été 2026", "Après l'été 2026"]),
        (date(2026, 11, 24), ["Avant l'été 2027", "Pendant l'été 2027", "Après l'été 2027"]),
    ],
)
def test_the_times_are_around_the_summer_that_is_under_way_or_comes_next(day, offered):
    now = NOW.replace(year=day.year, month=day.month, day=day.day)
    assert labels(said(press("-.-"), now=now))[:-2] == offered


def test_three_offers_are_shown_and_the_others_behind_a_button():
    first = said(press("-.-.-"))
    second = said(button(first, FR["button_more_offers"]))
    shown = [each.id for say in (first, second) for each in OFFERS if f"{each.title['fr']}\n" in say.text]
    assert shown == ["harz", "term", "camp", "service", "corps"]
    assert FR["button_more_offers"] not in labels(second)


def test_a_button_of_offers_that_are_gone_meanwhile_shows_what_there_is():
    assert "Offre harz" in said(press("de.-.-.-.9")).text


def test_nothing_that_suits_gives_the_nearest_and_says_why():
    near = said(press("de.14.2026-07"), knowledge=replace(KNOWLEDGE, opportunities=opportunities(HARZ)))
    assert near.text.startswith("Je ne connais aucune offre pour : Allemagne, 14 ans, juillet 2026.")
    assert "ce qui ne va pas : l'âge." in near.text
    assert "de 16 à 18 ans" in near.text


def test_nothing_near_either_offers_a_person():
    say = said(press("de.40.-"), knowledge=replace(KNOWLEDGE, opportunities=opportunities(HARZ)))
    assert say.text == FR["offers_none"].format(wish="Allemagne, 40 ans")
    assert labels(say) == ["Me prévenir des nouveautés", "Revenir", "Parler à une personne"]


def test_without_any_offer_the_command_says_so_and_offers_a_person():
    say = said(OPPORTUNITIES, knowledge=KNOWLEDGE)
    assert say.text == FR["offers_nothing"]
    assert "Parler à une personne" in labels(say)


def test_an_offer_that_is_over_is_found_no_more():
    assert "Offre camp" in said(press("lb.-.-"), now=NOW.replace(year=2027, month=3, day=15)).text
    assert "Offre camp" not in said(press("lb.-.-"), now=NOW.replace(year=2027, month=3, day=16)).text


def test_below_15_the_guardians_are_spoken_of():
    assert FR["offers_guardians"] in said(press("de.0-14.-")).notes
    assert FR["offers_guardians"] not in said(press("de.15.-")).notes


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_speaks_the_language_of_the_citizen(language):
    speaker = replace(INFORMED, language=language, language_chosen=True)
    assert said(OPPORTUNITIES, start=speaker).text == MESSAGES[language]["offers_where"]
    results = said(press("de.17.2026-07_2026-08"), start=speaker)
    assert MESSAGES[language]["offers_check"] in results.text


@given(st.text(max_size=62))
def test_a_forged_or_old_button_gets_an_answer(argument):
    for kind in (ActionKind.SEARCH, ActionKind.OFFER):
        assert said(press(argument, kind)).buttons


@given(st.lists(st.integers(0, 20), max_size=12))
def test_no_path_of_buttons_is_a_dead_end_and_each_button_fits(taps):
    say = said(OPPORTUNITIES)
    for tap in taps:
        actions = [each.action for each in say.buttons if each.action.kind in {ActionKind.SEARCH, ActionKind.OFFER}]
        assert all(len(action.pack().encode()) <= 64 for action in actions)
        assert actions
        say = said(Pressed("b", actions[tap % len(actions)]))


# One offer


def test_the_details_tell_what_is_known_and_what_the_source_does_not_say():
    say = said(press("term", ActionKind.OFFER))
    lines = say.text.split("\n")
    known = [
        "Type : échange",
        "Pays : Allemagne",
        "Âge : âge non précisé",
        "Pour qui : Lycéens",
        "Organisme : Le Cèdre",
    ]
    assert [line for line in [*known, FR["offer_cost_not_said"], FR["offer_recurring"]] if line not in lines] == []
    assert [citation.label.split(" : ")[0] for citation in say.citations] == [FR["offer_link"], "Source"]
    assert labels(say) == [FR["button_offers"], FR["button_person"]]


def test_dates_and_deadline_are_told_until_they_are_over():
    recurring = replace(CAMP, status=OpportunityStatus.RECURRING)
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(recurring))
    show, later = press("camp", ActionKind.OFFER), NOW.replace(year=2027, month=3, day=16)
    before, after = said(show, knowledge=knowledge).text, said(show, knowledge=knowledge, now=later).text
    assert "Dates : du 5 juillet 2027 au 16 juillet 2027" in before
    assert "Date limite : 15 mars 2027" in before
    assert "2027" not in after
    assert FR["offer_recurring"] in after


def test_an_offer_to_confirm_or_not_translated_says_so():
    doubtful = offer("x", to_confirm=True, unconfirmed_translations=frozenset({"de"}), summary={"fr": "a", "de": "b"})
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(doubtful))
    german = replace(INFORMED, language="de", language_chosen=True)
    assert said(press("x", ActionKind.OFFER), knowledge=knowledge).notes == (FR["note_to_confirm"],)
    assert said(press("x", ActionKind.OFFER), knowledge=knowledge, start=german).notes == (
        MESSAGES["de"]["note_to_confirm"],
        MESSAGES["de"]["note_unconfirmed_translation"],
    )
    assert MESSAGES["de"]["note_not_translated"] in said(press("term", ActionKind.OFFER), start=german).notes


def test_offers_in_a_list_bear_each_reservation_once():
    doubtful = [offer(name, to_confirm=True) for name in ("x", "y")]
    assert said(press("-.-.-"), knowledge=replace(KNOWLEDGE, opportunities=opportunities(*doubtful))).notes == (
        FR["note_to_confirm"],
    )


# One sentence


WISH = "j'ai 17 ans, je veux aller en Allemagne"


def test_a_sentence_with_an_age_and_a_place_or_time_gets_offers_and_the_way_to_the_answer():
    _, effects = step(Asked("1", WISH))
    (log,) = [effect for effect in effects if isinstance(effect, LogQuestion)]
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    assert say.text.startswith("J'ai compris : Allemagne, 17 ans.")
    assert (log.entry, log.text) == ("grant", WISH)
    assert Action(ActionKind.SHOW, "grant") in [each.action for each in say.buttons]


@pytest.mark.parametrize(
    "text", ["une bourse en Allemagne", "j'ai 17 ans", "j'ai 29 ans, une bourse ?", "cet été en Allemagne"]
)
def test_a_sentence_that_tells_less_gets_the_answer_with_the_button_of_the_search(text):
    say = said(Asked("1", text))
    assert say.text == "Écrivez au service."
    assert Action(ActionKind.SEARCH) in [each.action for each in say.buttons]


def test_a_question_about_another_topic_gets_its_answer_whatever_it_tells():
    say = said(Asked("1", f"où ? {WISH}"))
    assert say.text == "Au 4, square Castan."
    assert say.entry == "office"


def test_a_topic_that_always_goes_to_staff_still_does():
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(topics=("dispute",)))
    _, effects = step(Asked("1", "je conteste, j'ai 14 ans, en Allemagne"), knowledge=knowledge)
    assert [type(effect) for effect in effects] == [LogQuestion, Say, OpenHandOver]


def test_a_sentence_for_which_nothing_is_found_gets_the_answer():
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(HARZ))
    assert said(Asked("1", "j'ai 40 ans, en Allemagne"), knowledge=knowledge).text == "Écrivez au service."


@pytest.mark.parametrize("text", ["ma fille de 13 ans veut aller en Allemagne", "j'ai 13 ans"])
def test_of_a_child_below_15_nothing_is_kept_and_the_guardians_are_spoken_of(text):
    conversation, effects = step(Asked("1", text))
    (say,) = effects
    assert FR["offers_guardians"] in say.notes
    assert (conversation.last_ref, conversation.last_question) == ("", "")


def test_what_looks_for_an_offer_for_a_child_goes_not_even_to_staff_who_are_awaited():
    waiting = replace(INFORMED, mode=Mode.WAITING, handed_over=("0",))
    after, effects = step(Asked("1", "j'ai 13 ans, en Allemagne"), start=waiting)
    assert [type(effect) for effect in effects] == [Say]
    assert after.handed_over == ("0",)
    _, effects = step(Asked("1", "j'ai 15 ans, en Allemagne"), start=waiting)
    assert RelayToStaff in [type(effect) for effect in effects]


@pytest.mark.parametrize(("argument", "fleeting"), [("harz!", True), ("harz", False)])
def test_an_offer_opened_from_a_search_for_a_child_is_not_kept(argument, fleeting):
    _, effects = step(Pressed("1", Action(ActionKind.OFFER, argument)))
    assert [effect.fleeting for effect in effects if isinstance(effect, Say)] == [fleeting]


class UnsureMatcher(FakeMatcher):
    def understand(self, text, **_):
        return (ranked(text, grant=0.4, office=0.3),)


def test_what_is_not_clear_and_tells_of_a_child_is_offered_topics_and_not_kept():
    dialogue = Dialogue(OFFERED, UnsureMatcher())
    after, effects = dialogue.step(INFORMED, Asked("1", "13 ans allemagne, ma fille a 13 ans"), Moment(NOW))
    (say,) = effects
    assert (say.fleeting, FR["offers_guardians"] in say.notes) == (True, True)
    assert [pending.question for pending in after.pending] == [""]
    assert after.last_question == ""
    choose = Pressed("2", Action(ActionKind.NONE_OF_THESE, after.pending[0].key))
    _, effects = dialogue.step(after, choose, Moment(NOW))
    assert [effect.question for effect in effects if isinstance(effect, OpenHandOver)] == [""]


class TwofoldMatcher(FakeMatcher):
    def understand(self, text, **_):
        return tuple(ranked(part, grant=0.95) for part in text.split(". ")[1:])


def test_an_age_in_one_sentence_counts_for_the_questions_in_the_others():
    text = "Ma fille a 13 ans. Peut-elle aller en Allemagne ?. Combien ça coûte ?"
    after, effects = Dialogue(OFFERED, TwofoldMatcher()).step(INFORMED, Asked("1", text), Moment(NOW))
    assert [type(effect) for effect in effects] == [Say, Say]
    assert (after.last_ref, after.last_question) == ("", "")


@pytest.mark.parametrize(("mode", "sent"), [(Mode.BOT, OpenHandOver), (Mode.WAITING, RelayToStaff)])
def test_what_has_to_go_to_a_person_is_kept_and_nothing_else_is_said(mode, sent):
    class Mixed(FakeMatcher):
        def understand(self, text, **_):  # noqa: ARG002 - whatever it is
            return (ranked("aide", grant=0.95), ranked("xyz", grant=0.1))

    text = "ma fille a 13 ans, en Allemagne, et xyz"
    after, effects = Dialogue(OFFERED, Mixed()).step(replace(INFORMED, mode=mode), Asked("1", text), Moment(NOW))
    assert sent in [type(effect) for effect in effects]
    assert not any(FR["offers_guardians"] in effect.notes for effect in effects if isinstance(effect, Say))
    assert after.last_question == text


@pytest.mark.parametrize(("pressed", "fleeting"), [("de.13", True), ("de.13.2027-07", True), ("de.17", False)])
def test_buttons_that_tell_the_age_of_a_child_leave_nothing_behind(pressed, fleeting):
    assert said(press(pressed)).fleeting is fleeting


# Links


def test_a_link_leads_to_an_offer():
    assert said(start("opp-harz")).text.startswith("Offre harz")


@pytest.mark.parametrize("argument", ["opp-nothing", "opp-", "opp-camp"])
def test_a_link_to_an_offer_that_is_over_says_so_and_leads_on(argument):
    say = said(start(argument), now=NOW.replace(year=2028))
    assert say.text == FR["offers_over"]
    assert labels(say) == [FR["button_offers"], FR["button_person"]]


def test_a_link_leads_to_an_entry_and_the_first_message_bears_the_notice():
    say = said(start("topic-grant"), start=Conversation())
    assert say.text == "Écrivez au service."
    assert FR["privacy_notice"].format(days=180) in say.notes


@pytest.mark.parametrize("argument", ["", "topic-nothing", "topic-", "anything", "grant"])
def test_any_other_link_is_a_welcome(argument):
    assert said(start(argument)).text.startswith(FR["welcome"].split("\n")[0])


def test_with_staff_words_about_a_child_go_to_them_and_leave_nothing_else():
    """docs/rgpd.md says so: the bot keeps silent, and a person reads."""
    with_staff = replace(INFORMED, mode=Mode.WITH_STAFF)
    event = Asked("42/1", "ma fille a 13 ans et veut aller en Allemagne")
    assert step(event, start=with_staff) == (with_staff, (RelayToStaff("42/1"),))
