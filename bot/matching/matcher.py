"""A question → the entries that may answer it, with a calibrated confidence; learnt from one knowledge base.

The steps, each in the file that its name promises: `bot.language.reading` (normal form and spelling), `ngrams` (lexical
signals), an `Encoder` (semantic signal), `logistic` (their combination), `calibration` (confidence), `segments`
(several sentences, several questions). docs/matching.md has the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import DEFAULT_LANGUAGE, Kind, KnowledgeBase
from bot.language.detection import detect
from bot.language.normal_form import normalise
from bot.language.reading import Reading
from bot.matching import logistic
from bot.matching.calibration import Calibration, evidence
from bot.matching.model import Candidate, Encoder, Matrix, Ranking, Signal
from bot.matching.ngrams import NgramIndex, character_ngrams, word_ngrams
from bot.matching.segments import sentences, without_courtesies

MAX_CANDIDATES = 5

# The weights of the signals in the kernel, and the penalty, were chosen on the questions of a public set (CLINC150,
# docs/matching.md), not on our own: every knowledge base uses the same.
_SEMANTIC, _CHARACTERS, _WORDS = 4.0, 0.5, 0.5
_LEXICAL_ONLY = 0.6, 0.4
_PENALTY = 0.1
_FOLDS = 5

_OUT_OF_SCOPE_SHARE = 0.25
"""How much of what people write is not ours, for the calibration; whatever the number of background sentences."""

_MAX_PARTS = 3
_PART_CONFIDENCE = 0.6
"""Confidence from which a sentence counts as a question of its own beside another."""


@dataclass(frozen=True)
class Corpus:
    """The sentences that teach the matcher: utterances of entries, and background."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    labels: NDArray[np.int64]
    """The entry of each, by its number; the background has the last one."""
    entries: tuple[str, ...]

    @property
    def background(self) -> int:
        return len(self.entries)

    @classmethod
    def of(cls, knowledge: KnowledgeBase) -> "Corpus":
        """Utterances and titles of all entries, then the folder's out-of-scope sentences and the built-in background.

        A background sentence that is also somebody's utterance is left out.
        """
        rows: list[tuple[str, str, int]] = []
        for number, entry in enumerate(knowledge.entries.values()):
            spoken = {(text, language) for language, texts in entry.utterances.items() for text in texts}
            spoken |= {(title, language) for language, title in entry.title.items()}
            rows.extend((text, language, number) for text, language in sorted(spoken))
        taken = {normalise(text) for text, _, _ in rows}
        for pool in (knowledge.out_of_scope, knowledge.background):
            for language, texts in pool.items():
                rows.extend((text, language, len(knowledge.entries)) for text in texts if normalise(text) not in taken)
        texts, languages, labels = zip(*rows, strict=True)
        return cls(texts, languages, np.array(labels, np.int64), tuple(knowledge.entries))


@dataclass(frozen=True)
class Signals:
    """The likeness of one text to every sentence of the corpus, by each signal: each of shape (sentences,)."""

    characters: Matrix
    words: Matrix
    meaning: Matrix | None

    def kernel(self) -> Matrix:
        if self.meaning is None:
            characters, words = _LEXICAL_ONLY
            lexical: Matrix = characters * self.characters + words * self.words
            return lexical
        combined: Matrix = _SEMANTIC * self.meaning + _CHARACTERS * self.characters + _WORDS * self.words
        return combined

    def likeness(self) -> Matrix:
        """One likeness for all signals, 0 to 1 nearly: for the nearest utterance."""
        lexical: Matrix = (self.characters + self.words) / np.float32(2)
        return lexical if self.meaning is None else (lexical + self.meaning) / np.float32(2)


