"""`new-knowledge`, and what is said without a command: the first steps."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import shell
from bot.operating import beginning
from bot.operating.next_step import look, next_step
from bot.operating.texts import OperatingError, text
from bot.settings import SettingsError, read_settings


def new_knowledge(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    name: Annotated[str | None, typer.Option("--name", metavar="NOM", help="Le nom de votre service.")] = None,
) -> None:
    """Écrit un petit dossier de fiches pour une autre collectivité, avec ce qui reste à remplacer.

    Exemple : python run_bot.py new-knowledge fiches --name "Mairie de Valdoie"
    """
    try:
        written = beginning.new_knowledge(folder, name, shell.today())
    except OperatingError as error:
        shell.stop(str(error), shell.USAGE_ERROR)
    except OSError as error:
        shell.stop(text("begin_not_written", folder=folder, error=error.strerror), shell.USAGE_ERROR)
    typer.echo(text("begin_done", folder=folder, files=len(written)))


def first_steps() -> None:
    """What is said without a command: what is done, and what to do next."""
    try:
        found = asyncio.run(look(read_settings()))
    except SettingsError as error:
        shell.stop(f"{error}\n{text('next_settings')}", shell.USAGE_ERROR)
    for each in found:
        typer.echo(f"{'→' if each.next else '✓'} {each.what}")
    typer.echo(f"\n{next_step(found)}\n\n{text('next_help')}")
    raise typer.Exit(shell.USAGE_ERROR)  # no command was given: a script must not take that for work done
