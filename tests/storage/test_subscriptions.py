"""What people ask to be told of: kept, renewed, stopped, told once, erased and purged, over each store."""

import asyncio
from datetime import timedelta

import pytest

from bot.opportunities.subscriptions import About, Key, NoticeKind, Sighting, Topic
from bot.storage.sql import SqlStore
from bot.storage.tables import notices, subscriptions
from tests.storage.examples import LATER, NOW

DAY = timedelta(days=1)
CAMP, NEWS = About(Topic.OFFER, "camp"), About(Topic.NEWS, "de.17.-")
OPENED = Key("42", "o.camp", NoticeKind.OPENED, "2027-03-15")


async def subscribe(store: SqlStore, chat: str, *abouts: About, ends=NOW + 30 * DAY, most=10, now=NOW) -> list[bool]:
    async with store.work() as work:
        return [await work.subscribe("telegram", chat, about, ends=ends, most=most, now=now) for about in abouts]


async def kept(store: SqlStore, chat: str | None = None):
    async with store.look() as work:
        return [(each.chat, each.about) for each in await work.subscriptions("telegram", chat)]


async def tell(store: SqlStore, *keys: Key) -> list[Key]:
    async with store.work() as work:
        return await work.tell("telegram", keys, NOW)


async def test_what_was_asked_for_is_kept_for_the_chat_alone(store: SqlStore):
    assert await subscribe(store, "42", CAMP, NEWS) == [True, True]
    await subscribe(store, "43", CAMP, now=LATER)
    assert await kept(store, "42") == [("42", NEWS), ("42", CAMP)]
    assert await kept(store) == [("42", NEWS), ("42", CAMP), ("43", CAMP)]


async def test_asked_for_again_it_ends_later_and_is_still_one(store: SqlStore):
    await subscribe(store, "42", CAMP)
    await subscribe(store, "42", CAMP, ends=NOW + 60 * DAY, now=NOW + DAY)
    async with store.look() as work:
        (only,) = await work.subscriptions("telegram", "42")
    assert (only.made, only.ends) == (NOW, NOW + 60 * DAY)


async def test_there_are_so_many_for_one_chat_and_no_more(store: SqlStore):
    assert await subscribe(store, "42", CAMP, NEWS, most=1) == [True, False]
    assert await subscribe(store, "42", CAMP, most=1) == [True]
    assert await kept(store) == [("42", CAMP)]


async def test_what_has_run_out_does_not_count_and_is_a_new_wish_when_it_is_asked_for_again(store: SqlStore):
    await subscribe(store, "42", CAMP, ends=NOW + DAY)
    after = NOW + 2 * DAY
    assert await subscribe(store, "42", NEWS, most=1, ends=NOW + 30 * DAY, now=after) == [True]
    await subscribe(store, "43", CAMP, ends=NOW + DAY)
    await subscribe(store, "43", CAMP, ends=NOW + 30 * DAY, now=after)
    async with store.look() as work:
        assert [each.made for each in await work.subscriptions("telegram")] == [after, after]


async def test_a_row_that_cannot_be_read_is_left_out_and_the_others_stay(store: SqlStore, caplog):
    await subscribe(store, "42", CAMP)
    await tell(store, OPENED)
    async with store.writing() as connection:
        odd = {"channel": "telegram", "chat": "41", "subject": "x.secret"}
        await connection.execute(subscriptions.insert().values(**odd, made_at=NOW, ends_at=NOW + DAY))
        await connection.execute(notices.insert().values(**odd, kind="odd", occasion="", sent_at=NOW))
    assert await kept(store) == [("42", CAMP)]
    async with store.look() as work:
        assert await work.told("telegram", NOW) == [OPENED]
    assert "cannot be read" in caplog.text
    assert "secret" not in caplog.text


async def test_however_short_the_retention_nobody_is_told_twice(store: SqlStore):
    await tell(store, OPENED)
    for days, again in ((28, []), (31, [OPENED])):
        now = NOW + days * DAY
        await store.purge(now - 7 * DAY, now)
        assert await tell(store, OPENED) == again


async def test_one_is_stopped_or_all_of_the_chat(store: SqlStore):
    await subscribe(store, "42", CAMP, NEWS)
    await subscribe(store, "43", CAMP)
    async with store.work() as work:
        assert await work.unsubscribe("telegram", "42", CAMP) == 1
        assert await work.unsubscribe("telegram", "42", CAMP) == 0
    assert await kept(store, "42") == [("42", NEWS)]
    async with store.work() as work:
        assert await work.unsubscribe("telegram", "42") == 1
    assert await kept(store) == [("43", CAMP)]


async def test_a_notice_is_told_once(store: SqlStore):
    other = OPENED._replace(occasion="2028-03-15")
    assert await tell(store, OPENED) == [OPENED]
    assert await tell(store, OPENED, other) == [other]
    async with store.look() as work:
        assert set(await work.told("telegram", NOW)) == {OPENED, other}
        assert await work.told("telegram", LATER) == []


async def test_two_processes_that_tell_at_once_tell_it_once(two_stores):
    both = await asyncio.gather(*(tell(store, OPENED) for store in two_stores))
    assert sorted(map(len, both)) == [0, 1]


async def test_what_was_seen_is_known_again(store: SqlStore):
    first = {"o.camp": Sighting("open", NOW), "c.fund": Sighting("a/b", NOW)}
    async with store.work() as work:
        await work.sight(first)
        await work.sight({"o.camp": Sighting("open", NOW, LATER)})
    async with store.look() as work:
        assert await work.sightings() == first | {"o.camp": Sighting("open", NOW, LATER)}


async def test_a_person_sees_and_erases_them(store: SqlStore):
    await subscribe(store, "42", CAMP)
    await subscribe(store, "43", CAMP)
    await tell(store, OPENED, OPENED._replace(chat="43"))
    async with store.work() as work:
        found = await work.personal_data("telegram", "42")
        erased = await work.erase_person("telegram", "42", NOW)
        left = await work.personal_data("telegram", "42")
        others = await work.personal_data("telegram", "43")
    assert [row["subject"] for row in found.subscriptions] == ["o.camp"]
    assert [row["occasion"] for row in found.notices] == ["2027-03-15"]
    assert erased.subscriptions == 1
    assert left.empty
    assert len(others.subscriptions) == len(others.notices) == 1


@pytest.mark.parametrize(("later", "removed"), [(30 * DAY, 0), (30 * DAY + timedelta(seconds=1), 1)])
async def test_it_ends_by_itself(store: SqlStore, later: timedelta, removed: int):
    await subscribe(store, "42", CAMP)
    assert (await store.purge(NOW, NOW + later))["subscriptions"] == removed
    assert len(await kept(store)) == 1 - removed
