"""What all commands share: the application, its options, its parts, and how it stops."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError
from bot.matching.matcher import Matcher
from bot.settings import Settings, SettingsError, read_settings
from bot.staff.texts import text
from bot.understanding import build_matcher, load_knowledge

USAGE_ERROR, CHECK_FAILED = 2, 1

errors = Console(stderr=True, highlight=False, soft_wrap=True)

KnowledgeOption = Annotated[Path | None, typer.Option("--knowledge", metavar="DIR", help="Un autre dossier de fiches.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON par ligne, rien d'autre.")]


def token(settings: Settings) -> str:
    """The bot's token; without one, how to get it."""
    if settings.bot_token is None:
        stop(text("no_token"), USAGE_ERROR)
    return settings.bot_token.get_secret_value().strip()


def stopped_by_signals() -> asyncio.Event:
    """Set by Ctrl-C, and by who ends the process orderly."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers: there Ctrl-C interrupts the process
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def matcher(settings: Settings, folder: Path | None) -> Matcher:
    """The matcher over the knowledge; learning it shows a bar."""
    return matcher_of(settings, knowledge(settings, folder))


def matcher_of(settings: Settings, base: KnowledgeBase) -> Matcher:
    with progress("Lecture des fiches (une minute au plus la première fois)") as report:
        built, missing = build_matcher(settings, base, report)
    if missing:
        errors.print(f"Sans le signal sémantique : {missing}.")
    return built


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """A bar on stderr when it is a terminal; what turns and counts shows that work goes on behind a full bar."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def knowledge(settings: Settings, folder: Path | None) -> KnowledgeBase:
    try:
        return load_knowledge(settings, folder)
    except KnowledgeError as error:
        stop(str(error), CHECK_FAILED)


def settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        stop(str(error), USAGE_ERROR)


def today() -> date:
    return datetime.now(LEGAL_TIME).date()


def stop(message: str, status: int) -> NoReturn:
    errors.print(message, markup=False)
    raise typer.Exit(status)
