"""The command line: each command in plain words; errors are a sentence on stderr."""

import sys
from collections.abc import Callable
from importlib import import_module

import typer
from typer.exceptions import TyperException

from bot.commands.shell import USAGE_ERROR, errors
from bot.usage import sentence

COMMANDS = {
    "chat": "talking",
    "telegram": "talking",
    "console": "serving",
    "ask": "asking",
    "questions": "reviewing",
    "promote": "promoting",
    "poster": "posting",
    "check": "asking",
    "evaluate": "measuring",
    "export-user": "personal_data",
    "erase-user": "personal_data",
    "purge": "personal_data",
    "doctor": "examining",
    "backup": "keeping",
    "restore": "keeping",
    "move-database": "keeping",
    "new-knowledge": "beginning",
}
"""Command → its module in `bot.commands`, in the order in which `--help` lists them."""


def application(asked: str | None = None) -> typer.Typer:
    """The command line. When `asked` is a command it has no other: to import what all of them need takes a second."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(_first_steps)
    for name in [asked] if asked in COMMANDS else COMMANDS:
        app.command()(_imported(COMMANDS[name], name))
    return app


def main() -> None:
    """Run the command of this process."""
    try:
        sys.exit(application(*sys.argv[1:2])(prog_name="run_bot.py", standalone_mode=False))
    except TyperException as refusal:
        if wrong := sentence(refusal):
            errors.print(wrong, markup=False)
        sys.exit(USAGE_ERROR)


def _first_steps(context: typer.Context) -> None:
    """Passerelle : un assistant qui répond à partir de fiches vérifiées, et passe la main à une personne."""
    if context.invoked_subcommand is None:
        _imported("beginning", "first-steps")()


def _imported(module: str, name: str) -> Callable[..., None]:
    function: Callable[..., None] = getattr(import_module(f"bot.commands.{module}"), name.replace("-", "_"))
    return function
