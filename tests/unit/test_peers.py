"""The peers of the comparison rank as their names promise."""

import pytest

from benchmarks.peers import peers
from tests.unit.matching_fakes import base

METHODS = peers(
    base(
        {
            "roses": ["Comment tailler les rosiers ?", "Quand couper mes roses ?"],
            "compost": ["Comment faire du compost ?", "Que mettre au compost ?"],
            "tools": ["Louez-vous une tondeuse ?", "Prix d'une bêche ?"],
        }
    )
)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("question", "entry"), [("tailler mes rosiers", "roses"), ("prix d'une beche", "tools")])
def test_every_peer_finds_words_of_the_knowledge(method, question, entry):
    assert METHODS[method].rank(question)[0][0] == entry


@pytest.mark.parametrize("method", METHODS)
def test_scores_come_best_first(method):
    scores = [score for _, score in METHODS[method].rank("compost")]
    assert scores == sorted(scores, reverse=True)


def test_a_rare_word_weighs_more_than_a_common_one_in_bm25():
    (best, _), *_ = METHODS["BM25"].rank("comment bêche")
    assert best == "tools"
