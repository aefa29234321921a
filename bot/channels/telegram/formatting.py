"""Text → messages that Telegram accepts. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape

from bot.dialogue.effects import Citation, Say

MAX_UNITS = 4096
"""Telegram's limit of a message, after the entities are parsed: https://core.telegram.org/bots/api#sendmessage.
Its offsets count UTF-16 code units, so we count these too."""
_BETWEEN = "\n\n"
_CUTS = ("\n", ". ", " ")
"""Where an overlong paragraph is cut, best first."""
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph as it is read, and the same as Telegram's HTML."""

    text: str
    html: str
    before: str = _BETWEEN
    """What parts it from the block before it in the same message."""


def message_html(say: Say) -> list[str]:
    """The messages that say it, in order, as Telegram's HTML: the answer, its sources, the reservations."""
    notes = [Block(piece, f"<i>{escape(piece)}</i>") for note in say.notes for piece in _pieces(note, MAX_UNITS)]
    return pack([*paragraphs(say.text), *_sources(say.citations), *notes])


def link(url: str, label: str) -> str:
    return f'<a href="{escape(url)}">{escape(label)}</a>'


def paragraphs(text: str, limit: int = MAX_UNITS) -> Iterator[Block]:
    """The paragraphs of a plain text, none longer than `limit` UTF-16 units."""
    for paragraph in text.strip().split(_BETWEEN):
        for piece in _pieces(paragraph.strip("\n"), limit):
            yield Block(piece, escape(piece))


def pack(blocks: Iterable[Block], limit: int = MAX_UNITS) -> list[str]:
    """As few messages as hold the blocks in their order; none is empty."""
    messages: list[str] = []
    room = 0
    for block in blocks:
        size = units(block.text)
        if not size:
            continue
        if messages and size + len(block.before) <= room:
            messages[-1] += block.before + block.html
            room -= size + len(block.before)
        else:
            messages.append(block.html)
            room = limit - size
    return messages


def plain(html: str) -> str:
    """What our HTML says, without formatting: for the day Telegram refuses it."""
    return unescape(_TAG.sub("", _LINK.sub(r"\2 (\1)", html)))


def units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """The text on one line, at most `limit` UTF-16 units."""
    line = " ".join(text.split())
    return line if units(line) <= limit else f"{_head(line, limit - 1)}…"


def _sources(citations: Iterable[Citation]) -> Iterator[Block]:
    """A line each, under each other: with many or long ones the last go into the next message."""
    for number, citation in enumerate(citations):
        label = shortened(citation.label, MAX_UNITS)
        yield Block(label, link(citation.url, label), "\n" if number else _BETWEEN)


def _pieces(paragraph: str, limit: int) -> Iterator[str]:
    while units(paragraph) > limit:
        head = _head(paragraph, limit)
        end = next((place + len(cut) for cut in _CUTS if (place := head.rfind(cut)) > 0), len(head))
        yield paragraph[:end].strip()
        paragraph = paragraph[end:].strip()
    yield paragraph


def _head(text: str, limit: int) -> str:
    """The longest start of `text` of at most `limit` UTF-16 units; never half a character."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")
