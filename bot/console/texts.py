"""What the console says: French sentences, in `texts.yaml`, by page."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

TEXTS: Mapping[str, Any] = yaml.safe_load((resources.files(__package__) / "texts.yaml").read_text(encoding="utf-8"))


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
