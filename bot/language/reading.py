"""A message as the knowledge would have put it: names, abbreviations, synonyms and spelling brought to one form."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot.knowledge.model import DEFAULT_LANGUAGE, Vocabulary
from bot.language.normal_form import normalise, sound

_LONGEST_NAME = 4
"""Words: "bourgogne franche comte international"."""

_NAME_LIKENESS = 86.0
"""rapidfuzz ratio from which a group of words is a misspelt name ("tangin dasouri": 93)."""

_SHORTEST_NAME = 7
"""Letters a misspelt name must have: shorter ones collide with common words ("harz", "hart")."""

_SHORTEST_REPAIRED = 5

_ANY_NAME = "xnamex"
"""Stands for each name where names do not count; no word of any language."""


@dataclass(frozen=True)
class Reading:
    """Brings messages to the words of one knowledge base."""

    names: Mapping[str, str]
    """Variant in normal form → name in normal form."""
    words: Mapping[str, Mapping[str, str]]
    """Language → abbreviation or variant in normal form → full form in normal form."""
    known: frozenset[str]
    """The words of the knowledge: they are never repaired."""
    _by_length: Mapping[int, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _by_sound: Mapping[str, str] = field(default_factory=dict, repr=False)
    _long_names: tuple[str, ...] = field(default=(), repr=False)
    _name_pattern: re.Pattern[str] | None = field(default=None, repr=False)
    _name_starts: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def build(cls, vocabulary: Vocabulary, forms: Iterable[str]) -> "Reading":
        """A reading for the words of `forms` (utterances, titles, background: normal forms) and of `vocabulary`."""
        names = {
            normalise(variant): normalise(name)
            for name, variants in vocabulary.names.items()
            for variant in (name, *variants)
        }
        names.pop("", None)
        words = {
            language: {
                normalise(written): normalise(meant)
                for table in (vocabulary.abbreviations, vocabulary.synonyms)
                for written, meant in table.get(language, {}).items()
            }
            for language in {*vocabulary.abbreviations, *vocabulary.synonyms}
        }
        frequency = Counter(word for form in forms for word in form.split())
        name_words = {word for name in names.values() for word in name.split()}
        known = frozenset(frequency) | name_words | {written for table in words.values() for written in table}
        # Words seen once may be misspelt themselves: only what several people wrote is a target of repair.
        targets = sorted(name_words | {word for word, count in frequency.items() if count > 1})
        by_length: dict[int, list[str]] = {}
        by_sound: dict[str, str] = {}
        for word in sorted(targets, key=lambda w: frequency.get(w, 0)):
            by_length.setdefault(len(word), []).append(word)
            by_sound[sound(word)] = word
        return cls(
            names=names,
            words=words,
            known=known,
            _by_length={length: tuple(group) for length, group in by_length.items()},
            _by_sound=by_sound,
            _long_names=tuple(name for name in names if len(name) >= _SHORTEST_NAME),
            _name_pattern=_any_of(set(names.values())),
            _name_starts=frozenset(variant.split()[0] for variant in names),
        )

    def read(self, text: str, language: str) -> str:
        """The normal form of `text` in the knowledge's own words; spelling mistakes repaired where it is safe."""
        return self.read_form(normalise(text), language)

    def read_form(self, form: str, language: str) -> str:
        """The same of a text in normal form."""
        tokens = self._with_names(form.split())
        table = self.words.get(language) or self.words.get(DEFAULT_LANGUAGE, {})
        return " ".join(self._word(token, table) for token in tokens)

    def without_names(self, read: str) -> str:
        """A text that was read, each name replaced by one word: "who governs X" is the same question for every X."""
        return self._name_pattern.sub(_ANY_NAME, read) if self._name_pattern else read

    def _with_names(self, tokens: list[str]) -> list[str]:
        """Groups of words that are a name, or nearly, replaced by it; the longest group first."""
        if self._name_starts.isdisjoint(tokens) and self.known.issuperset(tokens):
            return tokens
        result: list[str] = []
        position = 0
        while position < len(tokens):
            for size in range(min(_LONGEST_NAME, len(tokens) - position), 0, -1):
                name = self._name(tokens[position : position + size])
                if name:
                    result.append(name)
                    position += size
                    break
            else:
                result.append(tokens[position])
                position += 1
        return result

    def _name(self, group: list[str]) -> str | None:
        phrase = " ".join(group)
        if phrase in self.names:
            return self.names[phrase]
        if len(phrase) < _SHORTEST_NAME or all(word in self.known for word in group):
            return None
        best = process.extractOne(phrase, self._long_names, scorer=fuzz.ratio, score_cutoff=_NAME_LIKENESS)
        return self.names[best[0]] if best else None

    def _word(self, token: str, table: Mapping[str, str]) -> str:
        if token in table:
            return table[token]
        if token in self.known or len(token) < _SHORTEST_REPAIRED or " " in token or not token.isalpha():
            return token
        return self._by_sound.get(sound(token)) or self._nearest(token) or token

    def _nearest(self, token: str) -> str | None:
        """The known word that is one slip away (two from eight letters on), if there is just one nearest."""
        slips = 1 if len(token) < 8 else 2
        pool = [
            word
            for length in range(len(token) - slips, len(token) + slips + 1)
            for word in self._by_length.get(length, ())
        ]
        found = process.extract(token, pool, scorer=OSA.distance, score_cutoff=slips, limit=2)
        if not found or (len(found) > 1 and found[0][1] == found[1][1]):
            return None
        return str(found[0][0])


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Matches any of the names as whole words, the longest first."""
    alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{alternatives})\b") if alternatives else None
