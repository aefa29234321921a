"""A person sees and erases what is kept: the real bot process against the emulator of the Bot API."""

import asyncio
import json
import re
from pathlib import Path

from sqlalchemy import select

from bot.storage.database import Database, create_engine
from bot.storage.tables import metadata
from tests.emulator import BotApi, Citizen, SentMessage, StaffGroup
from tests.end_to_end.conftest import BotProcess

AWA = 6123456789
"""No other number of a test or of a log looks like it."""
PLANTED = "confidence-xyz"
MAIL = "awa.diallo@exemple.fr"
QUESTION = f"Je conteste votre décision, {PLANTED}, {MAIL}"
STARTS = 60
"""Seconds that the bot may take to start on a busy machine."""
REPLY = f"Bonjour Awa, au sujet de {PLANTED}"


async def with_staff(api: BotApi, group: StaffGroup) -> Citizen:
    """Awa asks, a person answers, Awa adds a word: as much as there can be."""
    awa = api.private_chat(AWA, "Awa")
    await awa.says(QUESTION)
    await awa.waits_for("Un recours est possible", STARTS)
    card = await group.waits_for(PLANTED)
    await group.member("Alice").says(REPLY, reply_to=card.message_id)
    await awa.waits_for(REPLY)
    await awa.says(f"Merci, {PLANTED}")
    await group.waits_for(f"Merci, {PLANTED}")
    return awa


async def erases(awa: Citizen) -> SentMessage:
    """The receipt."""
    await awa.says("/effacer")
    await awa.waits_for("Voulez-vous effacer")
    await awa.presses("Oui, tout effacer")
    return await awa.waits_for("C'est effacé")


async def rows(settings: dict[str, str]) -> str:
    """Everything in every table, as text."""
    database = Database(create_engine(settings["PASSERELLE_DATABASE_URL"]))
    try:
        async with database.reading() as connection:
            tables = [list(await connection.execute(select(table))) for table in metadata.tables.values()]
    finally:
        await database.close()
    return "\n".join(str(tuple(row)) for table in tables for row in table)


def traces(text: str | bytes) -> list[str]:
    words = (PLANTED, MAIL, str(AWA))
    return [word for word in words if (word if isinstance(text, str) else word.encode()) in text]


def files(folder: Path) -> bytes:
    """The database as it lies on the disk."""
    return b"".join(path.read_bytes() for path in folder.glob("passerelle.db*"))


async def gone(settings: dict[str, str]) -> None:
    """The receipt itself leaves its row a moment after it has arrived."""
    async with asyncio.timeout(10):
        while traces(await rows(settings)):
            await asyncio.sleep(0.05)


async def test_nothing_of_a_person_remains_who_erases_while_with_staff(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, settings: dict[str, str], tmp_path: Path
):
    awa = await with_staff(api, plain_group)
    assert traces(await rows(settings)) == [PLANTED, MAIL, str(AWA)]
    receipt = await erases(awa)
    assert "le service est prévenu" in receipt.text
    await plain_group.waits_for("La personne a effacé ses données : la demande n° 1 est close")
    await gone(settings)
    assert await bot.stops() == 0
    assert traces(files(tmp_path)) == []
    assert traces(bot.log) == []
    assert re.search(r"La personne p-[0-9a-f]{12} a effacé ses données", bot.log)


async def test_the_copies_in_the_group_are_deleted_and_staff_asked_to_delete_their_own(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup
):
    """The bot is a simple member: it may delete its own messages, not Alice's reply."""
    await erases(await with_staff(api, plain_group))
    request = await plain_group.waits_for("Effacez-les vous-mêmes")
    assert "effacer ici 1 de" in request.text
    assert not any(traces(message.text) for message in plain_group.messages)


