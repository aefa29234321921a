"""Subscribe, be told of what is published meanwhile, stop: the real bot process against the emulator of the Bot API."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, BotProcess, running_bot

KNOWLEDGE = Path(__file__).parent / "opportunities"
DEADLINE = datetime.now(UTC).date() + timedelta(days=60)
NEW = f"""
  - id: camp-goslar
    kind: exchange
    status: open
    title: {{fr: "Musique à Goslar", de: "Musik in Goslar"}}
    summary: {{fr: "Une semaine de musique.", de: "Eine Woche Musik."}}
    organiser: {{fr: "Le comité de jumelage", de: "Der Partnerschaftsverein"}}
    link: {{source: guide}}
    sources: [guide]
    owner: "jeunesse"
    countries: [DE]
    age: {{from: 15, to: 20}}
    deadline: {DEADLINE}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")


@pytest.fixture
async def bot(
    settings: dict[str, str], api: BotApi, plain_group: StaffGroup, tmp_path: Path, folder: Path
) -> AsyncIterator[BotProcess]:
    offering = {
        "PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP),
        "PASSERELLE_KNOWLEDGE_DIR": str(folder),
        "PASSERELLE_NOTICE_HOURS": "0-24",
    }
    async with running_bot(settings | offering, tmp_path / "log") as process:
        await api.is_polled()
        yield process


def publish(folder: Path) -> None:
    with (folder / "opportunities.yaml").open("a", encoding="utf-8") as file:
        file.write(NEW)


def kept(tmp_path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(tmp_path / "passerelle.db") as database:
        return database.execute("select chat, subject from subscriptions order by subject").fetchall()


async def test_from_the_wish_to_the_notice_the_reminder_the_calendar_and_the_stop(
    bot: BotProcess, awa: Citizen, folder: Path, tmp_path: Path
):
    await awa.says("J'ai 17 ans, je veux aller en Allemagne cet été")
    await awa.waits_for("J'ai compris : Allemagne, 17 ans")
    await awa.presses("Me prévenir des nouveautés")
    await awa.waits_for("C'est noté. Je vous préviens ici")
    publish(folder)
    notice = await awa.waits_for("Du nouveau (Allemagne, 17 ans) :", timeout=60)
    assert "Musique à Goslar\nAllemagne · de 15 à 20 ans" in notice.text
    assert notice.buttons == ("Infos : Musique à Goslar", "Ne plus me prévenir")
    await awa.presses("Infos : Musique à Goslar")
    await awa.waits_for("Coût et aides")
    await awa.presses("Me rappeler")
    await awa.waits_for("14 jours puis 3 jours avant")
    await awa.says("/abonnements")
    listed = await awa.waits_for("Ce dont je vous préviens :")
    assert listed.buttons == ("Arrêter : Allemagne, 17 ans", "Arrêter : Musique à Goslar", "Tout arrêter")
    assert kept(tmp_path) == [("42", "n.de.17.-"), ("42", "o.camp-goslar")]
    await awa.presses("Arrêter : Allemagne, 17 ans")
    await awa.waits_for("C'est arrêté : Allemagne, 17 ans.")
    assert kept(tmp_path) == [("42", "o.camp-goslar")]


async def test_in_german_and_all_is_stopped_at_once(bot: BotProcess, api: BotApi, folder: Path, tmp_path: Path):
    lena = api.private_chat(43, "Lena", language_code="de")
    await lena.says("Ich bin 17 und will im Sommer nach Deutschland")
    await lena.waits_for("Ich habe verstanden: Deutschland, 17 Jahre")
    await lena.presses("Über Neues benachrichtigen")
    await lena.waits_for("Notiert. Ich melde mich hier")
    publish(folder)
    notice = await lena.waits_for("Neu (Deutschland, 17 Jahre):", timeout=60)
    assert "Musik in Goslar" in notice.text
    await lena.presses("Nicht mehr benachrichtigen")
    await lena.waits_for("Beendet: Deutschland, 17 Jahre.")
    assert kept(tmp_path) == []


async def test_a_child_cannot_subscribe(bot: BotProcess, awa: Citizen, tmp_path: Path):
    await awa.says("ma fille a 13 ans et veut aller en Allemagne")
    results = await awa.waits_for("J'ai compris : Allemagne, 13 ans.")
    assert not any("prévenir" in button or "rappeler" in button for button in results.buttons)
    assert kept(tmp_path) == []
