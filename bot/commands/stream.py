"""Lines in, answers out: what has arrived is decided together, what was asked lately is not decided again."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO

from bot.commands import shell
from bot.encoding.recent import RecentEncoder
from bot.matching.matcher import Matcher
from bot.staff.texts import text

Decide = Callable[[Matcher, str, str | None], dict[str, Any]]
"""Matcher, question, its language if it is known → the answer's object."""

_CHUNK = 65_536
_AT_ONCE = 64
"""Lines decided together: a reader waits for a second at most."""

_REMEMBERED = 10_000
"""Questions whose answer is kept: 20 MB at most with usual answers."""


def answers(matcher: Matcher, source: BinaryIO, decide: Decide) -> Iterator[list[dict[str, Any]]]:
    """The answers to the lines of `source`, in order, in groups: as soon as a line has come, it is answered."""
    recent = RecentEncoder(matcher.encoder) if matcher.encoder else None
    matcher = replace(matcher, encoder=recent)
    known: OrderedDict[tuple[str, str | None, date], dict[str, Any]] = OrderedDict()
    number = 0
    for lines in _arrived(source):
        questions = [_question(line) for line in lines]
        if recent:
            fresh = [each for each in questions if each and (*each, shell.today()) not in known]
            recent.encode([form for message, lang in fresh for form in matcher.to_encode(message, language=lang)])
        group = []
        for each in questions:
            number += 1
            if each is None:
                group.append({"error": text("ask_bad_line"), "line": number})
                continue
            key = (*each, shell.today())  # what is in force changes at midnight
            known[key] = known.get(key) or decide(matcher, *each)
            known.move_to_end(key)
            if len(known) > _REMEMBERED:
                known.popitem(last=False)
            group.append(known[key])
        yield group


def _arrived(source: BinaryIO) -> Iterator[list[bytes]]:
    """The lines that are there, some at a time; waits only when there is none."""
    rest: list[bytes] = []
    while chunk := source.read1(_CHUNK):  # type: ignore[attr-defined] # every buffered reader has it
        *lines, last = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join((*rest, lines[0]))
            rest = []
        rest.append(last)
        for start in range(0, len(lines), _AT_ONCE):
            yield lines[start : start + _AT_ONCE]
    if any(rest):
        yield [b"".join(rest)]


def _question(line: bytes) -> tuple[str, str | None] | None:
    """Text and language; None: the line is not what it should be."""
    try:
        row = json.loads(line)
        asked, language = row["text"], row.get("lang")
        f"{asked}{language}".encode()  # JSON can hold half a character, which nothing can print
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(asked, str) or not asked.strip() or not isinstance(language, str | None):
        return None
    return asked, language
