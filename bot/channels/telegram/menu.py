"""The commands that Telegram shows, by language and by place."""

from collections.abc import Iterator
from typing import Any

from telegram import Bot

from bot.channels.telegram.client import call
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.incoming import StaffCommand
from bot.dialogue.events import Command
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES, KnowledgeBase
from bot.staff.texts import text

_STAFF_COMMANDS = (*StaffCommand, "aide")


async def register_commands(bot: Bot, knowledge: KnowledgeBase, group: StaffGroup) -> None:
    """Tell Telegram the commands of private chats in each language, and those of the staff group.

    The first scope that fits hides all others (https://core.telegram.org/bots/api#determining-list-of-commands).

    Raises:
        TelegramError: Telegram refuses, or cannot be reached.
    """
    for params in _private_chats(knowledge):
        await call(bot, "setMyCommands", params)
    if group.chat_id is not None:
        scope = {"type": "chat", "chat_id": group.chat_id}
        commands = [{"command": name, "description": text(f"command_{name}")} for name in _STAFF_COMMANDS]
        await call(bot, "setMyCommands", {"scope": scope, "commands": commands})


def _private_chats(knowledge: KnowledgeBase) -> Iterator[dict[str, Any]]:
    for language in LANGUAGES:
        commands = [
            {"command": command, "description": knowledge.message(language, f"command_{command}")}
            for command in Command
            if command is not Command.OPPORTUNITIES or knowledge.opportunities.records
        ]
        params: dict[str, Any] = {"scope": {"type": "all_private_chats"}, "commands": commands}
        # Without a language the list is for everybody whose language has none of its own.
        yield params if language == DEFAULT_LANGUAGE else params | {"language_code": language}
