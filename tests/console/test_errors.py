"""Every error has one shape; what was not expected shows a reference, and the log has the rest."""

import logging
from dataclasses import replace
from html import unescape

import httpx
import pytest

from bot.console.app import application
from bot.console.pages import Parts
from bot.storage.store import StoreAwayError
from tests.console.conftest import URL, Browser

JSON = {"accept": "application/json"}


class Broken:
    """A store of which one method fails."""

    def __init__(self, store, error: Exception) -> None:
        self._store = store
        self._error = error

    def __getattr__(self, name: str):
        return getattr(self._store, name)

    async def requests(self, _channel: str):
        raise self._error


async def failing(camille: Browser, parts: Parts, error: Exception, **headers: str) -> httpx.Response:
    """The list of conversations, when that error comes up."""
    app = application(replace(parts, store=Broken(parts.store, error)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, cookies=camille.cookies) as client:
        return await client.get("/conversations", headers=headers)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nothing", 404, "not_found"),
        ("/conversations/99.json", 404, "not_found"),
        ("/equipe.json", 403, "not_allowed"),
        ("/sortir", 405, "wrong_method"),
    ],
)
async def test_errors_have_one_shape(camille: Browser, path: str, status: int, code: str):
    answer = await camille.get(path, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"code", "message", "reference"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["reference"] is None


async def test_people_read_the_same_sentence(camille: Browser):
    told = (await camille.get("/nothing", headers=JSON)).json()["error"]["message"]
    assert told in unescape((await camille.get("/nothing")).text)


async def test_an_unexpected_error_shows_a_reference_that_is_in_the_log(
    camille: Browser, parts: Parts, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR):
        answer = await failing(camille, parts, RuntimeError("the citizen wrote a secret"), **JSON)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (500, "unexpected")
    assert "secret" not in answer.text
    assert error["reference"] in caplog.text


async def test_people_are_shown_the_reference_and_not_the_text(camille: Browser, parts: Parts):
    answer = await failing(camille, parts, RuntimeError("the citizen wrote a secret"))
    assert "Référence à donner" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_database_that_is_away_is_said_and_is_no_fault_of_the_page(camille: Browser, parts: Parts):
    answer = await failing(camille, parts, StoreAwayError("locked"))
    assert answer.status_code == 503
    assert "occupée" in answer.text
