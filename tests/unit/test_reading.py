"""A message in the words of the knowledge: names, abbreviations and safe repairs only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.knowledge.model import Vocabulary
from bot.language.normal_form import normalise
from bot.language.reading import Reading

VOCABULARY = Vocabulary(
    abbreviations={"fr": {"asso": "association", "rdv": "rendez-vous"}, "de": {"asso": "verein"}},
    synonyms={"fr": {"pognon": "argent"}},
    names={
        "Tanghin-Dassouri": ("Tanguin Dassouri",),
        "Bourgogne-Franche-Comté": ("BFC",),
        "Harz": (),
    },
)
TEXTS = (
    "Quel financement pour une association ?",
    "Le financement de notre association",
    "La date du prochain comité",
    "La date du comité",
    "Le maison rouge, la saison morte",
    "Cette maison et cette saison",
    "Une subvention exceptionnelle",
)
READING = Reading.build(VOCABULARY, map(normalise, TEXTS))


@pytest.mark.parametrize(
    "written",
    ["tanghin dassouri", "Tanghin-Dassouri", "TANGUIN DASSOURI", "tangin dasouri", "tanghindassouri"],
)
def test_a_name_in_pieces_or_misspelt_becomes_the_name(written):
    assert READING.read(written, "fr") == "tanghin dassouri"


def test_a_name_keeps_the_words_around_it():
    assert READING.read("où est tangin dasouri exactement", "fr") == "ou est tanghin dassouri exactement"


def test_a_variant_of_a_name_becomes_the_name():
    assert READING.read("la BFC", "fr") == "la bourgogne franche comte"


def test_a_short_word_that_looks_like_a_name_is_left_alone():
    assert READING.read("hart", "de") == "hart"


@pytest.mark.parametrize(("language", "meant"), [("fr", "association"), ("de", "verein")])
def test_an_abbreviation_is_read_in_the_language_of_the_message(language, meant):
    assert READING.read("asso", language) == meant


def test_a_language_without_abbreviations_uses_those_of_french():
    assert READING.read("rdv", "sr") == "rendez vous"


def test_a_synonym_becomes_the_word_of_the_knowledge():
    assert READING.read("pognon", "fr") == "argent"


@pytest.mark.parametrize("text", TEXTS)
def test_the_texts_of_the_knowledge_are_not_changed(text):
    assert READING.read(text, "fr") == normalise(text)


def test_a_word_that_sounds_like_a_frequent_one_is_repaired():
    assert READING.read("financemant", "fr") == "financement"


@pytest.mark.parametrize(("slip", "meant"), [("finanecment", "financement"), ("asociatiom", "association")])
def test_a_long_word_with_two_slips_is_repaired(slip, meant):
    assert READING.read(slip, "fr") == meant


def test_a_short_word_is_never_repaired():
    assert READING.read("dabe", "fr") == "dabe"


def test_a_word_one_slip_from_two_others_is_left_alone():
    assert READING.read("laison", "fr") == "laison"


def test_a_word_seen_once_is_no_target_of_repair():
    assert READING.read("exceptionnele subvantiom", "fr") == "exceptionnele subvantiom"


def test_a_word_with_digits_is_never_repaired():
    assert READING.read("financemen7", "fr") == "financemen7"


@settings(max_examples=40)
@given(st.text(max_size=40), st.sampled_from(["fr", "de", "en", "sr", "ar", "xx", ""]))
def test_any_text_can_be_read(text, language):
    assert isinstance(READING.read(text, language), str)


@given(st.text(max_size=60))
def test_a_reading_without_knowledge_is_the_normal_form(text):
    assert Reading.build(Vocabulary(), ()).read(text, "fr") == normalise(text)


WORDS = st.sampled_from(["quel", "financement", "tanghin", "dassouri", "tanguin", "bfc", "harz", "asso", "maison"])


@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_words_that_are_all_known_are_read_as_when_one_beside_them_is_not(text):
    unknown = "zyzyzyzyzyzyzyzyzyzyzyzyzyzyzyzy"
    assert f"{READING.read(text, 'fr')} {unknown}".strip() == READING.read(f"{text} {unknown}", "fr")
