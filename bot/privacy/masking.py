"""A text without what identifies a person beyond their words: e-mail, telephone, social security number, IBAN. Pure.

Left as they are: names and addresses, which no rule tells from other words; SIRET and SIREN, which are public and name
an organisation; short numbers such as 3114; telephone numbers abroad without their country code.
"""

import re
from collections.abc import Callable, Iterator

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.fr import nir

EMAIL, PHONE, NIR, IBAN = "[e-mail]", "[téléphone]", "[n° de sécurité sociale]", "[IBAN]"
"""What stands in the place of each; staff read it."""

Span = tuple[int, int]

_GAP = r"[ \u00a0\u202f.-]?"
"""How people group numbers."""
_EMAIL = re.compile(
    r"[\w.+-]{1,64}(?:\s?@\s?|\s?\(at\)\s?|\s?\[at\]\s?|\sarobase\s)(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}", re.IGNORECASE
)
_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Z]{{2}}[0-9]{{2}}(?:{_GAP}[A-Z0-9]){{11,30}}", re.IGNORECASE | re.ASCII)
_FRENCH_IBAN = re.compile(r"FR[0-9]{12}[A-Z0-9]{11}[0-9]{2}", re.IGNORECASE | re.ASCII)
_NIR = re.compile(
    rf"(?<![0-9])[12]{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}(?:[0-9]{{2}}|2[AB]){_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}"
    rf"(?:{_GAP}[0-9]{{2}})?(?![0-9])",
    re.IGNORECASE | re.ASCII,
)
_NIR_GROUPS = re.compile(r"\S[^0-9]\S\S[^0-9]\S\S[^0-9]\S\S[^0-9]\S{3}[^0-9]\S{3}.*")
"""Written in the groups of the card."""
_FRENCH_PHONE = re.compile(r"(?<![0-9])0[1-9]([ ./-]?)[0-9]{2}(?:\1[0-9]{2}){3}(?![0-9])", re.ASCII)
"""Also glued to a word, or grouped by strokes; a date followed by an hour changes its separator."""


def mask(text: str) -> str:
    """`text` with a word in brackets in the place of each of them; masking twice changes nothing more."""
    for word, find in _KINDS:
        for start, end in sorted(find(text), reverse=True):
            text = text[:start] + word + text[end:]
    return text


def _emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text))


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        end = next((end for end in range(match.end(), match.start(), -1) if _is_iban(text[match.start() : end])), None)
        if end is not None:
            yield match.start(), end


def _is_iban(number: str) -> bool:
    """By its check digits; a French one by its shape, too, as people mistype."""
    if not number[-1].isalnum():
        return False
    compact = "".join(filter(str.isalnum, number))
    return iban.is_valid(compact) or bool(_FRENCH_IBAN.fullmatch(compact))


def _nirs(text: str) -> Iterator[Span]:
    return (match.span() for match in _NIR.finditer(text) if _is_nir(match[0]))


def _is_nir(number: str) -> bool:
    """In the card's groups whatever its key, as people mistype; in one block by its key, or by a month without it."""
    compact = "".join(filter(str.isalnum, number)).upper()
    if _NIR_GROUPS.fullmatch(number) or nir.is_valid(compact):
        return True
    return len(compact) == 13 and 1 <= int(compact[3:5]) <= 12


def _phones(text: str) -> list[Span]:
    """Those of the world by libphonenumber, read as from France."""
    found = [match.span() for match in _FRENCH_PHONE.finditer(text)]
    for each in PhoneNumberMatcher(text, "FR", leniency=Leniency.VALID):
        number = each.raw_string
        begins = each.start + (number[0] == "(" and number.count("(") > number.count(")"))  # a bracket of the sentence
        if all(each.end <= start or end <= begins for start, end in found):
            found.append((begins, each.end))
    return found


_KINDS: tuple[tuple[str, Callable[[str], Iterator[Span] | list[Span]]], ...] = (
    (IBAN, _ibans),
    (NIR, _nirs),
    (EMAIL, _emails),
    (PHONE, _phones),
)
"""Longest first: parts of an IBAN look like telephone numbers."""
