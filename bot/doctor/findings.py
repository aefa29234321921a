"""What `doctor` found, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rich.text import Text

from bot.packaged import packaged_yaml

TEXTS: Mapping[str, Mapping[str, Any]] = packaged_yaml(__package__, "texts.yaml")
"""Check → its name, and what can be found: detail and remedy."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Works, less well than it could."""
    FAILED = "failed"
    """Something that must work does not."""


_SIGNS = {State.OK: ("✓", "green"), State.WARNING: ("!", "yellow"), State.FAILED: ("✗", "red")}


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and found; `remedy` says what to do, None: nothing."""

    check: str
    state: State
    detail: str
    remedy: str | None = None

    @property
    def works(self) -> bool:
        return self.state is not State.FAILED

    @property
    def name(self) -> str:
        """For people, in French."""
        return str(TEXTS[self.check]["name"])

    def as_json(self) -> dict[str, Any]:
        return {"check": self.check, "ok": self.works, "detail": self.detail, "remedy": self.remedy}


def as_text(check: Check) -> Text:
    """For a terminal: what was found on a line, what to do about it below."""
    sign, style = _SIGNS[check.state]
    text = Text.assemble((f"{sign} {check.name}", style), f" : {check.detail}")
    return text.append(f"\n  → {check.remedy}", "bold") if check.remedy else text


def ok(check: str, found: str, **values: object) -> Check:
    return _finding(State.OK, check, found, values)


def warning(check: str, found: str, **values: object) -> Check:
    return _finding(State.WARNING, check, found, values)


def failed(check: str, found: str, **values: object) -> Check:
    return _finding(State.FAILED, check, found, values)


def _finding(state: State, check: str, found: str, values: Mapping[str, object]) -> Check:
    texts = TEXTS[check][found]
    remedy = texts.get("remedy")
    return Check(check, state, texts["detail"].format_map(values), remedy and remedy.format_map(values))
