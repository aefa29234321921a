"""Backups, their way back, and the way to another database."""

import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.operating.backup import scratch
from tests.cli.conftest import KNOWLEDGE, Command
from tests.storage import postgresql as server
from tests.storage.test_copying import damage

FILE = "kept.tar.gz"


@pytest.fixture
def place(settings: dict[str, str], tmp_path: Path) -> Path:
    """A folder of fiches of its own; the database stands beside it."""
    settings["PASSERELLE_KNOWLEDGE_DIR"] = str(tmp_path / "fiches")
    shutil.copytree(KNOWLEDGE, tmp_path / "fiches")
    return tmp_path


@pytest.fixture
def asked(passerelle: Command, place: Path) -> Path:
    """A question that waits."""
    assert passerelle("chat", stdin=b"Qui repare les velos ?\n").status == 0
    return place


def questions(passerelle: Command, **changed: str) -> list[str]:
    lines = passerelle("questions", "--format", "json", **changed).out.splitlines()
    return [question for line in lines for question in json.dumps(json.loads(line)).split("velos")[1:]]


def lose_everything(place: Path) -> None:
    shutil.rmtree(place / "fiches")
    for file in place.glob("passerelle.db*"):
        file.unlink()


def test_what_was_saved_comes_back_on_an_empty_machine(passerelle: Command, asked: Path) -> None:
    before = questions(passerelle)
    saved = passerelle("backup", FILE)
    assert (saved.status, saved.err) == (0, "")
    assert saved.out.startswith(f"Sauvegarde écrite : {FILE} (0,0 Mo, base de données et ")
    lose_everything(asked)
    back = passerelle("restore", FILE)
    assert (back.status, back.err) == (0, "")
    assert "Restauré : l'état du " in back.out
    assert "gardé ici" not in back.out
    assert questions(passerelle) == before != []
    assert passerelle("ask", "bonjour").status == 0


