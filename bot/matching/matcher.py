"""A question → the entries that may answer it, with a calibrated confidence; learnt from one knowledge base.

The steps, each in the file that its name promises: `bot.language.reading` (normal form and spelling), `ngrams` (lexical
signals), an `Encoder` (semantic signal), `index` (both, for a whole corpus), `learning` (their combination; `nearest`
in large folders), `calibration` (confidence), `segments` (several sentences, several questions). docs/matching.md has
the figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import DEFAULT_LANGUAGE, Entry, Kind, KnowledgeBase
from bot.language.detection import detect
from bot.language.normal_form import has_question_mark, normalise
from bot.language.reading import Reading
from bot.matching import logistic
from bot.matching.calibration import evidence
from bot.matching.corpus import Corpus, Signals, centred
from bot.matching.index import Index
from bot.matching.learning import Learnt, key_of
from bot.matching.model import Candidate, Encoder, Matrix, Memory, Ranking, Signal
from bot.matching.nearest import Nearest
from bot.matching.segments import continues, sentences, without_courtesies

MAX_CANDIDATES = 5
_MOST_RANKED = 500

_MOST_LEARNT = 6_000
"""Sentences up to which all pairs are learnt from: time grows with their square. Beyond, the nearest one decides."""

_MOST_SENTENCES = 12
"""A message of more is a story: only the whole is ranked."""

_MAX_PARTS = 3
_PART_CONFIDENCE = 0.6
"""Confidence from which a sentence counts as a question of its own beside another."""

_FEWEST_CLEAR_WORDS, _CLEAR = 4, 0.5
"""What a question beside another must have to count as one that is not answered."""

_URGENT = 0.9
"""Confidence from which one sentence of a message tells of a danger (docs/matching.md)."""

_MAX_FOLLOW_UP_WORDS = 8
"""What is longer says its subject."""

_STANDS_ALONE = 0.8
"""Confidence from which a question needs no context, unless it begins as a continuation ("et…", "and…")."""

_NOT_OURS, _PERHAPS_OURS = 0.8, 0.3
"""Probability of the background from which context is of no use: with such a beginning, and without."""


@dataclass(frozen=True)
class Matcher:
    knowledge: KnowledgeBase
    corpus: Corpus
    reading: Reading
    encoder: Encoder | None
    """Encodes questions; None: lexical signals only."""
    _index: Index
    _learnt: Learnt | Nearest

    @classmethod
    def build(
        cls,
        knowledge: KnowledgeBase,
        encoder: Encoder | None,
        corpus_encoder: Encoder | None = None,
        memory: Memory | None = None,
    ) -> "Matcher":
        """Learn from `knowledge`, or recall what was learnt from the same sentences before.

        Args:
            knowledge: what it answers from.
            encoder: for questions; None for lexical signals only.
            corpus_encoder: for the sentences of the knowledge, if another (one that caches).
            memory: where what is learnt is kept.
        """
        corpus = Corpus.of(knowledge)
        reading = Reading.build(knowledge.vocabulary, corpus.forms)
        read = [reading.read_form(*each) for each in zip(corpus.forms, corpus.languages, strict=True)]
        index = Index.build(corpus, reading, read, encoder and (corpus_encoder or encoder))
        if len(read) > _MOST_LEARNT:
            return cls(knowledge, corpus, reading, encoder, index, _nearest(corpus, read, index))
        key = key_of(corpus, read, encoder.identity() if encoder else "")
        kept = memory.recall(key) if memory else None
        learnt = Learnt.from_arrays(kept) if kept else Learnt.of(corpus, index.own_signals())
        if memory and not kept:
            memory.keep(key, learnt.arrays())
        return cls(knowledge, corpus, reading, encoder, index, learnt)

    def language_of(self, text: str, *, fallback: str) -> str:
        return detect(without_courtesies(text), fallback=fallback)

    def to_encode(self, message: str, *, language: str | None = None) -> tuple[str, ...]:
        """What `understand` will encode of a message that stands alone: many can be encoded ahead, together."""
        if self.encoder is None or self._index.centre is None:
            return ()
        language = language or self.language_of(message, fallback=DEFAULT_LANGUAGE)
        texts = sentences_of(message)
        read = [self.reading.read(text, language) for text in texts]
        return (*texts, *(read[number] for number in _read_otherwise(texts, read)))

    def understand(
        self, text: str, *, language: str | None = None, day: date, last_entry: str | None = None
    ) -> tuple[Ranking, ...]:
        """The questions of a message, in order, each ranked; one Ranking at least, three at most.

        Args:
            text: the message as it was written.
            language: of the message; None: it is detected.
            day: entries that are not in force on it are left out.
            last_entry: the entry answered before in this conversation: the subject of a question that names none.
        """
        language = language or self.language_of(text, fallback=DEFAULT_LANGUAGE)
        bare, *pieces = sentences_of(text)
        whole, *rankings = self._rank((bare, *pieces), language, day)
        if urgent := next((ranking for ranking in rankings if _is_urgent(ranking)), None):
            return (replace(urgent, question=bare),)  # whatever else is asked: staff get the whole message
        asked = [ranking for ranking in rankings if has_question_mark(ranking.question)]
        parts = self._parts(asked)
        if len(parts) > 1:
            return (*parts[:-1], replace(parts[-1], asks_more=_leave_out(parts, asked)))
        last = self.knowledge.entries.get(last_entry or "")
        if last and self._leans_on_context(text, whole) and not self._names_another(whole, last):
            return (self._rank_in_context(bare, language, day, last),)
        return (replace(whole, asks_more=_leave_out((whole,), asked)),)

    def _leans_on_context(self, text: str, alone: Ranking) -> bool:
        """True when a short message continues the exchange, or is ours but not clear as it stands.

        Small talk leans on nothing, and what is hardly ours does not become ours by what was said before.
        """
        if len(text.split()) > _MAX_FOLLOW_UP_WORDS or not alone.candidates:
            return False
        if continues(text, alone.language):
            return alone.out_of_scope < _NOT_OURS
        best = alone.candidates[0]
        small_talk = self.knowledge.entries[best.entry].kind is Kind.BEHAVIOUR
        return best.confidence < _STANDS_ALONE and alone.out_of_scope < _PERHAPS_OURS and not small_talk

    def _rank(self, texts: Sequence[str], language: str, day: date) -> list[Ranking]:
        read = [self.reading.read(text, language) for text in texts]
        logits, signals = self._logits(texts, read)
        return [
            self._ranking(Ranking(text, language, (), repaired=form), logits[number], signals.row(number), day)
            for number, (text, form) in enumerate(zip(texts, read, strict=True))
        ]

    def _rank_in_context(self, text: str, language: str, day: date, last: Entry) -> Ranking:
        """Ranked half as it stands and half as a question about the entry answered last."""
        texts = (text, f"{last.title_in(language)} {text}")
        read = [self.reading.read(form, language) for form in texts]
        logits, signals = self._logits(texts, read)
        unranked = Ranking(text, language, (), repaired=read[0])
        return self._ranking(unranked, logits.mean(axis=0), signals.closest(), day)

    def _names_another(self, alone: Ranking, last: Entry) -> bool:
        """True when both the message and the title of the last entry hold a name: the new one takes its place."""
        title = self.reading.read(last.title_in(alone.language), alone.language)
        return all(self.reading.without_names(form) != form for form in (alone.repaired, title))

    def _parts(self, rankings: Sequence[Ranking]) -> tuple[Ranking, ...]:
        """The questions that are surely for different entries; greetings and thanks do not count."""
        parts: dict[str, Ranking] = {}
        for ranking in rankings:
            best = ranking.candidates[0] if ranking.candidates else None
            if best is None or best.confidence < _PART_CONFIDENCE:
                continue
            if self.knowledge.entries[best.entry].kind is Kind.BEHAVIOUR:
                continue
            parts.setdefault(best.entry, ranking)
        return tuple(parts.values())[:_MAX_PARTS]

    def _logits(self, texts: Sequence[str], read: Sequence[str]) -> tuple[Matrix, Signals]:
        """Logits of the classes, shape (texts, classes), and what they come from.

        Args:
            texts: as they were written: the encoder reads them so.
            read: the same in the knowledge's own words.
        """
        signals = self._index.signals(read, self._vectors(texts, read))
        return self._learnt.logits(signals), signals

    def _vectors(self, texts: Sequence[str], read: Sequence[str]) -> Matrix | None:
        """Half as it was written and half as it was read, if that differs: the encoder knows no misspelt words."""
        if self.encoder is None or self._index.centre is None:
            return None
        other = _read_otherwise(texts, read)
        encoded = self.encoder.encode([*texts, *(read[number] for number in other)])
        vectors = encoded[: len(texts)].copy()
        vectors[other] += encoded[len(texts) :]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return centred(vectors, self._index.centre)

    def _ranking(self, unranked: Ranking, logits: Matrix, signals: Signals, day: date) -> Ranking:
        """`unranked` with its candidates; `signals` has one row."""
        likeness, labels = signals.likeness()[0], self._learnt.labels[signals.rows]
        probabilities = logistic.softmax(logits)
        order = _best_first(logits[: self.corpus.background])
        rows = evidence(logits[None], likeness[None], labels, self.corpus.background)
        certain = float(self._learnt.calibration.probability(rows)[0])
        best = probabilities[order[0]]
        shares = np.minimum(probabilities[order] / max(best, 1e-9) * certain, np.float32(max(1 - certain, 0)))
        shares[0] = certain
        candidates = []
        for number, share in zip(order, shares, strict=True):
            members = np.flatnonzero(labels == number)
            if not len(members):
                break  # neither this nor what follows has anything in common with the question
            name = self.corpus.entries[number]
            entry = self.knowledge.entries[name]
            if entry.in_force(day):
                nearest = int(members[likeness[members].argmax()])
                parts = (Signal("logit", float(logits[number])), *self._alike(nearest, signals))
                danger, courtesy = entry.kind is Kind.EMERGENCY, entry.is_courtesy
                candidates.append(Candidate(name, float(share), parts, entry.frozen, danger, courtesy))
            if len(candidates) == MAX_CANDIDATES:
                break
        out_of_scope = float(probabilities[self.corpus.background])
        return replace(unranked, candidates=tuple(candidates), out_of_scope=out_of_scope)

    def _alike(self, place: int, signals: Signals) -> Iterator[Signal]:
        """How near one sentence is, in all and by each signal; `signals` has one row."""
        parts = {"likeness": signals.likeness(), "words": signals.lexical, "meaning": signals.meaning}
        text = self.corpus.texts[signals.rows[place]]
        return (Signal(name, float(values[0, place]), text) for name, values in parts.items() if values is not None)


def _is_urgent(ranking: Ranking) -> bool:
    return any(each.emergency for each in ranking.candidates[:1]) and ranking.candidates[0].confidence >= _URGENT


def _leave_out(answered: Sequence[Ranking], asked: Sequence[Ranking]) -> bool:
    """True when one of several questions is clearly for another entry than those that are answered, or for none."""
    entries = {ranking.candidates[0].entry for ranking in answered if ranking.candidates}
    return len(asked) > 1 and any(_meant(question) not in {None, *entries} for question in asked)


def _meant(question: Ranking) -> str | None:
    """The entry that it is for by itself, "" if it is not ours; None: not clear, as "c'est possible ?" is."""
    best = question.candidates[0] if question.candidates else None
    if len(question.question.split()) < _FEWEST_CLEAR_WORDS:
        return None
    if best and best.confidence >= _CLEAR:
        return best.entry
    return "" if question.out_of_scope >= _CLEAR else None


def sentences_of(message: str) -> tuple[str, ...]:
    """What is ranked of a message: the whole without its courtesies, then its sentences if it has several."""
    bare = without_courtesies(message)
    pieces = sentences(bare)
    return (bare, *pieces) if 1 < len(pieces) <= _MOST_SENTENCES else (bare,)


def _read_otherwise(texts: Sequence[str], read: Sequence[str]) -> list[int]:
    """The numbers of the texts of which a word was repaired, or brought to the one that the knowledge uses."""
    return [number for number, (text, form) in enumerate(zip(texts, read, strict=True)) if normalise(text) != form]


def _best_first(values: Matrix) -> NDArray[np.int64]:
    """The places of the highest values, best first; enough of them that some may not be in force."""
    count = min(len(values), _MOST_RANKED)
    places = np.argpartition(-values, count - 1)[:count]
    return places[np.argsort(-values[places], kind="stable")]


def _nearest(corpus: Corpus, read: Sequence[str], index: Index) -> Nearest:
    def signals(row: int) -> Signals:
        return index.signals([read[row]], None if index.vectors is None else index.vectors[[row]])

    return Nearest.of(corpus, ((row, signals(row)) for row in Nearest.sample(corpus).tolist()))
