"""Names of countries in the languages of the interface: to read them in a sentence, and to say them."""

from collections.abc import Mapping, Sequence
from functools import cache

from babel import Locale
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.knowledge.opportunities import EUROPEAN_UNION, WORLD, country_codes
from bot.language.normal_form import normalise
from bot.opportunities.words import WORDS

LOCALES: Mapping[str, str] = {"fr": "fr", "de": "de", "en": "en_GB", "sr": "sr_Latn", "ar": "ar"}
"""Language of the interface → locale of CLDR; Serbian as the interface is written."""
UNION: frozenset[str] = frozenset(WORDS["union"])
REGIONS: Mapping[str, frozenset[str]] = {code: frozenset(row["countries"]) for code, row in WORDS["regions"].items()}
"""Code of a part of the world → its countries."""

_CLDR = {WORLD: "001"}
_LONGEST = 4
"""Words of a name: "etats unis d amerique"."""
_SHORTEST_REPAIRED = 6
_TWO_SLIPS_FROM = 8
_ARABIC_PREFIXES = "بلوفك"
"""One-letter words that are written together with the next: in, to, and, so, like."""


def country_name(code: str, language: str) -> str:
    """`DE`, `EU`, `world` or a region as the language names it; the code itself when it is no country."""
    locale = Locale.parse(LOCALES.get(language, LOCALES["fr"]))
    name = WORDS["regions"][code]["name"] if code in REGIONS else _CLDR.get(code, code)
    if isinstance(name, dict):
        return str(name.get(language, name["fr"]))
    return str(locale.territories.get(name, code))


def reached_by(code: str) -> frozenset[str]:
    """The countries of a wish: one, those of the Union, or those of a region."""
    return UNION | {EUROPEAN_UNION} if code == EUROPEAN_UNION else REGIONS.get(code, frozenset({code}))


def find_country(words: Sequence[str]) -> str | None:
    """The first country among words in normal form; a region, or the Union, when only that is spoken of.

    >>> find_country("jveux aller en alemagne".split())
    'DE'
    """
    found = [
        code
        for start in range(len(words))
        if (code := _country_at(words, start)) and not _is_origin(words[max(0, start - 3) : start])
    ]
    countries = (code for code in found if code != EUROPEAN_UNION and code not in REGIONS)
    regions = (code for code in found if code in REGIONS)
    return next(countries, next(regions, found[0] if found else None))


def _country_at(words: Sequence[str], start: int) -> str | None:
    for size in range(min(_LONGEST, len(words) - start), 0, -1):
        phrase = " ".join(words[start : start + size])
        if phrase in WORDS["ambiguous"] and (start == 0 or words[start - 1] not in WORDS["toward"]):
            return None
        if code := _names().get(phrase):
            return code
    return _misspelt(words[start])


def _misspelt(word: str) -> str | None:
    """A name with a slip (two in a long one), never in its first letter: "Cologne" is not "Pologne"."""
    if word[0] in _ARABIC_PREFIXES and word[1:] in _names():
        return _names()[word[1:]]
    if len(word) < _SHORTEST_REPAIRED or word in WORDS["not_names"]:
        return None
    slips = 1 if len(word) < _TWO_SLIPS_FROM else 2
    near = process.extractOne(word, _long_names().get(word[0], ()), scorer=OSA.distance, score_cutoff=slips)
    return _names()[near[0]] if near else None


def _is_origin(before: Sequence[str]) -> bool:
    return any(word in WORDS["from_there"] for word in before)


@cache
def name_words(code: str) -> frozenset[str]:
    """The words of all names of a country, in normal form."""
    return frozenset(word for name, each in _names().items() if each == code for word in name.split())


@cache
def _names() -> Mapping[str, str]:
    """Every name in normal form → its code."""
    codes = country_codes().difference(WORDS["never"])
    names = {
        normalise(name): code
        for locale in LOCALES.values()
        for code, name in Locale.parse(locale).territories.items()
        if code in codes
    }
    return {**names, **WORDS["countries"]}


@cache
def _long_names() -> Mapping[str, tuple[str, ...]]:
    """First letter → the names of one word that are long enough for a slip to be told from another word."""
    result: dict[str, tuple[str, ...]] = {}
    for name in sorted(_names()):
        if name.isascii() and name.isalpha() and len(name) >= _SHORTEST_REPAIRED - 1 and name not in WORDS["ambiguous"]:
            result[name[0]] = (*result.get(name[0], ()), name)
    return result
