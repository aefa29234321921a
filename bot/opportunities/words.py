"""The words of `words.yaml`, read once."""

from importlib import resources
from typing import Any

import yaml

WORDS: dict[str, Any] = yaml.safe_load((resources.files(__package__) / "words.yaml").read_text(encoding="utf-8"))


def any_of(words: list[str]) -> str:
    """A regular expression for any of the words or expressions, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"
