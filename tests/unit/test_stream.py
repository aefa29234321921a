"""Lines in, answers out: in order, together when they have come together, not decided twice."""

import io
import json

import pytest

from bot.commands import stream
from bot.matching.matcher import Matcher
from tests.unit.matching_fakes import base

MATCHER = Matcher.build(base({"roses": ["Comment tailler les rosiers ?"]}), None)


class Trickle(io.BytesIO):
    """Gives what has come, a part at a time."""

    def __init__(self, *parts: bytes) -> None:
        super().__init__()
        self._parts = list(parts)

    def read1(self, _size: int | None = -1) -> bytes:
        return self._parts.pop(0) if self._parts else b""


def line(text: str) -> bytes:
    return json.dumps({"text": text}).encode() + b"\n"


def groups(*parts, asked=None):
    def decide(_matcher, text, _language):
        if asked is not None:
            asked.append(text)
        return {"text": text}

    return [
        [row.get("text", row.get("line")) for row in group]
        for group in stream.answers(MATCHER, Trickle(*parts), decide)
    ]


def test_what_has_come_is_answered_before_more_is_read():
    assert groups(line("a") + line("b"), line("c")) == [["a", "b"], ["c"]]


def test_a_line_may_come_in_pieces_and_the_last_without_an_end():
    whole = line("a") + line("bé") + line("c").rstrip()
    assert groups(*(whole[place : place + 1] for place in range(len(whole)))) == [["a"], ["bé"], ["c"]]


def test_many_lines_at_once_are_answered_in_groups(monkeypatch):
    monkeypatch.setattr(stream, "_AT_ONCE", 2)
    assert groups(line("a") + line("b") + line("c")) == [["a", "b"], ["c"]]


def test_a_bad_line_is_told_with_its_number_among_all():
    assert groups(line("a") + b"nope\n", b"\n" + line("b")) == [["a", 2], [3, "b"]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_question_that_comes_again_is_decided_once(end):
    asked: list[str] = []
    row = line("a").strip() + end
    assert groups(row + row, row, asked=asked) == [["a", "a"], ["a"]]
    assert asked == ["a"]


def test_only_so_many_answers_are_kept(monkeypatch):
    monkeypatch.setattr(stream, "_REMEMBERED", 1)
    asked: list[str] = []
    groups(line("a") + line("b") + line("a"), asked=asked)
    assert asked == ["a", "b", "a"]
