"""Inline mode: who types `@bot allemagne 17` in any chat gets offers to share.

Not through the inbox: a query is worthless once the next letter is typed, and is nobody's question. It is answered at
once or not at all, and nothing of it is stored or logged. https://core.telegram.org/bots/api#inline-mode
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.desk import now
from bot.channels.telegram.formatting import message_html
from bot.channels.telegram.health import Health
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.sharing import Card, cards
from bot.dialogue.voice import Voice
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES

log = logging.getLogger(__name__)

KIND = "inline_query"
_PAGE = 20
"""Cards at once; Telegram takes 50."""
_CACHED = 300
"""Seconds that Telegram may give the same answer to the same words of the same person."""
_AT_ONCE = 4
"""Calls under way: most connections are left to the answers that people wait for."""
_MOST = 100
"""People who wait; whoever comes on top gets nothing, and asks again with the next letter."""
_ASK = "question"
"""The argument with which the button opens the bot: it bids welcome."""

Json = Mapping[str, Any]


@dataclass(slots=True)
class InlineQueries:
    bot: Bot
    dialogue: Callable[[], Dialogue]
    health: Health
    _newest: dict[int, Json] = field(default_factory=dict)
    """Person → the last query, until its turn has come: the ones before are worth nothing any more."""
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def without(self, updates: Iterable[Json]) -> list[dict[str, Any]]:
        """The updates that are no inline queries; the others are being answered."""
        others = []
        for update in updates:
            if isinstance(query := update.get(KIND), dict):
                self._take(query)
            else:
                others.append(dict(update))
        return others

    async def finished(self) -> None:
        """Once those under way are answered."""
        await asyncio.gather(*self._tasks)

    def _take(self, query: Json) -> None:
        person = int(query["from"]["id"])
        waits = person in self._newest
        if waits or len(self._newest) < _MOST:
            self._newest[person] = query
        if not waits and person in self._newest:
            task = asyncio.create_task(self._serve(person))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, person: int) -> None:
        async with self._turn:
            query = self._newest.pop(person)
            try:
                params = await asyncio.to_thread(answer, self.dialogue(), query, self.bot.username)
                await call(self.bot, "answerInlineQuery", params)
                self.health.updates.labels("inline").inc()
            except TelegramError as error:
                log.info("answerInlineQuery: %s", error.message)
            except Exception:  # a fault of ours: the others go on
                log.exception("an inline query could not be answered")


def answer(dialogue: Dialogue, query: Json, username: str) -> dict[str, Any]:
    """The parameters of answerInlineQuery: a page of cards, and the way to ask the service."""
    spoken = str(query["from"].get("language_code") or "")[:2].lower()
    voice = Voice(dialogue.knowledge, spoken if spoken in LANGUAGES else DEFAULT_LANGUAGE)
    found = cards(voice, str(query.get("query", "")), Moment(now(), None).day)
    first = int(query["offset"]) if str(query.get("offset", "")).isdecimal() else 0
    last = first + _PAGE
    return {
        "inline_query_id": query["id"],
        "results": _results(voice, found[first:last], username),
        "cache_time": _CACHED,
        "is_personal": True,  # the words are the same in many languages, the answers are not
        "next_offset": str(last) if last < len(found) else "",
        "button": {"text": voice.text("inline_ask"), "start_parameter": _ASK},
    }


def _results(voice: Voice, found: Sequence[Card], username: str) -> list[dict[str, Any]]:
    more = voice.text("inline_more")
    return [
        {
            "type": "article",
            "id": card.id,
            "title": card.title,
            "description": card.description,
            "input_message_content": {
                "message_text": message_html(card.say)[0],
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            },
            "reply_markup": {
                "inline_keyboard": [[{"text": more, "url": f"https://t.me/{username}?start={card.link}"}]]
            },
        }
        for card in found
    ]
