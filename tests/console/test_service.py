"""The invitation that the bot sends, and the demonstration."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from bot.console.app import application
from bot.console.demo import DemoMembership, deliver, demo_parts, furnish, on_this_machine
from bot.console.demo_crowd import gather
from bot.console.entrance import DEMO_PEOPLE
from bot.console.pages import Parts
from bot.console.service import ConsoleService
from bot.dialogue.policy import Dialogue
from bot.staff.figures import totals
from bot.staff.quality import quality
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore
from tests.console.conftest import CAMILLE, NOW, STRANGER, URL, Browser, Group
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher, ranked

HERE = "http://127.0.0.1:8090"


@pytest.fixture
def service(parts: Parts) -> ConsoleService:
    return ConsoleService(parts, "127.0.0.1:8090")


async def test_a_person_of_the_staff_is_sent_a_link_that_lets_in(service: ConsoleService, browser: Browser):
    invitation = await service.invitation(CAMILLE)
    assert invitation is not None
    path = re.search(rf"{URL}(/entrer/\S+)", invitation["text"])
    assert path is not None
    assert (await browser.post(path[1], headers={"origin": URL})).status_code == 303
    assert invitation["link_preview_options"] == {"is_disabled": True}


async def test_with_https_the_console_opens_in_telegram_too(service: ConsoleService, parts: Parts):
    invitation = await service.invitation(CAMILLE)
    assert invitation is not None
    ((button,),) = invitation["reply_markup"]["inline_keyboard"]
    assert button["web_app"] == {"url": f"{URL}/entrer/telegram"}


async def test_nobody_else_is_invited(service: ConsoleService):
    assert await service.invitation(STRANGER) is None


async def test_who_asks_too_often_or_while_telegram_is_away_is_told_so(service: ConsoleService, group: Group):
    for _ in range(5):
        await service.invitation(CAMILLE)
    told = await service.invitation(CAMILLE)
    assert told is not None
    assert "plusieurs liens" in told["text"]
    group.away = True
    told = await service.invitation(CAMILLE)
    assert told is not None
    assert "ne répond pas" in told["text"]


# The demonstration


@pytest.mark.parametrize(
    ("listen", "here"),
    [
        ("127.0.0.1:8090", True),
        ("127.8.9.10:80", True),
        ("[::1]:8090", True),
        ("localhost:8090", True),
        ("0.0.0.0:8090", False),
        ("[::]:8090", False),
        ("192.168.1.4:8090", False),
        ("console.exemple.fr:80", False),
        ("127.0.0.1.exemple.fr:80", False),
        (":8090", False),
    ],
)
def test_a_demonstration_is_for_this_machine_only(listen: str, here: bool):
    assert on_this_machine(listen) is here


async def test_everybody_of_the_demonstration_can_be_played():
    assert all([await DemoMembership().member(number) for number in DEMO_PEOPLE])
    assert await DemoMembership().member(4) is None


async def test_a_demonstration_has_people_who_wait_and_replies_with_their_fate(store: SqlStore, dialogue: Dialogue):
    await furnish(store, dialogue, NOW)
    parts = demo_parts(store, dialogue, "127.0.0.1:8090", asyncio.Event())
    transport = httpx.ASGITransport(application(parts))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as browser:
        assert "Démonstration" in (await browser.get("/entrer")).text
        assert (await browser.post("/entrer/demo", data={"who": "4"})).status_code == 403
        assert (await browser.post("/entrer/demo", data={"who": "1"})).status_code == 303
        page = (await browser.get("/conversations.json")).json()
        assert page["free"] >= 2
        assert any(row["undelivered"] for row in page["rows"])
        assert {row["language"] for row in page["rows"]} >= {"français"}


async def test_the_played_sender_sends_what_waits_but_to_who_has_blocked_the_bot(store: SqlStore, dialogue: Dialogue):
    await furnish(store, dialogue, NOW)
    await deliver(store, NOW)
    counts = await store.counts()
    assert counts["outbox.queued"] == counts["outbox.sending"] == 0
    assert counts["outbox.failed"] == 1


class ByHeart(FakeMatcher):
    """Sure of what entries say that they are asked, and that all else is not theirs."""

    def understand(self, text, **_):
        found = [entry.id for entry in KNOWLEDGE.entries.values() if text in entry.utterances["fr"]]
        return (ranked(text, 0.0 if found else 0.9, **dict.fromkeys(found, 0.95)),)


async def test_the_crowd_of_the_demonstration_gives_figures_and_fills_no_conversation(store: SqlStore):
    await gather(store, Dialogue(KNOWLEDGE, ByHeart()), NOW)
    console = SqlConsole(store)
    assert await console.requests("telegram") == []
    asked = await console.asked_between("telegram", NOW - timedelta(days=30), NOW)
    assert totals(asked).questions == len(asked) >= 30
    assert (await console.subscribed("telegram", NOW))[1] >= 5
    assert quality(await console.labelled("telegram"))
