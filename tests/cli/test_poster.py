"""`poster`: a QR code that opens the bot at an entry or an offer."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import segno

from bot.staff.poster import bot_link, qr_code
from tests.cli.conftest import Command

LINK = "https://t.me/mairie_bot?start=topic-greeting"


FILES = {
    "entries/a.yaml": """\
entries:
  - {id: greeting, title: {fr: Bonjour}, utterances: {fr: [bonjour]}, answer: {fr: Bonjour}, kind: behaviour}
""",
    "sources.yaml": """\
sources:
  - {id: site, title: Site, url: "https://example.org", checked: 2026-11-24}
""",
    "opportunities.yaml": """\
opportunities:
  - {id: camp, kind: exchange, status: recurring, title: {fr: Camp d'été}, summary: {fr: Un camp}, owner: jeunesse,
     organiser: {fr: Le Cèdre}, link: {source: site}, sources: [site]}
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One entry and one offer."""
    (tmp_path / "entries").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_poster_of_an_offer_is_written_beside_and_bears_its_title_for_who_cannot_see(
    passerelle: Command, folder: Path
) -> None:
    ran = passerelle("poster", "opp-camp", "--bot", "mairie_bot", "--knowledge", str(folder))
    assert ran == (0, "Écrit dans opp-camp.svg. Le code ouvre https://t.me/mairie_bot?start=opp-camp\n", "")
    drawn = ET.parse(folder / "opp-camp.svg").getroot()  # noqa: S314 - our own file
    assert [child.text for child in drawn][:2] == ["Camp d'été", "https://t.me/mairie_bot?start=opp-camp"]


def test_a_poster_of_an_entry_goes_to_the_file_that_is_asked_for(passerelle: Command, folder: Path) -> None:
    ran = passerelle(
        "poster", "topic-greeting", "--bot", "@mairie_bot", "--output", "a.svg", "--knowledge", str(folder)
    )
    assert (ran.status, (folder / "a.svg").read_bytes()) == (0, qr_code(LINK, "Bonjour"))


def test_a_retired_entry_has_no_poster(passerelle: Command, folder: Path) -> None:
    entries = folder / "entries/a.yaml"
    entries.write_text(FILES["entries/a.yaml"].replace("kind:", "retired: true, kind:"), encoding="utf-8")
    ran = passerelle("poster", "topic-greeting", "--bot", "mairie_bot", "--knowledge", str(folder))
    assert (ran.status, (folder / "topic-greeting.svg").exists()) == (2, False)


def test_the_code_is_the_one_of_the_link_and_a_quarter_of_it_may_be_lost() -> None:
    code = segno.make(LINK, error="q")
    assert (code.error, qr_code(LINK, "Bonjour").count(b"<path")) == ("Q", 2)
    assert len(qr_code(LINK, "")) != len(qr_code(f"{LINK}-other", ""))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("topic-greting", "--bot", "mairie_bot"), "Vouliez-vous écrire « topic-greeting » ?"),
        (("greeting", "--bot", "mairie_bot"), "« greeting » ne mène nulle part."),
        (("topic-greeting", "--bot", "été"), "« été » n'est pas un nom d'assistant Telegram"),
        (("topic-greeting",), "Écrivez le nom de l'assistant : --bot nom_bot."),
        (("topic-greeting", "--bot", "mairie_bot", "--output", "no/a.svg"), "Impossible d'écrire no/a.svg"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    passerelle: Command, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = passerelle("poster", *arguments, "--knowledge", str(folder))
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    "name", ["mairie_bot", "@mairie_bot", "t.me/mairie_bot", "https://t.me/mairie_bot/", " mairie_bot "]
)
def test_a_name_is_taken_however_it_was_copied(name: str) -> None:
    assert bot_link(name, "topic-greeting") == LINK
