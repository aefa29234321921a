"""A citizen and an agent on Telegram: the real bot process against the emulator of the Bot API."""

import json
from pathlib import Path

from bot.channels.telegram.incoming import StaffCommand
from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import PLAIN_GROUP, BotProcess, running_bot

QUESTION, UNCLEAR, UNKNOWN = "Comment demander une aide ?", "votre rue et vos aides", "/humain"


async def test_start_says_who_it_is_what_becomes_of_the_data_and_shows_three_buttons(bot: BotProcess, awa: Citizen):
    await awa.says("/start")
    welcome = await awa.waits_for("Je suis l'assistant automatique")
    assert "Vos données" in welcome.text
    assert welcome.buttons == ("Demander une aide", "Où sommes-nous ?", "Parler à une personne")


async def test_an_answer_bears_its_source_and_date_and_is_escaped(bot: BotProcess, awa: Citizen):
    await awa.says(QUESTION)
    answer = await awa.waits_for("Écrivez au service, avec < 3 pages & un budget.")
    assert "Source : Guide des aides (juin 2026), lue le 24/11/2026" in answer.text
    assert [entity["url"] for entity in answer.entities if "url" in entity] == ["https://example.org/guide"]
    assert answer.buttons == ("Où sommes-nous ?", "Parler à une personne", "Cela m'aide", "Pas ma question")


async def test_typing_is_shown_while_it_thinks(bot: BotProcess, api: BotApi, awa: Citizen):
    await awa.says(QUESTION)
    await awa.waits_for("Écrivez au service")
    await api.until(lambda: awa.actions == ["typing"])


async def test_the_whole_way_in_a_plain_group(bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen):
    await awa.says(UNCLEAR)
    offer = await awa.waits_for("Vouliez-vous parler de")
    assert offer.buttons[-1] == "Autre chose"
    press = await awa.presses("Autre chose")
    await awa.waits_for("Je transmets votre question")
    await api.until(lambda: press.answered)
    card = await plain_group.waits_for(UNCLEAR)
    assert card.buttons == ("Je prends", "Clore la demande")
    assert "aucune des fiches proposées" in card.text

    reply = await plain_group.member("Alice").says("Bonjour, je regarde.", reply_to=card.message_id)
    await awa.waits_for("Bonjour, je regarde.")
    assert "Une personne du service vous répond :" in [message.text for message in awa.messages]
    await api.until(lambda: plain_group.reactions_to(reply) == ("👍",))

    await awa.says(QUESTION)
    relayed = await plain_group.waits_for(f"👤 {QUESTION}")
    assert relayed.reply_to == card.message_id
    assert "Écrivez au service" not in " ".join(message.text for message in awa.messages)

    await plain_group.member("Bob").says("/clore", reply_to=relayed.message_id)
    await awa.waits_for("L'échange avec le service est terminé")
    await plain_group.waits_for("close. La personne en est informée")
    await awa.says(QUESTION)
    await awa.waits_for("Écrivez au service")


async def test_what_was_offered_is_chosen_by_typing(bot: BotProcess, awa: Citizen):
    await awa.says(UNCLEAR)
    offer = await awa.waits_for("Vouliez-vous parler de")
    await awa.says("oui")
    assert (await awa.waits_for("Lequel de ces sujets ?")).buttons == offer.buttons
    await awa.says(offer.buttons[0])
    first = await awa.waits_for("Source :")
    await awa.says(UNCLEAR)
    await awa.says("1")
    await awa.waits_for(first.text)


async def test_the_whole_way_in_a_group_with_topics(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen
):
    await awa.says("Je conteste votre décision")
    await awa.waits_for("Un recours est possible.")
    card = await forum.waits_for("Je conteste votre décision")
    (topic,) = forum.topics
    assert card.thread == topic.id
    assert topic.name == "N° 1 · Je conteste votre décision"

    await forum.member("Alice").says("Nous relisons votre dossier.", thread=topic.id)
    await awa.waits_for("Nous relisons votre dossier.")
    await forum.member("Alice").says("// elle a déjà écrit en juin", thread=topic.id)
    await awa.says("Merci !")
    assert (await forum.waits_for("👤 Merci !")).thread == topic.id

    press = await forum.presses("Clore la demande")
    await awa.waits_for("L'échange avec le service est terminé")
    await api.until(lambda: press.answered and forum.topics[0].closed)
    assert not any("déjà écrit" in message.text for message in awa.messages)


async def test_what_is_not_text_goes_to_staff(bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen):
    voice = await awa.sends_voice()
    await awa.waits_for("Je ne sais lire que du texte")
    await api.until(lambda: any(message.copied_from == (42, voice) for message in plain_group.messages))
    others = [await awa.sends_location(), *await awa.sends_album(2)]
    await api.until(
        lambda: {message.copied_from for message in plain_group.messages} >= {(42, number) for number in others}
    )


async def test_staff_send_a_photo(bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen):
    await awa.says(UNKNOWN)
    card = await plain_group.waits_for("demande à parler à quelqu'un")
    photo = await plain_group.member("Alice").sends_photo("Le plan", reply_to=card.message_id)
    await api.until(lambda: any(message.copied_from == (PLAIN_GROUP, photo) for message in awa.messages))


