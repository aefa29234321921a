"""How easily a French text is read: one figure. Pure.

Kandel, L. and Moles, A., « Application de l'indice de Flesch à la langue française », Cahiers d'études de
radio-télévision 19, 1958, p. 253-274. The scale is that of Flesch, « A new readability yardstick », Journal of Applied
Psychology 32 (3), 1948: 100 is very easy, 60 to 70 is standard, below 50 is difficult.
"""

import re

DIFFICULT = 50
"""Below it a text is for people who studied."""

_FEWEST_WORDS = 20
"""The index is a mean: of a few words it says nothing."""

_VOWELS = "aeiouyàâäéèêëîïôöùûüÿœæ"
_ADDRESS = re.compile(r"\S*[^\W\d_]\.[^\W\d_]\S*")
"""A web page or an e-mail address: nobody reads it out."""
_WORD = re.compile(r"(?:[^\W\d_]{1,2}['’])?[^\W\d_]+")
"""An elided word is said with the next one: `l'association`."""
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_SILENT_U = re.compile(rf"(?<=[qg])u(?=[{_VOWELS}])")
_SILENT_END = re.compile(r"es?$")
_HIATUS = re.compile(rf"(?<=é)(?=[{_VOWELS}])|(?<=[{_VOWELS}])(?=[éïëü])|(?<=o)(?=o)")
_NUCLEUS = re.compile(rf"[{_VOWELS}]+")


def ease(text: str) -> float | None:
    """The index of Kandel and Moles; None when the text is too short for one.

    207 - 1.015 x words a sentence - 73.6 x syllables a word. A line of a list is a sentence.
    """
    spoken = _ADDRESS.sub(" ", text)
    sentences = [words for piece in _SENTENCE_END.split(spoken) if (words := _WORD.findall(piece))]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < _FEWEST_WORDS:
        return None
    return 207 - 1.015 * len(words) / len(sentences) - 73.6 * sum(map(syllables, words)) / len(words)


def syllables(word: str) -> int:
    """About how many syllables a French word has when it is said: groups of vowels, without a silent end.

    >>> [syllables(word) for word in ("solidarité", "coopération", "langue", "l'aide")]
    [5, 5, 1, 1]
    """
    said = _SILENT_END.sub("", _SILENT_U.sub("", word.lower()))
    return max(1, len(_NUCLEUS.findall(_HIATUS.sub("-", said))))
