"""The command line: each command in plain words; errors are a sentence on stderr."""

import sys

import typer
from typer.exceptions import TyperException

from bot.commands.asking import ask, check
from bot.commands.beginning import new_knowledge, without_command
from bot.commands.examining import doctor
from bot.commands.keeping import backup, move_database, restore
from bot.commands.measuring import evaluate
from bot.commands.personal_data import erase_user, export_user, purge
from bot.commands.posting import poster
from bot.commands.promoting import promote
from bot.commands.reviewing import questions
from bot.commands.serving import console
from bot.commands.shell import USAGE_ERROR, errors
from bot.commands.talking import chat, telegram
from bot.usage import sentence

COMMANDS = (
    *(chat, telegram, console, ask, questions, promote, poster, check, evaluate),
    *(export_user, erase_user, purge, doctor),
    *(backup, restore, move_database, new_knowledge),
)
"""In the order in which `--help` lists them."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.callback(invoke_without_command=True)(without_command)
for _command in COMMANDS:
    app.command()(_command)


def main() -> None:
    """Run the command of this process."""
    try:
        sys.exit(app(prog_name="run_bot.py", standalone_mode=False))
    except TyperException as refusal:
        if wrong := sentence(refusal):
            errors.print(wrong, markup=False)
        sys.exit(USAGE_ERROR)
