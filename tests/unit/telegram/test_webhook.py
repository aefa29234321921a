"""The webhook answers 200 only for what the inbox has taken."""

import asyncio
import json

import httpx
import pytest

from bot.channels.telegram.health import Health
from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.webhook import MAX_BODY, Webhook

UPDATE = {
    "update_id": 7,
    "message": {"message_id": 1, "date": 0, "chat": {"id": 42, "type": "private"}, "text": "Où ?"},
}
BODY = json.dumps(UPDATE)
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}


class FakeStore:
    """Keeps batches, or refuses them."""

    def __init__(self, *, full=False):
        self.kept, self.full = [], full

    async def receive(self, updates, now):  # noqa: ARG002 - the store's signature
        """Keep them."""
        if self.full:
            raise OSError("disk full")
        self.kept += updates


async def posted(store, body=BODY, headers=SECRET, path="/hook", arrived=None):
    webhook = Webhook("https://bot.example.org/hook", "s3cret", "127.0.0.1:0")
    inline = InlineQueries(None, None, Health())
    app = webhook.app(store, inline, arrived or asyncio.Event())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://bot.example.org") as client:
        return (await client.post(path, content=body, headers=headers)).status_code


async def test_an_update_is_kept_then_acknowledged():
    store, arrived = FakeStore(), asyncio.Event()
    assert await posted(store, arrived=arrived) == 200
    assert [(update.update_id, update.lane) for update in store.kept] == [(7, "42")]
    assert arrived.is_set()


async def test_what_could_not_be_kept_is_not_acknowledged():
    assert await posted(FakeStore(full=True)) == 500


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}])
async def test_without_the_secret_nothing_is_read(headers):
    store = FakeStore()
    assert await posted(store, headers=headers) == 403
    assert store.kept == []


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"update_id": "7"}', "\xff"])
async def test_what_is_no_update_is_refused(body):
    store = FakeStore()
    assert await posted(store, body=body) == 400
    assert store.kept == []


async def test_a_body_without_end_is_not_read():
    async def endless():
        for _ in range(2 + MAX_BODY // 65536):
            yield b"a" * 65536

    assert await posted(FakeStore(), body=endless()) == 413


async def test_only_the_path_of_the_address_is_served():
    assert await posted(FakeStore(), path="/") == 404


def test_telegram_is_told_the_address_and_the_secret():
    registration = Webhook("https://bot.example.org/hook", "s3cret", "127.0.0.1:0").registration
    assert (registration["url"], registration["secret_token"]) == ("https://bot.example.org/hook", "s3cret")
    assert "message" in registration["allowed_updates"]
