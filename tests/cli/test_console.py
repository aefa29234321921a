"""`console`: what is missing is said; the demonstration runs, and ends with Ctrl-C."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Command, Start

TOKEN = "123456:secret"  # noqa: S105 - of a test


def test_without_a_token_the_demonstration_is_named(passerelle: Command) -> None:
    ran = passerelle("console")
    assert ran.status == 2
    assert "python run_bot.py chat" in ran.err


def test_without_an_address_it_is_asked_for(passerelle: Command) -> None:
    ran = passerelle("console", PASSERELLE_BOT_TOKEN=TOKEN)
    assert ran.status == 2
    assert "PASSERELLE_CONSOLE_URL=https://" in ran.err
    assert "console --demo" in ran.err


@pytest.mark.parametrize("url", ["console.exemple.fr", "https://exemple.fr/console", "ftp://exemple.fr"])
def test_an_address_that_browsers_could_not_use_is_refused(passerelle: Command, url: str) -> None:
    ran = passerelle("console", PASSERELLE_BOT_TOKEN=TOKEN, PASSERELLE_CONSOLE_URL=url)
    assert ran.status == 2
    assert "PASSERELLE_CONSOLE_URL : il faut l'adresse d'un serveur, sans chemin" in ran.err


def test_a_demonstration_that_others_could_reach_is_refused(passerelle: Command) -> None:
    ran = passerelle("console", "--demo", PASSERELLE_CONSOLE_LISTEN="0.0.0.0:8090")
    assert ran.status == 2
    assert "que sur cette machine" in ran.err


def test_a_demonstration_opens_and_ends_with_ctrl_c(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
    (tmp_path / ".env").write_text(f"PASSERELLE_CONSOLE_LISTEN={listen}", encoding="utf-8")
    process = start("console", "--demo")
    transport = httpx.HTTPTransport(retries=12)  # it waits longer after each: half a minute in all
    with httpx.Client(base_url=f"http://{listen}", transport=transport) as browser:
        assert "Démonstration" in browser.get("/entrer").text
        assert browser.post("/entrer/demo", data={"who": "1"}).status_code == 303
        assert browser.get("/conversations.json").json()["rows"]
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
