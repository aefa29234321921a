"""What people read aloud by a machine: every line and every button says something in words, every link has a name."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.dialogue.answers import answer
from bot.knowledge.loader import load
from bot.knowledge.model import LANGUAGES

DAY = date(2026, 11, 24)
ADDRESS = re.compile(r"https?://\S+")


@pytest.fixture(scope="module")
def knowledge():
    return load(Path(__file__).parents[2] / "knowledge", None)


def speaks(words):
    """Letters or digits of any script: an emoji, an arrow or a dash alone is read as its name, or not at all."""
    return any(letter.isalnum() for letter in words)


@pytest.mark.parametrize("words", ["👍", "➡️", "•", "✅ ✅"])
def test_a_sign_alone_says_nothing(words):
    assert not speaks(words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_messages_speaks(knowledge, language):
    silent = [
        key
        for key, words in knowledge.messages[language].items()
        if not all(speaks(line) for line in re.sub(r"\{\w+\}", "x", words).split("\n") if line.strip())
    ]
    assert silent == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_and_button_of_the_answers_speaks_and_every_link_has_a_name(knowledge, language):
    for entry in knowledge.entries.values():
        say = answer(knowledge, entry, language, DAY)
        assert all(speaks(line) for line in say.text.split("\n") if line.strip()), entry.id
        assert all(speaks(button.label) for button in say.buttons), entry.id
        assert not ADDRESS.search(say.text), f"{entry.id}: an address is spelt letter by letter; cite it as a source"
        assert all(speaks(citation.label) and not ADDRESS.search(citation.label) for citation in say.citations)


def test_every_offer_speaks_and_its_links_have_names(knowledge):
    for offer in knowledge.opportunities.records.values():
        for texts in (offer.title, offer.summary, offer.organiser, offer.who, offer.when, offer.cost):
            assert all(speaks(words) and not ADDRESS.search(words) for words in texts.values()), offer.id
