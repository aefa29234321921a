"""Text → normal form: what two people who write the same thing differently have in common.

Small pure functions `str → str`; each is idempotent, never raises, and returns a bounded text.
"""

import re
import unicodedata

MAX_CHARACTERS = 4096
"""The length of a Telegram message (core.telegram.org/bots/api#sendmessage): what is longer is cut."""

_CYRILLIC_DIGRAPHS = {"љ": "lj", "њ": "nj", "џ": "dz"}
_CYRILLIC = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)) | _CYRILLIC_DIGRAPHS
_LETTERS = str.maketrans(
    {
        # Letters that Unicode does not decompose (NFKD leaves them alone).
        "œ": "oe", "æ": "ae", "ø": "o", "đ": "dj", "ł": "l", "ı": "i",
        # Arabic letters that people write one for another: alef forms, final ya, ta marbuta, Persian kaf and ya.
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ک": "ك", "ی": "ي",
        "ـ": "",
    }
)  # fmt: skip
_SERBIAN = str.maketrans(_CYRILLIC)
_FIRST_MARK = "\u0300"
"""No character before it combines with another: most letters need no look-up."""

_NOT_A_WORD = re.compile(r"[\W_]+")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_WORD_END_DIGITS = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")


def has_question_mark(text: str) -> bool:
    """In any of our scripts.

    >>> has_question_mark("quand ?"), has_question_mark("متى؟"), has_question_mark("demain.")
    (True, True, False)
    """
    return "?" in text or "؟" in text


def normalise(text: str) -> str:
    """Lower-case words without accents, in Latin or Arabic script, separated by single spaces.

    Serbian Cyrillic becomes Latin, elisions are opened, letters that are drawn out are shortened.

    >>> normalise("L’ASSOCIATION   d'Œuvres…  Tanghin-Dassouri ?!")
    'l association d oeuvres tanghin dassouri'
    >>> normalise("Шта радите у Новом Београду")
    'sta radite u novom beogradu'
    """
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold()
    text = strip_marks(strip_marks(text).translate(_SERBIAN)).translate(_LETTERS)
    text = _NOT_A_WORD.sub(" ", text)
    return shorten_drawn_out(text).strip()[:MAX_CHARACTERS].rstrip()


def strip_marks(text: str) -> str:
    """Accents and Arabic vowel signs removed.

    >>> strip_marks("coopération")
    'cooperation'
    """
    if text.isascii():
        return text
    kept = [c for c in unicodedata.normalize("NFKD", text) if c < _FIRST_MARK or not unicodedata.combining(c)]
    return unicodedata.normalize("NFC", "".join(kept))


def shorten_drawn_out(text: str) -> str:
    """At most two equal letters in a row.

    >>> shorten_drawn_out("aideeeeez moi")
    'aideez moi'
    """
    return _DRAWN_OUT.sub(r"\1\1", text)


_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        # Spoken French, coarse on purpose: what sounds alike is written alike. Order matters.
        (r"ph", "f"),
        (r"(eau|au)x?\b", "o"),
        (r"(eau|au)", "o"),
        (r"(ain|ein|yn|ym|im)(?=[^aeiouymn]|\b)", "in"),
        (r"(am|em|en)(?=[^aeiouymn]|\b)", "an"),
        (r"om(?=[pb])", "on"),
        (r"(ai|ei|ay|ey)", "e"),
        (r"(er|ez|et|ee|es|e)\b", "e"),
        (r"oi|oy", "wa"),
        (r"qu|q|ck|k|c(?=[aouklrtn]|\b)", "k"),
        (r"cc?(?=[eiy])|sc(?=[eiy])|tion(?=s?\b)", "s"),
        (r"g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"y", "i"),
        (r"z", "s"),
        (r"h", ""),
        (r"[stxdp]\b", ""),
        (r"e\b", ""),
        (r"(\w)\1+", r"\1"),
    )
)


def sound(word: str) -> str:
    """How a French word of the normal form sounds, roughly: spelling mistakes that keep the sound keep this key.

    >>> sound("quoi") == sound("koi"), sound("departement") == sound("departemant")
    (True, True)
    """
    key = word
    for pattern, replacement in _SOUNDS:
        key = pattern.sub(replacement, key)
    return key or word
