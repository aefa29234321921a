"""Telegram fails on purpose: what the citizen and the staff see, and that nothing is lost."""

from pathlib import Path

import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, BotProcess, running_bot

QUESTION, ANSWER = "Comment demander une aide ?", "Écrivez au service"


async def answered_once(api: BotApi, awa: Citizen) -> None:
    """The answer came, and came once: another question comes after it, in order."""
    await awa.waits_for(ANSWER, timeout=20)
    await awa.says("Où êtes-vous ?")
    await awa.waits_for("place de la Révolution-française", timeout=20)
    assert sum(ANSWER in message.text for message in awa.messages) == 1


@pytest.mark.parametrize("status", [500, 502])
async def test_a_fault_of_telegram_delays_the_answer(bot: BotProcess, api: BotApi, awa: Citizen, status: int):
    api.fail_next("sendMessage", times=2, status=status)
    await awa.says(QUESTION)
    await answered_once(api, awa)


async def test_a_flood_wait_is_obeyed(bot: BotProcess, api: BotApi, awa: Citizen):
    api.fail_next("sendMessage", status=429, retry_after=2)
    await awa.says(QUESTION)
    await answered_once(api, awa)
    refused, sent = [call for call in api.called("sendMessage") if ANSWER in call.params["text"]]
    assert sent.time - refused.time >= 2


async def test_a_connection_cut_before_the_effect_loses_nothing(bot: BotProcess, api: BotApi, awa: Citizen):
    api.drop_connection_next("sendMessage", before_effect=True)
    await awa.says(QUESTION)
    await answered_once(api, awa)


async def test_an_answer_whose_receipt_is_lost_may_come_twice_and_no_more(bot: BotProcess, api: BotApi, awa: Citizen):
    api.drop_connection_next("sendMessage", before_effect=False)
    await awa.says(QUESTION)
    await api.until(lambda: sum(ANSWER in message.text for message in awa.messages) == 2, timeout=20)
    await awa.says("Où êtes-vous ?")
    await awa.waits_for("place de la Révolution-française", timeout=20)
    assert len(awa.messages) == 3


async def test_refused_formatting_is_sent_as_plain_text(bot: BotProcess, api: BotApi, awa: Citizen):
    api.fail_next("sendMessage", status=400, description="Bad Request: can't parse entities: unsupported start tag")
    await awa.says(QUESTION)
    answer = await awa.waits_for("avec < 3 pages & un budget.")
    assert "(https://example.org/guide)" in answer.text
    assert answer.html is None


async def test_polling_goes_on_after_faults_and_a_conflict(bot: BotProcess, api: BotApi, awa: Citizen):
    await awa.says("/start")
    await awa.waits_for("assistant automatique")
    api.fail_next("getUpdates", status=409, description="Conflict: terminated by other getUpdates request")
    api.fail_next("getUpdates", status=502)
    api.drop_connection_next("getUpdates", before_effect=True)
    await awa.says(QUESTION)
    await awa.waits_for(ANSWER, timeout=30)
    assert "Un autre programme lit les messages de ce bot" in bot.log


async def test_an_update_that_comes_twice_is_answered_once(bot: BotProcess, api: BotApi, awa: Citizen):
    await awa.says(QUESTION)
    await awa.waits_for(ANSWER)
    api.repeat_update(api.all_updates[-1]["update_id"])
    await answered_once(api, awa)


async def test_who_blocks_the_bot_keeps_nobody_waiting(bot: BotProcess, api: BotApi, awa: Citizen):
    blocker = api.private_chat(43, "Zoé")
    await blocker.says(QUESTION)
    await blocker.waits_for(ANSWER)
    api.fail_next("sendMessage", status=403, description="Forbidden: bot was blocked by the user", chat_id=43)
    await blocker.says("Où êtes-vous ?")
    await awa.says(QUESTION)
    await awa.waits_for(ANSWER)


async def test_what_cannot_be_copied_is_told_to_staff(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    api.fail_next("copyMessage", status=400, description="Bad Request: message can't be copied")
    await awa.sends_voice()
    await plain_group.waits_for("que Telegram ne permet pas de transmettre")


async def test_a_staff_group_out_of_reach_makes_requests_wait(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    settings = settings | {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP)}
    async with running_bot(settings, tmp_path / "log") as bot:
        await awa.says("/humain")
        await awa.waits_for("Je préviens une personne")
        await api.until(lambda: [call for call in api.called("sendMessage") if call.status == 400])
        assert "n'est pas joignable" in bot.log
        await bot.stops()
    group = api.group(PLAIN_GROUP, "Service", members=["Alice"], bot_rights=None)
    async with running_bot(settings, tmp_path / "log"):
        await group.waits_for("Demande n° 1", timeout=70)


async def test_killed_at_any_moment_it_answers_after_the_restart(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    api.delay("sendMessage", 0.5, before_effect=True)
    async with running_bot(settings, tmp_path / "log") as first:
        await awa.says(QUESTION)
        await api.until(lambda: api.called("sendChatAction"))
        await first.dies()
    api.delay("sendMessage", 0)
    async with running_bot(settings, tmp_path / "log"):
        await awa.waits_for(ANSWER)
