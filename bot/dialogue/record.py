"""A conversation's state as plain data, for a store, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from bot.dialogue.state import Conversation

_ADAPTER: TypeAdapter[Conversation] = TypeAdapter(Conversation)


def to_record(conversation: Conversation) -> dict[str, Any]:
    """JSON-compatible data."""
    record: dict[str, Any] = _ADAPTER.dump_python(conversation, mode="json")
    return record


def from_record(record: Mapping[str, Any]) -> Conversation:
    """The inverse of `to_record`; fields that a newer version added take their defaults."""
    return _ADAPTER.validate_python(dict(record))
