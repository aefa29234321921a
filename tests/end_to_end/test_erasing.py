"""Somebody goes through all that leaves a trace, then erases: database, log, exports and console know nothing."""

import asyncio
import io
import shutil
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.staff.questions import EXPORTS
from bot.storage.database import Database, create_engine
from bot.storage.sql import open_store
from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import FORUM, BotProcess, running_bot
from tests.end_to_end.test_console import alice, signed_in, url
from tests.end_to_end.test_eligibility import INTERVIEW
from tests.end_to_end.test_opportunities import KNOWLEDGE as OFFERS
from tests.storage import postgresql as server

__all__ = ["alice", "url"]  # fixtures

CHAT, NAME, MAIL, WORDS = 6123456789, "Awatif", "awatif.diallo@exemple.fr", "confidence-xyz"
PHONES = ("06 12 34 56 78", "0612345678")
PLANTED = (str(CHAT), NAME, "Diallo", MAIL, WORDS, *PHONES)
TELLS = f"je suis {NAME} Diallo, {PHONES[0]}, {MAIL}, {WORDS}"
REPLY = f"Bonjour {NAME} Diallo, je vous rappelle au {PHONES[1]}"

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/passerelle.db"
        return
    with server.new_database() as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Offers, and a fiche that proposes an interview."""
    made = shutil.copytree(OFFERS, tmp_path / "knowledge")
    entries = made / "entries/all.yaml"
    entries.write_text(entries.read_text("utf-8") + "    interview: fund\n", "utf-8")
    (made / "eligibility.yaml").write_text(INTERVIEW, "utf-8")
    return made


@pytest.fixture
async def bot(
    api: BotApi, settings: dict[str, str], forum: StaffGroup, url: str, database: str, folder: Path, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    settings |= {
        "PASSERELLE_STAFF_CHAT_ID": str(FORUM),
        "PASSERELLE_DATABASE_URL": database,
        "PASSERELLE_KNOWLEDGE_DIR": str(folder),
        "PASSERELLE_CONSOLE_URL": url,
        "PASSERELLE_CONSOLE_LISTEN": url.removeprefix("http://"),
    }
    async with running_bot(settings, tmp_path / "log") as process:
        await api.is_polled()
        yield process


class Office:
    """What the staff see and do in the console."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._token = client, token

    async def does(self, path: str, **form: str) -> None:
        done = await self._client.post(path, data={"token": self._token, "key": path, "seen": "999", **form})
        assert done.status_code == 303, done.text

    async def pages(self) -> bytes:
        """Every page and file that could tell of somebody."""
        paths = [
            "/conversations.json?etat=closed",
            "/conversations.json",
            "/questions.json",
            "/questions.json?etat=all",
        ]
        paths += [f"/{kind}/{number}.json" for kind in ("conversations", "questions") for number in range(1, 8)]
        paths += ["/questions/reponses/1.json", "/questions/etiquettes.json", "/questions/retours.json"]
        paths += ["/chiffres.json", "/chiffres/fichier.csv", "/chiffres/fichier.xlsx", "/equipe.json"]
        return b"\n".join([unpacked((await self._client.get(path)).content) for path in paths])


@asynccontextmanager
async def office(url: str, alice: Citizen) -> AsyncIterator[Office]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield Office(client, await signed_in(client, alice, url))


async def exports(address: str) -> bytes:
    """What `questions --status all` writes, in every format."""
    store = await open_store(address, datetime.now(UTC), recover=False)
    try:
        chosen = await store.questions()
    finally:
        await store.close()
    return b"\n".join(unpacked(write(chosen)) for write in EXPORTS.values())


def unpacked(data: bytes) -> bytes:
    """A spreadsheet is a zip of files."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def traces(data: str | bytes) -> set[str]:
    """Which of what was planted stands there, in whatever case."""
    words = (data.decode("utf-8", "replace") if isinstance(data, bytes) else data).casefold()
    return {planted for planted in PLANTED if planted.casefold() in words}


def everything_in(folder: Path, *patterns: str) -> bytes:
    files = (path for pattern in patterns for path in folder.glob(pattern) if path.is_file())
    return b"\n".join(path.read_bytes() for path in files)


async def every_row(address: str) -> str:
    """Every row of every table as text, of tables that we know and of others."""
    database = Database(create_engine(address))
    try:
        async with database.reading() as connection:
            if connection.dialect.name == "sqlite":
                tables = await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            else:
                tables = await connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            rows = [list(await connection.execute(text(f"SELECT * FROM {table}"))) for table in tables.all()]  # noqa: S608
    finally:
        await database.close()
    return "\n".join(str(tuple(row)) for table in rows for row in table)


async def until_kept(address: str, planted: set[str]) -> None:
    async with asyncio.timeout(10):
        while traces(await every_row(address)) != planted:
            await asyncio.sleep(0.05)


async def lives_through_everything(awa: Citizen, forum: StaffGroup, staff: Office) -> None:
    await awa.says(f"Combien de vélos, {TELLS} ?")
    await awa.waits_for("")
    await awa.says("/humain")
    card = await forum.waits_for(WORDS)
    await staff.does("/questions/1/repondre", w1="1", answer=f"Sept, {REPLY}")
    await awa.waits_for("Sept, Bonjour")
    await forum.member("Alice").says(REPLY, thread=card.thread)
    await awa.waits_for(REPLY)
    await forum.presses("Clore la demande")
    await awa.waits_for("L'échange avec le service est terminé")

    await awa.says("J'ai 17 ans, je veux aller en Allemagne cet été")
    await awa.presses_when_there("Me prévenir des nouveautés")
    await awa.waits_for("C'est noté. Je vous préviens ici")
    await awa.says("Où êtes-vous ?")
    await awa.waits_for("square Castan")
    await awa.presses("Cela m'aide")
    await awa.presses("Vérifier si mon projet peut être aidé")
    await awa.presses_when_there("Oui")
    await awa.waits_for("Quel âge ?")
    await awa.says("5")
    await awa.presses_when_there("Transmettre mes réponses au service")
    await awa.waits_for("Je transmets vos réponses")
    await staff.does("/conversations/2/repondre", reply=REPLY)
    await awa.waits_for(REPLY)
    await awa.says(f"Merci, {TELLS}")


async def test_nothing_of_a_person_who_erases_is_found_anywhere(
    bot: BotProcess,
    api: BotApi,
    forum: StaffGroup,
    alice: Citizen,
    url: str,
    settings: dict[str, str],
    tmp_path: Path,
):
    awa = api.private_chat(CHAT, NAME)
    address = settings["PASSERELLE_DATABASE_URL"]
    async with office(url, alice) as staff:
        await lives_through_everything(awa, forum, staff)
        await until_kept(address, set(PLANTED))
        assert traces(await staff.pages()) >= {NAME, WORDS, PHONES[1]}
        assert traces(await exports(address)) == {NAME, "Diallo", WORDS}

        await awa.says("/effacer")
        await awa.presses_when_there("Oui, tout effacer")
        await awa.waits_for("C'est effacé")
        await forum.waits_for("La personne a effacé ses données")
        await until_kept(address, set())  # the receipt itself leaves its row a moment after it has arrived
        assert traces(await staff.pages()) == set()
        assert traces(await exports(address)) == set()
    assert await bot.stops() == 0
    assert traces(bot.log) == set()
    assert traces(everything_in(tmp_path, "passerelle.db*", "cache/**/*", "knowledge/**/*")) == set()
    assert all(topic.deleted for topic in forum.topics)
