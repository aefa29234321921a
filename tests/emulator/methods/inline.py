"""Inline mode: https://core.telegram.org/bots/api#inline-mode. Articles only."""

import re

from tests.emulator import entities
from tests.emulator.errors import NotEmulatedError, bad_request
from tests.emulator.markup import inline_buttons
from tests.emulator.methods.registry import method
from tests.emulator.methods.sending import as_content, read_text
from tests.emulator.model import Json
from tests.emulator.parameters import Params
from tests.emulator.world import Shared, World

_MOST = 50


@method
def answer_inline_query(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#answerinlinequery."""
    query = world.inline_queries.get(params.text("inline_query_id"))
    if query is None or query.answered:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    results = params.tree("results") or []
    ids = [result.get("id", "") for result in results]
    if len(results) > _MOST:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if not all(1 <= len(name.encode()) <= 64 for name in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(params.text("next_offset").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    query.results = tuple(_shared(result) for result in results)
    query.button, query.next_offset, query.answered = _button(params), params.text("next_offset"), True
    query.cache_time, query.personal = params.integer("cache_time", 300), params.flag("is_personal")
    return True


def _shared(result: Json) -> Shared:
    """One result, as the message that it becomes."""
    if result.get("type") != "article":
        raise NotEmulatedError(f"inline results of type {result.get('type')}")
    if not result.get("title"):
        raise bad_request("RESULT_TITLE_EMPTY")
    content = dict(result.get("input_message_content") or {})
    words = read_text(Params({"text": content.get("message_text", ""), **content}))
    buttons = tuple((button["text"], button.get("url", "")) for button in inline_buttons(result.get("reply_markup")))
    links = tuple(entity["url"] for entity in as_content(words).get("entities", ()) if "url" in entity)
    return Shared(result["id"], result["title"], result.get("description", ""), words.text, links, buttons)


def _button(params: Params) -> tuple[str, str] | None:
    """https://core.telegram.org/bots/api#inlinequeryresultsbutton."""
    button = params.tree("button")
    if button is None:
        return None
    start = str(button.get("start_parameter", ""))
    if not button.get("text") or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
        raise bad_request("START_PARAM_INVALID")
    if entities.utf16_length(button["text"]) > 64:  # not documented: what clients show without cutting
        raise bad_request("BUTTON_TEXT_INVALID")
    return button["text"], start
