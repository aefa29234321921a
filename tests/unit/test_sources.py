"""Every answer of the shipped knowledge shows every source it rests on, in one message of Telegram."""

from datetime import date
from pathlib import Path

import pytest

from bot.channels.telegram.formatting import message_html
from bot.dialogue.answers import answer
from bot.dialogue.sharing import cards
from bot.dialogue.voice import Voice
from bot.knowledge.loader import load
from bot.knowledge.model import LANGUAGES

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def knowledge():
    return load(Path(__file__).parents[2] / "knowledge", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_shows_all_its_sources_in_one_message(knowledge, language):
    for entry in knowledge.entries.values():
        say = answer(knowledge, entry, language, DAY)
        (message,) = message_html(say)
        assert [citation.url for citation in say.citations] == [knowledge.sources[name].url for name in entry.sources]
        assert message.count("<a href=") == len(entry.sources), entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offer_that_is_shared_shows_all_its_sources_in_one_message(knowledge, language):
    """Of what is shared inline only the first message is sent."""
    shared = cards(Voice(knowledge, language), "", DAY)
    assert len(shared) == len(knowledge.opportunities.shown_on(DAY))
    for card in shared:
        (message,) = message_html(card.say)
        offer = knowledge.opportunities.records[card.id]
        assert message.count("<a href=") == 1 + len(offer.sources), offer.id


def test_several_sources_are_numbered_and_one_is_not(knowledge):
    numbered = {
        len(say.citations): [citation.label.startswith(f"{n}. ") for n, citation in enumerate(say.citations, start=1)]
        for entry in knowledge.entries.values()
        if (say := answer(knowledge, entry, "fr", DAY)).citations
    }
    assert all(marks == [count > 1] * count for count, marks in numbered.items())
    assert {1, 8} <= numbered.keys()


def test_a_source_is_said_to_have_been_read_not_verified(knowledge):
    """They were read in public copies, long ones not to the end: see the head of `sources.yaml`."""
    said = [answer(knowledge, knowledge.entries["bot-about"], "fr", DAY).text, knowledge.message("fr", "welcome")]
    for entry in knowledge.entries.values():
        said += [citation.label for citation in answer(knowledge, entry, "fr", DAY).citations]
    assert not [words for words in said if "vérifié" in words]
    assert all(", lue le 24/11/2026" in label for label in said[2:])