async def test_in_a_forum_the_topic_goes_with_all_that_stands_in_it(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup
):
    awa = api.private_chat(AWA, "Awa")
    await awa.says(QUESTION)
    await forum.waits_for(PLANTED, STARTS)
    await erases(awa)
    await forum.waits_for("La personne a effacé ses données")
    assert [topic.deleted for topic in forum.topics] == [True]


async def test_a_topic_that_cannot_be_deleted_is_emptied_and_a_reply_there_reaches_nobody(
    bot_of_forum: BotProcess, api: BotApi, forum: StaffGroup, settings: dict[str, str]
):
    api.fail_next("deleteForumTopic", status=400, description="Bad Request: not enough rights to delete the topic")
    awa = api.private_chat(AWA, "Awa")
    await awa.says(QUESTION)
    topic = (await forum.waits_for(PLANTED, STARTS)).thread
    await erases(awa)
    await forum.waits_for("La personne a effacé ses données")
    assert not any(traces(message.text) for message in forum.messages)
    await forum.member("Alice").says("Une précision", thread=topic)
    await forum.waits_for("Message non transmis", thread=topic)
    await gone(settings)
    assert "Une précision" not in [message.text for message in awa.messages]


async def test_who_writes_again_is_a_stranger(bot: BotProcess, api: BotApi, plain_group: StaffGroup):
    awa = await with_staff(api, plain_group)
    await erases(awa)
    await awa.says("Comment demander une aide ?")
    answer = await awa.waits_for("Écrivez au service")
    assert "180 jours au plus" in answer.text


async def test_nothing_is_erased_without_confirmation(bot: BotProcess, api: BotApi, plain_group: StaffGroup, settings):
    awa = await with_staff(api, plain_group)
    await awa.says("/effacer")
    await awa.waits_for("Voulez-vous effacer")
    await awa.presses("Non, ne rien effacer")
    await awa.waits_for("je n'efface rien")
    await plain_group.member("Alice").says("Encore moi", reply_to=plain_group.messages[0].message_id)
    await awa.waits_for("Encore moi")


async def test_once_a_request_is_closed_the_address_written_in_it_is_masked(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, settings: dict[str, str]
):
    awa = await with_staff(api, plain_group)
    assert MAIL in await rows(settings)
    await plain_group.presses("Clore la demande")
    await awa.waits_for("L'échange avec le service est terminé")
    assert MAIL not in await rows(settings)
    assert PLANTED in await rows(settings)


async def test_a_person_gets_everything_as_two_files_of_which_nothing_is_kept(
    bot: BotProcess, api: BotApi, plain_group: StaffGroup, settings: dict[str, str]
):
    awa = await with_staff(api, plain_group)
    before = (await rows(settings)).count(PLANTED)
    await awa.says("/mesdonnees")
    await awa.waits_for("Voici tout ce que je garde de vous")
    text, data = await api.until(lambda: documents(api, awa))
    assert PLANTED in text
    assert REPLY in text
    assert [question["text"] for question in json.loads(data)["questions"]] == [QUESTION.replace(MAIL, "[e-mail]")]
    async with asyncio.timeout(10):
        while (await rows(settings)).count(PLANTED) > before:
            await asyncio.sleep(0.05)
    assert not any("passerelle.json" in message.text for message in plain_group.messages)


async def test_a_person_erases_in_another_language(bot: BotProcess, api: BotApi, settings: dict[str, str]):
    awa = api.private_chat(AWA, "Awa", language_code="de")
    await awa.says("/effacer")
    await awa.waits_for("Möchten Sie alles löschen", STARTS)
    await awa.presses("Ja, alles löschen")
    await awa.waits_for("Gelöscht")
    await gone(settings)


def documents(api: BotApi, awa: Citizen) -> list[str] | None:
    """The contents of the two files that the bot sent."""
    sent = [message for message in awa.messages if message.kind == "document"]
    files = [
        api.world.chats[awa.user.id].messages[message.message_id].content["document"]["file_id"] for message in sent
    ]
    return [api.world.files.find(file).content.decode() for file in files] if len(files) == 2 else None
