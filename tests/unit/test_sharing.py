"""What a few typed words bring up to be shared."""

from dataclasses import replace
from datetime import date

import pytest

from bot.dialogue.sharing import cards
from bot.dialogue.voice import Voice
from bot.knowledge.model import LANGUAGES
from tests.unit.dialogue_fakes import KNOWLEDGE
from tests.unit.opportunity_examples import HARZ, OFFERS, offer, opportunities

DAY = date(2026, 11, 24)


def shared(words, language="fr", *offers):
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(*offers))
    return cards(Voice(knowledge, language), words, DAY)


def names(words, language="fr"):
    return [card.id for card in shared(words, language)]


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("allemagne 17", "fr"),
        ("alemagne 17 ans", "fr"),
        ("17 deutschland", "de"),
        ("germany 17", "en"),
        ("Nemačka 17", "sr"),
        ("Немачка 17", "sr"),
        ("ألمانيا 17", "ar"),
    ],
)
def test_a_country_and_a_number_are_a_wish_in_every_language(words, language):
    assert names(words, language)[0] == "harz"
    assert "camp" not in names(words, language)


def test_without_a_word_all_that_is_open_comes_the_next_to_end_first():
    assert names("") == ["camp", "harz", "term", "service", "corps"]


def test_the_beginning_of_a_name_is_enough():
    assert names("harz") == ["harz"]
    assert names("offre cor") == ["corps"]


@pytest.mark.parametrize("words", ["xyzzy", "<b>", "12345"])
def test_what_is_no_wish_and_no_name_brings_up_nothing(words):
    assert names(words) == []


@pytest.mark.parametrize("words", ["allemagne 14 jours", "allemagne 15 juillet"])
def test_a_number_that_counts_something_is_no_age(words):
    assert not any("15 ans" in card.say.text for card in shared(words) if card.say.notes)
    assert "harz" in names(words)


def test_the_nearest_say_what_is_wrong_with_them():
    (card, *_) = shared("espagne 15")
    assert card.description.startswith("Le plus proche. Ce qui ne va pas : ")


def test_a_card_has_its_source_with_the_date_and_the_way_to_more():
    (card, *_) = shared("harz")
    assert card.link == "opp-harz"
    assert [citation.url for citation in card.say.citations] == ["https://example.org/page"] * 2
    assert "lue le" in card.say.citations[1].label


def test_below_fifteen_the_guardians_are_spoken_of():
    (card, *_) = shared("allemagne 13", "fr", replace(HARZ, age=None))
    assert "l'accord d'un parent" in card.say.notes[-1]


def test_what_is_over_is_not_shared():
    over = offer("over", status="closed", countries=("DE",))
    assert [card.id for card in shared("allemagne", "fr", over, *OFFERS)] == ["harz", "term", "service", "corps"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words(language):
    (card, *_) = shared("harz", language)
    assert card.title
    assert card.say.text.startswith(card.title)
