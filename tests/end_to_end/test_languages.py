"""Paths that other tests take in French, in another language; danger in French and in Arabic. One bot for all."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, ROOT, BotProcess, running_bot
from tests.end_to_end.test_opportunities import KNOWLEDGE
from tests.end_to_end.test_personal_data import documents

NUMBERS = ("112", "15", "17", "119", "3114", "3919")


@pytest.fixture
async def bot(
    settings: dict[str, str], api: BotApi, plain_group: StaffGroup, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """Over a few offers, and the Département's own entry about danger."""
    folder = shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")
    for name, kind, wanted in (
        ("entries/accueil.yaml", "entries", "emergency"),
        ("sources.yaml", "sources", "service-public-urgences"),
    ):
        ours = yaml.safe_load((ROOT / "knowledge" / name).read_text("utf-8"))[kind]
        there = folder / name.replace("accueil", "all")
        kept = yaml.safe_load(there.read_text("utf-8"))
        kept[kind] += [each for each in ours if each["id"] == wanted]
        there.write_text(yaml.safe_dump(kept, allow_unicode=True), "utf-8")
    own = {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_KNOWLEDGE_DIR": str(folder)}
    async with running_bot(settings | own, tmp_path / "log") as process:
        await api.is_polled()
        yield process


async def test_every_path_in_another_language(bot: BotProcess, api: BotApi, plain_group: StaffGroup, tmp_path: Path):
    await in_german(api, api.private_chat(6123456780, "Lena", language_code="de"), tmp_path)
    await in_arabic(api.private_chat(44, "Rami"), plain_group)
    awa = api.private_chat(42, "Awa")
    await awa.says("je veux mourir")
    assert shown(await numbers_of(awa, "appelez tout de suite")) == set(NUMBERS)
    await plain_group.waits_for("je veux mourir")


async def in_german(api: BotApi, lena: Citizen, folder: Path) -> None:
    await lena.says("/opportunites")
    assert (await lena.waits_for("Wohin möchten Sie?")).buttons == ("Deutschland", "Ein anderes Land", "Egal")
    await lena.presses("Deutschland")
    await lena.presses_when_there("16 bis 17 Jahre")
    await lena.presses_when_there("Egal")
    assert "Camp im Harz" in (await lena.waits_for("Ich habe verstanden: Deutschland, 16 bis 17 Jahre")).text
    # The same, typed.
    await lena.says("/opportunites")
    await lena.waits_for("Wohin möchten Sie?")
    await lena.says("nach Deutschland")
    await lena.waits_for("Wie alt ist")
    await lena.says("17")
    await lena.waits_for("Wann möchten Sie")
    await lena.says("egal")
    assert "Camp im Harz" in (await lena.waits_for("Ich habe verstanden: Deutschland, 17 Jahre")).text
    # A poster, then below 15: guardians, and nothing is kept.
    await lena.says("/start opp-camp-harz")
    await lena.waits_for("Zwei Wochen mit jungen Leuten")
    await lena.says("/opportunites")
    await lena.presses_when_there("Deutschland")
    await lena.presses_when_there("bis 14 Jahre")
    await lena.presses_when_there("Egal")
    assert "gesetzlichen Vertretung" in (await lena.waits_for("Ich habe verstanden: Deutschland, bis 14 Jahre")).text
    await lena.says("/mesdonnees")
    await lena.waits_for("Hier ist alles, was ich von Ihnen speichere")
    text, _ = await api.until(lambda: documents(api, lena))
    assert "Was der Assistent von Ihnen speichert" in text
    assert "14 Jahre" not in text
    with sqlite3.connect(folder / "passerelle.db") as database:
        assert database.execute("select count(*) from questions").fetchone() == (0,)


async def in_arabic(rami: Citizen, group: StaffGroup) -> None:
    """Chosen by a button; from right to left by its first letter, as Telegram shows it."""
    await rami.says("/langue")
    await rami.presses_when_there("العربية")
    assert is_right_to_left((await rami.waits_for("سأجيبك بالعربية")).text)
    await rami.says("زوجي عم يضربني")
    answer = await numbers_of(rami, "اتصل فورا")
    assert shown(answer) == set(NUMBERS)
    assert is_right_to_left(answer)
    await group.waits_for("زوجي عم يضربني")


async def numbers_of(person: Citizen, words: str) -> str:
    return (await person.waits_for(words)).text


def shown(answer: str) -> set[str]:
    return {number for number in NUMBERS if f"• {number}" in answer}


def is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction: https://unicode.org/reports/tr9/#P2."""
    return next(letter for letter in text if letter.isalpha()) >= "\u0590"
