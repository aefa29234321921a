"""What a restore says of an odd backup, and what it keeps of a ruined database."""

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.operating.backup import Place, back_up, check, restore
from bot.operating.texts import OperatingError
from bot.storage.snapshots import url_of
from bot.storage.sql import open_store

NOW = datetime(2026, 11, 24, tzinfo=UTC)


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
