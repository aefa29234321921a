"""Buttons: https://core.telegram.org/bots/api#inlinekeyboardmarkup and its neighbours."""

from collections.abc import Iterator
from typing import Any

from tests.emulator.errors import bad_request
from tests.emulator.model import Chat, Json
from tests.emulator.parameters import Params

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_MARKUPS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
_BUTTON_LIMIT = 100


def read_markup(params: Params, chat: Chat) -> Json | None:
    """Validates reply_markup as Telegram does; an empty inline keyboard is none."""
    markup = params.tree("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict) or not any(name in markup for name in _MARKUPS):
        raise bad_request("object expected as reply markup")
    buttons = [button for row in markup.get("inline_keyboard", ()) for button in row]
    if len(buttons) > _BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    for button in buttons:
        _check_button(button, chat)
    if "inline_keyboard" in markup and not buttons:
        return None
    return markup


def read_inline_markup(params: Params, chat: Chat) -> Json | None:
    """Editing takes inline keyboards only."""
    markup = read_markup(params, chat)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _check_button(button: Any, chat: Chat) -> None:
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request('can\'t parse inline keyboard button: field "text" must be a non-empty string')
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://", "ton://")):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if "web_app" in button:
        _check_web_app(button["web_app"], chat)


def _check_web_app(web_app: Any, chat: Chat) -> None:
    """Web App buttons work in private chats only, over HTTPS only: https://core.telegram.org/bots/webapps."""
    url = str(web_app.get("url", "")) if isinstance(web_app, dict) else ""
    if not url.startswith("https://"):
        raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    if not chat.is_private:
        raise bad_request("BUTTON_TYPE_INVALID")


def inline_buttons(markup: Json | None) -> Iterator[Json]:
    for row in (markup or {}).get("inline_keyboard", ()):
        yield from row


def keyboard_labels(markup: Json | None) -> tuple[str, ...]:
    rows = (markup or {}).get("keyboard", ())
    return tuple(button if isinstance(button, str) else button["text"] for row in rows for button in row)
