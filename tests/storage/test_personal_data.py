"""Everything that is kept of one person is found, and erased with nothing left behind."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.storage.model import Delivery, Erased, HandOverStatus, Outgoing, PersonalData, RawUpdate
from bot.storage.sql import SqlStore, open_store
from bot.storage.store import StaleUpdateError
from bot.storage.tables import metadata, outbox
from tests.storage.examples import LATER, NOW, SECOND, enqueue, file_url, log, message, question
from tests.storage.test_copying import to_revision

AWA, BEN = "6123456789", "6987654321"
PLANTED = "confidence-xyz"
"""Stands in everything that Awa writes, and that is written of her."""
MONTH = timedelta(days=30)

WITHOUT_PERSONS = {
    "secrets", "console_people", "console_tickets", "console_sessions", "console_acts", "corrections", "group_answers",
    "sightings", "console_attempts",
}  # fmt: skip
"""Tables that hold nothing about citizens: whoever adds a table decides."""
WITH_PERSONS = {"inbox", "conversations", "questions", "hand_overs", "outbox", "subscriptions", "notices"}


def test_every_table_is_known_to_hold_persons_or_not():
    assert set(metadata.tables) == WITH_PERSONS | WITHOUT_PERSONS


async def erase(store: SqlStore, chat: str = AWA) -> Erased:
    async with store.work() as work:
        return await work.erase_person("telegram", chat, NOW)


async def found(store: SqlStore, chat: str = AWA) -> PersonalData:
    async with store.look() as work:
        return await work.personal_data("telegram", chat)


async def writes(store: SqlStore, chat: str, *, topic: int | None = None) -> int:
    """Somebody asks, waits for staff, and reads an answer; the number of the hand-over."""
    says = f"{PLANTED} de {chat}"
    await store.receive([RawUpdate(int(chat[-3:]), chat, json.dumps({"chat": chat, "text": says}))], NOW)
    async with store.work() as work:
        await work.save_conversation(
            "telegram", chat, {"last_question": says, "last_ref": f"{chat}/1"}, version=0, now=NOW
        )
        await work.log_question(question(f"{chat}/1", says, chat=chat))
        hand_over = await work.open_hand_over("telegram", chat, f"{chat}/1", NOW)
        await work.take_hand_over(hand_over.id, 7, "Alice", NOW)
        if topic:
            await work.set_hand_over(hand_over.id, topic=topic, now=NOW)
        outgoing = [
            Outgoing("staff", "sendMessage", {"text": says}, hand_over.id, 1),
            Outgoing("staff", "copyMessage", {"from_chat_id": int(chat), "message_id": 2}, hand_over.id, 2),
            Outgoing(chat, "sendMessage", {"text": f"Bonjour, {says}"}, hand_over.id, 501),
            message(chat, f"Je transmets {says}"),
        ]
        await work.enqueue(outgoing, NOW)
    return hand_over.id


async def sent(store: SqlStore, *, now=NOW) -> None:
    """Everything queued has left; its numbers are those of the rows, from 101 on."""
    async with store.reading() as connection:
        rows = list(await connection.scalars(select(outbox.c.id).where(outbox.c.status == Delivery.QUEUED)))
    for number in rows:
        await store.mark_sent(number, 100 + number, now)


async def everything(store: SqlStore) -> str:
    """All rows of all tables, as text."""
    async with store.reading() as connection:
        return "\n".join(
            [str(tuple(row)) for table in metadata.tables.values() for row in await connection.execute(select(table))]
        )


# Found


async def test_what_is_kept_of_a_person_is_found_and_nothing_of_others(store: SqlStore):
    await writes(store, AWA)
    await writes(store, BEN)
    data = await found(store)
    assert [row["text"] for row in data.questions] == [f"{PLANTED} de {AWA}"]
    assert data.conversation["last_question"] == f"{PLANTED} de {AWA}"
    assert [row["to"] for row in data.messages] == ["staff", "staff", "you", "you"]
    assert [row["status"] for row in data.hand_overs] == ["waiting"]
    assert [row["body"]["text"] for row in data.updates] == [f"{PLANTED} de {AWA}"]
    assert BEN not in str(data)


async def test_what_is_found_fits_in_json_and_names_no_agent(store: SqlStore):
    await writes(store, AWA)
    data = await found(store)
    written = json.dumps([data.conversation, data.questions, data.hand_overs, data.messages, data.updates])
    assert "Alice" not in written
    assert PLANTED in written


async def test_of_a_stranger_nothing_is_found(store: SqlStore):
    assert (await found(store)).empty


# Erased


async def test_nothing_of_an_erased_person_remains(store: SqlStore):
    await writes(store, AWA)
    await sent(store)
    await finish_updates(store)
    await erase(store)
    assert (await found(store)).empty
    assert PLANTED not in await everything(store)
    assert AWA not in await everything(store)


async def test_nothing_of_an_erased_person_remains_whose_messages_had_not_left(store: SqlStore):
    await writes(store, AWA)
    await finish_updates(store)
    (row, *_) = await store.due_messages(busy_chats=[AWA], limit=1, now=NOW)
    await store.mark_sending(row.id, NOW)
    await erase(store)
    assert PLANTED not in await everything(store)
    assert AWA not in await everything(store)


async def test_others_keep_everything(store: SqlStore):
    await writes(store, BEN)
    before = await found(store, BEN)
    await writes(store, AWA)
    await erase(store)
    assert await found(store, BEN) == before


async def test_erasing_says_what_was_erased(store: SqlStore):
    hand_over = await writes(store, AWA)
    await sent(store)
    assert await erase(store) == Erased(
        questions=1, messages=2, hand_overs=(hand_over,), open_hand_over=hand_over, old_copies=0
    )


async def test_erasing_a_stranger_erases_nothing(store: SqlStore):
    assert await erase(store) == Erased(0, 0, (), None, 0)


@pytest.mark.parametrize(("topic", "old"), [(None, 3), (77, 0)])
async def test_copies_in_a_group_without_topics_that_are_too_old_are_counted(store: SqlStore, topic, old):
    await writes(store, AWA, topic=topic)
    await sent(store, now=NOW - timedelta(hours=49))
    assert (await erase(store)).old_copies == old


async def test_an_erased_hand_over_is_closed_and_nobodys(store: SqlStore):
    number = await writes(store, AWA)
    await erase(store)
    async with store.look() as work:
        hand_over = await work.hand_over_by_id(number)
    assert hand_over is not None
    assert (hand_over.status, hand_over.chat, hand_over.taken_by) == (HandOverStatus.CLOSED, "", None)


async def test_an_erased_person_may_come_back_as_a_stranger(store: SqlStore):
    await writes(store, AWA)
    await erase(store)
    async with store.work() as work:
        assert await work.conversation("telegram", AWA) is None
        again = await work.open_hand_over("telegram", AWA, f"{AWA}/9", LATER)
    assert again.status is HandOverStatus.WAITING


async def test_what_had_not_left_never_leaves(store: SqlStore):
    await writes(store, AWA)
    await erase(store)
    assert await store.due_messages(busy_chats=(), limit=10, now=LATER) == []


async def test_the_copies_in_the_staff_group_are_found_after_the_erasure(store: SqlStore):
    """The bot's messages there, and the reply that an agent wrote there (501)."""
    number = await writes(store, AWA)
    await sent(store)
    await erase(store)
    async with store.look() as work:
        assert await work.copies_in(number, "staff") == {None: [101, 102, 501]}


