"""The first steps: what `run_bot.py` says alone, and the knowledge of another authority."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import application
from tests.cli.conftest import KNOWLEDGE, Command

COMMANDS = sorted(command.callback.__name__.replace("_", "-") for command in application().registered_commands)
TOKEN = "123456:AAE-of-nobody"  # noqa: S105 - of a bot that does not exist
GROUP = "-1001"


def last(out: str) -> str:
    """The next step: the paragraph after what was found, before the help."""
    return out.split("\n\n")[1]


def test_on_a_new_machine_it_names_chat_and_how_to_get_a_token(passerelle: Command, tmp_path: Path) -> None:
    ran = passerelle()
    assert (ran.status, ran.err) == (2, "")
    assert ran.out.startswith("✓ Fiches : ")
    assert "✓ La base de données sera créée" in ran.out
    assert "→ Pas de jeton Telegram." in ran.out
    assert "run_bot.py chat" in last(ran.out)
    assert "@BotFather" in last(ran.out)
    assert ran.out.rstrip().endswith("python run_bot.py --help")
    assert list(tmp_path.iterdir()) == []


def test_with_a_token_the_group_comes_next(passerelle: Command) -> None:
    ran = passerelle(PASSERELLE_BOT_TOKEN=TOKEN)
    assert "python run_bot.py telegram" in last(ran.out)
    assert "groupe du service" in last(ran.out)
    assert TOKEN not in ran.out


def test_when_all_is_there_it_says_what_to_run(passerelle: Command) -> None:
    passerelle("questions")  # makes the database
    ran = passerelle(PASSERELLE_BOT_TOKEN=TOKEN, PASSERELLE_STAFF_CHAT_ID=GROUP)
    assert "→" not in ran.out
    assert "✓ La base de données est à jour." in ran.out
    assert last(ran.out).startswith("Tout est en place. Ensuite : python run_bot.py telegram")


@pytest.mark.parametrize(
    ("changed", "told", "remedy"),
    [
        ({"PASSERELLE_KNOWLEDGE_DIR": "nowhere"}, "Pas de dossier de fiches à « nowhere »", "new-knowledge nowhere"),
        ({"PASSERELLE_KNOWLEDGE_DIR": "."}, "ont des problèmes (", "run_bot.py check"),
        ({"PASSERELLE_DATABASE_URL": "mysql://u:s3cret@h/x"}, "n'est pas une adresse", "PASSERELLE_DATABASE_URL"),
        ({"PASSERELLE_BOT_TOKEN": "s3cret"}, "n'a pas la forme d'un jeton", "API Token"),
    ],
)
def test_what_is_broken_comes_first(passerelle: Command, changed: dict[str, str], told: str, remedy: str) -> None:
    ran = passerelle(**{"PASSERELLE_BOT_TOKEN": TOKEN, "PASSERELLE_STAFF_CHAT_ID": GROUP} | changed)
    assert ran.status == 2
    assert told in ran.out
    assert remedy in last(ran.out)
    assert "s3cret" not in ran.out + ran.err


def test_a_setting_that_cannot_be_used_is_told(passerelle: Command) -> None:
    ran = passerelle(PASSERELLE_STAFF_CHAT_ID="équipe")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("PASSERELLE_STAFF_CHAT_ID : ")
    assert "puis : python run_bot.py" in ran.err


@pytest.mark.parametrize(
    ("revision", "told", "remedy"),
    [("0001", "plus ancienne", "run_bot.py backup"), ("9999", "plus récente", "installez la version")],
)
def test_a_database_of_another_version_is_recognised_and_left_alone(
    passerelle: Command, tmp_path: Path, revision: str, told: str, remedy: str
) -> None:
    passerelle("questions")
    with closing(sqlite3.connect(tmp_path / "passerelle.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    ran = passerelle()
    assert told in ran.out
    assert remedy in last(ran.out)
    with closing(sqlite3.connect(tmp_path / "passerelle.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)


def test_help_lists_every_command(passerelle: Command) -> None:
    ran = passerelle("--help")
    assert ran.status == 0
    assert all(command in ran.out for command in COMMANDS)


# Another authority


def test_the_template_is_valid_and_every_text_to_fill_in_is_named(passerelle: Command, tmp_path: Path) -> None:
    made = passerelle("new-knowledge", "fiches", "--name", "Mairie d'Exemple : l'accueil")
    assert (made.status, made.err) == (0, "")
    assert "PASSERELLE_KNOWLEDGE_DIR=fiches" in made.out
    checked = passerelle("check", "fiches")
    assert checked.status == 0
    assert checked.out.startswith("Aucun problème : 5 fiches")
    lines = checked.err.splitlines()[1:]
    assert [line for line in lines if "« À REMPLACER » est resté" not in line] == []
    assert {Path(line.partition(":")[0]).name for line in lines} == {"service.yaml", "sources.yaml"}
    read_me = (tmp_path / "fiches/LISEZ-MOI.md").read_text(encoding="utf-8")
    assert read_me.startswith("# Les fiches de Mairie d'Exemple : l'accueil\n")


def test_the_template_answers(passerelle: Command) -> None:
    passerelle("new-knowledge", "fiches", "--name", "Mairie d'Exemple")
    talked = passerelle("chat", "--knowledge", "fiches", stdin=b"/start\nQui etes-vous ?\nau secours il saigne\n").out
    assert "Mairie d'Exemple" in talked.partition("Qui etes-vous")[0]
    assert "service : Mairie d'Exemple" in talked
    assert "112" in talked.partition("au secours")[2]


def test_without_a_name_it_is_one_more_text_to_fill_in(passerelle: Command) -> None:
    passerelle("new-knowledge", "fiches")
    told = passerelle("check", "fiches").err
    assert "accueil.yaml" in told
    assert "messages/fr.yaml" in told
    assert "Textes encore à remplacer" in passerelle(PASSERELLE_KNOWLEDGE_DIR="fiches").out


@pytest.mark.parametrize("name", ["{chat}", "x" * 101, "a\x00b"])
def test_a_name_that_does_not_fit_is_refused(passerelle: Command, tmp_path: Path, name: str) -> None:
    ran = passerelle("new-knowledge", "fiches", "--name", name)
    assert (ran.status, "--name attend" in ran.err) == (2, True)
    assert not (tmp_path / "fiches").exists()


def test_what_is_there_is_never_written_over(passerelle: Command, tmp_path: Path) -> None:
    (tmp_path / "fiches").mkdir()
    (tmp_path / "fiches/a.yaml").touch()
    for folder in ("fiches", "fiches/a.yaml"):
        assert "existe déjà" in passerelle("new-knowledge", folder).err
    assert [file.name for file in (tmp_path / "fiches").iterdir()] == ["a.yaml"]


def test_shipped_emergency_numbers_are_those_of_the_template() -> None:
    root = KNOWLEDGE.parents[2]
    shipped = (root / "knowledge/entries/accueil.yaml").read_text(encoding="utf-8")
    template = (root / "bot/operating/template/entries/urgences.yaml").read_text(encoding="utf-8")
    numbers = [line.strip() for line in template.splitlines() if line.strip().startswith("•")]
    assert len(numbers) >= 8
    assert [number for number in numbers if number not in shipped] == []
