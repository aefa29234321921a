"""What a restore says of an odd backup, what it keeps of what was there, and how it fails: as if it had not begun."""

import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.operating import restore as restoring
from bot.operating.backup import Place, back_up, check, move_database
from bot.operating.restore import restore
from bot.operating.texts import OperatingError
from bot.storage.alone import no_bot, only_bot
from bot.storage.snapshots import holds_rows, in_use, url_of
from bot.storage.sql import open_store
from bot.storage.store import StorageError
from tests.storage import postgresql as server

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgresql() -> Iterator[str]:
    with server.new_database() as url:
        yield url


async def place_with_backup(folder: Path) -> tuple[Place, Path, Path]:
    """A bot's place, its database file, and a backup of both."""
    file, kept = folder / "bot.db", folder / "kept.tar.gz"
    place = Place(url_of(file), folder / "knowledge")
    place.knowledge.mkdir()
    (place.knowledge / "a.yaml").write_text("a: 1\n", encoding="utf-8")
    await (await open_store(place.database_url, NOW)).close()
    await back_up(place, kept, NOW)
    return place, file, kept


async def test_a_member_without_a_name_is_no_backup(tmp_path: Path):
    _, _, kept = await place_with_backup(tmp_path)
    with tarfile.open(kept) as whole, tarfile.open(tmp_path / "odd.tar.gz", "w:gz") as odd:
        manifest = whole.getmember("manifest.json")
        odd.addfile(manifest, whole.extractfile(manifest))
        odd.addfile(tarfile.TarInfo("."))
    with pytest.raises(OperatingError, match="n'est pas une sauvegarde"):
        check(tmp_path / "odd.tar.gz")


async def test_the_log_of_a_ruined_database_is_kept_beside(tmp_path: Path):
    place, file, kept = await place_with_backup(tmp_path)
    log = file.with_name("bot.db-wal")
    with closing(sqlite3.connect(file, isolation_level=None)) as stopped:
        stopped.execute("PRAGMA journal_mode = WAL")
        stopped.execute("CREATE TABLE lately (x)")
        left = log.read_bytes()
    file.write_bytes(b"no database" * 1000)
    log.write_bytes(left)  # as after a crash
    before = (await restore(place, kept, NOW, force=True)).set_aside[0]
    assert before.with_name(before.name + "-wal").read_bytes() == left
    assert not log.exists()