def test_a_backup_is_for_its_owner_only(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    lose_everything(asked)
    passerelle("restore", FILE)
    assert [(asked / name).stat().st_mode & 0o777 for name in (FILE, "passerelle.db")] == [0o600, 0o600]


def test_a_backup_holds_the_history_of_publications_and_no_setting(passerelle: Command, asked: Path) -> None:
    (asked / "fiches/.passerelle").mkdir()
    (asked / "fiches/.passerelle/history.jsonl").write_text("")
    (asked / ".env").write_text("PASSERELLE_BOT_TOKEN=1:secret\n")
    passerelle("backup", FILE)
    with tarfile.open(asked / FILE) as tar:
        names = tar.getnames()
    assert names[:2] == ["manifest.json", "passerelle.db"]
    assert {name.split("/")[0] for name in names[2:]} == {"knowledge"}
    assert "knowledge/.passerelle/history.jsonl" in names
    assert "knowledge/.passerelle/lock" not in names


def test_in_a_folder_it_bears_its_date(passerelle: Command, asked: Path) -> None:
    (asked / "saves").mkdir()
    assert passerelle("backup", "saves").status == 0
    assert passerelle("backup", PASSERELLE_BACKUP_DIR=str(asked / "new")).status == 0
    names = [file.name for folder in ("saves", "new") for file in (asked / folder).iterdir()]
    assert len(names) == 2
    assert all(name.startswith("passerelle-2") and name.endswith("Z.tar.gz") for name in names)


def test_a_folder_that_was_typed_and_is_not_there_is_not_made(passerelle: Command, asked: Path) -> None:
    ran = passerelle("backup", "slip/saves/x.tar.gz")
    assert (ran.status, ran.out) == (2, "")
    assert "Il n'y a pas de dossier « slip/saves »" in ran.err
    assert not (asked / "slip").exists()


def test_without_a_place_it_says_how_to_name_one(passerelle: Command, asked: Path) -> None:
    ran = passerelle("backup")
    assert (ran.status, ran.out) == (2, "")
    assert "PASSERELLE_BACKUP_DIR" in ran.err


def test_nothing_is_replaced_without_force(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    before = (asked / FILE).read_bytes(), questions(passerelle)
    again, back = passerelle("backup", FILE), passerelle("restore", FILE)
    assert (again.status, back.status) == (2, 2)
    assert "--force" in again.err
    assert "contient déjà quelque chose. Ajoutez --force" in back.err
    assert ((asked / FILE).read_bytes(), questions(passerelle)) == before
    assert passerelle("backup", FILE, "--force").status == 0


def test_with_force_what_was_there_is_kept_beside(passerelle: Command, asked: Path) -> None:
    before = questions(passerelle)
    passerelle("backup", FILE)
    passerelle("chat", stdin=b"Et mes velos a moi ?\n")
    (asked / "fiches/entries/later.yaml").write_text("entries: []\n")
    back = passerelle("restore", FILE, "--force")
    assert back.status == 0
    assert questions(passerelle) == before
    assert not (asked / "fiches/entries/later.yaml").exists()
    aside = [Path(line.partition(" : ")[2]) for line in back.out.splitlines() if "gardé ici" in line]
    assert len(aside) == 2
    assert (aside[0] / "entries/later.yaml").exists()
    assert len(questions(passerelle, PASSERELLE_DATABASE_URL=f"sqlite+aiosqlite:///{aside[1]}")) > len(before)


def test_fiches_that_are_the_same_need_no_force(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    (asked / "passerelle.db").unlink()
    assert passerelle("doctor").status == 0  # makes the tables anew: nothing in them
    assert passerelle("restore", FILE).status == 0
    assert questions(passerelle)


def test_the_database_alone_leaves_the_fiches(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    (asked / "passerelle.db").unlink()
    (asked / "fiches/vocabulary.yaml").write_text("abbreviations: {}\n")
    assert "fiches" in passerelle("restore", FILE).err
    assert passerelle("restore", FILE, "--only", "database").status == 0
    assert (asked / "fiches/vocabulary.yaml").exists()
    assert questions(passerelle)


def test_the_fiches_alone_leave_the_database(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    shutil.rmtree(asked / "fiches")
    passerelle("chat", PASSERELLE_KNOWLEDGE_DIR=str(KNOWLEDGE), stdin=b"Et mes velos a moi ?\n")
    before = questions(passerelle, PASSERELLE_KNOWLEDGE_DIR=str(KNOWLEDGE))
    assert passerelle("restore", FILE, "--only", "knowledge").status == 0
    assert questions(passerelle) == before
    assert passerelle("ask", "bonjour").status == 0


def test_a_damaged_database_is_replaced_with_force(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    (asked / "passerelle.db").write_bytes(b"SQLite format 3\0" + bytes(9000))
    assert passerelle("questions").status == 2
    assert passerelle("restore", FILE).status == 2
    assert passerelle("restore", FILE, "--force").status == 0
    assert questions(passerelle)


def test_a_backup_can_be_looked_at_without_touching_anything(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    lose_everything(asked)
    ran = passerelle("restore", FILE, "--check")
    assert (ran.status, ran.err) == (0, "")
    assert "est une sauvegarde entière" in ran.out
    assert [path.name for path in asked.iterdir()] == [FILE]


def change(archive: Path, name: str, data: bytes) -> None:
    """Write one file of a backup anew, whatever its manifest says."""
    folder = archive.with_name("changing")
    with tarfile.open(archive) as tar:
        tar.extractall(folder)  # noqa: S202 - our own
        names = tar.getnames()
    (folder / name).write_bytes(data)
    with tarfile.open(archive, "w:gz") as tar:
        for kept in dict.fromkeys([*names, name]):
            tar.add(folder / kept, kept)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("passerelle.db", b"SQLite format 3\0", "est abîmée"),
        ("knowledge/sources.yaml", b"sources: []", "est abîmée"),
        ("manifest.json", b"[]", "n'est pas une sauvegarde de Passerelle"),
        ("manifest.json", b'{"format": 2}', "version plus récente"),
        ("elsewhere", b"", "n'est pas une sauvegarde de Passerelle"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_nothing_touched(
    passerelle: Command, asked: Path, name: str, data: bytes, told: str
) -> None:
    passerelle("backup", FILE)
    change(asked / FILE, name, data)
    lose_everything(asked)
    ran = passerelle("restore", FILE)
    assert (ran.status, ran.out) == (2, "")
    assert told in ran.err
    assert [path.name for path in asked.iterdir()] == [FILE]


def test_a_path_out_of_the_folder_is_refused(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    with tarfile.open(asked / FILE) as tar:
        tar.extractall(asked / "all")  # noqa: S202 - our own
    with tarfile.open(asked / FILE, "w:gz") as tar:
        tar.add(asked / "all/manifest.json", "manifest.json")
        tar.add(asked / "all/manifest.json", "knowledge/../../evil.yaml")
    assert "n'est pas une sauvegarde" in passerelle("restore", FILE).err
    assert not list(asked.rglob("evil.yaml"))


@pytest.mark.parametrize("cut", [0, 40, 2000])
def test_a_file_that_was_cut_is_refused(passerelle: Command, asked: Path, cut: int) -> None:
    passerelle("backup", FILE)
    (asked / FILE).write_bytes((asked / FILE).read_bytes()[:cut])
    ran = passerelle("restore", FILE, "--force")
    assert ran.status == 2
    assert "n'est pas une sauvegarde de Passerelle, ou le fichier est coupé" in ran.err


def test_a_file_whose_compressed_bytes_are_damaged_is_refused(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    data = bytearray((asked / FILE).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    (asked / FILE).write_bytes(data)
    ran = passerelle("restore", "--check", FILE)
    assert (ran.status, "Traceback" in ran.err) == (2, False)


def test_what_a_killed_restore_has_left_is_removed_a_day_later_and_nothing_else(tmp_path: Path) -> None:
    old, new, others = (tmp_path / name for name in (".passerelle-old", ".passerelle-new", "passerelle-old"))
    for folder in (old, new, others):
        folder.mkdir()
        (folder / "passerelle.db").write_bytes(b"all of it")
    for folder in (old, others):
        os.utime(folder, (0, 0))
    with scratch(tmp_path) as folder:
        assert {path.name for path in tmp_path.iterdir()} == {".passerelle-new", "passerelle-old", folder.name}


def test_a_file_that_is_not_there_is_told(passerelle: Command, place: Path) -> None:
    ran = passerelle("restore", "nowhere.tar.gz")
    assert ran.status == 2
    assert "nowhere.tar.gz, No such file" in ran.err


def test_a_damaged_database_gives_no_backup(passerelle: Command, asked: Path) -> None:
    with closing(sqlite3.connect(asked / "passerelle.db")) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    damage(asked / "passerelle.db")
    assert passerelle("backup", FILE).status == 2
    assert [path.name for path in asked.glob("*.gz")] == []


def test_an_open_database_is_not_replaced_nor_moved(passerelle: Command, asked: Path) -> None:
    passerelle("backup", FILE)
    with closing(sqlite3.connect(asked / "passerelle.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("SELECT * FROM questions").fetchall()
        back = passerelle("restore", FILE, "--force")
        moved = passerelle("move-database", f"sqlite+aiosqlite:///{asked}/other.db")
    assert (back.status, moved.status) == (2, 2)
    assert "systemctl stop passerelle" in back.err
    assert back.err == moved.err
    assert not (asked / "other.db").exists()


def test_a_database_moves_to_postgresql_and_back_and_into_a_backup(passerelle: Command, asked: Path) -> None:
    before = questions(passerelle)
    with server.new_database() as url:
        moved = passerelle("move-database", url)
        assert (moved.status, moved.err) == (0, "")
        assert moved.out.startswith("Copié et comparé : ")
        assert questions(passerelle, PASSERELLE_DATABASE_URL=url) == before
        assert "contient déjà des données" in passerelle("move-database", url).err
        itself = passerelle("move-database", url.replace("127.0.0.1", "localhost"), PASSERELLE_DATABASE_URL=url)
        assert (itself.status, "celle de la base de données actuelle" in itself.err) == (2, True)

        assert passerelle("backup", FILE, PASSERELLE_DATABASE_URL=url).status == 0
        assert "rien n'en est gardé" in passerelle("restore", FILE, PASSERELLE_DATABASE_URL=url).err
        assert passerelle("restore", FILE, "--force", PASSERELLE_DATABASE_URL=url).status == 0
        assert questions(passerelle, PASSERELLE_DATABASE_URL=url) == before

        other = f"sqlite+aiosqlite:///{asked}/other.db"
        assert passerelle("move-database", other, PASSERELLE_DATABASE_URL=url).status == 0
        assert questions(passerelle, PASSERELLE_DATABASE_URL=other) == before
        assert (asked / "other.db").stat().st_mode & 0o777 == 0o600


def test_to_move_nothing_is_refused(passerelle: Command, place: Path) -> None:
    ran = passerelle("move-database", f"sqlite+aiosqlite:///{place}/other.db")
    assert (ran.status, ran.out) == (2, "")
    assert "rien à déplacer" in ran.err


def test_a_bad_address_is_told(passerelle: Command, asked: Path) -> None:
    assert "mysql" not in passerelle("move-database", "mysql://u:s3cret@h/x").err
