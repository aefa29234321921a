"""What staff read stands in one file, and every sentence that the code asks for is there."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

import bot
from bot.staff.texts import TEXTS, text


def asked_for() -> Iterator[ast.expr]:
    """The key of each `text(…)` in the modules that import it from here."""
    for path in Path(bot.__file__).parent.rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        if not re.search(r"from bot\.staff\.texts import .*\btext\b", code):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                yield node.args[0]


def alternatives(key: ast.expr) -> list[str]:
    """The keys that an expression can mean, as patterns; a variable may be any."""
    match key:
        case ast.Constant(value=str(value)):
            return [re.escape(value)]
        case ast.IfExp(body=body, orelse=orelse):
            return [*alternatives(body), *alternatives(orelse)]
        case ast.JoinedStr(values=values):
            return ["".join(re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in values)]
        case _:
            return [r"\w+"]


def test_every_sentence_that_the_code_asks_for_exists():
    asked = [pattern for key in asked_for() for pattern in alternatives(key)]
    assert "knowledge_replaced" in asked
    assert [pattern for pattern in asked if not any(re.fullmatch(pattern, key) for key in TEXTS)] == []


def test_no_sentence_is_written_twice():
    lines = (resources.files("bot.staff") / "texts.yaml").read_text(encoding="utf-8").splitlines()
    keys = Counter(line.partition(":")[0] for line in lines if re.match(r"\w+:", line))
    assert [key for key, times in keys.items() if times > 1] == []


def test_an_unknown_sentence_is_an_error():
    with pytest.raises(KeyError):
        text("no_such_sentence")


def test_placeholders_are_filled():
    assert text("knowledge_replaced", entries=3) == "📚 Les fiches modifiées sont en service (3 fiches)."
