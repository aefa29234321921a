"""The shipped knowledge speaks its five languages wholly, or says that it does not."""

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.loader import load
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES, Entry

ENTRIES = load(Path(__file__).parents[3] / "knowledge", date(2026, 11, 24)).entries
TRANSLATED = [entry for entry in ENTRIES.values() if len(entry.answer) > 1]

each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
each_translated = pytest.mark.parametrize("entry", TRANSLATED, ids=lambda entry: entry.id)


@each_entry
def test_every_button_has_its_label_in_every_language(entry: Entry) -> None:
    assert entry.title.keys() == set(LANGUAGES)


@each_entry
def test_every_language_has_questions_to_learn_from(entry: Entry) -> None:
    assert entry.utterances.keys() == set(LANGUAGES)


@each_translated
def test_an_answer_that_is_translated_is_in_every_language(entry: Entry) -> None:
    assert entry.answer.keys() == set(LANGUAGES)


@each_translated
def test_a_translation_is_not_the_original(entry: Entry) -> None:
    assert len(set(entry.answer.values())) == len(LANGUAGES)
    assert DEFAULT_LANGUAGE not in entry.unconfirmed_translations


def test_what_people_ask_for_first_is_translated() -> None:
    assert len(TRANSLATED) >= 12
    menu = {"partners-overview", "youth-opportunities", "association-partnership", "contact-address"}
    assert menu <= {entry.id for entry in TRANSLATED}
