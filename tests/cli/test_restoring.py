"""What a restore says of a damaged backup, and what it keeps of a damaged database."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

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


async def test_a_changed_byte_is_told_in_words_or_does_no_harm(tmp_path: Path):
    """Some bytes (the header's time, what fills up the end) carry nothing: the digests still hold."""
    _, _, kept = await place_with_backup(tmp_path)
    whole, manifest, told = kept.read_bytes(), check(kept), 0
    for at in range(20, len(whole), max(len(whole) // 40, 1)):
        kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            assert check(kept) == manifest
        except OperatingError:
            told += 1
    assert told > 30


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
