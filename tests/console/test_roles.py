"""Who may do what: each route, asked by each role, and by nobody."""

import pytest

from bot.console.app import application
from bot.console.membership import Role
from bot.console.pages import Parts
from bot.console.registry import PAGES
from tests.console.conftest import CAMILLE, DOMINIQUE, SACHA, Browser

OPEN = {"/", "/entrer", "/entrer/demo", "/entrer/telegram", "/entrer/{secret}", "/static"}
"""For somebody who has not signed in."""
ADMINISTRATORS = {"/equipe", "/equipe.json", "/equipe/{number:int}/redaction"}
EDITORS = {
    "/fiches/historique/{publication}/revenir",
    "/fiches/id/{entry}/geler",
    "/fiches/id/{entry}/rectifier",
    "/fiches/propositions/{proposal}/publier",
}
"""What publishes knowledge."""


def routes(parts: Parts) -> list[tuple[str, str]]:
    """(method, path) of each route that needs a session."""
    found = []
    for route in application(parts).routes:
        if route.path not in OPEN:
            methods = set(route.methods or ()) - {"HEAD"}
            found += [(method, route.path) for method in sorted(methods)]
    return found


def address(path: str) -> str:
    return path.replace("{number:int}", "1")


async def asks(browser: Browser, method: str, path: str) -> int:
    """The status; the streams are looked at in their own tests."""
    if method == "POST":
        return (await browser.submits(address(path), seen="99", reply="x")).status_code
    return (await browser.get(address(path))).status_code


def test_every_route_is_known_here(parts: Parts):
    """A new page says in this file who may use it."""
    paths = {path for _, path in routes(parts)}
    assert paths >= ADMINISTRATORS | EDITORS
    assert len(paths) >= 10


async def test_nobody_gets_anything_without_a_session(browser: Browser, parts: Parts, awa):
    for method, path in routes(parts):
        if method == "POST":
            answer = await browser.post(address(path), data={"token": "x"})
            assert answer.status_code == 401, path
        else:
            answer = await browser.get(address(path))
            assert answer.status_code == (401 if path.endswith(".json") else 303), path
        assert "xyz" not in answer.text


@pytest.mark.parametrize(
    ("who", "role"), [(CAMILLE, Role.AGENT), (SACHA, Role.EDITOR), (DOMINIQUE, Role.ADMINISTRATOR)]
)
async def test_each_role_may_do_its_own_and_no_more(who: int, role: Role, sign_in, parts: Parts, dominique, awa):
    browser = await sign_in(who)
    if role is Role.EDITOR:
        await dominique.submits(f"/equipe/{SACHA}/redaction", editor="yes")
    for method, path in routes(parts):
        if path.startswith(("/live", "/sortir")):
            continue
        least = Role.ADMINISTRATOR if path in ADMINISTRATORS else Role.EDITOR if path in EDITORS else Role.AGENT
        status = await asks(browser, method, path)
        assert (status == 403) is not role.may(least), (method, path, status)


async def test_the_navigation_shows_what_one_may_open(camille: Browser, dominique: Browser):
    assert "/equipe" not in (await camille.get("/conversations")).text
    assert "/equipe" in (await dominique.get("/conversations")).text


def test_each_page_of_the_registry_has_its_own_name():
    names = [page.name for page in PAGES]
    assert len(set(names)) == len(names)


def test_roles_are_ordered():
    assert [[role.may(least) for least in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


# The team


async def test_an_administrator_says_who_is_an_editor(dominique: Browser, sacha: Browser):
    await dominique.submits(f"/equipe/{SACHA}/redaction", editor="yes")
    page = await dominique.reads("/equipe.json")
    assert {who["name"]: who["role"] for who in page["colleagues"]} == {"Dominique": "administrator", "Sacha": "editor"}
    assert (page["done"][0]["who"], page["done"][0]["what"]) == ("Dominique", "Sacha à la rédaction")
    await dominique.submits(f"/equipe/{SACHA}/redaction", editor="no")
    assert (await dominique.reads("/equipe.json"))["colleagues"][1]["role"] == "agent"


async def test_an_editor_who_was_never_here_is_not_found(dominique: Browser):
    assert (await dominique.submits("/equipe/99/redaction", editor="yes")).status_code == 404


async def test_nobody_makes_an_editor_of_oneself(camille: Browser):
    assert (await camille.submits(f"/equipe/{CAMILLE}/redaction", editor="yes")).status_code == 403
