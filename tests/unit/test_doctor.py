"""What `doctor` concludes from what it sees."""

import ast
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import bot.doctor
from bot.doctor.findings import TEXTS, Check, State, as_text, failed
from bot.doctor.installation import described, unusable, validity, work
from bot.doctor.telegram import hearing, reception, rights, sharing_check
from bot.settings import Settings, SettingsError
from tests.unit.dialogue_fakes import ENTRIES

TODAY = date(2026, 11, 24)
NOTHING = {"questions.open": 0, "inbox.waiting": 0, "inbox.dead": 0}
NOTHING |= {"outbox.queued": 0, "outbox.sending": 0, "outbox.failed": 0}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, no `.env`."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def settings_checks(names: set[str] = frozenset(), **values) -> list[Check]:
    return list(described(Settings(**values), names))


class TestSettings:
    def test_those_that_are_set_are_shown(self):
        (check,) = settings_checks(staff_chat_id=-5, semantic="off")
        assert check.state is State.OK
        assert check.detail.startswith("PASSERELLE_STAFF_CHAT_ID=-5, PASSERELLE_SEMANTIC=off")

    def test_secrets_are_not(self):
        url = "postgresql+asyncpg://bot:s3cret@db/bot?password=s3cret"
        secret = "s3cret"  # noqa: S105 - nobody's
        (check,) = settings_checks(bot_token=f"1:{secret}", webhook_secret=secret, database_url=url)
        assert "PASSERELLE_BOT_TOKEN" in check.detail
        assert "postgresql+asyncpg://bot:***@db/bot" in check.detail
        assert secret not in check.detail

    def test_an_address_that_cannot_be_read_is_not_shown_either(self):
        (check,) = settings_checks(database_url="s3cret")
        assert "s3cret" not in check.detail

    def test_a_name_that_nobody_reads_is_told_with_the_one_it_may_stand_for(self):
        _, alike, foreign = settings_checks({"PASSERELLE_STAFF_CHATID", "PASSERELLE_X", "PASSERELLE_BOT_TOKEN"})
        assert (alike.state, foreign.state) == (State.WARNING, State.WARNING)
        assert "PASSERELLE_STAFF_CHAT_ID" in str(alike.remedy)
        assert "PASSERELLE_X" in foreign.detail

    def test_each_unusable_one_is_named_with_the_form_it_should_have(self):
        one, two = unusable(SettingsError("PASSERELLE_A : un nombre.\nPASSERELLE_B : oui ou non."))
        assert (one.works, one.detail, two.detail) == (False, "PASSERELLE_A : un nombre.", "PASSERELLE_B : oui ou non.")
        assert ".env" in str(one.remedy)


class TestWork:
    def test_what_waits_is_counted(self):
        check = work(NOTHING | {"questions.open": 3, "inbox.waiting": 2, "outbox.queued": 4, "outbox.sending": 1})
        assert (check.state, check.remedy) == (State.OK, None)
        assert check.detail.startswith("questions ouvertes : 3 ; messages reçus en attente : 2 ; mis de côté : 0 ;")
        assert "envois en attente : 4 ; en cours : 1 ;" in check.detail

    @pytest.mark.parametrize(("count", "word"), [("inbox.dead", "inbox"), ("outbox.failed", "outbox")])
    def test_what_failed_is_a_warning_that_says_where_to_look(self, count: str, word: str):
        check = work(NOTHING | {count: 1})
        assert check.state is State.WARNING
        assert word in str(check.remedy)


class TestValidity:
    @pytest.mark.parametrize(
        ("until", "state", "named"),
        [
            (date(2026, 11, 23), State.WARNING, True),
            (date(2026, 11, 24), State.WARNING, True),
            (date(2026, 12, 24), State.WARNING, True),
            (date(2026, 12, 25), State.OK, False),
            (None, State.OK, False),
        ],
        ids=["ended yesterday", "ends today", "ends in 30 days", "ends later", "has no end"],
    )
    def test_entries_are_named_from_thirty_days_before_their_end(self, until, state: State, named: bool):
        check = validity([replace(ENTRIES[0], valid_until=until)], TODAY)
        assert check.state is state
        assert ("grant" in check.detail) is named

    def test_expired_ones_come_first_and_alone(self):
        entries = [
            replace(ENTRIES[0], valid_until=date(2026, 12, 1)),
            replace(ENTRIES[1], valid_until=date(2020, 1, 1)),
        ]
        check = validity(entries, TODAY)
        assert "sans réponse : dispute (2020-01-01)" in check.detail
        assert "grant" not in check.detail

    def test_many_are_counted(self):
        entries = [replace(ENTRIES[0], id=f"entry-{number}", valid_until=TODAY) for number in range(11)]
        assert validity(entries, TODAY).detail.endswith(", … (+3).")


def group(*, forum: bool = False, may_write: bool = True) -> dict[str, Any]:
    return {"title": "Service", "is_forum": forum, "permissions": {"can_send_messages": may_write}}


