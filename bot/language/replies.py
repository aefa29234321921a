"""What a short message says that is nothing but a reply: yes, no, the second, "in English please". Pure.

Only whole messages count: a word of `replies.yaml` inside a sentence says nothing. All languages at once, as people
reply in another than the one they are asked in.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from bot.language.normal_form import has_question_mark, normalise
from bot.packaged import packaged_yaml

WORDS: dict[str, Any] = packaged_yaml(__package__, "replies.yaml")

LAST = -1
"""In place of a number: the last of what was proposed."""

_LONGEST = 80
"""Characters of a reply."""


class Said(StrEnum):
    AGREED = "agreed"
    REFUSED = "refused"
    """None of what was proposed, or something else."""
    DROPPED = "dropped"
    """Never mind."""
    CANCELLED = "cancelled"
    """The request to a person is to be withdrawn."""
    INDIFFERENT = "indifferent"
    """Any will do."""


def says(said: Said, text: str) -> bool:
    """Whether `text` says that, and nothing else but please; "no" may also thank.

    >>> says(Said.REFUSED, "Non merci !"), says(Said.AGREED, "Да, молим"), says(Said.AGREED, "oui mais combien ?")
    (True, True, False)
    """
    courtesies = ("please", "thanks") if said is Said.REFUSED else ("please",)
    words = _short(text)
    return words in _phrases(said) or _without(courtesies, words) in _phrases(said)


def place(text: str) -> int | None:
    """Which of several `text` names by its place: a number from 1, or LAST; None: it does not.

    >>> place("Le 2, s'il vous plaît"), place("die letzte"), place("oui, la première"), place("2 enfants")
    (2, -1, 1, None)
    """
    named = _place().fullmatch(_without(("please",), _short(text)))
    if named is None:
        return None
    said = named["place"]
    return int(said) if said.isdecimal() else _places()[said]


def language_meant(text: str, *, alone: bool = False) -> str | None:
    """The language in which a message asks to be answered; `alone`: any name of one is enough.

    The name of another than the one it is written in may also be a subject, and a question asks what is spoken.

    >>> language_meant("auf Deutsch, bitte"), language_meant("parle en arabe"), language_meant("allemand")
    ('de', 'ar', None)
    """
    words = _short(text)
    bare = _without(("please",), words)
    named = _request().fullmatch(bare)
    if named is None or has_question_mark(text):
        return None
    code, by_itself = _names()[named["name"]]
    return code if alone or by_itself or named["verb"] or bare != words else None


def turned_around(text: str) -> bool:
    """Whether a word in it negates: what it names may be just what is not meant."""
    return not _phrases("negations").isdisjoint(normalise(text).split())


@cache
def fillers() -> frozenset[str]:
    """The small words around an age, a place or a time."""
    return frozenset(word for phrase in _phrases("fillers") for word in phrase.split())


def _short(text: str) -> str:
    """Its normal form; empty for what is too long to be a reply."""
    words = normalise(text)
    return words if len(words) <= _LONGEST else ""


def _without(courtesies: Iterable[str], words: str) -> str:
    """`words` in normal form without such phrases at either end; never empty for them alone."""
    either = _any_of(phrase for kind in courtesies for phrase in _phrases(kind))
    kept = re.fullmatch(rf"(?:{either}\s)*(?P<kept>.+?)(?:\s{either})*", words)
    return kept["kept"] if kept else words


@cache
def _phrases(kind: str) -> frozenset[str]:
    return frozenset(_normal(WORDS[kind]))


@cache
def _places() -> Mapping[str, int]:
    return {phrase: number for number, phrases in WORDS["places"].items() for phrase in _normal(phrases)}


@cache
def _place() -> re.Pattern[str]:
    """Yes, an article, and the place itself."""
    agreed, before = _any_of(_phrases(Said.AGREED)), _any_of(_phrases("before_places"))
    return re.compile(rf"(?:{agreed}\s)?(?:{before}\s)*(?P<place>\d\d?|{_any_of(_places())})")


@cache
def _names() -> Mapping[str, tuple[str, bool]]:
    """Each name of a language → its code, and whether it is what the language calls itself."""
    return {
        normalise(name): (code, which == "itself")
        for code, names in WORDS["spoken"].items()
        for which in ("elsewhere", "itself")
        for name in names[which]
    }


@cache
def _request() -> re.Pattern[str]:
    speak, into = _any_of(_phrases("speak")), _any_of(_phrases("into"))
    return re.compile(rf"(?:(?P<verb>{speak})\s)?(?:{into}\s)?(?P<name>{_any_of(_names())})")


def _normal(phrases: Mapping[str, Iterable[str]]) -> Iterable[str]:
    return (normalise(phrase) for of_one in phrases.values() for phrase in of_one)


def _any_of(phrases: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, phrases), key=len, reverse=True))})"
