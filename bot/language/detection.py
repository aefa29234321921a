"""Which of our languages a message is written in."""

import unicodedata
from collections import Counter
from functools import cache
from threading import Lock

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_SERBIAN_FORMS = {"hr": "sr", "bs": "sr"}
"""The library tells the standard forms of one language apart; we answer them alike."""

_SURE_ENOUGH = 0.7
"""Below this probability the fallback is right more often than the library (docs/matching.md)."""

_loading = Lock()
"""After a start many threads ask at once, and `cache` alone lets each of them load the model."""


def detect(text: str, *, fallback: str) -> str:
    """The language of `text`: fr, de, en, sr or ar; `fallback` when the text is too short to tell.

    >>> detect("Mit welchen Ländern arbeiten Sie zusammen?", fallback="fr")
    'de'
    >>> detect("ok", fallback="fr")
    'fr'
    """
    script = _main_script(text)
    if script in {"ARABIC", "CYRILLIC"}:
        return {"ARABIC": "ar", "CYRILLIC": "sr"}[script]
    if script != "LATIN":
        return fallback
    with _loading:
        identifier = _identifier()
    language, probability = identifier.classify(text)
    return _SERBIAN_FORMS.get(language, language) if probability >= _SURE_ENOUGH else fallback


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["fr", "de", "en", "ar", "sr", *_SERBIAN_FORMS])
    return identifier


def _main_script(text: str) -> str | None:
    scripts = Counter(unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha())
    return max(scripts, key=scripts.__getitem__, default=None)
