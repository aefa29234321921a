"""Whatever is mistyped, the command line says in one French sentence what to type instead."""

import pytest

from bot.cli import application
from tests.cli.conftest import Command

COMMANDS = sorted(command.callback.__name__.replace("_", "-") for command in application().registered_commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_each_command_with_an_example(passerelle: Command, command: str) -> None:
    ran = passerelle(command, "--help", PASSERELLE_DATABASE_URL="sqlite+aiosqlite:////nowhere/x.db")
    assert (ran.status, ran.err) == (0, "")
    assert "Exemple :" in ran.out
    assert f"run_bot.py {command}" in ran.out.split("Exemple :")[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reponds"], "La commande « reponds » n'existe pas. Voyez : python run_bot.py --help"),
        (["check", "--tout"], "L'option « --tout » n'existe pas. Voyez : python run_bot.py check --help"),
        (["ask", "--knowledge"], "L'option « --knowledge » attend une valeur. Voyez : python run_bot.py"),
        (["evaluate"], "Il manque FILE. Voyez : python run_bot.py evaluate --help"),
        (["ask", "Où", "est"], "Il y a des mots en trop : mettez une phrase entre guillemets."),
    ],
)
def test_a_slip_is_told_in_a_sentence(passerelle: Command, arguments: list[str], told: str) -> None:
    ran = passerelle(*arguments)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(told)
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", [["chat"], ["questions"], ["check"], ["ask", "a"]])
@pytest.mark.parametrize(
    ("name", "value"), [("PASSERELLE_SEMANTIC", "peut-être"), ("PASSERELLE_STAFF_CHAT_ID", "le groupe")]
)
def test_an_unusable_setting_is_named(passerelle: Command, command: list[str], name: str, value: str) -> None:
    ran = passerelle(*command, **{name: value})
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"{name} : ")
    assert "Traceback" not in ran.err
