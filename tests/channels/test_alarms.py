"""The group is reminded of what nobody takes: in opening hours, again and again, and when a request was put off."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.channels.telegram.alarms import Alarms
from bot.channels.telegram.group import StaffGroup
from bot.knowledge.hours import OpeningHours, Period
from bot.storage.model import HandOverStatus
from bot.storage.sql import SqlStore, open_store
from tests.storage.examples import NOW
from tests.unit.dialogue_fakes import KNOWLEDGE

MINUTE = timedelta(minutes=1)
CLOSED = OpeningHours(ZoneInfo("Europe/Paris"), ((Period(0, 1),),) + ((),) * 6, source="page")
"""Open for one minute a week."""


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", NOW)
    yield opened
    await opened.close()


@pytest.fixture
async def request_id(store: SqlStore) -> int:
    """A request of the time NOW."""
    async with store.work() as work:
        return (await work.open_hand_over("telegram", "42", "42/1", NOW)).id


def alarms(store, *, knowledge=KNOWLEDGE, after=30 * MINUTE):
    return Alarms(store, lambda: knowledge, StaffGroup(-500), after, asyncio.Event(), asyncio.Event())


async def change(store, hand_over_id, **changes):
    async with store.work() as work:
        await work.set_hand_over(hand_over_id, **changes, now=NOW)


async def said(store):
    """What waits for the group."""
    return [row.outgoing.params["text"] for row in await store.due_messages(busy_chats=(), limit=9, now=NOW + MINUTE)]


async def test_a_request_is_announced_again_once_its_time_has_come(store, request_id):
    ring = alarms(store).ring
    assert await ring(NOW + 29 * MINUTE) == 0
    assert await ring(NOW + 30 * MINUTE) == 1
    assert await said(store) == ["⏰ La demande n° 1 attend depuis environ 30 minutes : qui la prend ?"]


async def test_it_repeats_until_somebody_takes_it(store, request_id):
    ring = alarms(store).ring
    rings = [await ring(NOW + minutes * MINUTE) for minutes in (30, 31, 60, 61, 90)]
    assert rings == [1, 0, 1, 0, 1]
    await change(store, request_id, taken_by=7, taken_name="Alice")
    assert await ring(NOW + 120 * MINUTE) == 0


@pytest.mark.parametrize("status", [HandOverStatus.WITH_STAFF, HandOverStatus.CLOSED])
async def test_what_is_answered_or_closed_rings_no_more(store, request_id, status):
    await change(store, request_id, status=status)
    assert await alarms(store).ring(NOW + 60 * MINUTE) == 0


async def test_nothing_rings_while_the_service_is_closed(store, request_id):
    knowledge = replace(KNOWLEDGE, hours=CLOSED)
    assert await alarms(store, knowledge=knowledge).ring(NOW + 60 * MINUTE) == 0


async def test_what_was_put_off_comes_back_at_its_time_whoever_has_it(store, request_id):
    ring = alarms(store).ring
    await change(store, request_id, taken_by=7, taken_name="Alice", snoozed_until=NOW + 120 * MINUTE)
    assert await ring(NOW + 119 * MINUTE) == 0
    assert await ring(NOW + 120 * MINUTE) == 1
    assert await said(store) == ["🔔 C'est l'heure du rappel : demande n° 1."]
    assert await ring(NOW + 180 * MINUTE) == 0


async def test_without_a_delay_nothing_rings(store, request_id):
    assert await alarms(store, after=timedelta()).ring(NOW + 60 * MINUTE) == 0


async def test_a_fault_does_not_end_the_bot(store, request_id, monkeypatch, caplog):
    ring = alarms(store)

    async def faulty(*_):
        ring.stop.set()
        raise KeyError("usual wait")

    monkeypatch.setattr(store, "usual_wait", faulty)
    await ring.run()
    assert "alarms failed" in caplog.text
