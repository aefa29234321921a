"""`@bot allemagne 17` in any chat: the real bot process against the emulator of the Bot API."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, BotProcess, running_bot
from tests.end_to_end.test_opportunities import KNOWLEDGE
from tests.end_to_end.test_personal_data import files

SECRET = "allemagne 17 confidence-xyz"  # noqa: S105 - none


@pytest.fixture
async def bot(
    settings: dict[str, str], api: BotApi, plain_group: StaffGroup, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    offering = {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE)}
    async with running_bot(settings | offering, tmp_path / "log") as process:
        await api.is_polled()
        yield process


async def test_a_card_is_shared_and_leads_to_the_bot(bot: BotProcess, awa: Citizen):
    found = await awa.looks_up("allemagne 17")
    card = found.results[0]
    assert card.text.startswith("Camp dans le Harz\nAllemagne · de 13 à 17 ans")
    assert "lue le" in card.text
    assert "https://example.org/camp" in card.links
    assert card.buttons == (("Plus d'infos", "https://t.me/passerelle_test_bot?start=opp-camp-harz"),)
    assert (found.button, found.personal, found.next_offset) == (("Poser la question au service", "question"), True, "")
    await awa.says("/start opp-camp-harz")
    await awa.waits_for("Camp dans le Harz\nDeux semaines")


async def test_in_german_and_when_nothing_is_found_the_service_can_be_asked(bot: BotProcess, api: BotApi):
    lena = api.private_chat(43, "Lena", language_code="de")
    card, *_ = (await lena.looks_up("deutschland 16")).results
    assert card.text.startswith("Camp im Harz\nDeutschland · 13 bis 17 Jahre")
    nothing = await lena.looks_up("<script>")
    assert nothing.results == ()
    assert nothing.button == ("Die Behörde fragen", "question")
    await lena.says("/start question")
    await lena.waits_for("Stellen Sie Ihre Frage")


async def test_in_arabic(bot: BotProcess, api: BotApi):
    rami = api.private_chat(44, "Rami", language_code="ar")
    card, *_ = (await rami.looks_up("المانيا ١٧")).results
    assert "ألمانيا" in card.text


async def test_nothing_of_a_query_is_kept_and_the_bot_goes_on_after_it(
    bot: BotProcess, api: BotApi, awa: Citizen, tmp_path: Path
):
    await awa.looks_up(SECRET)
    api.fail_next("answerInlineQuery", status=400, description="Bad Request: query is too old")
    await awa.says("/start")
    await awa.waits_for("Bonjour")
    assert await bot.stops() == 0
    with sqlite3.connect(tmp_path / "passerelle.db") as database:
        assert database.execute("select count(*) from inbox").fetchone() == (1,)
        assert database.execute("select count(*) from questions").fetchone() == (0,)
    assert b"confidence" not in files(tmp_path) + bot.log.encode()
