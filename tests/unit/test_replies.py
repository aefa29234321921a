"""Short replies, as words: yes, no, the second, the language of the answers; in five languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.model import LANGUAGES
from bot.language.normal_form import normalise
from bot.language.replies import LAST, WORDS, Said, language_meant, place, says, turned_around


def phrases(words):
    """Every phrase of a part of the words, whatever it is sorted by."""
    if isinstance(words, dict):
        return [phrase for part in words.values() for phrase in phrases(part)]
    return list(words)


@pytest.mark.parametrize("kind", WORDS)
def test_every_kind_of_reply_is_known_in_every_language(kind):
    of_each = WORDS[kind].values() if kind == "places" else [WORDS[kind]]
    assert all(set(words) == set(LANGUAGES) for words in of_each)


def test_every_phrase_is_text_that_has_a_normal_form():
    assert all(isinstance(phrase, str) and normalise(phrase) for phrase in phrases(WORDS))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (Said.AGREED, "Oui !"),
        (Said.AGREED, "ja, bitte"),
        (Said.AGREED, "Yes please"),
        (Said.AGREED, "Да"),
        (Said.AGREED, "نعم"),
        (Said.REFUSED, "Non merci"),
        (Said.REFUSED, "etwas anderes"),
        (Said.REFUSED, "none of these, thanks"),
        (Said.REFUSED, "nešto drugo"),
        (Said.REFUSED, "لا شكرا"),
        (Said.DROPPED, "laisse tomber"),
        (Said.CANCELLED, "annulez ma demande svp"),
        (Said.CANCELLED, "Ich möchte meine Anfrage zurückziehen"),
        (Said.CANCELLED, "cancel my request please"),
        (Said.CANCELLED, "otkažite moj zahtev"),
        (Said.CANCELLED, "أريد إلغاء طلبي"),
        (Said.INDIFFERENT, "n'importe où"),
    ],
)
def test_a_whole_message_says_it(said, text):
    assert says(said, text)


@pytest.mark.parametrize("text", ["", "merci", "ok merci", "oui mais combien ?", "non éligible ?", "je dis oui", "17"])
def test_a_word_inside_another_message_says_nothing(text):
    assert not any(says(said, text) for said in Said)


def test_no_phrase_says_both_yes_and_no():
    agreed, refused = ({normalise(each) for each in phrases(WORDS[kind])} for kind in ("agreed", "refused"))
    assert agreed.isdisjoint(refused)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2.", 2),
        ("١", 1),
        ("le premier", 1),
        ("La deuxième, svp", 2),
        ("oui, le troisième", 3),
        ("numéro 2", 2),
        ("die zweite bitte", 2),
        ("der letzte", LAST),
        ("the second one", 2),
        ("treća", 3),
        ("први", 1),
        ("الثاني", 2),
        ("الخيار رقم 3", 3),
    ],
)
def test_one_of_several_is_named_by_its_place(text, number):
    assert place(text) == number


@pytest.mark.parametrize("text", ["", "le", "2 enfants", "première demande", "2027", "1 et 2", "oui"])
def test_what_only_holds_a_number_names_no_place(text):
    assert place(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", "en"),
        ("in English", "en"),
        ("auf Deutsch bitte", "de"),
        ("parle en arabe", "ar"),
        ("srpski", "sr"),
        ("Српски", "sr"),
        ("auf französisch bitte", "fr"),
        ("répondez-moi en allemand s'il vous plaît", "de"),
        ("odgovorite na engleskom", "en"),
        ("بالعربي من فضلك", "ar"),
        ("تكلم بالفرنسية", "fr"),
    ],
)
def test_a_message_may_ask_for_a_language(text, language):
    assert language_meant(text) == language


@pytest.mark.parametrize("text", ["allemand", "parlez-vous allemand ?", "cours d'allemand", "en Allemagne", "arabisch"])
def test_the_name_of_a_language_may_be_a_subject(text):
    assert language_meant(text) is None


def test_after_the_question_which_language_any_name_is_one():
    assert (language_meant("allemand", alone=True), language_meant("Arabisch", alone=True)) == ("de", "ar")


def test_a_negation_is_seen_in_each_language():
    texts = ("pas en Allemagne", "nicht Spanien", "not in Spain", "ne u Nemačkoj", "ليس في المانيا")
    assert all(turned_around(text) for text in texts)


@given(st.text(max_size=80))
def test_whatever_is_written_can_be_read(text):
    number, language = place(text), language_meant(text)
    assert number is None or number == LAST or 0 <= number < 100
    assert language in {None, *LANGUAGES}
    assert all(says(said, text) in {True, False} for said in Said)
