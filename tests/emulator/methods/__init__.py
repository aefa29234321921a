"""Methods of the Bot API, by family; importing the package fills the table."""

from tests.emulator.methods import chats, copies, inline, media, messages, profile, topics, updates
from tests.emulator.methods.registry import METHODS, Handler

__all__ = ["METHODS", "Handler", "chats", "copies", "inline", "media", "messages", "profile", "topics", "updates"]