def everything(folder: Path) -> dict[str, bytes]:
    """All files, but for the locks, and for the header of the database, where its use changes counters."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("lock"))
    return {str(path.relative_to(folder)): path.read_bytes()[100 if path.suffix == ".db" else 0 :] for path in files}


async def changed_place(folder: Path) -> tuple[Place, Path]:
    """A place in which the knowledge is not that of its backup any more."""
    place, _, kept = await place_with_backup(folder)
    (place.knowledge / "b.yaml").write_text("b: 1\n", encoding="utf-8")
    return place, kept


async def test_a_disk_that_fills_up_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place, kept = await changed_place(tmp_path)
    before = everything(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for module, call in ((shutil, "copytree"), (os, "fsync")):  # before anything moved, and once the knowledge has
        with monkeypatch.context() as patched:
            patched.setattr(module, call, full)
            with pytest.raises(OSError, match="No space"):
                await restore(place, kept, NOW, force=True)
        assert everything(tmp_path) == before


async def test_what_cannot_be_put_back_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place, kept = await changed_place(tmp_path)
    rename = Path.rename

    def stuck(path: Path, to: Path) -> None:
        if Path(to).name in {"bot.db", "knowledge"} and path.name != ".knowledge.new":
            raise OSError(5, "Input/output error")
        rename(path, to)

    monkeypatch.setattr(Path, "rename", stuck)
    with pytest.raises(OperatingError, match=r"Input.*/knowledge → .*/knowledge\.20261124T000000Z, .*/bot\.db → "):
        await restore(place, kept, NOW, force=True)


async def test_postgresql_that_refuses_leaves_the_knowledge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql: str
):
    place, kept = await changed_place(tmp_path)
    before = everything(tmp_path)

    async def refuses(*_: object, **__: object) -> None:
        raise StorageError("refused")

    monkeypatch.setattr(restoring, "move", refuses)
    with pytest.raises(StorageError, match="refused"):
        await restore(Place(postgresql, place.knowledge), kept, NOW, force=True)
    assert everything(tmp_path) == before


async def test_the_repository_of_the_knowledge_stays(tmp_path: Path):
    place, kept = await changed_place(tmp_path)
    (place.knowledge / ".git").mkdir()
    (place.knowledge / ".git/HEAD").write_text("ref: refs/heads/main\n")
    done = await restore(place, kept, NOW, force=True)
    assert done.repository
    assert (place.knowledge / ".git/HEAD").exists()
    assert not (place.knowledge / "b.yaml").exists()
    assert not (await restore(place, kept, NOW, force=True)).repository  # the same fiches: nothing was changed there


async def test_no_bot_works_meanwhile_nor_begins_to(tmp_path: Path):
    place, _, kept = await place_with_backup(tmp_path)
    with only_bot(place.database_url):  # it has not opened the file yet
        with pytest.raises(OperatingError, match="systemctl stop passerelle"):
            await restore(place, kept, NOW, force=True)
        with pytest.raises(OperatingError, match="systemctl stop passerelle"):
            await move_database(place.database_url, url_of(tmp_path / "other.db"))
    async with no_bot(place.database_url) as alone:
        assert alone
        with pytest.raises(StorageError, match="Un autre assistant"), only_bot(place.database_url):
            pass


async def test_on_postgresql_a_bot_that_starts_meanwhile_neither_polls_nor_sends(postgresql: str):
    async with no_bot(postgresql) as alone:
        assert alone
        store = await open_store(postgresql, NOW)
        assert not await store.poll_leader(NOW)
        assert not await store.send_leader(NOW, lambda: None)
    assert await store.poll_leader(NOW)
    async with no_bot(postgresql) as alone:
        assert not alone
    await store.close()


async def test_of_an_emptied_file_the_log_is_left_alone(tmp_path: Path):
    """It may hold the last that can be saved; whoever opens the file removes it."""
    place, file, kept = await place_with_backup(tmp_path)
    log = file.with_name("bot.db-wal")
    file.write_bytes(b"")
    log.write_bytes(b"the last words")
    assert not await in_use(place.database_url)
    assert await holds_rows(place.database_url)
    with pytest.raises(StorageError, match="est abîmé"):
        await back_up(place, tmp_path / "again.tar.gz", NOW)
    with pytest.raises(StorageError, match="est abîmé"):
        await move_database(place.database_url, url_of(tmp_path / "other.db"))
    assert log.read_bytes() == b"the last words"
    before = (await restore(place, kept, NOW, force=True)).set_aside[0]
    assert before.with_name(before.name + "-wal").read_bytes() == b"the last words"


async def test_a_file_does_not_move_to_itself(tmp_path: Path):
    place, file, _ = await place_with_backup(tmp_path)
    (tmp_path / "link.db").symlink_to(file)
    with pytest.raises(OperatingError, match="base de données actuelle"):
        await move_database(place.database_url, url_of(tmp_path / "link.db"))


async def test_copies_of_everything_are_made_beside_for_their_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    place, file, kept = await place_with_backup(tmp_path)
    check(kept)
    file.unlink()
    await restore(place, kept, NOW, force=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [name for name in everything(tmp_path) if name.startswith(".")]


def test_each_night_what_is_30_days_old_goes_whatever_its_name(tmp_path: Path):
    unit = (ROOT / "deploy/passerelle-backup.service").read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStartPost=(.+)$", unit, re.MULTILINE)
    names = ("passerelle-20261124T020000Z.tar.gz", "before-the-works.tar.gz", ".passerelle-killed/passerelle.db")
    for days in (1, 29, 30, 31):
        for name in names:
            path = tmp_path / str(days) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            at = datetime.now(UTC).timestamp() - days * 86400 - 60
            os.utime(path, (at, at))
    subprocess.run(command.replace("/var/backups/passerelle", str(tmp_path)).split(), check=True)  # noqa: S603 - ours
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()} == {"1", "29"}
