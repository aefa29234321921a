"""The console inside the real bot: asked for by /console, its replies arrive, the group sees them."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import FORUM, BotProcess, running_bot


@pytest.fixture
def url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
async def bot(
    api: BotApi, settings: dict[str, str], forum: StaffGroup, url: str, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    console = {"PASSERELLE_CONSOLE_URL": url, "PASSERELLE_CONSOLE_LISTEN": url.removeprefix("http://")}
    group = {"PASSERELLE_STAFF_CHAT_ID": str(FORUM)}
    async with running_bot(settings | group | console, tmp_path / "log") as process:
        await api.is_polled()
        yield process


@pytest.fixture
def alice(api: BotApi, forum: StaffGroup) -> Citizen:
    """A member of the staff group, in her private chat with the bot."""
    return api.private_chat(forum.member("Alice").user.id, "Alice")


async def signed_in(client: httpx.AsyncClient, alice: Citizen, url: str) -> str:
    """The token for forms."""
    await alice.says("/console")
    told = await alice.waits_for("Votre lien")
    link = re.search(rf"{url}/entrer/\S+", told.text)
    assert link is not None
    assert "Continuer" in (await client.get(link[0])).text
    assert (await client.post(link[0])).status_code == 303
    page = await client.get("/conversations")
    return re.search(r'name="token" value="(\w+)"', page.text)[1]


def stored(folder: Path) -> bytes:
    """The database, with what is not yet written into its main file."""
    return b"".join(path.read_bytes() for path in folder.glob("passerelle.db*"))


async def test_a_reply_of_the_console_arrives_and_the_group_sees_it(
    bot: BotProcess, url: str, forum: StaffGroup, alice: Citizen, awa: Citizen
):
    await awa.says("/humain")
    await awa.waits_for("Je préviens une personne")
    async with httpx.AsyncClient(base_url=url) as client:
        token = await signed_in(client, alice, url)
        (row,) = (await client.get("/conversations.json")).json()["rows"]
        assert row["taken_by"] is None
        form = {"token": token, "key": "k", "seen": "99", "reply": "Bonjour <Awa>"}
        assert (await client.post("/conversations/1/repondre", data=form)).status_code == 303
        await awa.waits_for("Bonjour <Awa>")
        (topic,) = forum.topics
        await forum.waits_for("✍️ Alice (console) : Bonjour <Awa>", thread=topic.id)
        page = (await client.get("/conversations/1.json")).json()
        assert page["lines"][-1]["text"] == "Bonjour <Awa>"
        await forum.member("Bob").says("Et moi du groupe", thread=topic.id)
        await awa.waits_for("Et moi du groupe")
        page = (await client.get("/conversations/1.json")).json()
        assert [line["text"] for line in page["lines"] if line["speaker"] == "staff"][-1] == "Et moi du groupe"


async def test_a_reply_that_does_not_arrive_is_told_to_the_group_too(
    bot: BotProcess, url: str, forum: StaffGroup, alice: Citizen, awa: Citizen
):
    await awa.says("/humain")
    await awa.waits_for("Je préviens une personne")
    await awa.blocks_bot()
    async with httpx.AsyncClient(base_url=url) as client:
        token = await signed_in(client, alice, url)
        form = {"token": token, "key": "k", "seen": "99", "reply": "Bonjour"}
        await client.post("/conversations/1/repondre", data=form)
        await forum.waits_for("Votre message n'est pas arrivé")
        (row,) = (await client.get("/conversations.json")).json()["rows"]
        assert row["undelivered"]


async def test_for_a_citizen_the_command_is_one_that_the_bot_does_not_know(
    bot: BotProcess, forum: StaffGroup, awa: Citizen
):
    await awa.says("/console")
    told = await awa.waits_for("")
    assert "lien" not in told.text
    assert "/entrer" not in told.text
    assert len(awa.messages) == 1
    assert told.buttons


async def test_the_link_is_in_no_table_and_in_no_log(bot: BotProcess, url: str, alice: Citizen, tmp_path: Path):
    async with httpx.AsyncClient(base_url=url) as client:
        await alice.says("/console")
        told = await alice.waits_for("Votre lien")
        secret = re.search(r"/entrer/(\S+)", told.text)[1]
        await client.get(f"/entrer/{secret}")
        await client.post(f"/entrer/{secret}")
    assert await bot.stops() == 0
    assert secret not in bot.log
    assert secret.encode() not in stored(tmp_path)


async def test_the_console_in_a_process_of_its_own_shares_everything_with_the_bot(
    bot: BotProcess, settings: dict[str, str], url: str, forum: StaffGroup, alice: Citizen, awa: Citizen, tmp_path: Path
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    other = {"PASSERELLE_STAFF_CHAT_ID": str(FORUM), "PASSERELLE_CONSOLE_URL": url, "PASSERELLE_CONSOLE_LISTEN": listen}
    await awa.says("/humain")
    await awa.waits_for("Je préviens une personne")
    transport = httpx.AsyncHTTPTransport(retries=12)  # until it listens
    async with (
        running_bot(settings | other, tmp_path / "console.log", "console") as console,
        httpx.AsyncClient(base_url=url) as first,
        httpx.AsyncClient(base_url=f"http://{listen}", transport=transport) as second,
    ):
        token = await signed_in(first, alice, url)
        headers = {"host": url.removeprefix("http://"), "cookie": f"passerelle={first.cookies['passerelle']}"}
        form = {"token": token, "key": "k", "seen": "99", "reply": "D'un autre processus"}
        sent = await second.post("/conversations/1/repondre", data=form, headers=headers)
        assert sent.status_code == 303
        await awa.waits_for("D'un autre processus")
        assert await console.stops() == 0
