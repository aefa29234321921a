"""A conversation's state as plain data, for a store, and back."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.dialogue.state import Conversation

_ADAPTER: TypeAdapter[Conversation] = TypeAdapter(Conversation)


def to_record(conversation: Conversation) -> dict[str, Any]:
    """JSON-compatible data."""
    record: dict[str, Any] = _ADAPTER.dump_python(conversation, mode="json")
    return record


def from_record(record: Mapping[str, Any]) -> Conversation:
    """The inverse of `to_record`; fields that a newer version added take their defaults.

    Raises:
        ValueError: it is none of ours; names the fields, without their contents.
    """
    try:
        return _ADAPTER.validate_python(dict(record))
    except ValidationError as error:
        fields = sorted({".".join(map(str, each["loc"])) for each in error.errors()})
    # Its own text quotes what was kept, and would stand in the log.
    raise ValueError(f"a conversation that was kept cannot be read: {', '.join(fields)}")
