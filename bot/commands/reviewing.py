"""`questions`: what nobody has answered."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.commands import running, shell
from bot.knowledge.hours import LEGAL_TIME
from bot.staff import questions as review
from bot.staff.quality import as_labels
from bot.staff.texts import text
from bot.storage.model import Question
from bot.storage.store import Store


def questions(  # noqa: PLR0913, PLR0917 - one option a filter
    status: Annotated[str, typer.Option(metavar="S", help="open, answered, closed ou all.")] = "open",
    output_format: Annotated[
        str | None, typer.Option("--format", metavar="F", help="table (par défaut), csv, xlsx ou json.")
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Écrit dans ce fichier.")] = None,
    language: Annotated[str | None, typer.Option(metavar="L", help="Une langue : fr, de, en, sr, ar.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Depuis une date, ou 7d : sept jours.")] = None,
    containing: Annotated[str | None, typer.Option(metavar="MOT", help="Un mot de la question.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="ID", help="La fiche la plus probable.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Les N plus récentes seulement.")] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Celles que le service a étiquetées, comme jeu de questions pour evaluate.")
    ] = False,
    close: Annotated[
        list[str] | None, typer.Option(metavar="N", help="Met de côté une question, ou plusieurs : 12,15.")
    ] = None,
) -> None:
    """Les questions restées sans réponse, les semblables ensemble.

    Exemple : python run_bot.py questions --since 7d --output questions.xlsx
    """
    now = datetime.now(LEGAL_TIME)
    try:
        wanted = "json" if labels else review.output_format(output_format, output, to_terminal=sys.stdout.isatty())
        selection = review.Selection(
            "all" if labels else status, language, review.since(since, now) if since else None, containing, topic
        )
        closing = review.numbers(close) if close else []
    except ValueError as error:
        shell.stop(str(error), shell.USAGE_ERROR)
    settings = shell.settings()

    async def run() -> None:
        async with running.store(settings) as store:
            if closing:
                await _close_questions(store, closing, now)
                return
            chosen = [each for each in await selection.of(store) if not labels or each.expected is not None][:limit]
        if not chosen:
            shell.errors.print(selection.nothing(), markup=False)
        if labels:
            _written(as_labels(chosen), len(chosen), output)
        else:
            _show_questions(chosen, wanted, output)

    running.run(run())


async def _close_questions(store: Store, numbers: Sequence[int], now: datetime) -> None:
    still_open = {question.id for question in await store.questions(status="open")}
    await store.close_questions(numbers, now)
    if closed := [str(number) for number in numbers if number in still_open]:
        typer.echo(text("questions_closed", numbers=", ".join(closed)))
    if unknown := [str(number) for number in numbers if number not in still_open]:
        shell.stop(text("questions_not_open", numbers=", ".join(unknown)), shell.USAGE_ERROR)


def _show_questions(chosen: Sequence[Question], wanted: str, output: Path | None) -> None:
    if wanted == "table":
        if chosen:
            Console(highlight=False).print(review.as_table(chosen), text("questions_how_to_close"))
        return
    _written(review.EXPORTS[wanted](chosen), len(chosen), output)


def _written(data: bytes, count: int, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        shell.stop(text("questions_not_written", file=output, error=error.strerror), shell.USAGE_ERROR)
    shell.errors.print(text("questions_written", count=count, file=output), markup=False)
