"""Running the bot: it stops in an orderly way, says how it is, and logs nothing about people."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from bot.channels.telegram.health import Health
from bot.storage.sql import open_store
from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, running_bot
from tests.storage.examples import NOW

QUESTION, ANSWER = "Comment demander une aide ?", "Écrivez au service"
OTHER, OTHER_ANSWER = "Où êtes-vous ?", "place de la Révolution-française"


# Stopping


async def test_sigterm_finishes_what_telegram_is_being_told(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    api.delay("sendMessage", 1, before_effect=False)
    async with running_bot(settings, tmp_path / "log") as first:
        await awa.says(QUESTION)
        await awa.waits_for(ANSWER)  # it is there, and the bot has not been told so yet
        async with asyncio.timeout(10):
            assert await first.stops() == 0
    api.delay("sendMessage", 0)
    async with running_bot(settings, tmp_path / "log"):
        await awa.says(OTHER)
        await awa.waits_for(OTHER_ANSWER)
    assert [ANSWER in message.text for message in awa.messages] == [True, False]


async def test_sigterm_is_obeyed_in_time_when_telegram_does_not_answer(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    api.drop_connection_next("sendMessage", before_effect=False, hold=15)
    async with running_bot(settings, tmp_path / "log") as first:
        await awa.says(QUESTION)
        await awa.waits_for(ANSWER)
        async with asyncio.timeout(10):
            assert await first.stops() == 0
        assert "sera repris au prochain démarrage" in first.log
        assert "Traceback" not in first.log
    async with running_bot(settings, tmp_path / "log"):
        await awa.says(OTHER)
        await awa.waits_for(OTHER_ANSWER)
    assert [ANSWER in message.text for message in awa.messages] == [True, True, False]  # nobody knew that it had come


async def test_a_second_start_takes_up_what_a_stop_left(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    asked = [QUESTION, OTHER] * 4
    async with running_bot(settings, tmp_path / "log") as first:
        for question in asked:
            await awa.says(question)
        await awa.waits_for(ANSWER, after=0)
        async with asyncio.timeout(10):
            assert await first.stops() == 0
    assert len(awa.messages) < len(asked)
    async with running_bot(settings, tmp_path / "log"):
        await api.until(lambda: len(awa.messages) == len(asked), timeout=30)
    assert [ANSWER in message.text for message in awa.messages] == [True, False] * 4


# Health


@pytest.fixture
def health(unused_tcp_port: int, settings: dict[str, str]) -> str:
    """The address at which the bot of `settings` tells how it is."""
    settings["PASSERELLE_HEALTH_LISTEN"] = f"127.0.0.1:{unused_tcp_port}"
    return f"http://127.0.0.1:{unused_tcp_port}"


async def test_a_running_bot_is_live_and_ready_and_counts_what_it_does(
    api: BotApi, settings: dict[str, str], health: str, awa: Citizen, tmp_path: Path
):
    async with running_bot(settings, tmp_path / "log"), httpx.AsyncClient(base_url=health) as client:
        await awa.says(QUESTION)
        await awa.waits_for(ANSWER)
        assert (await client.get("/live")).status_code == 200
        assert (await client.get("/ready")).json() == {"ready": True}
        await awa.says(OTHER)
        await awa.waits_for(OTHER_ANSWER)
        figures = (await client.get("/metrics")).text
    assert 'passerelle_updates_total{outcome="handled"} 2.0' in figures
    assert 'passerelle_messages_total{outcome="sent"}' in figures
    assert 'passerelle_rows{state="answered",table="questions"} 2.0' in figures
    assert str(awa.chat_id) not in [part for line in figures.splitlines() for part in line.split('"')]


async def test_ready_tells_that_telegram_is_silent(tmp_path: Path):
    store = await open_store("sqlite+aiosqlite://", NOW)
    health = Health()
    transport = httpx.ASGITransport(health.app(store, polls=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://health") as client:
        silent = await client.get("/ready")
        health.heard()
        heard = await client.get("/ready")
        assert health.heard_at is not None
        health.heard_at -= 100
        silent_again = await client.get("/ready")
    await store.close()
    assert [silent.status_code, heard.status_code, silent_again.status_code] == [503, 200, 503]
    assert silent.json() == {"ready": False, "why": "telegram"}


# Logs


@pytest.mark.parametrize("form", ["text", "json"])
async def test_the_log_holds_neither_the_token_nor_anything_of_a_citizen(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, tmp_path: Path, form: str
):
    aminata = api.private_chat(7312345678, "Aminata", username="aminata_k")
    settings |= {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_LOG": form}
    async with running_bot(settings, tmp_path / "log") as bot:
        api.fail_next("sendMessage", status=500)
        api.fail_next("sendMessage", status=400, description="Bad Request: can't parse entities", chat_id=7312345678)
        await aminata.says(f"{QUESTION} Mon numéro est le 06 12 34 56 78.")
        await aminata.waits_for(ANSWER, timeout=20)
        await aminata.says("Mon dossier confidentiel, /humain")
        await aminata.says("/humain")
        card = await plain_group.waits_for("Demande n° 1", timeout=20)
        await plain_group.member("Alice").says("Bonjour madame Ouédraogo", reply_to=card.message_id)
        await aminata.waits_for("Ouédraogo")
        await aminata.blocks_bot()
        await plain_group.member("Alice").says("Encore un mot", reply_to=card.message_id)
        await plain_group.waits_for("Votre message n'est pas arrivé", timeout=20)
        assert await bot.stops() == 0
        log = bot.log
    lines = log.splitlines()[1:]  # the first tells the operator, before the log begins, that nothing is understood
    assert len(lines) >= 4
    private = (api.token, "7312345678", "Aminata", "aminata_k", "confidentiel", "06 12 34", "Ouédraogo", "Alice", "mot")
    assert [word for word in private if word in log] == []
    if form == "json":
        assert all({"time", "level", "logger", "message"} <= json.loads(line).keys() for line in lines)