MEMBER = {"status": "member"}
ADMIN = {"status": "administrator", "can_manage_topics": False}
TOPICS_ADMIN = {"status": "administrator", "can_manage_topics": True, "can_delete_messages": True}
MUTED = {"status": "restricted", "can_send_messages": False}
RESTRICTED = {"status": "restricted", "can_send_messages": True, "can_manage_topics": True}


class TestRights:
    @pytest.mark.parametrize(
        ("chat", "place", "state"),
        [
            (group(), MEMBER, State.OK),
            (group(), ADMIN, State.OK),
            (group(may_write=False), MEMBER, State.FAILED),
            (group(may_write=False), ADMIN, State.OK),
            (group(), MUTED, State.FAILED),
            (group(), RESTRICTED, State.OK),
            (group(forum=True), TOPICS_ADMIN, State.OK),
            (group(forum=True), TOPICS_ADMIN | {"can_delete_messages": False}, State.WARNING),
            (group(forum=True), ADMIN, State.WARNING),
            (group(forum=True), MEMBER, State.WARNING),
            (group(forum=True), RESTRICTED, State.WARNING),
        ],
    )
    def test_it_must_write_and_should_make_topics(self, chat: dict[str, Any], place: dict[str, Any], state: State):
        assert rights(chat, place, "passerelle_bot").state is state

    @pytest.mark.parametrize(
        ("chat", "place", "sees_all", "state"),
        [
            (group(), MEMBER, False, State.OK),
            (group(forum=True), ADMIN, False, State.OK),
            (group(forum=True), MEMBER, True, State.OK),
            (group(forum=True), MEMBER, False, State.FAILED),
        ],
        ids=["replies are enough", "administrators hear all", "privacy mode is off", "deaf in topics"],
    )
    def test_it_must_hear_what_staff_write(
        self, chat: dict[str, Any], place: dict[str, Any], sees_all: bool, state: State
    ):
        assert hearing(chat, place, "passerelle_bot", sees_all=sees_all).state is state


class TestReception:
    HERE, THERE = "https://here.example/telegram", "https://there.example/telegram?secret=s3cret"

    @pytest.mark.parametrize(
        ("url", "wanted", "state"),
        [
            ("", None, State.OK),
            (THERE, None, State.WARNING),
            ("", HERE, State.OK),
            (HERE, HERE, State.OK),
            (THERE, HERE, State.WARNING),
        ],
    )
    def test_a_webhook_of_another_installation_is_told(self, url: str, wanted: str | None, state: State):
        check = reception({"url": url, "pending_update_count": 0}, wanted)
        assert check.state is state
        assert "s3cret" not in check.detail

    @pytest.mark.parametrize(("waiting", "state"), [(3, State.WARNING), (0, State.OK)])
    def test_an_error_of_the_past_is_told_while_messages_wait(self, waiting: int, state: State):
        found = {"url": self.HERE, "pending_update_count": waiting, "last_error_message": "Connection refused"}
        assert reception(found, self.HERE).state is state


def findings_in_the_code() -> set[tuple[str, str, str]]:
    """(state, check, finding) of each call of `ok`, `warning` and `failed`."""
    calls = (
        node
        for path in Path(bot.doctor.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"ok", "warning", "failed"}
    )
    return {
        (ast.unparse(call.func), ast.literal_eval(call.args[0]), finding)
        for call in calls
        for finding in _alternatives(call.args[1])
    }


def _alternatives(finding: ast.expr) -> list[str]:
    match finding:
        case ast.Constant(value=str(value)):
            return [value]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_alternatives(body), *_alternatives(orelse)]
        case _:
            return ["private", "channel"]  # chat["type"]: the two kinds that are no group


class TestTexts:
    def test_every_finding_is_worded_and_what_is_wrong_has_a_remedy(self):
        found = findings_in_the_code()
        worded = {(check, finding) for check, texts in TEXTS.items() for finding in texts if finding != "name"}
        assert {(check, finding) for _, check, finding in found} == worded
        without = {(check, finding) for state, check, finding in found if "remedy" not in TEXTS[check][finding]}
        assert without == {(check, finding) for state, check, finding in found if state == "ok"}

    def test_every_check_has_a_name(self):
        assert all(texts["name"] for texts in TEXTS.values())

    def test_a_terminal_shows_the_remedy_below(self):
        shown = as_text(failed("group", "not_found", chat=-5)).plain
        first, second = shown.splitlines()
        assert first.startswith("✗ Groupe du service : ")
        assert second.startswith("  → Ajoutez l'assistant au groupe")


def test_inline_mode_that_is_off_is_told_with_the_words_for_botfather():
    assert sharing_check("our_bot", on=True).state is State.OK
    off = sharing_check("our_bot", on=False)
    assert (off.state, "/setinline" in str(off.remedy)) == (State.WARNING, True)
