"""Advice on entries whose utterances are nearly the same: the matcher cannot tell what a person cannot. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from bot.knowledge.checks import comparable, finding
from bot.knowledge.contents import Contents, Placed
from bot.knowledge.model import Entry
from bot.knowledge.problems import Finding, Path, quoted

_NEARLY = 90
"""Likeness from which two sentences, their words in order, differ by an ending or one short word, 0 to 100."""
_MOST_COMPARED = 10_000
"""Sentences of a language up to which all pairs are compared: seconds. Beyond, only the same words are found."""
_ROWS = 500


class _Spoken(NamedTuple):
    placed: Placed[Entry]
    path: Path
    sentence: str
    words: str
    """In the order of the alphabet."""


def advise_neighbours(contents: Contents) -> Iterator[Finding]:
    """One piece of advice for each two entries: their two utterances that are most alike."""
    spoken: dict[str, list[_Spoken]] = {}
    for placed in contents.in_use:
        for language, sentences in placed.value.utterances.items():
            for index, sentence in enumerate(sentences):
                words = " ".join(sorted(comparable(sentence).split()))
                path = ("utterances", language, index)
                spoken.setdefault(language, []).append(_Spoken(placed, path, sentence, words))
    nearest: dict[frozenset[str], tuple[float, _Spoken, _Spoken]] = {}
    for rows in spoken.values():
        for score, one, other in _alike(rows) if len(rows) <= _MOST_COMPARED else _same_words(rows):
            pair = frozenset((one.placed.owner, other.placed.owner))
            if len(pair) > 1 and score > nearest.get(pair, (0.0,))[0]:
                nearest[pair] = score, one, other
    for _, one, other in nearest.values():
        near = f"ressemble de très près à {quoted(one.sentence)} de l'entrée « {one.placed.owner} », à "
        what = (f"la question {quoted(other.sentence)} {near}", one.placed.at(*one.path), ".")
        remedy = "Gardez-la dans l'entrée qui répond le mieux, ou dites dans chacune ce qui les distingue."
        yield finding(other.placed, other.path, what, remedy)


def _alike(rows: Sequence[_Spoken]) -> Iterator[tuple[float, _Spoken, _Spoken]]:
    words = [row.words for row in rows]
    for start in range(0, len(rows), _ROWS):
        likeness = process.cdist(words[start : start + _ROWS], words, scorer=fuzz.ratio, score_cutoff=_NEARLY)
        for first, second in np.argwhere(likeness > 0):
            if start + first < second:
                yield float(likeness[first, second]), rows[start + first], rows[second]


def _same_words(rows: Sequence[_Spoken]) -> Iterator[tuple[float, _Spoken, _Spoken]]:
    first: dict[str, _Spoken] = {}
    for row in rows:
        other = first.setdefault(row.words, row)
        if other is not row:
            yield 100.0, other, row
