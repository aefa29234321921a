"""The matcher learns from the knowledge it is given, whatever it is."""

from dataclasses import replace
from datetime import date

import pytest

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


def confidence(matcher: Matcher, text: str) -> float:
    return matcher.understand(text, day=TODAY)[0].candidates[0].confidence


def test_a_retired_entry_leaves_its_questions_to_its_successor_and_nothing_else_is_lost():
    succeeded = base({"roses": ["tailler les rosiers"], "roses-2026": ["tailler les rosiers"], "compost": ["compost"]})
    old = replace(succeeded.entries["roses"], retired=True)
    matcher = Matcher.build(replace(succeeded, entries={**succeeded.entries, "roses": old}), None)
    (ranking,) = matcher.understand("tailler les rosiers", day=TODAY, last_entry="roses")
    alone = Matcher.build(
        replace(succeeded, entries={k: v for k, v in succeeded.entries.items() if k != "roses"}), None
    )
    assert ranking.candidates == alone.understand("tailler les rosiers", day=TODAY)[0].candidates
    assert ranking.candidates[0].entry == "roses-2026"


def test_a_folder_of_retired_entries_answers_nothing():
    entries = {name: replace(entry, retired=True) for name, entry in GARDEN.entries.items()}
    matcher = Matcher.build(replace(GARDEN, entries=entries), None)
    assert matcher.understand("taille du rosier", day=TODAY)[0].candidates == ()


EVERYDAY = ("quel temps fera-t-il demain", "recette de lasagnes", "il me faut un plombier", "le bus passe quand")


@pytest.mark.parametrize("utterances", [1, 2, 3])
@pytest.mark.parametrize("entries", [1, 2, 3])
def test_a_few_entries_with_a_few_utterances_are_enough_to_answer_from(entries, utterances):
    chosen = {name: GARDEN.entries[name].utterances["fr"][:utterances] for name in list(GARDEN.entries)[:entries]}
    matcher = Matcher.build(replace(base(chosen), background={"fr": EVERYDAY}), None)
    assert best(matcher, "comment tailler mes rosiers") == "roses"
    assert confidence(matcher, "comment tailler les rosiers ?") > confidence(matcher, "recette de pizza")


def test_a_folder_without_any_background_still_ranks():
    matcher = Matcher.build(base({"roses": ["Comment tailler les rosiers ?"]}), None)
    assert best(matcher, "tailler rosiers") == "roses"


def test_a_folder_in_german_only_is_understood():
    knowledge = base(
        {"wood": ["Wann darf ich Holz sammeln?", "Brennholz aus dem Wald"], "dogs": ["Müssen Hunde an die Leine?"]},
        language="de",
    )
    assert best(Matcher.build(knowledge, None), "darf ich brennholz sammeln") == "wood"


def test_a_built_in_sentence_about_our_subject_teaches_nothing():
    buses = base({"bus": ["Quand passe le bus ?", "horaires du bus", "le bus passe à quelle heure"]})
    matcher = Matcher.build(replace(buses, background={"fr": EVERYDAY}), None)
    assert confidence(matcher, "le bus passe quand") > 0.8


def test_an_out_of_scope_sentence_of_the_folder_is_never_left_aside():
    buses = base({"bus": ["Quand passe le bus ?", "horaires du bus"]}, out_of_scope=["Quand passe le bus scolaire ?"])
    assert Matcher.build(buses, None).understand("bus scolaire", day=TODAY)[0].out_of_scope > 0.3


@pytest.fixture
def large(monkeypatch):
    """The garden, as if it were too large to learn from all pairs of its sentences."""
    monkeypatch.setattr("bot.matching.matcher._MOST_LEARNT", 0)
    return Matcher.build(GARDEN, None)


def test_a_large_folder_is_answered_by_its_nearest_sentence(large):
    candidate = large.understand("Comment tailler un rosier ?", day=TODAY)[0].candidates[0]
    assert candidate.entry == "roses"
    assert candidate.signals[1].nearest == "Comment tailler les rosiers ?"


def test_a_large_folder_is_surer_of_its_own_sentences_than_of_strange_ones(large):
    assert confidence(large, "Que mettre au compost") > confidence(large, "Raconte une histoire")


@pytest.mark.usefixtures("large")
def test_a_large_folder_counts_meaning_too():
    matcher = Matcher.build(GARDEN, CountingEncoder())
    candidate = matcher.understand("Que mettre au compost ?", day=TODAY)[0].candidates[0]
    assert (candidate.entry, candidate.signals[-1].name) == ("compost", "meaning")
    assert candidate.signals[-1].value == pytest.approx(1)


@pytest.fixture
def very_large(large, monkeypatch):
    """The garden, as if encoding its sentences took minutes."""
    monkeypatch.setattr("bot.matching.index._MOST_ENCODED", 0)
    return Matcher.build(GARDEN, CountingEncoder())


def test_a_very_large_folder_does_with_words_alone(very_large):
    assert best(very_large, "une tondeuse") == "tools"
    assert very_large.encoder.encoded == []


def test_a_very_large_folder_proposes_nothing_for_words_it_does_not_know(very_large):
    assert very_large.understand("xylophone", day=TODAY)[0].candidates == ()


def test_a_very_large_folder_understands_several_questions_at_once(very_large):
    rankings = very_large.understand("Louez-vous une tondeuse ? Que mettre au compost ?", day=TODAY)
    assert {ranking.candidates[0].entry for ranking in rankings} <= {"tools", "compost"}


def test_a_very_large_folder_understands_what_continues_an_answer(very_large):
    ranking = very_large.understand("et quand ?", day=TODAY, last_entry="roses")[0]
    assert ranking.candidates[0].entry == "roses"


def test_a_misspelt_question_is_encoded_as_written_and_as_read():
    encoder = CountingEncoder()
    matcher = Matcher.build(GARDEN, encoder)
    encoder.encoded.clear()
    matcher.understand("Que mettre au compots ?", language="fr", day=TODAY)
    assert encoder.encoded == ["Que mettre au compots ?", "que mettre au compost"]


@pytest.mark.parametrize(
    "message", ["Que mettre au compots ?", "Bonjour. Louez-vous une tondeuse ? Que mettre au compost ?"]
)
def test_all_that_will_be_encoded_can_be_encoded_ahead(message: str):
    encoder = CountingEncoder()
    matcher = Matcher.build(GARDEN, encoder)
    encoder.encoded.clear()
    matcher.understand(message, day=TODAY)
    assert set(encoder.encoded) == set(matcher.to_encode(message))


@pytest.mark.parametrize(
    ("message", "more"),
    [
        ("Louez-vous une tondeuse ? Quel temps fera-t-il à Paris demain ?", True),
        ("Louez-vous une tondeuse ? Que mettre au compost ?", False),  # both are answered
        ("Louez-vous une tondeuse ? C'est possible ?", False),
        ("Louez-vous une tondeuse ? Merci, il fait beau demain à Paris.", False),
        ("Louez-vous une tondeuse ?", False),
    ],
)
def test_a_question_that_is_left_out_is_told(message: str, more: bool):
    weather = (
        "Quel temps fait-il demain ?",
        "Il fait quel temps à Paris ?",
        "Quel temps fera-t-il à Paris ?",
        "météo de Paris",
    )
    garden = replace(GARDEN, out_of_scope={"fr": weather})
    rankings = Matcher.build(garden, None).understand(message, language="fr", day=TODAY)
    assert rankings[-1].asks_more is more
