"""What holds for every request, whatever the page."""

import httpx
import pytest

from bot.console.forms import MAX_BODY
from tests.console.conftest import URL, Browser, Clock

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"


@pytest.mark.parametrize("path", ["/", "/entrer", "/conversations", "/static/console.css", "/nothing", "/live"])
async def test_every_answer_bears_the_headers_that_protect_it(browser: Browser, path: str):
    headers = (await browser.get(path)).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


@pytest.mark.parametrize("path", ["/entrer", "/entrer/telegram", "/entrer/x", "/conversations", "/equipe", "/nothing"])
async def test_no_page_holds_a_script_or_a_style_or_asks_another_server(dominique: Browser, awa, path: str):
    page = (await dominique.get(path)).text
    for forbidden in ("<style", " style=", " onclick", "javascript:", 'src="http', 'href="http', "<script>"):
        assert forbidden not in page


@pytest.mark.parametrize("host", ["evil.example", "console.example.org.evil.example", "127.0.0.1", ""])
async def test_another_name_that_leads_here_is_refused(browser: Browser, host: str):
    refused = await browser.get("/entrer", headers={"host": host})
    assert refused.status_code == 400
    assert URL in refused.text


@pytest.mark.parametrize("host", ["console.example.org", "CONSOLE.example.org", "console.example.org:443"])
async def test_its_own_name_is_accepted_however_a_proxy_writes_it(browser: Browser, host: str):
    assert (await browser.get("/entrer", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://console.example.org"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": URL, "sec-fetch-site": "cross-site"},
    ],
)
async def test_a_form_of_another_site_is_refused(camille: Browser, awa, headers: dict[str, str]):
    form = {"token": "whatever", "key": "k"}
    refused = await camille.post("/conversations/1/clore", data=form, headers=headers)
    assert refused.status_code == 403
    assert (await camille.reads("/conversations/1.json"))["open"]


async def test_a_form_without_its_token_is_refused_even_from_here(camille: Browser, sacha: Browser, awa):
    for token in ("", "x", sacha.secret):
        refused = await camille.submits("/conversations/1/clore", token=token)
        assert refused.status_code == 403
    assert (await camille.reads("/conversations/1.json"))["open"]


async def test_the_token_of_a_session_is_no_other_sessions(camille: Browser, sacha: Browser, awa):
    from bot.console.access import form_token  # noqa: PLC0415 - only here

    refused = await camille.submits("/conversations/1/clore", token=form_token(sacha.secret))
    assert refused.status_code == 403


async def test_nothing_is_changed_by_a_get(camille: Browser, awa):
    for act in ("prendre", "repondre", "clore", "rendre"):
        assert (await camille.get(f"/conversations/1/{act}")).status_code == 405


LARGE = ["/sortir", "/entrer/telegram", "/fiches/nouvelle", "/questions/1/repondre"]
"""Where a form is sent: with a session, and without."""


@pytest.mark.parametrize("path", LARGE)
async def test_a_body_that_says_it_is_large_is_not_read(camille: Browser, path: str):
    refused = await camille.post(path, content=b"x", headers={"content-length": str(50 << 20), "origin": URL})
    assert refused.status_code == 413


@pytest.mark.parametrize("path", LARGE)
async def test_a_body_that_does_not_say_how_large_it_is_is_not_read_to_its_end(camille: Browser, path: str):
    read = 0

    async def endless():
        nonlocal read
        while read < 50 << 20:
            read += 1 << 14
            yield b"x" * (1 << 14)

    refused = await camille.post(path, content=endless(), headers={"origin": URL})
    assert refused.status_code == 413
    assert MAX_BODY < read < 4 * MAX_BODY


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join([b"a=1"] * 1000), b"\x00", b"token"])
async def test_a_body_that_is_no_form_of_ours_is_refused(camille: Browser, body: bytes):
    assert (await camille.post("/sortir", content=body, headers={"origin": URL})).status_code in {400, 403}


async def test_a_cookie_that_is_no_cookie_lets_nobody_in(browser: Browser, clock: Clock):
    for cookie in ("__Host-passerelle=", "__Host-passerelle=\x7f", "passerelle=x", "__Host-passerelle=é"):
        assert (await browser.get("/conversations", headers={"cookie": cookie.encode()})).status_code == 303


async def test_static_files_stay_in_their_folder(browser: Browser):
    for path in ("/static/../texts.yaml", "/static/%2e%2e/texts.yaml", "/static/..%2ftexts.yaml"):
        assert (await browser.send(httpx.Request("GET", f"{URL}{path}"))).status_code == 404
