"""The normal form of a text: bounded, idempotent, and the same for two spellings of one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.normal_form import MAX_CHARACTERS, normalise, shorten_drawn_out, sound, strip_marks

SCRIPTS = st.characters(max_codepoint=0x06FF) | st.characters()
TEXTS = st.text(SCRIPTS, max_size=60)


@given(TEXTS)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)
    assert normalise(once) == once


@given(TEXTS)
def test_words_of_the_normal_form_are_separated_by_single_spaces(text):
    once = normalise(text)
    assert once == " ".join(once.split())


@pytest.mark.parametrize("character", ["a", "ﷺ", "é", "љ", "½", "\0", "🙂", "ﷺ,"])
def test_the_normal_form_of_a_huge_text_is_bounded(character):
    assert len(normalise(character * 10_000)) <= MAX_CHARACTERS


@pytest.mark.parametrize("padding", range(20))
def test_a_text_that_is_cut_between_two_words_stays_idempotent(padding):
    once = normalise("a" + "bc" * padding + " " + "ﷺ " * 400)
    assert normalise(once) == once


@given(TEXTS)
def test_stripping_marks_is_idempotent(text):
    once = strip_marks(text)
    assert strip_marks(once) == once


@given(TEXTS)
def test_shortening_drawn_out_letters_is_idempotent(text):
    once = shorten_drawn_out(text)
    assert shorten_drawn_out(once) == once


@given(st.text(SCRIPTS, max_size=30))
def test_every_word_of_the_normal_form_has_a_sound_no_longer_than_twice_itself(text):
    for word in normalise(text).split():
        assert 0 < len(sound(word)) <= 2 * len(word)


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Шта радите у Новом Београду", "Šta radite u Novom Beogradu"),
        ("Љубљана", "Ljubljana"),
        ("Његош", "Njegoš"),
        ("ЂОРЂЕ", "Đorđe"),
        ("ћуприја", "ćuprija"),
        ("чаршија", "čaršija"),
        ("Андрей", "Andrei"),
    ],
)
def test_serbian_is_the_same_in_both_scripts(cyrillic, latin):
    assert normalise(cyrillic) == normalise(latin)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أين المكتب", "اين المكتب"),
        ("إدارة", "اداره"),
        ("مُحَمَّد", "محمد"),
        ("جمعيـــة", "جمعيه"),
        ("على", "علي"),
        ("ک", "ك"),
    ],
)
def test_arabic_letters_that_people_interchange_are_the_same(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("l'association", "l association"),
        ("L’ASSOCIATION", "l association"),
        ("qu'est-ce", "qu est ce"),
        ("aujourd’hui", "aujourd hui"),
    ],
)
def test_elisions_are_opened(written, normal):
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Coopération", "cooperation"),
        ("cœur", "coeur"),
        ("Straße", "strasse"),
        ("aideeeeez", "aideez"),
        ("a_b", "a b"),
        ("  …?! ", ""),
        ("", ""),
    ],
)
def test_accents_case_and_punctuation_do_not_count(written, normal):
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("right", "misspelt"),
    [
        ("quoi", "koi"),
        ("departement", "departemant"),
        ("photo", "foto"),
        ("bureau", "buro"),
        ("financement", "financemant"),
    ],
)
def test_spelling_mistakes_that_keep_the_sound_keep_the_key(right, misspelt):
    assert sound(right) == sound(misspelt)


@pytest.mark.parametrize(("one", "other"), [("projet", "budget"), ("maire", "mali"), ("serbie", "sarre")])
def test_words_that_sound_different_have_different_keys(one, other):
    assert sound(one) != sound(other)
