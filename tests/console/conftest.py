"""The console in this process, over a store in memory: a browser is an httpx client that keeps its cookies."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from bot.console.access import Access, form_token
from bot.console.app import application
from bot.console.demo import Teller
from bot.console.membership import Member, UnknownMembershipError
from bot.console.pages import Parts, cookie_name
from bot.console.registry import PAGES
from bot.dialogue.policy import Dialogue
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore, open_store
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://console.example.org"
TOKEN = "123456:secret"  # noqa: S105 - of a test
CAMILLE, SACHA, DOMINIQUE, STRANGER = 1, 2, 3, 99
"""An agent, an editor, an administrator of the staff group, and nobody."""


class Group:
    """The staff group, as Telegram would tell."""

    def __init__(self) -> None:
        self.members = {
            CAMILLE: Member(CAMILLE, "Camille", administrator=False),
            SACHA: Member(SACHA, "Sacha", administrator=False),
            DOMINIQUE: Member(DOMINIQUE, "Dominique", administrator=True),
        }
        self.away = False
        self.asked = 0

    async def member(self, user_id: int) -> Member | None:
        """As `TelegramMembership`."""
        self.asked += 1
        if self.away:
            raise UnknownMembershipError
        return self.members.get(user_id)


class Clock:
    """Stands still unless a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **delay: int) -> None:
        self.now += timedelta(**delay)


class Browser(httpx.AsyncClient):
    """Somebody's; `sign_in` has happened or not."""

    parts: Parts

    @property
    def secret(self) -> str:
        """Of the session's cookie."""
        return self.cookies[cookie_name(self.parts)]

    async def submits(self, path: str, **fields: str) -> httpx.Response:
        """A form of the page, with its token, and as a browser sends it."""
        form = {"token": form_token(self.secret), "key": "k", **fields}
        return await self.post(path, data=form, headers={"origin": URL, "sec-fetch-site": "same-origin"})

    async def reads(self, path: str) -> dict:
        return (await self.get(path, headers={"accept": "application/json"})).json()


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    opened = await open_store("sqlite+aiosqlite://", NOW)
    yield opened
    await opened.close()


@pytest.fixture
def dialogue() -> Dialogue:
    return Dialogue(KNOWLEDGE, FakeMatcher())


@pytest.fixture
def parts(store: SqlStore, dialogue: Dialogue, group: Group, clock: Clock) -> Parts:
    console = SqlConsole(store)
    access = Access(console, group, TOKEN, clock)
    return Parts(console, access, lambda: dialogue, clock, URL, PAGES)


@pytest.fixture
async def browsers(parts: Parts) -> AsyncIterator[Callable[[], Browser]]:
    """Opens browsers, each with its own cookies."""
    opened: list[Browser] = []
    transport = httpx.ASGITransport(application(parts), raise_app_exceptions=False)

    def opens() -> Browser:
        browser = Browser(transport=transport, base_url=URL)
        browser.parts = parts
        opened.append(browser)
        return browser

    yield opens
    for browser in opened:
        await browser.aclose()


@pytest.fixture
def browser(browsers) -> Browser:
    """Nobody has signed in."""
    return browsers()


@pytest.fixture
def sign_in(browsers, parts: Parts):
    """A browser in which that person has signed in."""

    async def signs_in(user_id: int) -> Browser:
        browser = browsers()
        secret = await parts.access.enter(user_id, None)
        browser.cookies.set(cookie_name(parts), secret, domain="console.example.org")
        return browser

    return signs_in


@pytest.fixture
async def camille(sign_in) -> Browser:
    return await sign_in(CAMILLE)


@pytest.fixture
async def sacha(sign_in) -> Browser:
    return await sign_in(SACHA)


@pytest.fixture
async def dominique(sign_in) -> Browser:
    return await sign_in(DOMINIQUE)


@pytest.fixture
def teller(store: SqlStore, dialogue: Dialogue):
    """People who write to the bot: `teller(42)`."""
    return partial(_teller, store, dialogue)


def _teller(store: SqlStore, dialogue: Dialogue, number: int) -> Teller:
    return Teller(store, dialogue, {"id": number, "name": "Awa", "language": "fr"})


@pytest.fixture
async def awa(teller) -> Teller:
    """Has asked what the bot does not know: hand-over 1 is open, with her words « xyz »."""
    awa = teller(42)
    await awa.says("xyz", NOW - timedelta(hours=1))
    return awa


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field of the page's forms."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return found[1]