async def test_a_copy_that_arrives_during_the_erasure_is_found_too(store: SqlStore):
    number = await writes(store, AWA)
    (row, *_) = await store.due_messages(busy_chats=[AWA], limit=1, now=NOW)
    await store.mark_sending(row.id, NOW)
    await erase(store)
    await store.mark_sent(row.id, 640, NOW)
    async with store.look() as work:
        assert await work.copies_in(number, "staff") == {None: [640]}


async def test_a_copy_whose_sending_was_interrupted_by_a_crash_has_no_words_any_more(store: SqlStore):
    await writes(store, AWA)
    (row, *_) = await store.due_messages(busy_chats=[AWA], limit=1, now=NOW)
    await store.mark_sending(row.id, NOW)
    await erase(store)
    await store.mark_retry(row.id, "timeout", LATER, unknown=True)
    (again,) = await store.due_messages(busy_chats=(), limit=10, now=LATER)
    assert (again.outgoing.method, again.outgoing.params) == ("", {})


async def test_an_update_that_could_not_be_handled_is_emptied(store: SqlStore):
    """Also one of the group: it may quote the person."""
    await store.receive([RawUpdate(1, AWA, PLANTED), RawUpdate(2, "-100", f"> {PLANTED}")], NOW)
    for seq in (1, 2):
        await store.update_failed(seq, f"ValueError: {PLANTED}", NOW, retry_at=None)
    await erase(store)
    assert PLANTED not in await everything(store)
    assert AWA not in await everything(store)


async def test_what_waits_to_be_handled_can_be_set_aside(store: SqlStore):
    await store.receive([RawUpdate(1, AWA, PLANTED), RawUpdate(2, BEN, "Bonjour")], NOW)
    (first, _) = await store.take_updates(busy_lanes=(), limit=10, now=NOW)
    async with store.work() as work:
        await work.settle_updates_of(AWA, NOW)
    assert [each.lane for each in await store.take_updates(busy_lanes=(), limit=10, now=NOW)] == [BEN]
    assert PLANTED not in await everything(store)
    with pytest.raises(StaleUpdateError):
        async with store.work() as work:
            await work.update_done(first.seq, NOW)


