"""One sentence → what somebody looks for. Pure; what is not said is not guessed."""

import re
from datetime import date
from functools import cache

from bot.knowledge.opportunities import OpportunityKind, Span
from bot.language.normal_form import normalise
from bot.opportunities.periods import find_period, month_names
from bot.opportunities.places import find_country
from bot.opportunities.wish import Wish
from bot.opportunities.words import WORDS, any_of

_YOUNGEST = 6
"""What is less counts years of something else."""
_CLAUSE_END = re.compile(r"[,;:.!?()…\n،؟]+")
_DIGITS_END = re.compile(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)")


def understand(text: str, day: date, *, terse: bool = False) -> Wish:
    """The country, age, period and kind that `text` tells, in any language of the interface; `day` is today.

    `terse`: a few words that are typed to look something up: a number that counts nothing else is an age.

    >>> wish = understand("j'ai 17 ans, je veux aller en Allemagne cet été", date(2026, 11, 24))
    >>> wish.country, wish.age, wish.period.first, wish.period.last
    ('DE', Span(first=17, last=17), datetime.date(2027, 7, 1), datetime.date(2027, 8, 31))
    """
    said = " , ".join(_DIGITS_END.sub(" ", normalise(clause)) for clause in _CLAUSE_END.split(text))
    numbers = _numbers_in_digits(said)
    age = _age(numbers) or (_bare_age(numbers) if terse else None)
    return Wish(find_country(said.split()), age, find_period(said, day), _kind(said))


def _numbers_in_digits(said: str) -> str:
    return _number_words().sub(lambda found: str(WORDS["numbers"][found[0]]), said)


@cache
def _number_words() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(list(WORDS['numbers']))}\b")


def _age(said: str) -> Span | None:
    """All ages that are told, as one span: a group goes together, and the youngest of it is to be protected."""
    spans = [span for span in (_span(found) for found in _ages().finditer(said)) if span]
    if not spans:
        return None
    lasts = [span.last for span in spans]
    return Span(min(span.first or 0 for span in spans), None if None in lasts else max(x for x in lasts if x))


def _bare_age(said: str) -> Span | None:
    found = _bare_ages().search(said)
    return Span(int(found[1]), int(found[1])) if found and int(found[1]) >= _YOUNGEST else None


@cache
def _bare_ages() -> re.Pattern[str]:
    counted = any_of([*WORDS["counted"], *month_names()])
    return re.compile(rf"(?<!\S)(\d\d?)(?!\S)(?!\s{counted}\b)")


def _span(found: re.Match[str]) -> Span | None:
    first, last = (int(found[name]) if found[name] else None for name in ("first", "last"))
    number = int(found["below"] or found["above"] or found["bare"] or first or 0)
    if found["duration"] or number < _YOUNGEST:
        return None
    if found["below"]:
        return Span(0, number - 1)
    if found["above"]:
        return Span(number, None)
    if last is not None and last >= number:
        return Span(number, last)
    return Span(number, number)


@cache
def _ages() -> re.Pattern[str]:
    """One age: below or above a number, from one to another, a number of years, or one behind a cue ("I'm 17")."""
    words = {name: any_of(list(values)) for name, values in WORDS["ages"].items()}
    unit = rf"\s{words['unit']}\b"
    return re.compile(
        rf"\b{words['below']}\s(?P<below>\d\d?)\b"
        rf"|\b{words['above']}\s(?P<above>\d\d?){unit}"
        rf"|(?P<duration>\b{words['duration']}\s)?\b(?P<first>\d\d?)(?:\s(?:{words['between']}\s)?(?P<last>\d\d?))?{unit}"
        rf"|\b{words['cue']}\s(?P<bare>\d\d?)(?=\s,|\s*$|\s{words['then']}\b)"
    )


def _kind(said: str) -> OpportunityKind | None:
    return next((kind for kind, pattern in _kinds() if pattern.search(said)), None)


@cache
def _kinds() -> tuple[tuple[OpportunityKind, re.Pattern[str]], ...]:
    return tuple((OpportunityKind(row["kind"]), re.compile(rf"\b(?:{row['words']})\b")) for row in WORDS["kinds"])
