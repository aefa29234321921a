"""What was said in a hand-over, as lines to read: from the questions logged and the messages of the outbox. Pure.

What is stored nowhere cannot be shown: photos, documents and voice messages are only in Telegram.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from bot.channels.telegram.formatting import plain
from bot.channels.telegram.outgoing import EDIT_CAPTION, EDIT_TEXT, STAFF
from bot.console.texts import text
from bot.staff import texts as staff
from bot.storage.console import Posted
from bot.storage.model import Delivery, HandOver, OutboxRow, Question

_COPIES = ("copyMessage", "copyMessages")
_EDITS = (EDIT_TEXT, EDIT_CAPTION)
_GONE = ("blocked by the user", "user is deactivated", "chat not found")
"""Telegram's words for a citizen who cannot be reached any more."""
_QUOTED = re.compile("<blockquote>.*?</blockquote>", re.DOTALL)
"""On a card: the citizen's own words."""

_SHOWN = 160
"""Characters of an answer of the bot that are seen at once."""


class Speaker(StrEnum):
    CITIZEN = "citizen"
    BOT = "bot"
    STAFF = "staff"
    NOTE = "note"
    """What the bot told the staff about the hand-over."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a reply: Telegram has said so."""

    state: Delivery
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    speaker: Speaker
    text: str
    at: datetime
    fate: Fate | None = None
    """Of what the staff wrote."""
    author: str | None = None
    """Who of the staff wrote it; None where no name is known."""
    edited: bool = False
    attachment: bool = False
    """Something that only Telegram can show."""
    origin: int | None = None
    """Of the message that was passed on: an edit names it."""

    @property
    def long(self) -> bool:
        """An answer of the bot that need not be read whole."""
        return self.speaker is Speaker.BOT and len(self.text) > _SHOWN

    @property
    def start(self) -> str:
        return f"{self.text[:_SHOWN].rsplit(maxsplit=1)[0]} …"


def lines(
    hand_over: HandOver, questions: Iterable[Question], posted: Sequence[Posted], names: Mapping[int, str] | None = None
) -> tuple[Line, ...]:
    """In the order in which they were written; `names`: of the staff, by Telegram's numbers."""
    relayed = {each.row.outgoing.origin for each in posted if each.row.outgoing.chat == STAFF}
    asked = [_asked(question) for question in questions if _message_of(question.ref) not in relayed]
    said = _with_edits(hand_over, posted, names or {})
    return tuple(sorted([*asked, *said], key=lambda line: (line.at, line.speaker is not Speaker.CITIZEN)))


def interview(posted: Iterable[Posted]) -> tuple[str, ...]:
    """Question and answer, a line each, of the interview that the person sent along last; empty when there is none."""
    headings = [staff.text(key, answers="").strip() for key in ("card_interview", "citizen_answers")]
    bullet = staff.text("card_answer", question="\n", answer="").partition("\n")[0]
    found: tuple[str, ...] = ()
    for each in posted:
        if each.row.outgoing.chat != STAFF or each.row.outgoing.origin is not None:
            continue  # a citizen's own words could look like it
        written = plain(_QUOTED.sub("", str(each.row.outgoing.params.get("text", "")))).splitlines()
        start = next((number for number, line in enumerate(written, start=1) if line in headings), len(written))
        given = takewhile(lambda line: line.startswith(bullet), written[start:])
        found = tuple(line.removeprefix(bullet) for line in given) or found
    return found


def last_row(posted: Sequence[Posted]) -> int:
    """How far the exchange has been read."""
    return max((each.row.id for each in posted), default=0)


def _asked(question: Question) -> Line:
    return Line(Speaker.CITIZEN, question.text, question.asked_at)


def _message_of(ref: str) -> int | None:
    """`42/17/1` → 17: the message in the citizen's chat."""
    number = f"{ref}/".split("/")[1]
    return int(number) if number.isdecimal() else None


def _with_edits(hand_over: HandOver, posted: Sequence[Posted], names: Mapping[int, str]) -> list[Line]:
    """An edit stands in the place of what it changes."""
    said: list[Line] = []
    for each in posted:
        outgoing = each.row.outgoing
        if outgoing.method in _EDITS:
            _edit(said, Speaker.CITIZEN if outgoing.chat == STAFF else Speaker.STAFF, each.row)
        else:
            said += _line(hand_over, each, names)
    return said


def _edit(said: list[Line], speaker: Speaker, row: OutboxRow) -> None:
    words = str(row.outgoing.params.get("text") or row.outgoing.params.get("caption") or "")
    words = _without(words, "citizen_says") if speaker is Speaker.CITIZEN else words
    for index, line in enumerate(said):
        if line.speaker is speaker and line.origin == row.outgoing.origin:
            said[index] = replace(line, text=words, edited=True)
            return


def _line(hand_over: HandOver, posted: Posted, names: Mapping[int, str]) -> Iterator[Line]:
    row, outgoing = posted.row, posted.row.outgoing
    if outgoing.method not in {"sendMessage", *_COPIES}:
        return
    words, attachment = _words(row), outgoing.method in _COPIES
    if outgoing.chat == hand_over.chat and outgoing.hand_over is None and outgoing.author is None:
        yield Line(Speaker.BOT, words, posted.at)
    elif outgoing.chat == hand_over.chat:
        author = names.get(outgoing.author) if outgoing.author is not None else None
        yield Line(Speaker.STAFF, words, posted.at, _fate(row), author, attachment=attachment, origin=outgoing.origin)
    elif outgoing.origin is not None:
        said = _without(words, "citizen_says")
        yield Line(Speaker.CITIZEN, said, posted.at, attachment=attachment, origin=outgoing.origin)
    elif not _is_card(row) and not words.startswith(SIGN):
        yield Line(Speaker.NOTE, words, posted.at)


SIGN = "✍️"
"""How the staff group is shown what was written here: the reply itself is a line already."""


def _is_card(row: OutboxRow) -> bool:
    return "<blockquote>" in str(row.outgoing.params.get("text", "")) or "reply_markup" in row.outgoing.params


def _words(row: OutboxRow) -> str:
    params = row.outgoing.params
    words = str(params.get("text") or params.get("caption") or "")
    return plain(words) if params.get("parse_mode") == "HTML" else words


def _without(words: str, key: str) -> str:
    """Without the sign with which the sentence `key` begins."""
    return words.removeprefix(staff.text(key, text="")).strip()


def _fate(row: OutboxRow) -> Fate:
    error = row.error or ""
    match row.status:
        case Delivery.FAILED:
            gone = any(words in error.lower() for words in _GONE)
            return Fate(row.status, text("fate.gone") if gone else text("fate.refused", error=error))
        case Delivery.QUEUED if error:
            return Fate(row.status, text("fate.again", error=error))
        case Delivery.SENT if row.interrupted:
            return Fate(row.status, text("fate.twice"))
        case _:
            return Fate(row.status)