async def test_a_citizen_cancels(bot: BotProcess, plain_group: StaffGroup, awa: Citizen):
    await awa.says(UNKNOWN)
    await awa.waits_for("Je préviens une personne")
    await plain_group.waits_for("Demande n° 1")
    await awa.presses("Annuler ma demande")
    await awa.waits_for("personne ne vous recontactera")
    await plain_group.waits_for("a annulé sa demande n° 1")


async def test_a_button_pressed_while_a_person_speaks_tells_so(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    await awa.says("/start")
    await awa.waits_for("assistant automatique")
    await awa.says(UNKNOWN)
    card = await plain_group.waits_for("Demande n° 1")
    await plain_group.member("Alice").says("Je vous écoute.", reply_to=card.message_id)
    await awa.waits_for("Je vous écoute.")
    press = await awa.presses("Demander une aide")
    await api.until(lambda: press.answered)
    assert "Une personne du service vous répond" in press.text
    await plain_group.waits_for("👤 a appuyé sur « Demander une aide »")


async def test_staff_are_told_that_the_citizen_blocked_the_bot(bot: BotProcess, plain_group: StaffGroup, awa: Citizen):
    await awa.says(UNKNOWN)
    card = await plain_group.waits_for("Demande n° 1")
    await awa.waits_for("Je préviens une personne")
    await awa.blocks_bot()
    reply = await plain_group.member("Alice").says("Bonjour", reply_to=card.message_id)
    notice = await plain_group.waits_for("Votre message n'est pas arrivé")
    assert notice.reply_to == reply


async def test_the_language_of_telegram_greets_and_langue_changes_it(bot: BotProcess, api: BotApi):
    ute = api.private_chat(43, "Ute", language_code="de")
    await ute.says("/start")
    welcome = await ute.waits_for("automatische")
    assert "Förderung beantragen" in welcome.buttons
    await ute.says("/langue")
    await ute.waits_for("Sprache")
    await ute.presses("Français")
    await ute.waits_for("je vous réponds en français")


async def test_commands_are_registered_for_each_language_and_for_the_staff_group(bot: BotProcess, api: BotApi):
    await api.until(lambda: len(api.called("setMyCommands")) == 6)
    calls = [call.params for call in api.called("setMyCommands")]
    assert {call.get("language_code") for call in calls} == {None, "de", "en", "sr", "ar"}
    assert [command["command"] for command in json.loads(calls[-1]["commands"])] == [*StaffCommand, "aide"]


async def test_nothing_is_lost_or_doubled_by_a_stop_and_a_start(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    settings = settings | {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP)}
    async with running_bot(settings, tmp_path / "log") as first:
        await awa.says(QUESTION)
        await awa.waits_for("Écrivez au service")
        assert await first.stops() == 0
    await awa.says("Où êtes-vous ?")
    async with running_bot(settings, tmp_path / "log") as second:
        await awa.waits_for("place de la Révolution-française")
        assert await second.stops() == 0
    assert len(awa.messages) == 2


async def test_requests_wait_for_a_staff_group_and_a_group_is_told_its_number(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    async with running_bot(settings, tmp_path / "log") as first:
        await awa.says(UNKNOWN)
        await awa.waits_for("Je préviens une personne")
        await plain_group.member("Alice").says("/start@passerelle_test_bot")
        await plain_group.waits_for(f"PASSERELLE_STAFF_CHAT_ID={PLAIN_GROUP}")
        assert "PASSERELLE_STAFF_CHAT_ID manque" in first.log
        await first.stops()
    async with running_bot(settings | {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP)}, tmp_path / "log"):
        await plain_group.waits_for("Demande n° 1")


async def test_a_refused_token_is_one_sentence(settings: dict[str, str], tmp_path: Path):
    async with running_bot(settings | {"PASSERELLE_BOT_TOKEN": "1:wrong"}, tmp_path / "log") as bot:
        assert await bot.ended() == 2
    assert bot.log.splitlines()[-1].startswith("Telegram refuse le jeton PASSERELLE_BOT_TOKEN")
    assert "1:wrong" not in bot.log


async def test_by_webhook_a_question_is_answered(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path, unused_tcp_port: int
):
    address = f"http://127.0.0.1:{unused_tcp_port}/hook"
    webhook = {"PASSERELLE_WEBHOOK_URL": address, "PASSERELLE_WEBHOOK_LISTEN": f"127.0.0.1:{unused_tcp_port}"}
    async with running_bot(settings | webhook, tmp_path / "log") as process:
        await awa.says(QUESTION)
        await awa.waits_for("Écrivez au service")
        assert await process.stops() == 0
    assert api.called("getUpdates") == []


async def test_a_taken_port_is_one_sentence(settings: dict[str, str], api: BotApi, tmp_path: Path):
    taken = api.url.removeprefix("http://")
    webhook = {"PASSERELLE_WEBHOOK_URL": "http://127.0.0.1/hook", "PASSERELLE_WEBHOOK_LISTEN": taken}
    async with running_bot(settings | webhook, tmp_path / "log") as process:
        assert await process.ended() == 2
    assert f"à l'adresse {taken}" in process.log.splitlines()[-1]