@dataclass(frozen=True)
class Matcher:
    knowledge: KnowledgeBase
    corpus: Corpus
    reading: Reading
    encoder: Encoder | None
    """Encodes questions; None: lexical signals only."""
    _characters: NgramIndex
    _words: NgramIndex
    _vectors: Matrix | None
    _centre: Matrix | None
    _coefficients: Matrix
    _calibration: Calibration

    @classmethod
    def build(
        cls, knowledge: KnowledgeBase, encoder: Encoder | None, corpus_encoder: Encoder | None = None
    ) -> "Matcher":
        """Learn from `knowledge`.

        Args:
            knowledge: what it answers from.
            encoder: for questions; None for lexical signals only.
            corpus_encoder: for the sentences of the knowledge, if another (one that caches).
        """
        corpus = Corpus.of(knowledge)
        reading = Reading.build(knowledge.vocabulary, corpus.texts)
        read = [reading.read(text, language) for text, language in zip(corpus.texts, corpus.languages, strict=True)]
        characters, words = NgramIndex.build(read, character_ngrams), NgramIndex.build(read, word_ngrams)
        vectors = centre = None
        if encoder is not None:
            raw = (corpus_encoder or encoder).encode(corpus.texts)
            centre = raw.mean(axis=0)
            vectors = _centred(raw, centre)
        signals = [
            Signals(
                characters.similarities(text),
                words.similarities(text),
                vectors @ vectors[row] if vectors is not None else None,
            )
            for row, text in enumerate(read)
        ]
        kernel = np.stack([signal.kernel() for signal in signals])
        classes = len(corpus.entries) + 1
        coefficients = logistic.fit(kernel, corpus.labels, classes, penalty=_PENALTY)
        unseen = logistic.out_of_fold_logits(kernel, corpus.labels, classes, penalty=_PENALTY, folds=_FOLDS)
        calibration = _calibrate(corpus, unseen, np.stack([signal.likeness() for signal in signals]))
        return cls(knowledge, corpus, reading, encoder, characters, words, vectors, centre, coefficients, calibration)

    def language_of(self, text: str, *, fallback: str) -> str:
        return detect(without_courtesies(text), fallback=fallback)

    def understand(self, text: str, *, language: str | None = None, day: date) -> tuple[Ranking, ...]:
        """The questions of a message, in order, each ranked; one Ranking at least, three at most.

        Args:
            text: the message as it was written.
            language: of the message; None: it is detected.
            day: entries that are not in force on it are left out.
        """
        language = language or self.language_of(text, fallback=DEFAULT_LANGUAGE)
        bare = without_courtesies(text)
        pieces = sentences(bare)
        if len(pieces) == 1 or len(pieces) > 12:
            pieces = ()
        texts = (bare, *pieces)
        read = [self.reading.read(piece, language) for piece in texts]
        logits, likeness = self._logits(texts, read)
        rankings = [
            self._ranking(Ranking(piece, language, (), repaired=form), row, near, day)
            for piece, form, row, near in zip(texts, read, logits, likeness, strict=True)
        ]
        parts = self._parts(rankings[1:])
        if len(parts) > 1:
            return parts
        return (rankings[0],)

    def _parts(self, rankings: Sequence[Ranking]) -> tuple[Ranking, ...]:
        """The sentences that surely ask for different entries; greetings and thanks do not count."""
        parts: dict[str, Ranking] = {}
        for ranking in rankings:
            best = ranking.candidates[0] if ranking.candidates else None
            if best is None or best.confidence < _PART_CONFIDENCE or "?" not in ranking.question:
                continue
            if self.knowledge.entries[best.entry].kind is Kind.BEHAVIOUR:
                continue
            parts.setdefault(best.entry, ranking)
        return tuple(parts.values())[:_MAX_PARTS]

    def _logits(self, texts: Sequence[str], read: Sequence[str]) -> tuple[Matrix, Matrix]:
        """Logits of the classes, shape (texts, classes), and likeness to the corpus, shape (texts, sentences).

        Args:
            texts: as they were written: the encoder reads them so.
            read: the same in the knowledge's own words.
        """
        meanings: Sequence[Matrix | None] = [None] * len(texts)
        if self.encoder is not None and self._vectors is not None and self._centre is not None:
            vectors = _centred(self.encoder.encode(texts), self._centre)
            meanings = list(vectors @ self._vectors.T)
        signals = [
            Signals(self._characters.similarities(form), self._words.similarities(form), meaning)
            for form, meaning in zip(read, meanings, strict=True)
        ]
        kernel = np.stack([signal.kernel() for signal in signals])
        return kernel @ self._coefficients, np.stack([signal.likeness() for signal in signals])

    def _ranking(self, unranked: Ranking, logits: Matrix, likeness: Matrix, day: date) -> Ranking:
        """`unranked` with its candidates."""
        probabilities = logistic.softmax(logits)
        order = np.argsort(-logits[: self.corpus.background])
        nearest = np.array([likeness[self.corpus.labels == order[0]].max()])
        certain = float(self._calibration.probability(evidence(logits[None], nearest, self.corpus.background))[0])
        best = probabilities[order[0]]
        shares = np.minimum(probabilities[order] / max(best, 1e-9) * certain, np.float32(max(1 - certain, 0)))
        shares[0] = certain
        candidates = []
        for number, share in zip(order, shares, strict=True):
            name = self.corpus.entries[number]
            if self.knowledge.entries[name].in_force(day):
                candidates.append(Candidate(name, float(share), self._signals(int(number), logits, likeness)))
            if len(candidates) == MAX_CANDIDATES:
                break
        out_of_scope = float(probabilities[self.corpus.background])
        return replace(unranked, candidates=tuple(candidates), out_of_scope=out_of_scope)

    def _signals(self, number: int, logits: Matrix, likeness: Matrix) -> tuple[Signal, ...]:
        members = np.flatnonzero(self.corpus.labels == number)
        nearest = members[likeness[members].argmax()]
        return (
            Signal("logit", float(logits[number])),
            Signal("likeness", float(likeness[nearest]), self.corpus.texts[nearest]),
        )


def _centred(vectors: Matrix, centre: Matrix) -> Matrix:
    """E5's vectors share a large common part (unrelated sentences: cosine 0.84): without it they spread."""
    moved = vectors - centre
    norms: Matrix = np.linalg.norm(moved, axis=1, keepdims=True)
    spread: Matrix = (moved / np.maximum(norms, 1e-9)).astype(np.float32)
    return spread


def _calibrate(corpus: Corpus, logits: Matrix, likeness: Matrix) -> Calibration:
    """Fit on logits of unseen sentences; the nearest utterance is never the sentence itself."""
    np.fill_diagonal(likeness, -1)
    chosen = logits[:, : corpus.background].argmax(axis=1)
    members = [np.flatnonzero(corpus.labels == number) for number in range(corpus.background)]
    nearest = np.array([likeness[row, members[number]].max() for row, number in enumerate(chosen)], np.float32)
    ours = corpus.labels != corpus.background
    share = np.where(ours, 1 - _OUT_OF_SCOPE_SHARE, _OUT_OF_SCOPE_SHARE)
    counts = np.where(ours, max(ours.sum(), 1), max((~ours).sum(), 1))
    weight = share / counts * len(ours)
    return Calibration.fit(evidence(logits, nearest, corpus.background), chosen == corpus.labels, weight)
