"""What the bot says of itself: commands, name, descriptions, menu button."""

import json
import re
from typing import Any

from tests.emulator.errors import bad_request
from tests.emulator.methods.registry import method
from tests.emulator.model import Json
from tests.emulator.parameters import Params
from tests.emulator.world import World

_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
_TEXT_LIMITS = {"name": 64, "description": 512, "short_description": 120}


def _scope(world: World, params: Params) -> tuple[str, str]:
    """https://core.telegram.org/bots/api#botcommandscope, as a key together with the language."""
    scope = params.tree("scope") or {"type": "default"}
    if scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    needed = _SCOPES[scope["type"]]
    if any(name not in scope for name in needed):
        raise bad_request(f"can't parse BotCommandScope: {', '.join(needed)} expected")
    if "chat_id" in needed and int(scope["chat_id"]) not in world.chats:
        raise bad_request("chat not found")
    known = {"type": scope["type"], **{name: int(scope[name]) for name in needed}}
    return json.dumps(known), _language(params)


def _language(params: Params) -> str:
    language = params.text("language_code")
    if not re.fullmatch(r"([a-z]{2})?", language):
        raise bad_request("invalid language code specified")
    return language


@method
def set_my_commands(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setmycommands: at most 100, each checked as #botcommand says."""
    commands: list[Any] = params.tree("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": c["command"].removeprefix("/"), "description": c["description"]} for c in commands]
    world.profile.commands[_scope(world, params)] = kept
    return True


@method
def get_my_commands(world: World, params: Params) -> list[Json]:
    """https://core.telegram.org/bots/api#getmycommands: exactly this scope and language, empty if not set."""
    return world.profile.commands.get(_scope(world, params), [])


@method
def delete_my_commands(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands."""
    world.profile.commands.pop(_scope(world, params), None)
    return True


def _set_text(world: World, params: Params, name: str) -> bool:
    text = params.text(name)
    if len(text) > _TEXT_LIMITS[name]:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    world.profile.texts[name, _language(params)] = text
    return True


def _get_text(world: World, params: Params, name: str) -> Json:
    """The default language's text where the language has none."""
    texts = world.profile.texts
    text = texts.get((name, _language(params))) or texts.get((name, ""), "")
    return {name: text or (world.bot.first_name if name == "name" else "")}


@method
def set_my_name(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setmyname."""
    return _set_text(world, params, "name")


@method
def get_my_name(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getmyname."""
    return _get_text(world, params, "name")


@method
def set_my_description(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setmydescription."""
    return _set_text(world, params, "description")


@method
def get_my_description(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getmydescription."""
    return _get_text(world, params, "description")


@method
def set_my_short_description(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setmyshortdescription."""
    return _set_text(world, params, "short_description")


@method
def get_my_short_description(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getmyshortdescription."""
    return _get_text(world, params, "short_description")


@method
def set_chat_menu_button(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setchatmenubutton."""
    button = params.tree("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad_request("can't parse MenuButton: unsupported type specified")
    if button["type"] == "web_app" and not str(button.get("web_app", {}).get("url", "")).startswith("https://"):
        raise bad_request("menu button Web App URL is invalid: Only HTTPS links are allowed")
    world.profile.menu_buttons[params.integer("chat_id") or None] = button
    return True


@method
def get_chat_menu_button(world: World, params: Params) -> Json:
    """https://core.telegram.org/bots/api#getchatmenubutton."""
    buttons = world.profile.menu_buttons
    return buttons.get(params.integer("chat_id") or None) or buttons.get(None) or {"type": "commands"}
