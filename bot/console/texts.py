"""What the console says: French sentences, in `texts.yaml`, by page."""

from collections.abc import Mapping
from typing import Any

from bot.packaged import packaged_yaml

TEXTS: Mapping[str, Any] = packaged_yaml(__package__, "texts.yaml")


def text(key: str, **values: object) -> str:
    """The sentence at `key` ("conversations.title"), its placeholders filled.

    Raises:
        KeyError: no such sentence, or a placeholder without value.
    """
    found: Any = TEXTS
    for part in key.split("."):
        found = found[part]
    return str(found).format_map(values).strip()


def counted(key: str, number: int, **values: object) -> str:
    """`key.one` or `key.many`; in French, nothing counts as one."""
    return text(f"{key}.{'one' if number < 2 else 'many'}", number=number, **values)
