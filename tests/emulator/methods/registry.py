"""The table of emulated methods; names are those of https://core.telegram.org/bots/api#available-methods."""

from collections.abc import Callable
from typing import Any

from tests.emulator.parameters import Params
from tests.emulator.world import World

Handler = Callable[[World, Params], Any]

METHODS: dict[str, Handler] = {}
"""By name in lower case, since Telegram compares names without case; a handler may be a coroutine function."""


def method(handler: Handler) -> Handler:
    """Registers `send_message` as sendMessage."""
    METHODS[handler.__name__.replace("_", "")] = handler
    return handler
