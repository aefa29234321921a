"""A message that ends the process, and two processes on one file."""

from pathlib import Path

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, ROOT, BotProcess, running_bot

QUESTION, ANSWER = "Comment demander une aide ?", "Écrivez au service"
POISON = "poison"
BREAKING = f"""
import os, signal
from bot.dialogue.policy import Dialogue
step = Dialogue.step
def breaking(self, before, event, moment):
    if "{POISON}" in getattr(event, "text", ""):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, before, event, moment)
Dialogue.step = breaking
"""
"""As a fault in a library's C code, or no memory left, ends a process: nothing of Python gets to run."""


async def test_a_message_that_kills_the_process_is_set_aside_after_three_times_by_itself(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    (tmp_path / "sitecustomize.py").write_text(BREAKING, "utf-8")
    settings |= {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP)}
    zoe = api.private_chat(43, "Zoé")
    await awa.says(POISON)
    await zoe.says(QUESTION)
    for _ in range(4):
        async with running_bot(settings, tmp_path / "log") as bot:
            assert await bot.ended() == -9
    async with running_bot(settings, tmp_path / "log") as bot:
        await awa.waits_for("problème technique", timeout=60)
        await zoe.waits_for(ANSWER, timeout=60)
        await plain_group.waits_for("n° 1", timeout=60)
        await awa.says(QUESTION)
        await awa.waits_for(ANSWER, timeout=60)
        assert await bot.stops() == 0
    assert [message.text for message in zoe.messages if ANSWER in message.text][1:] == []


async def test_a_second_bot_on_the_same_file_says_so_and_stops(
    bot: BotProcess, api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    await awa.says(QUESTION)
    await awa.waits_for(ANSWER, timeout=60)
    async with running_bot(settings, tmp_path / "second") as second:
        assert await second.ended() == 2
        assert "Un autre assistant est en marche sur la base" in second.log
        assert "Traceback" not in second.log
    await awa.says(QUESTION)
    await api.until(lambda: sum(ANSWER in message.text for message in awa.messages) == 2, timeout=60)
