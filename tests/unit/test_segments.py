"""Greetings and thanks are left aside, and nothing else is; a message that continues is told from one that begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.segments import continues, without_courtesies

WORDS = st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=12), min_size=1, max_size=6)


@pytest.mark.parametrize(
    "text",
    [
        "etudes en allemagne",
        "Etablissement scolaire",
        "history",
        "Hier in Belfort",
        "Highschool exchange",
        "pohvala ekipi",
    ],
)
def test_no_word_is_cut_because_it_begins_or_ends_as_a_greeting_does(text: str):
    assert without_courtesies(text) == text


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Bonjour Madame, et à tous, où êtes-vous ?", "où êtes-vous ?"),
        ("Hi, help", "help"),
        ("السلام عليكم ورحمة الله، أين المكتب؟", "أين المكتب؟"),
        ("Hello! who may apply, thanks", "who may apply"),
        ("Gde je kancelarija? Hvala unapred", "Gde je kancelarija?"),
    ],
)
def test_greeting_and_thanks_around_a_question_are_left_aside(text: str, bare: str):
    assert without_courtesies(text) == bare


@given(WORDS)
def test_only_whole_words_are_left_aside(words: list[str]):
    assert set(without_courtesies(" ".join(words)).split()) <= set(words)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("et au Liban ?", "fr"),
        ("ok, und die Unterlagen?", "de"),
        ("and the papers?", "en"),
        ("a Liban?", "sr"),
        ("и рок?", "sr"),
        ("وماذا عن لبنان؟", "ar"),
        ("والأوراق؟", "ar"),
        ("ولبنان؟", "ar"),
    ],
)
def test_what_begins_as_a_continuation_continues(text: str, language: str):
    assert continues(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I want to volunteer", "en"),
        ("i am 17", "en"),
        ("A grant for our school?", "en"),
        ("a qui demander", "fr"),
        ("Etablissement scolaire", "fr"),
        ("وزارة الخارجية تدعمكم؟", "ar"),
        ("وثائق مطلوبة للطلب", "ar"),
    ],
)
def test_what_begins_as_a_question_does_not(text: str, language: str):
    assert not continues(text, language)
