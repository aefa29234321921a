"""The matcher learns from the knowledge it is given, whatever it is."""

from dataclasses import replace
from datetime import date

from bot.knowledge.model import Vocabulary
from bot.matching.matcher import Matcher
from tests.unit.matching_fakes import CountingEncoder, DictMemory, base

TODAY = date(2026, 11, 24)
GARDEN = base(
    {
        "roses": ["Comment tailler les rosiers ?", "Quand couper mes roses ?", "taille du rosier"],
        "compost": ["Comment faire du compost ?", "Que mettre au compost ?", "bac à compost"],
        "tools": ["Louez-vous une tondeuse ?", "location d'outils de jardin", "Prix d'une bêche ?"],
    },
    out_of_scope=["Quel temps fait-il demain ?", "Raconte une blague", "Horaires du train"],
)


def best(matcher: Matcher, text: str) -> str:
    return matcher.understand(text, day=TODAY)[0].candidates[0].entry


def test_a_question_in_other_words_finds_its_entry():
    assert best(Matcher.build(GARDEN, None), "faut tailler un rosier comment") == "roses"


def test_what_was_learnt_is_recalled_and_decides_alike():
    memory = DictMemory()
    first = Matcher.build(GARDEN, None, memory=memory)
    again = Matcher.build(GARDEN, None, memory=memory)
    assert (len(memory.kept), memory.recalled) == (1, 1)
    assert again.understand("mon compost", day=TODAY) == first.understand("mon compost", day=TODAY)


def test_another_encoder_or_vocabulary_or_sentence_is_learnt_anew():
    memory = DictMemory()
    spelling = Vocabulary(synonyms={"fr": {"bêche": "pelle"}})
    for knowledge, encoder in (
        (GARDEN, None),
        (GARDEN, CountingEncoder()),
        (replace(GARDEN, vocabulary=spelling), None),
        (replace(GARDEN, out_of_scope={"fr": ("Quel temps fait-il demain ?",)}), None),
    ):
        Matcher.build(knowledge, encoder, memory=memory)
    assert (len(memory.kept), memory.recalled) == (4, 0)