async def test_an_update_of_an_erased_person_is_known_when_it_is_delivered_again(store: SqlStore):
    await store.receive([RawUpdate(1, AWA, PLANTED)], NOW)
    async with store.work() as work:
        await work.update_done(1, NOW)
        await work.erase_person("telegram", AWA, NOW)
    assert await store.receive([RawUpdate(1, AWA, PLANTED)], NOW) == 0
    assert PLANTED not in await everything(store)


async def test_a_handled_update_is_kept_as_a_number_only(store: SqlStore):
    await store.receive([RawUpdate(1, AWA, PLANTED)], NOW)
    async with store.work() as work:
        await work.update_done(1, NOW)
    assert AWA not in await everything(store)
    assert PLANTED not in await everything(store)


async def test_the_words_are_nowhere_in_the_files_of_sqlite(sqlite_file: str, tmp_path: Path):
    store = await open_store(sqlite_file, NOW)
    try:
        for chat in (AWA, BEN):
            await writes(store, chat)
        await sent(store)
        await finish_updates(store)
        assert AWA.encode() in files(tmp_path)
        for chat in (AWA, BEN):
            await erase(store, chat)
        await store.scrub()
        assert AWA.encode() not in files(tmp_path)
        assert PLANTED.encode() not in files(tmp_path)
    finally:
        await store.close()


# Messages that are not kept


@pytest.mark.parametrize("taken", [True, False])
async def test_a_fleeting_message_is_gone_once_it_has_left_or_cannot(store: SqlStore, taken: bool):
    await enqueue(store, Outgoing(AWA, "sendMessage", {"text": PLANTED}, fleeting=True), message(BEN))
    for number in (1, 2):
        if taken:
            await store.mark_sent(number, 7, NOW)
        else:
            await store.mark_failed(number, "blocked", NOW)
    assert AWA not in await everything(store)
    assert BEN in await everything(store)


async def test_a_fleeting_message_is_tried_again_as_any_other(store: SqlStore):
    await enqueue(store, Outgoing(AWA, "sendMessage", {"text": PLANTED}, fleeting=True))
    await store.mark_retry(1, "network", NOW)
    (row,) = await store.due_messages(busy_chats=(), limit=10, now=NOW)
    assert row.outgoing.params == {"text": PLANTED}
    assert row.outgoing.fleeting


# Masked


async def test_the_words_of_a_hand_over_are_masked_where_they_have_arrived(store: SqlStore):
    number, other = await writes(store, AWA), await writes(store, BEN)
    await sent(store)
    async with store.work() as work:
        await work.enqueue([Outgoing("staff", "sendMessage", {"text": PLANTED}, number)], NOW)
        await work.mask_messages(number, lambda words: words.replace(PLANTED, "…"))
    async with store.reading() as connection:
        rows = (await connection.execute(select(outbox.c.hand_over, outbox.c.status, outbox.c.params))).all()
    open_words = {(row.hand_over, row.status) for row in rows if PLANTED in str(row.params)}
    assert open_words == {(number, "queued"), (other, "sent"), (None, "sent")}
    assert {"from_chat_id": int(AWA), "message_id": 2} in [row.params for row in rows]


# Retention


async def purge(store: SqlStore, before=NOW, now=LATER) -> dict[str, int]:
    return {what: number for what, number in (await store.purge(before, now)).items() if number}


async def test_what_is_older_is_removed(store: SqlStore):
    number = await writes(store, AWA)
    await sent(store)
    await finish_updates(store)
    await close(store, number)
    assert await purge(store, LATER) == {
        "never_answered": 1,
        "questions": 1,
        "messages": 4,
        "hand_overs": 1,
        "conversations": 1,
    }
    assert PLANTED not in await everything(store)
    assert AWA not in await everything(store)


async def test_what_is_not_older_stays(store: SqlStore):
    number = await writes(store, AWA)
    await sent(store)
    await close(store, number)
    before = await found(store)
    assert await purge(store, NOW) == {}
    assert await found(store) == before


async def test_what_an_open_hand_over_needs_stays_and_is_counted(store: SqlStore):
    await writes(store, AWA)
    await sent(store)
    before = await found(store)
    assert await purge(store, LATER) == {"open_hand_overs": 1, "messages": 1}
    after = await found(store)
    assert (after.questions, after.conversation) == (before.questions, before.conversation)
    assert [row["to"] for row in after.messages] == ["staff", "staff", "you"]


async def test_an_answered_question_is_removed_without_being_counted_as_never_answered(store: SqlStore):
    await log(store, question("q1", status="answered"), question("q2", asked_at=LATER + SECOND))
    assert await purge(store, LATER) == {"questions": 1}


