"""A message → the sentences that ask something: greetings, thanks and signatures left aside."""

# ruff: noqa: E501 - the lists of greetings are tables
import re

from bot.language.normal_form import normalise

_SENTENCE_END = re.compile(r"(?<=[.!?…؟])\s+|\n+")
_COURTESIES = re.compile(
    r"^\W*(?:(?:(?:re)?bonjour|bonsoir|salut|slt|bjr|coucou|hello|hi|hey|good (?:morning|evening)|dear|hallo|guten (?:tag|morgen|abend)"
    r"|dobar dan|zdravo|poštovani|добар дан|здраво|поштовани|مرحبا|السلام عليكم(?: ورحمة الله(?: وبركاته)?)?|madame|monsieur|messieurs|sir|madam"
    r"|à vous|à tous|a tous|tout le monde|chers partenaires|et)\b|[,،;؛:!.…\s-])+",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"[\s,;.!-]*(?<!\w)(?:(?:d['’]avance|par avance|beaucoup|bien|très)?\s*)"
    r"(?:merci(?: (?:d['’]avance|par avance|beaucoup|bien|à vous))*|mrc|cordialement|bien à vous|respectueusement|bonne (?:journée|soirée|réception)"
    r"|thanks(?: in advance| a lot)?|thank you(?: very much)?|best regards|danke(?: schön| im voraus)?|vielen dank|mit freundlichen grüßen"
    r"|hvala(?: unapred| vam)?|хвала(?: унапред| вам)?|شكرا(?: جزيلا| لكم)?)[\s.!…,]*$",
    re.IGNORECASE,
)

_FOLLOW_UP = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|d['’]accord|dac|oui|non|ah|ja|yes|no|da|ne|نعم|لا)[\s,.!]+)*"
    r"(?:et|mais|sinon|du coup|und|aber|and|but|what about|how about|ali|и|а|али|طيب|ماذا عن"
    r"|و(?:(?:ال|لل|ماذا|كم|كيف|متى|هل|أين|اين|من|ما|في|عن)\w*)?|و\w+(?=\W*$))\b",
    re.IGNORECASE,
)
"""In Arabic "and" is a letter before the word, and many words begin with it: only before what begins a phrase, or in a message of one word."""

_SERBIAN_FOLLOW_UP = re.compile(r"^\W*[ai]\b", re.IGNORECASE)
"""Words of other languages too: "I am 17", "a qui demander"."""


def continues(text: str, language: str) -> bool:
    """True when a message begins as the continuation of an exchange.

    >>> continues("Et au Liban ?", "fr"), continues("ok, and how much?", "en"), continues("Où êtes-vous ?", "fr")
    (True, True, False)
    >>> continues("A Liban?", "sr"), continues("A grant for our school?", "en")
    (True, False)
    """
    return bool(_FOLLOW_UP.match(text) or (language == "sr" and _SERBIAN_FOLLOW_UP.match(text)))


def without_courtesies(text: str) -> str:
    """The text without the greeting before it and the thanks after it; unchanged if nothing else is in it.

    >>> without_courtesies("Bonjour Madame, où êtes-vous ? Merci d'avance !")
    'où êtes-vous ?'
    >>> without_courtesies("Bonjour !")
    'Bonjour !'
    """
    bare = _COURTESIES.sub("", text)
    bare = _CLOSINGS.sub("", bare).strip()
    return bare if len(normalise(bare)) > 2 else text


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order; those with fewer than two words join the one before.

    >>> sentences("Je suis trésorier. Quels papiers ? Merci.")
    ('Je suis trésorier.', 'Quels papiers ? Merci.')
    """
    result: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        if not sentence.strip():
            continue
        if result and len(normalise(sentence).split()) < 2:
            result[-1] = f"{result[-1]} {sentence.strip()}"
        else:
            result.append(sentence.strip())
    return tuple(result)
