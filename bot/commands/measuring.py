"""`evaluate`: the decisions on labelled questions."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.commands import shell
from bot.dialogue.decision import Floors, decide
from bot.matching.evaluation import Labelled, Outcome, figures, read_questions
from bot.matching.matcher import Matcher
from bot.matching.sweep import propose, sweep
from bot.staff.texts import text

_ERROR_RATES = (0.01, 0.02, 0.05)


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: shell.JsonOption = False,
    knowledge: shell.KnowledgeOption = None,
    floors: Annotated[bool, typer.Option("--sweep", help="Ce que donne chaque seuil de réponse.")] = False,
) -> None:
    """Mesure les décisions sur des questions étiquetées (JSON, une par ligne).

    Exemple : python run_bot.py evaluate tests/data/questions-dev.jsonl
    """
    settings = shell.settings()
    questions = _questions(file)
    matcher = shell.matcher(settings, knowledge)
    outcomes = []
    with shell.progress("Mesure") as report:
        for question in questions:
            outcomes.append(_outcome(matcher, question))
            report(len(outcomes), len(questions))
    result = figures(outcomes)
    if floors:
        result["sweep"] = [asdict(point) for point in sweep(outcomes)]
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    _print_figures(result)
    if floors:
        _print_rows(result["sweep"])
        _print_proposals(outcomes)


def _questions(file: Path) -> list[Labelled]:
    try:
        return read_questions(file.read_text(encoding="utf-8-sig").split("\n"))
    except OSError as error:
        shell.stop(text("file_unreadable", file=file, error=error.strerror), shell.USAGE_ERROR)
    except UnicodeDecodeError:
        shell.stop(text("file_not_utf8", file=file), shell.USAGE_ERROR)
    except ValueError as error:
        shell.stop(f"{file} : {error}", shell.USAGE_ERROR)


def _outcome(matcher: Matcher, question: Labelled) -> Outcome:
    ranking = matcher.understand(question.text, day=shell.today())[0]
    verdict = decide(ranking, Floors())
    return Outcome(question, ranking, verdict.entry, verdict.offered)


def _print_figures(result: dict[str, Any]) -> None:
    names = [name for name in result["intervals"] if name in result]
    rows = {"total": result, **result["by_lang"], **result["by_kind"]}
    table = Table("", *(["questions", *names]))
    for title, row in rows.items():
        table.add_row(title, *(_shown(row[name]) for name in ("questions", *names)))
    table.add_row("95 %", "", *("{:g}–{:g}".format(*result["intervals"][name]) for name in names))
    Console(width=140).print(table)


def _print_rows(rows: Sequence[dict[str, Any]]) -> None:
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    Console(width=140).print(table)


def _print_proposals(outcomes: Sequence[Outcome]) -> None:
    points = sweep(outcomes)
    for rate in _ERROR_RATES:
        point = propose(points, rate)
        found = f"seuil {point.floor:g}, {point.answered_right:.0%} de bonnes réponses" if point else "aucun seuil"
        typer.echo(f"Au plus {rate:.0%} de réponses fausses : {found}.")


def _shown(value: float | str | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:g}"