async def test_what_has_not_left_yet_stays(store: SqlStore):
    await enqueue(store, message())
    assert await purge(store, LATER) == {}


async def test_an_update_that_failed_is_removed_after_a_month_at_most(store: SqlStore):
    await store.receive([RawUpdate(n, AWA, PLANTED) for n in (1, 2)], NOW)
    await store.update_failed(1, "poison", NOW, retry_at=None)
    assert await purge(store, NOW - 6 * MONTH, NOW + MONTH) == {}
    assert await purge(store, NOW - 6 * MONTH, NOW + MONTH + SECOND) == {"updates": 1}


async def test_an_erased_hand_over_is_removed_in_time(store: SqlStore):
    await writes(store, AWA)
    await sent(store)
    await erase(store)
    await store.purge(LATER, LATER)
    assert (await store.counts())["hand_overs.closed"] == 0


async def test_scrubbing_keeps_everything(store: SqlStore):
    await writes(store, AWA)
    before = await everything(store)
    await store.scrub()
    assert await everything(store) == before


# The key of the pseudonyms


async def test_all_processes_have_the_same_key(two_stores: tuple[SqlStore, SqlStore]):
    first, second = two_stores
    key = await first.hash_key(NOW)
    assert len(key) == 32
    assert await second.hash_key(LATER) == key


async def test_a_key_is_replaced_when_it_is_as_old_as_what_is_removed(store: SqlStore):
    key = await store.hash_key(NOW)
    await store.purge(NOW, LATER)
    assert await store.hash_key(LATER) == key
    await store.purge(LATER, LATER)
    assert await store.hash_key(LATER) != key


async def finish_updates(store: SqlStore) -> None:
    for taken in await store.take_updates(busy_lanes=(), limit=100, now=NOW):
        async with store.work() as work:
            await work.update_done(taken.seq, NOW)


async def close(store: SqlStore, number: int) -> None:
    async with store.work() as work:
        await work.set_hand_over(number, status=HandOverStatus.CLOSED, now=NOW)


def files(folder: Path) -> bytes:
    """The database as it lies on the disk, with its write-ahead log."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("passerelle.db*")))


def test_what_an_older_version_kept_of_handled_updates_is_emptied(tmp_path: Path):
    path = tmp_path / "old.db"

    async def opened() -> None:
        await (await open_store(file_url(path), NOW)).close()

    asyncio.run(to_revision(file_url(path), "0005"))
    with closing(sqlite3.connect(path)) as connection:
        row = (
            "INSERT INTO inbox (update_id, lane, body, state, tries, received_at) VALUES (?, ?, ?, ?, 0, '2026-11-24')"
        )
        connection.executemany(row, [(1, AWA, PLANTED, "done"), (2, BEN, "x", "waiting")])
        connection.commit()
    asyncio.run(opened())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT lane, body FROM inbox").fetchall() == [("", ""), (BEN, "x")]


def topic_deletion(number: int) -> list[Outgoing]:
    return [Outgoing("staff", "deleteMessages", {"expired": True}, number, fleeting=True)]


async def release(store: SqlStore, before=LATER, limit=50) -> int:
    return await store.release_topics(before, LATER, limit=limit, deletion=topic_deletion)


async def test_a_closed_topic_that_is_too_old_is_emptied_and_its_deletion_queued_once(store: SqlStore):
    number = await writes(store, AWA, topic=7)
    await sent(store)
    await finish_updates(store)
    await close(store, number)
    assert await release(store, NOW) == 0
    assert await release(store) == 1
    assert await release(store) == 0
    due = await store.due_messages(busy_chats=(), limit=9, now=LATER)
    assert [(row.outgoing.method, row.outgoing.hand_over) for row in due] == [("deleteMessages", number)]
    async with store.look() as work:
        hand_over = await work.hand_over_by_id(number)
        assert hand_over is not None
        assert (hand_over.topic, hand_over.chat) == (7, "")
        assert await work.copies_in(number, "staff")


async def test_what_leads_to_a_topic_stays_until_it_is_deleted_and_goes_then(store: SqlStore):
    number = await writes(store, AWA, topic=7)
    await sent(store)
    await finish_updates(store)
    await close(store, number)
    assert "hand_overs" not in await purge(store, LATER)
    await release(store)
    assert "hand_overs" not in await purge(store, LATER)
    await sent(store, now=LATER)
    assert (await purge(store, LATER + SECOND, LATER + SECOND))["hand_overs"] == 1
    assert PLANTED not in await everything(store)
    assert AWA not in await everything(store)


async def test_an_open_topic_is_not_released(store: SqlStore):
    await writes(store, AWA, topic=7)
    assert await release(store) == 0
