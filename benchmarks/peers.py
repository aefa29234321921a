"""What others would do with the same knowledge and the same questions: the peers of `benchmarks/compare.py`.

Each is small, reads the same normal form, and ranks entries by its best sentence, without background or calibration.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.knowledge.model import KnowledgeBase
from bot.language.normal_form import normalise
from bot.matching import logistic
from bot.matching.ngrams import NgramIndex, character_ngrams

Scores = NDArray[np.float64]
"""One a sentence or one an entry."""

_K1, _B = 1.2, 0.75


class Ranker(Protocol):
    def rank(self, question: str, /) -> list[tuple[str, float]]:
        """Question → entries with their scores, best first."""


@dataclass(frozen=True)
class Peer:
    """Ranks entries for a question in normal form."""

    entries: tuple[str, ...]
    score: Callable[[str], Scores]
    """Question → one score an entry."""

    def rank(self, question: str) -> list[tuple[str, float]]:
        scores = self.score(normalise(question))
        return [(self.entries[number], float(scores[number])) for number in np.argsort(-scores, kind="stable")[:3]]


def peers(knowledge: KnowledgeBase) -> Mapping[str, Ranker]:
    """Name → peer; utterances and titles are what they learn from."""
    return {name: make() for name, make in makers(knowledge).items()}


def makers(knowledge: KnowledgeBase) -> Mapping[str, Callable[[], Ranker]]:
    """Name → how to make that peer: nothing is learnt before."""
    entries = tuple(knowledge.entries)
    rows = [
        (normalise(text), number)
        for number, entry in enumerate(knowledge.entries.values())
        for text in (*(text for texts in entry.utterances.values() for text in texts), *entry.title.values())
    ]
    texts, owners = [text for text, _ in rows], np.array([number for _, number in rows], np.int64)

    def best_of(score: Callable[[str], Scores]) -> Peer:
        def per_entry(question: str) -> Scores:
            best = np.full(len(entries), -np.inf)
            np.maximum.at(best, owners, score(question))
            return best

        return Peer(entries, per_entry)

    found: dict[str, Callable[[], Ranker]] = {
        "rapidfuzz WRatio": lambda: best_of(_fuzzy(texts, fuzz.WRatio)),
        "rapidfuzz token_set_ratio": lambda: best_of(_fuzzy(texts, fuzz.token_set_ratio)),
        "BM25": lambda: best_of(_bm25(texts)),
        "character TF-IDF, nearest": lambda: best_of(_characters(texts)),
        "character TF-IDF, logistic regression": lambda: Peer(entries, _regression(texts, owners, len(entries))),
    }
    if find_spec("bm25s"):
        found["bm25s"] = lambda: best_of(_bm25s(texts))
    if find_spec("sklearn"):
        for analyser, longest in (("char_wb", 5), ("word", 2)):
            name = f"scikit-learn TF-IDF ({analyser}), logistic regression"
            found[name] = partial(_scikit, entries, texts, owners, analyser, longest)
    if find_spec("chatterbot"):
        found["ChatterBot"] = lambda: _chatterbot([(text, entries[owner]) for text, owner in rows])
    return found


def _characters(texts: Sequence[str]) -> Callable[[str], Scores]:
    index = NgramIndex.build(texts, character_ngrams)
    return lambda question: index.similarities(question).astype(np.float64)


def _fuzzy(texts: Sequence[str], scorer: Callable[..., float]) -> Callable[[str], Scores]:
    return lambda question: process.cdist([question], texts, scorer=scorer)[0].astype(np.float64)


def _bm25(texts: Sequence[str]) -> Callable[[str], Scores]:
    """Okapi BM25 (Robertson and Zaragoza, 2009)."""
    counts = [Counter(text.split()) for text in texts]
    lengths = np.array([count.total() for count in counts], np.float64)
    document_frequency = Counter(word for count in counts for word in count)
    postings: dict[str, list[tuple[int, int]]] = {}
    for row, count in enumerate(counts):
        for word, times in count.items():
            postings.setdefault(word, []).append((row, times))
    saturation = _K1 * (1 - _B + _B * lengths / lengths.mean())

    def score(question: str) -> Scores:
        scores = np.zeros(len(texts))
        for word in set(question.split()) & postings.keys():
            found = document_frequency[word]
            weight = np.log(1 + (len(texts) - found + 0.5) / (found + 0.5))
            for row, times in postings[word]:
                scores[row] += weight * times * (_K1 + 1) / (times + saturation[row])
        return scores

    return score


def _regression(texts: Sequence[str], owners: NDArray[np.int64], classes: int) -> Callable[[str], Scores]:
    index = NgramIndex.build(texts, character_ngrams)
    coefficients = logistic.fit(index.own_similarities(), owners, classes, penalty=0.1)
    return lambda question: logistic.softmax(index.similarities(question) @ coefficients).astype(np.float64)


def _bm25s(texts: Sequence[str]) -> Callable[[str], Scores]:
    import bm25s  # noqa: PLC0415 - in the group "benchmarks" only

    retriever = bm25s.BM25()
    retriever.index([text.split() for text in texts], show_progress=False)
    known = {word for text in texts for word in text.split()}

    def score(question: str) -> Scores:
        words = [word for word in question.split() if word in known]
        return np.asarray(retriever.get_scores(words), np.float64) if words else np.zeros(len(texts))

    return score


def _chatterbot(pairs: Sequence[tuple[str, str]]) -> Ranker:
    from benchmarks.chatterbot_peer import ChatterBot  # noqa: PLC0415 - in the group "benchmarks" only

    return ChatterBot(pairs)


def _scikit(
    entries: tuple[str, ...], texts: Sequence[str], owners: NDArray[np.int64], analyser: str, longest: int
) -> Peer:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - in the group "benchmarks" only
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415

    shortest = 1 if analyser == "word" else 2
    vectors = TfidfVectorizer(analyzer=analyser, ngram_range=(shortest, longest), sublinear_tf=True)
    model = make_pipeline(vectors, LogisticRegression(C=10, max_iter=1000)).fit(texts, owners)
    return Peer(entries, lambda question: model.predict_proba([question])[0])
