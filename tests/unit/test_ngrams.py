"""The sparse index gives the cosines that a naive computation gives."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.ngrams import NgramIndex, character_ngrams, word_ngrams

EXTRACTORS = pytest.mark.parametrize("extract", [character_ngrams, word_ngrams])
TEXTS = st.lists(st.sampled_from(["le", "fonds", "fond", "aide", "eau", "ville", "si"]), max_size=6).map(" ".join)


def naive_vector(text, extract, idf):
    """The TF-IDF weights of a text as a dict of length 1."""
    counts = {gram: count for gram, count in Counter(extract(text)).items() if gram in idf}
    weights = {gram: (1 + math.log(count)) * idf[gram] for gram, count in counts.items()}
    length = math.sqrt(sum(weight**2 for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()}


def naive_similarities(corpus, text, extract):
    """The cosines of `text` with each text of `corpus`, over dicts."""
    frequency = Counter(gram for document in corpus for gram in set(extract(document)))
    idf = {gram: math.log((1 + len(corpus)) / (1 + count)) + 1 for gram, count in frequency.items()}
    query = naive_vector(text, extract, idf)
    rows = [naive_vector(document, extract, idf) for document in corpus]
    return [sum(weight * row.get(gram, 0) for gram, weight in query.items()) for row in rows]


@EXTRACTORS
@given(corpus=st.lists(TEXTS, max_size=6), text=TEXTS)
def test_similarities_equal_the_naive_cosine(extract, corpus, text):
    similarities = NgramIndex.build(corpus, extract).similarities(text)
    np.testing.assert_allclose(similarities, naive_similarities(corpus, text, extract), atol=1e-5)


@EXTRACTORS
@given(corpus=st.lists(TEXTS, max_size=6), text=TEXTS)
def test_the_nearest_texts_are_those_at_least_half_as_like_as_the_most_alike(extract, corpus, text):
    everyone = np.array(naive_similarities(corpus, text, extract))
    rows, cosines = NgramIndex.build(corpus, extract).nearest(text)
    np.testing.assert_allclose(cosines, everyone[rows], atol=1e-5)
    least = everyone.max(initial=0) / 2
    assert set(np.flatnonzero(everyone > least + 1e-5)) <= set(rows)
    assert (everyone[rows] > least - 1e-5).all()


@EXTRACTORS
def test_a_text_that_shares_nothing_has_no_nearest(extract):
    rows, cosines = NgramIndex.build(["le fonds", "la ville"], extract).nearest("zzz")
    assert (len(rows), len(cosines)) == (0, 0)


def test_the_rarest_n_gram_counts_however_common_it_is(monkeypatch):
    index = NgramIndex.build(["commun", "commun", "autre"], word_ngrams)
    monkeypatch.setattr("bot.matching.ngrams._MOST_POSTINGS", 1)
    assert index.nearest("commun")[0].tolist() == [0, 1]


@EXTRACTORS
def test_a_text_of_the_corpus_is_like_itself(extract):
    index = NgramIndex.build(["le fonds", "une ville"], extract)
    assert index.similarities("le fonds")[0] == pytest.approx(1, abs=1e-6)


@EXTRACTORS
@pytest.mark.parametrize("text", ["", "zzz", "中文"])
def test_an_unknown_text_is_like_nothing(extract, text):
    similarities = NgramIndex.build(["le fonds", "la ville"], extract).similarities(text)
    assert similarities.tolist() == [0, 0]


@EXTRACTORS
def test_an_empty_corpus_gives_no_similarities(extract):
    assert NgramIndex.build([], extract).similarities("le fonds").shape == (0,)


def test_character_ngrams_do_not_cross_words():
    assert not [gram for gram in character_ngrams("le fonds") if "e f" in gram]


def test_word_ngrams_are_words_and_pairs_of_neighbours():
    assert word_ngrams("a b c") == ["a", "b", "c", "a b", "b c"]


def test_when_n_grams_are_too_common_the_rarest_decide(monkeypatch):
    index = NgramIndex.build(["rose commun", *["commun"] * 20], word_ngrams)
    monkeypatch.setattr("bot.matching.ngrams._MOST_POSTINGS", 5)
    likeness = index.similarities("rose commun")
    assert likeness[0] > 0
    assert not likeness[1:].any()


@EXTRACTORS
@given(corpus=st.lists(TEXTS, min_size=1, max_size=8), common=st.integers(1, 4))
def test_the_corpus_with_itself_is_each_text_with_it(extract, corpus, common):
    index = NgramIndex.build(corpus, extract)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.matching.ngrams._COMMON", common)
        patch.setattr("bot.matching.ngrams._AT_ONCE", 2)
        together = index.own_similarities()
    np.testing.assert_allclose(together, [index.similarities(text) for text in corpus], atol=1e-5)
