"""What is wrong with a command line, in a French sentence: typer says it in English, in a box."""

import re
from collections.abc import Mapping
from typing import Any

from typer.exceptions import TyperException

from bot.staff.texts import text

# typer's own classes are private; their names and messages are not.
_BY_CLASS: Mapping[str, str] = {
    "NoSuchOption": "usage_no_option",
    "BadOptionUsage": "usage_no_value",
    "MissingParameter": "usage_missing",
    "BadParameter": "usage_bad_value",
}
_BY_MESSAGE: Mapping[str, str] = {
    "No such command": "usage_no_command",
    "Got unexpected extra argument": "usage_too_many_words",
}


def sentence(refusal: TyperException) -> str:
    """What is wrong, and where the command is explained; empty when its help has been shown instead."""
    if type(refusal).__name__ == "NoArgsIsHelpError":
        return ""
    by_message = (key for start, key in _BY_MESSAGE.items() if refusal.message.startswith(start))
    key = _BY_CLASS.get(type(refusal).__name__) or next(by_message, None)
    what = text(key, name=_name(refusal)) if key else refusal.message
    context: Any = getattr(refusal, "ctx", None)
    return f"{what} {text('usage_help', command=context.command_path if context else 'run_bot.py')}"


def _name(refusal: TyperException) -> str:
    """What the sentence speaks of: an option, an argument or a command."""
    parameter: Any = getattr(refusal, "param", None)
    if parameter is not None:
        return str(parameter.metavar if parameter.param_type_name == "argument" else parameter.opts[0])
    quoted = re.search(r"'(.*)'", refusal.message, re.DOTALL)
    return str(getattr(refusal, "option_name", quoted[1] if quoted else ""))
