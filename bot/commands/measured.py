"""What `evaluate` measured, for people: tables and sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.matching.confusions import Confusion, Fault
from bot.matching.sweep import Point
from bot.staff.texts import text

_SHOWN = 10
_BAR = 30
"""Characters for a share of 1."""
_WIDE = 140


def print_figures(result: Mapping[str, Any]) -> None:
    """The figures with their intervals, then by language and by kind."""
    names = [name for name in result["intervals"] if name in result]
    table = Table(text("evaluate_figure"), text("evaluate_value"), "95 %", text("evaluate_meaning"))
    for name in names:
        bounds = "{:g}–{:g}".format(*result["intervals"][name])
        table.add_row(name, shown(result[name]), bounds, text(f"evaluate_means_{name}"))
    _print(table, text("evaluate_questions", count=result["questions"], ours=result["in_scope"]))
    for key in ("by_lang", "by_kind"):
        table = Table(text(f"evaluate_{key}"), "questions", *names)
        for title, row in result[key].items():
            table.add_row(title, *(shown(row[name]) for name in ("questions", *names)))
        _print(table)


def print_confusions(found: Sequence[Confusion]) -> None:
    if not found:
        return
    table = Table(*text("evaluate_confusion_columns").split("|"))
    for each in found[:_SHOWN]:
        label = each.expected or text("evaluate_not_ours")
        table.add_row(label, each.taken_for, str(each.questions), str(each.answered), each.example, each.nearest or "–")
    _print(table, text("evaluate_confusions", shown=min(_SHOWN, len(found)), count=len(found)))


def print_faults(found: Sequence[Fault]) -> None:
    if not found:
        return
    table = Table(*text("evaluate_fault_columns").split("|"))
    for each in found[:_SHOWN]:
        label = ", ".join(each.expected) or text("evaluate_not_ours")
        got = text("evaluate_answered", entry=each.answered) if each.answered else each.best or "–"
        table.add_row(each.text, each.language, each.kind, label, got, f"{each.confidence:.2f}")
    _print(table, text("evaluate_faults", shown=min(_SHOWN, len(found)), count=len(found)))


def print_sweep(points: Sequence[Point], proposed: Point | None, rate: float) -> None:
    """The curve in the terminal: a row a floor, what is answered right as a bar, the wrong answers at its end."""
    table = Table(*text("evaluate_sweep_columns").split("|"))
    for point in points:
        bar = "█" * round(point.answered_right * _BAR) + "▒" * round(point.wrong_answers * _BAR)
        row = (point.floor, point.answered_right, point.wrong_answers, point.false_answers, point.errors)
        chosen = proposed is not None and point.floor == proposed.floor
        table.add_row(*map(shown, row), f"{bar} ←" if chosen else bar, style="bold" if chosen else "")
    _print(table, text("evaluate_curve"))
    share = f"{rate:g}"
    if proposed is None:
        _say(text("evaluate_no_floor", rate=share))
    else:
        right, errors = shown(proposed.answered_right), shown(proposed.errors)
        _say(text("evaluate_floor", rate=share, floor=f"{proposed.floor:g}", right=right, errors=errors))


def print_compared(this: Mapping[str, Any], other: Mapping[str, Any], summary: str, changes: Sequence[str]) -> None:
    table = Table(*text("evaluate_compared_columns").split("|"))
    for name in this["intervals"]:
        if name in this:
            table.add_row(name, shown(this[name]), shown(other[name]))
    _print(table, text("evaluate_compared"))
    _say("\n".join((summary, *(f"• {change}" for change in changes))))


def shown(value: float | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:g}"


def _print(table: Table, title: str | None = None) -> None:
    if title:
        _say(f"\n{title}")
    Console(width=_WIDE).print(table)


def _say(sentence: str) -> None:
    Console(width=_WIDE, soft_wrap=True, highlight=False).print(sentence, markup=False)
