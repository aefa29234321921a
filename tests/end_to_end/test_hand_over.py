"""People of the staff work on requests together: the real bot process against the emulator of the Bot API."""

from pathlib import Path

from tests.emulator import BotApi, Citizen, SentMessage, StaffGroup
from tests.end_to_end.conftest import FORUM, PLAIN_GROUP, BotProcess, running_bot

QUESTION = "Comment demander une aide ?"


async def opened(awa: Citizen, group: StaffGroup) -> SentMessage:
    """A request of Awa's: its card."""
    await awa.says("/humain")
    await awa.waits_for("Je préviens une personne")
    return await group.waits_for("Demande n° 1")


async def test_only_one_takes_a_request_and_the_second_is_told_who_has_it(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    card = await opened(awa, plain_group)
    first = await plain_group.member("Alice").presses("Je prends", message_id=card.message_id)
    second = await plain_group.member("Bob").presses("Je prends", message_id=card.message_id)
    await api.until(lambda: first.answered and second.answered)
    assert "Alice" in second.text
    assert first.text != second.text
    await awa.waits_for("s'occupe de votre demande")
    await plain_group.waits_for("Alice s'occupe de la demande n° 1")
    assert [message.text for message in awa.messages].count(awa.messages[-1].text) == 1


async def test_who_replies_has_the_request(bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen):
    card = await opened(awa, plain_group)
    await plain_group.member("Bob").says("Bonjour", reply_to=card.message_id)
    await awa.waits_for("Bonjour")
    press = await plain_group.member("Alice").presses("Je prends", message_id=card.message_id)
    await api.until(lambda: press.answered)
    assert "Bob" in press.text


async def test_a_correction_of_staff_corrects_what_the_citizen_reads(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    card = await opened(awa, plain_group)
    reply = await plain_group.member("Alice").says("Venez mardi", reply_to=card.message_id)
    await awa.waits_for("Venez mardi")
    await plain_group.member("Alice").edits(reply, "Venez jeudi")
    corrected = await awa.waits_for("Venez jeudi")
    assert corrected.edited
    assert "Venez mardi" not in [message.text for message in awa.messages]


async def test_a_correction_of_the_citizen_corrects_what_staff_read(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    await opened(awa, plain_group)
    said = await awa.says("C'est pour le Burkina")
    await plain_group.waits_for("C'est pour le Burkina")
    await awa.edits(said, "C'est pour le Liban")
    assert (await plain_group.waits_for("C'est pour le Liban")).edited


async def test_a_corrected_question_is_answered_anew_and_an_invisible_edit_is_not(
    bot: BotProcess, api: BotApi, awa: Citizen
):
    said = await awa.says("Où êtes-vous ?")
    await awa.waits_for("place de la Révolution-française")
    await awa.edits(said, "Où êtes-vous ?")
    await awa.edits(said, QUESTION)
    await awa.waits_for("Écrivez au service")
    assert len(awa.messages) == 2


async def test_an_album_reaches_staff_as_an_album_and_is_acknowledged_once(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    pictures = await awa.sends_album(3, caption="Nos élèves")
    await awa.waits_for("Je ne sais lire que du texte")
    await api.until(lambda: api.called("copyMessages"))
    copies = [message.copied_from for message in plain_group.messages if message.copied_from]
    assert copies == [(42, number) for number in pictures]
    assert len(awa.messages) == 1


async def test_texts_in_a_burst_are_one_question(
    api: BotApi, settings: dict[str, str], plain_group: StaffGroup, awa: Citizen, tmp_path: Path
):
    settings = settings | {"PASSERELLE_STAFF_CHAT_ID": str(PLAIN_GROUP), "PASSERELLE_BURST_SECONDS": "1"}
    async with running_bot(settings, tmp_path / "log"):
        for word in ("comment", "demander", "une aide"):
            await awa.says(word)
        await awa.waits_for("Écrivez au service")
    assert len(awa.messages) == 1


async def test_a_conversation_is_given_back_to_the_bot(bot: BotProcess, plain_group: StaffGroup, awa: Citizen):
    card = await opened(awa, plain_group)
    await plain_group.member("Alice").says("/rendre", reply_to=card.message_id)
    await awa.waits_for("Je suis de nouveau là")
    await awa.says(QUESTION)
    await awa.waits_for("Écrivez au service")


async def test_a_request_without_a_question_has_nothing_to_explain_and_the_citizen_sees_nothing_of_it(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen
):
    await opened(awa, forum)
    (topic,) = forum.topics
    told = len(awa.messages)
    await forum.member("Alice").says("/pourquoi", thread=topic.id)
    await forum.waits_for("pas de question notée", thread=topic.id)
    assert len(awa.messages) == told


async def test_a_request_is_put_off_and_handed_to_a_colleague(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen
):
    await opened(awa, forum)
    (topic,) = forum.topics
    await forum.member("Alice").says("/reporter 2h", thread=topic.id)
    await forum.waits_for("Rappel", thread=topic.id)
    await forum.member("Alice").says("/reporter bientôt peut-être", thread=topic.id)
    await forum.waits_for("/reporter", thread=topic.id)
    await forum.member("Alice").says("/confier Bob", thread=topic.id)
    await forum.waits_for("Bob s'occupe", thread=topic.id)


async def test_commands_without_a_request_say_how_to_name_one(bot: BotProcess, plain_group: StaffGroup):
    await plain_group.member("Alice").says("/clore")
    await plain_group.waits_for("Quelle demande")
    await plain_group.member("Alice").says("/aide")
    await plain_group.waits_for("Ce groupe reçoit les demandes")


async def test_a_closed_request_cannot_be_closed_again(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    await opened(awa, plain_group)
    await plain_group.presses("Clore la demande")
    await awa.waits_for("L'échange avec le service est terminé")
    press = await plain_group.presses("Clore la demande")
    await api.until(lambda: press.answered)
    assert press.text == "Cette demande est déjà close."
    assert [message.text for message in awa.messages].count(awa.messages[-1].text) == 1


async def test_a_deleted_topic_is_made_anew_and_nothing_is_lost(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen
):
    await opened(awa, forum)
    for refusal in ("message thread not found", "TOPIC_DELETED"):
        gone = forum.topics[-1]
        await forum.deletes_topic(gone.id, refusal=refusal)
        await awa.says(f"Encore une précision après {refusal}")
        relayed = await forum.waits_for(f"précision après {refusal}", timeout=30)
        assert relayed.thread not in {None, gone.id}
    await forum.member("Alice").says("Bien lu.", thread=forum.topics[-1].id)
    await awa.waits_for("Bien lu.")


async def test_a_closed_topic_is_reopened(bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen):
    await opened(awa, forum)
    await forum.closes_topic(forum.topics[0].id)
    await awa.says("Une précision")
    assert (await forum.waits_for("Une précision")).thread == forum.topics[0].id


async def test_without_the_right_to_close_topics_the_next_request_still_arrives(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, awa: Citizen
):
    await opened(awa, forum)
    api.fail_next("closeForumTopic", times=99, status=400, description="Bad Request: not enough rights")
    await forum.presses("Clore la demande")
    await awa.waits_for("L'échange avec le service est terminé")
    await awa.says("/humain")
    await forum.waits_for("Demande n° 2", timeout=30)


async def test_a_group_that_becomes_a_supergroup_is_followed(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, awa: Citizen
):
    await opened(awa, plain_group)
    new = await plain_group.migrates()
    await awa.says("Une précision")
    relayed = await plain_group.waits_for("Une précision")
    await plain_group.member("Alice").says("Bien lu.", reply_to=relayed.message_id)
    await awa.waits_for("Bien lu.")
    assert f"PASSERELLE_STAFF_CHAT_ID={new}" in bot.log


async def test_without_the_right_to_make_topics_requests_come_to_the_general_one(
    api: BotApi, settings: dict[str, str], awa: Citizen, tmp_path: Path
):
    forum = api.group(FORUM, "Service", forum=True, members=["Alice"], bot_rights=["can_delete_messages"])
    async with running_bot(settings | {"PASSERELLE_STAFF_CHAT_ID": str(FORUM)}, tmp_path / "log") as bot:
        card = await opened(awa, forum)
        assert card.thread is None
        await forum.member("Alice").says("Bonjour", reply_to=card.message_id)
        await awa.waits_for("Bonjour")
        assert "Gérer les sujets" in bot.log
