"""A young person looks for an offer on Telegram: the real bot process against the emulator of the Bot API."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, BotProcess, running_bot
from tests.end_to_end.test_personal_data import files

KNOWLEDGE = Path(__file__).parent / "opportunities"


@pytest.fixture
async def bot(
    settings: dict[str, str], api: BotApi, plain_group: StaffGroup, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    offering = {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE)}
    async with running_bot(settings | offering, tmp_path / "log") as process:
        await api.is_polled()
        yield process


async def test_from_the_command_to_a_person_in_french(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    await awa.says("/opportunites")
    countries = await awa.waits_for("Où voulez-vous partir ?")
    assert countries.buttons == ("Allemagne", "Un autre pays", "Peu importe")
    await awa.presses("Allemagne")
    await awa.waits_for("Quel âge a la personne qui part ?")
    await awa.presses("de 16 à 17 ans")
    await awa.waits_for("Quand voulez-vous partir ?")
    await awa.presses("Peu importe")
    results = await awa.waits_for("J'ai compris : Allemagne, de 16 à 17 ans.")
    assert "Camp dans le Harz\nAllemagne · de 13 à 17 ans" in results.text
    await awa.presses("Infos : Camp dans le Harz")
    details = await awa.waits_for("Organisme : Le comité de jumelage")
    assert "https://example.org/camp" in [entity.get("url") for entity in details.entities]
    await awa.presses("Parler à une personne")
    await awa.waits_for("Je préviens une personne du service.")
    await plain_group.waits_for("demande à parler à quelqu'un")
    menus = [call.params["commands"] for call in api.called("setMyCommands")]
    assert "opportunites" in str(menus[0])


async def test_one_sentence_in_german_gets_the_offers_in_german(bot: BotProcess, api: BotApi):
    lena = api.private_chat(43, "Lena", language_code="de")
    await lena.says("Ich bin 17 und will im Sommer nach Deutschland")
    results = await lena.waits_for("Ich habe verstanden: Deutschland, 17 Jahre")
    assert "Camp im Harz\nDeutschland · 13 bis 17 Jahre" in results.text
    assert results.buttons == (
        "Infos: Camp im Harz",
        "Über Neues benachrichtigen",
        "Als junger Mensch ins Ausland",
        "Mit einem Menschen sprechen",
    )


async def test_a_poster_leads_to_its_offer(bot: BotProcess, awa: Citizen):
    await awa.says("/start opp-camp-harz")
    details = await awa.waits_for("Camp dans le Harz\nDeux semaines")
    assert "Vos données" in details.text


async def test_of_a_child_nothing_is_kept(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    await awa.says("ma fille Zoulikha a 13 ans et veut aller en Allemagne")
    results = await awa.waits_for("J'ai compris : Allemagne, 13 ans.")
    assert "parent ou un responsable légal" in results.text
    await awa.says("/opportunites")
    await awa.presses_when_there("Allemagne")
    await awa.presses_when_there("jusqu'à 14 ans")
    await awa.presses_when_there("Peu importe")
    await awa.waits_for("J'ai compris : Allemagne, jusqu'à 14 ans.")
    await awa.says("/mesdonnees")
    await api.until(lambda: len(api.called("sendDocument")) == 2)
    assert await bot.stops() == 0
    with sqlite3.connect(tmp_path / "passerelle.db") as database:
        assert database.execute("select count(*) from questions").fetchone() == (0,)
    everything = files(tmp_path) + bot.log.encode()
    for words in ("Zoulikha", "13 ans", "de.13", "J'ai compris"):
        assert words.encode() not in everything
        assert words not in str([message.text for message in plain_group.messages])
