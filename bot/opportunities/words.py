"""The words of `words.yaml`, read once."""

from typing import Any

from bot.packaged import packaged_yaml

WORDS: dict[str, Any] = packaged_yaml(__package__, "words.yaml")


def any_of(words: list[str]) -> str:
    """A regular expression for any of the words or expressions, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"
