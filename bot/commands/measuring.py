"""`evaluate`: the decisions on labelled questions."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.commands import shell
from bot.dialogue.decision import Floors, decide
from bot.matching.evaluation import Labelled, Outcome, figures, read_questions
from bot.matching.matcher import Matcher
from bot.staff.texts import text


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: shell.JsonOption = False,
    knowledge: shell.KnowledgeOption = None,
) -> None:
    """Mesure les décisions sur des questions étiquetées (JSON, une par ligne).

    Exemple : python run_bot.py evaluate tests/data/questions-dev.jsonl
    """
    settings = shell.settings()
    try:
        questions = read_questions(file.read_text(encoding="utf-8-sig").split("\n"))
    except OSError as error:
        shell.stop(text("file_unreadable", file=file, error=error.strerror), shell.USAGE_ERROR)
    except UnicodeDecodeError:
        shell.stop(text("file_not_utf8", file=file), shell.USAGE_ERROR)
    except ValueError as error:
        shell.stop(f"{file} : {error}", shell.USAGE_ERROR)
    matcher = shell.matcher(settings, knowledge)
    outcomes = []
    with shell.progress("Mesure") as report:
        for question in questions:
            outcomes.append(_outcome(matcher, question))
            report(len(outcomes), len(questions))
    result = figures(outcomes)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    _print_figures(result)


def _outcome(matcher: Matcher, question: Labelled) -> Outcome:
    ranking = matcher.understand(question.text, day=shell.today())[0]
    verdict = decide(ranking, Floors())
    return Outcome(question, ranking, verdict.entry, verdict.offered)


def _print_figures(result: dict[str, Any]) -> None:
    names = [name for name in result if not name.startswith("by_")]
    table = Table()
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    rows = {"total": result, **result["by_lang"], **result["by_kind"]}
    for title, row in rows.items():
        table.add_row(title, *("–" if row[name] is None else f"{row[name]:g}" for name in names))
    Console(width=140).print(table)
