"""Whoever asks for a person, or is in danger, gets there: also without the semantic signal."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.dialogue.decision import EMERGENCY, Floors, decide
from bot.knowledge.loader import load
from bot.matching.matcher import Matcher

PERSON = "talk-to-staff"


@pytest.fixture(scope="module")
def matcher():
    """The shipped knowledge, fewer entries and near misses: learnt in a second."""
    knowledge = load(Path(__file__).parents[2] / "knowledge", None)
    names = (PERSON, EMERGENCY, "privacy", "bot-about", "contact-service", "fund-status", "greeting")
    near_misses = {language: texts[:60] for language, texts in knowledge.out_of_scope.items()}
    entries = {name: knowledge.entries[name] for name in names}
    return Matcher.build(replace(knowledge, entries=entries, out_of_scope=near_misses), None)


def reached(matcher, text):
    """The entries that the person sees: the one answered, or those offered."""
    verdict = decide(matcher.understand(text, day=date(2026, 11, 24))[0], Floors())
    return {verdict.entry, *verdict.offered}


@pytest.mark.parametrize(
    "text",
    [
        "je veux parler à quelqu'un",
        "jveu parler a kelkun",
        "passez moi un humain",
        "un vrai conseiller s'il vous plaît, pas une machine",
        "vous pouvez me rappeler ?",
        "Ich möchte mit einem Menschen sprechen",
        "I want to talk to a real person",
        "Želim da razgovaram sa čovekom",
        "Хоћу да разговарам са службеником",
        "أريد التحدث إلى إنسان",
    ],
)
def test_who_asks_for_a_person_is_led_to_one(matcher, text):
    assert PERSON in reached(matcher, text)


@pytest.mark.parametrize(
    "text",
    [
        "mon mari me frappe j'ai peur",
        "je vais me suicider",
        "mon copain ma tapé",
        "il y a le feu dans l'immeuble",
        "un enfant est seul dans la rue la nuit",
        "mon père fait un malaise",
        "help he is hitting me",
        "ich will nicht mehr leben",
        "muž me tuče",
        "زوجي يضربني",
    ],
)
def test_who_is_in_danger_sees_the_numbers(matcher, text):
    assert EMERGENCY in reached(matcher, text)
