"""The emulator keeps the rules of https://core.telegram.org/bots/api, as python-telegram-bot's client sees them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
    WebAppInfo,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.request import HTTPXRequest

from tests.emulator import BotApi, Citizen, StaffGroup
from tests.emulator.wire import LoopServer

CITIZEN = 42
GROUP = -1001


def _request() -> HTTPXRequest:
    return HTTPXRequest(httpx_kwargs={"verify": False})


def client(api: BotApi, token: str | None = None) -> Bot:
    return Bot(
        token or api.token,
        base_url=f"{api.url}/bot",
        base_file_url=f"{api.url}/file/bot",
        request=_request(),
        get_updates_request=_request(),
    )


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with client(api) as running:
        yield running


@pytest.fixture
def citizen(api: BotApi) -> Citizen:
    return api.private_chat(CITIZEN, "Awa")


@pytest.fixture
def group(api: BotApi) -> StaffGroup:
    return api.group(GROUP, "Équipe", forum=True, members=["Alice", "Bob"])


def inline(label: str = "Oui", **action: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, **(action or {"callback_data": "yes"}))]])


async def post(api: BotApi, method: str, **kwargs: Any) -> httpx.Response:
    async with httpx.AsyncClient(verify=False) as http:  # noqa: S501 - plain HTTP, no certificate to load
        return await http.post(f"{api.url}/bot{api.token}/{method}", **kwargs)


class TestCalling:
    @pytest.mark.parametrize(
        "body",
        [
            {"json": {"chat_id": CITIZEN, "text": "é & ü", "reply_markup": {"force_reply": True}}},
            {"data": {"chat_id": "42", "text": "é & ü", "reply_markup": '{"force_reply": true}'}},
            {
                "files": {
                    "chat_id": (None, "42"),
                    "text": (None, "é & ü"),
                    "reply_markup": (None, '{"force_reply":true}'),
                }
            },
            {"params": {"chat_id": "42", "text": "é & ü", "reply_markup": '{"force_reply": true}'}},
        ],
        ids=["json", "form", "multipart", "query"],
    )
    async def test_parameters_come_in_four_ways(self, api: BotApi, citizen: Citizen, body: dict[str, Any]):
        answer = await post(api, "sendMessage", **body)
        assert answer.json()["ok"] is True
        assert [message.text for message in citizen.messages] == ["é & ü"]

    async def test_method_names_ignore_case(self, api: BotApi):
        assert (await post(api, "GETME")).json()["result"]["is_bot"] is True

    async def test_get_me_describes_the_bot(self, bot: Bot):
        assert bot.bot.id == 123456
        assert bot.bot.username == "passerelle_test_bot"

    async def test_a_wrong_token_is_unauthorized(self, api: BotApi):
        bot = client(api, "123456:WRONG")
        with pytest.raises(InvalidToken):
            await bot.initialize()
        await asyncio.gather(*(request.shutdown() for request in bot._request))
        assert api.calls[-1].status == 401

    async def test_an_unknown_method_answers_501_and_fails_the_test_at_the_end(self):
        with pytest.raises(AssertionError, match="sendDice"):
            async with BotApi() as api:
                assert (await post(api, "sendDice")).status_code == 501

    async def test_an_option_without_emulation_fails_the_test_too(self):
        with pytest.raises(AssertionError, match="MarkdownV2"):  # noqa: PT012 - the end of the block is what raises
            async with BotApi() as api:
                api.private_chat(CITIZEN)
                await post(api, "sendMessage", json={"chat_id": CITIZEN, "text": "*x*", "parse_mode": "MarkdownV2"})

    async def test_a_mistake_of_the_emulator_fails_the_test_too(self):
        with pytest.raises(AssertionError, match="deleteMessages"):  # noqa: PT012 - the end of the block is what raises
            async with BotApi() as api:
                api.private_chat(CITIZEN)
                answer = await post(api, "deleteMessages", json={"chat_id": CITIZEN, "message_ids": ["one"]})
                assert answer.status_code == 500

    async def test_a_gap_does_not_replace_the_error_of_the_test(self):
        with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012 - the end of the block is what raises
            async with BotApi() as api:
                await post(api, "sendDice")
                raise ZeroDivisionError
        assert "sendDice" in caught.value.__notes__[0]

    @pytest.mark.usefixtures("citizen")
    async def test_calls_are_recorded_with_their_status(self, api: BotApi, bot: Bot):
        await bot.send_message(CITIZEN, "un")
        with pytest.raises(BadRequest):
            await bot.send_message(7, "deux")
        assert [(call.params["text"], call.status) for call in api.called("sendMessage")] == [
            ("un", 200),
            ("deux", 400),
        ]


class TestGetUpdates:
    async def test_update_ids_follow_one_another_from_the_chosen_start(self):
        async with BotApi(first_update_id=500) as api, client(api) as bot:
            citizen = api.private_chat(CITIZEN)
            await citizen.says("un")
            await citizen.says("deux")
            assert [update.update_id for update in await bot.get_updates()] == [500, 501]

    async def test_an_update_returns_until_an_offset_confirms_it(self, api: BotApi, bot: Bot, citizen: Citizen):
        await citizen.says("un")
        await citizen.says("deux")
        first, second = await bot.get_updates()
        assert [update.update_id for update in await bot.get_updates(offset=first.update_id + 1)] == [second.update_id]
        assert len(api.pending_updates) == 1

    async def test_a_negative_offset_forgets_all_but_the_last(self, api: BotApi, bot: Bot, citizen: Citizen):
        for text in ("un", "deux", "trois"):
            await citizen.says(text)
        (last,) = await bot.get_updates(offset=-1)
        assert last.message is not None
        assert last.message.text == "trois"
        assert len(api.pending_updates) == 1

    async def test_limit_bounds_the_batch(self, bot: Bot, citizen: Citizen):
        for text in ("un", "deux", "trois"):
            await citizen.says(text)
        assert len(await bot.get_updates(limit=2)) == 2

    async def test_a_long_poll_ends_with_the_first_update(self, api: BotApi, bot: Bot, citizen: Citizen):
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await _poll_is_waiting(api)
        await citizen.says("bonjour")
        (update,) = await poll
        assert update.effective_message is not None
        assert update.effective_message.text == "bonjour"

    async def test_a_poll_without_timeout_does_not_wait(self, bot: Bot):
        assert await bot.get_updates(timeout=0) == ()

    async def test_allowed_updates_leaves_other_kinds_out(self, bot: Bot, citizen: Citizen):
        await bot.get_updates(allowed_updates=["callback_query"])
        await citizen.says("bonjour")
        assert await bot.get_updates() == ()

    async def test_reactions_come_only_when_asked_for(self, bot: Bot, citizen: Citizen):
        message_id = await citizen.says("bonjour")
        await citizen.reacts(message_id, "👍")
        await bot.get_updates(allowed_updates=Update.ALL_TYPES)
        await citizen.reacts(message_id, "❤")
        updates = await bot.get_updates()
        assert [update.message_reaction is not None for update in updates] == [False, True]

    async def test_a_second_poller_ends_the_first_with_a_conflict(self, api: BotApi, bot: Bot, citizen: Citizen):
        first = asyncio.create_task(bot.get_updates(timeout=30))
        await _poll_is_waiting(api)
        async with client(api) as other:
            second = asyncio.create_task(other.get_updates(timeout=30))
            with pytest.raises(Conflict, match="other getUpdates"):
                await first
            await citizen.says("bonjour")
            assert len(await second) == 1

    async def test_a_poller_that_died_disturbs_nobody(self, api: BotApi, bot: Bot, citizen: Citizen):
        dead = asyncio.create_task(post(api, "getUpdates", json={"timeout": 30}))
        await _poll_is_waiting(api)
        dead.cancel()
        await asyncio.wait([dead])
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await api.until(lambda: api.called("getUpdates"))
        await citizen.says("bonjour")
        assert len(await poll) == 1
        assert [call.status for call in api.called("getUpdates")] == [None, 200]

    async def test_polling_conflicts_with_a_webhook(self, bot: Bot):
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()

    async def test_setting_a_webhook_ends_a_waiting_poll(self, api: BotApi, bot: Bot):
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await _poll_is_waiting(api)
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(Conflict, match="setWebhook"):
            await poll

    async def test_an_old_update_can_come_once_more(self, api: BotApi, bot: Bot, citizen: Citizen):
        await citizen.says("bonjour")
        (update,) = await bot.get_updates()
        api.repeat_update(update.update_id)
        assert [again.update_id for again in await bot.get_updates(offset=update.update_id + 1)] == [update.update_id]
        assert await bot.get_updates(offset=update.update_id + 1) == ()


async def _poll_is_waiting(api: BotApi) -> None:
    while api.world.queue._waiter is None:
        await asyncio.sleep(0)


class Hook:
    """A bot's webhook that answers what it is told to and notes what came."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[Update, str | None]] = []
        self.arrived = asyncio.Condition()
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = 0
        self.most_busy = 0

    async def __call__(self, request: Request) -> Response:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        body = await request.json()
        async with self.arrived:
            token = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
            self.received.append((Update.de_json(body), token))
            self.arrived.notify_all()
        await self.gate.wait()
        self.busy -= 1
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)

    @property
    def texts(self) -> list[str | None]:
        return [update.message.text for update, _ in self.received if update.message]


@asynccontextmanager
async def webhook() -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook()

    async def endpoint(request: Request) -> Response:
        return await hook(request)

    server = LoopServer(Router([Route("/hook", endpoint, methods=["POST"])]))
    await server.open()
    try:
        yield hook, f"{server.url}/hook"
    finally:
        await server.close()


class TestWebhook:
    async def test_updates_are_posted_with_the_secret(self, bot: Bot, citizen: Citizen):
        async with webhook() as (hook, url):
            await bot.set_webhook(url, secret_token="s3cret")  # noqa: S106 - of this test
            await citizen.says("bonjour")
            await hook.has(1)
            assert hook.received[0][1] == "s3cret"
            assert hook.texts == ["bonjour"]

    async def test_anything_but_2xx_is_tried_again_in_order(self, bot: Bot, citizen: Citizen):
        async with webhook() as (hook, url):
            hook.statuses = [500, 302]
            await bot.set_webhook(url)
            await citizen.says("un")
            await citizen.says("deux")
            await hook.has(4)
            assert hook.texts == ["un", "un", "un", "deux"]

    async def test_one_update_a_chat_is_in_flight(self, api: BotApi, bot: Bot, citizen: Citizen):
        other = api.private_chat(43)
        async with webhook() as (hook, url):
            hook.gate.clear()
            await bot.set_webhook(url)
            for person in (citizen, other):
                await person.says("un")
                await person.says("deux")
            await hook.has(2)
            assert hook.texts == ["un", "un"]
            hook.gate.set()
            await hook.has(4)
            assert hook.most_busy == 2

    async def test_pending_updates_go_to_a_new_webhook(self, bot: Bot, citizen: Citizen):
        await citizen.says("avant")
        async with webhook() as (hook, url):
            await bot.set_webhook(url)
            await hook.has(1)
            assert hook.texts == ["avant"]

    async def test_drop_pending_updates_forgets_them(self, api: BotApi, bot: Bot, citizen: Citizen):
        await citizen.says("avant")
        await bot.delete_webhook(drop_pending_updates=True)
        assert api.pending_updates == []

    async def test_the_info_tells_the_last_error(self, bot: Bot, citizen: Citizen):
        async with webhook() as (hook, url):
            hook.statuses = [500]
            await bot.set_webhook(url, allowed_updates=["message"], max_connections=5)
            await citizen.says("bonjour")
            await hook.has(2)
            info = await bot.get_webhook_info()
        assert (info.url, info.max_connections, info.allowed_updates) == (url, 5, ("message",))
        assert info.last_error_message is not None
        assert "500" in info.last_error_message

    async def test_polling_works_after_the_webhook_is_deleted(self, bot: Bot, citizen: Citizen):
        await bot.set_webhook("http://127.0.0.1:9/hook")
        await bot.delete_webhook()
        await citizen.says("bonjour")
        assert len(await bot.get_updates()) == 1

    @pytest.mark.parametrize(
        ("url", "secret", "reason"),
        [("http://example.org/", None, "https url"), ("https://example.org/", "é", "unallowed characters")],
    )
    async def test_a_bad_webhook_is_refused(self, bot: Bot, url: str, secret: str | None, reason: str):
        with pytest.raises(BadRequest, match=reason):
            await bot.set_webhook(url, secret_token=secret)


class TestText:
    async def test_html_becomes_text_with_entities_in_utf16(self, bot: Bot, citizen: Citizen):
        text = '😀 <b>gras &amp; <i>penché</i></b> <a href="https://a.fr/?x=1&amp;y=2">lien</a>'
        message = await bot.send_message(CITIZEN, text, parse_mode="HTML")
        assert message.text == "😀 gras & penché lien"
        found = [(entity.type, entity.offset, entity.length, entity.url) for entity in message.entities]
        assert found == [
            ("bold", 3, 13, None),
            ("italic", 10, 6, None),
            ("text_link", 17, 4, "https://a.fr/?x=1&y=2"),
        ]
        assert citizen.messages[0].html == text

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("é <h1>x</h1>", 'Unsupported start tag "h1" at byte offset 3'),
            ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
            ("<b", "Unclosed start tag at byte offset 0"),
            ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
            ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ],
    )
    @pytest.mark.usefixtures("citizen")
    async def test_html_that_telegram_does_not_read_is_refused(self, api: BotApi, text: str, reason: str):
        answer = await post(api, "sendMessage", json={"chat_id": CITIZEN, "text": text, "parse_mode": "HTML"})
        assert answer.json()["description"] == f"Bad Request: can't parse entities: {reason}"

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("<pre><code class='language-python'>x</code></pre>", "pre"),
            ("<code>x</code>", "code"),
            ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
            ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
            ("/aide", "bot_command"),
            ("https://ambafrance.org", "url"),
            ("a@b.fr", "email"),
        ],
    )
    @pytest.mark.usefixtures("citizen")
    async def test_entity_kinds(self, bot: Bot, text: str, kind: str):
        message = await bot.send_message(CITIZEN, text, parse_mode="HTML")
        assert [entity.type for entity in message.entities] == [kind]

    @pytest.mark.usefixtures("citizen")
    async def test_the_limit_counts_what_is_left_after_parsing(self, bot: Bot):
        message = await bot.send_message(CITIZEN, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
        assert message.text == "x" * 4096
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message(CITIZEN, "x" * 4097)

    @pytest.mark.parametrize("text", ["", "  \n", "<b> </b>"])
    @pytest.mark.usefixtures("citizen")
    async def test_an_empty_text_is_refused(self, bot: Bot, text: str):
        with pytest.raises(BadRequest, match="Message text is empty"):
            await bot.send_message(CITIZEN, text, parse_mode="HTML")


class TestSending:
    @pytest.mark.usefixtures("citizen")
    async def test_message_ids_count_per_chat(self, api: BotApi, bot: Bot):
        api.private_chat(43)
        sent = [await bot.send_message(chat, "x") for chat in (CITIZEN, CITIZEN, 43)]
        assert [message.message_id for message in sent] == [1, 2, 1]

    async def test_a_reply_carries_the_message_it_answers(self, bot: Bot, citizen: Citizen):
        question = await citizen.says("question")
        answer = await bot.send_message(CITIZEN, "réponse", reply_parameters=ReplyParameters(question))
        assert answer.reply_to_message is not None
        assert answer.reply_to_message.text == "question"
        assert citizen.messages[0].reply_to == question

    @pytest.mark.usefixtures("citizen")
    async def test_a_reply_to_nothing_is_refused_unless_allowed(self, bot: Bot):
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(CITIZEN, "x", reply_parameters=ReplyParameters(9))
        lenient = ReplyParameters(9, allow_sending_without_reply=True)
        assert (await bot.send_message(CITIZEN, "x", reply_parameters=lenient)).reply_to_message is None

    async def test_an_unknown_chat_is_not_found(self, bot: Bot):
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(7, "x")

    async def test_who_never_wrote_cannot_be_written_to(self, api: BotApi, bot: Bot):
        citizen = api.private_chat(CITIZEN, started=False)
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(CITIZEN, "x")
        await citizen.says("/start")
        assert await bot.send_message(CITIZEN, "x")

    @pytest.mark.parametrize(
        ("action", "reason"),
        [
            ({"callback_data": "é" * 33}, "Button_data_invalid"),
            ({"callback_data": ""}, "Button_data_invalid"),
            ({}, "text buttons are unallowed"),
            ({"url": "nowhere"}, "wrong http url"),
            ({"web_app": WebAppInfo("http://a.fr")}, "only https"),
        ],
    )
    @pytest.mark.usefixtures("citizen")
    async def test_a_bad_button_is_refused(self, bot: Bot, action: dict[str, Any], reason: str):
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", **action)]])
        with pytest.raises(BadRequest, match=reason):
            await bot.send_message(CITIZEN, "x", reply_markup=markup)

    @pytest.mark.usefixtures("citizen", "group")
    async def test_web_app_buttons_work_in_private_chats_only(self, bot: Bot):
        markup = inline(web_app=WebAppInfo("https://a.fr"))
        assert await bot.send_message(CITIZEN, "x", reply_markup=markup)
        with pytest.raises(BadRequest, match="Button_type_invalid"):
            await bot.send_message(GROUP, "x", reply_markup=markup)

    async def test_labels_of_both_keyboards_are_seen(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "x", reply_markup=inline("Oui", callback_data="é" * 32))
        await bot.send_message(CITIZEN, "x", reply_markup=ReplyKeyboardMarkup([["Un", "Deux"]]))
        assert citizen.messages[0].buttons == ("Oui",)
        assert citizen.messages[1].keyboard == ("Un", "Deux")

    async def test_chat_actions_are_noted(self, bot: Bot, citizen: Citizen):
        assert await bot.send_chat_action(CITIZEN, "typing") is True
        assert citizen.actions == ["typing"]

    async def test_a_blocked_bot_is_forbidden_and_told(self, bot: Bot, citizen: Citizen):
        await citizen.blocks_bot()
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(CITIZEN, "x")
        (update,) = await bot.get_updates()
        assert update.my_chat_member is not None
        assert update.my_chat_member.new_chat_member.status == "kicked"

    async def test_a_deactivated_account_is_forbidden(self, bot: Bot, citizen: Citizen):
        await citizen.deactivated()
        with pytest.raises(Forbidden, match="user is deactivated"):
            await bot.send_message(CITIZEN, "x")


class TestChanging:
    async def test_an_edit_replaces_the_text_and_takes_the_keyboard_away(self, bot: Bot, citizen: Citizen):
        message = await bot.send_message(CITIZEN, "avant", reply_markup=inline())
        edited = await bot.edit_message_text("<i>après</i>", CITIZEN, message.message_id, parse_mode="HTML")
        assert not isinstance(edited, bool)
        assert edited.edit_date is not None
        assert (citizen.messages[0].text, citizen.messages[0].buttons) == ("après", ())

    @pytest.mark.usefixtures("citizen")
    async def test_an_edit_that_changes_nothing_is_refused(self, bot: Bot):
        message = await bot.send_message(CITIZEN, "x", reply_markup=inline())
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("x", CITIZEN, message.message_id, reply_markup=inline())
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_reply_markup(CITIZEN, message.message_id, reply_markup=inline())

    async def test_buttons_can_be_replaced_alone(self, bot: Bot, citizen: Citizen):
        message = await bot.send_message(CITIZEN, "x", reply_markup=inline())
        await bot.edit_message_reply_markup(CITIZEN, message.message_id, reply_markup=inline("Non"))
        assert citizen.messages[0].buttons == ("Non",)

    async def test_only_own_messages_that_exist_can_be_edited(self, bot: Bot, citizen: Citizen):
        theirs = await citizen.says("x")
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("y", CITIZEN, theirs)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("y", CITIZEN, 99)

    async def test_a_caption_is_edited_by_its_own_method(self, bot: Bot, citizen: Citizen):
        message = await bot.send_photo(CITIZEN, b"jpeg", caption="avant")
        with pytest.raises(BadRequest, match="There is no text"):
            await bot.edit_message_text("y", CITIZEN, message.message_id)
        await bot.edit_message_caption(CITIZEN, message.message_id, caption="après")
        assert citizen.messages[0].text == "après"

    async def test_a_deleted_message_is_gone_but_stays_in_the_history(self, bot: Bot, citizen: Citizen):
        message = await bot.send_message(CITIZEN, "x")
        assert await bot.delete_message(CITIZEN, message.message_id) is True
        assert citizen.messages == []
        assert citizen.history[0].deleted
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await bot.delete_message(CITIZEN, message.message_id)

    async def test_others_messages_in_a_group_need_the_right(self, api: BotApi, bot: Bot):
        group = api.group(-5, "Équipe", bot_rights=None)
        theirs = await group.member("Alice").says("x")
        with pytest.raises(BadRequest, match="Message can't be deleted"):
            await bot.delete_message(-5, theirs)

    async def test_several_are_deleted_at_once(self, bot: Bot, citizen: Citizen):
        ids = [(await bot.send_message(CITIZEN, "x")).message_id for _ in range(2)]
        assert await bot.delete_messages(CITIZEN, [*ids, 99]) is True
        assert citizen.messages == []

    async def test_a_reaction_is_set_and_checked(self, bot: Bot, citizen: Citizen):
        message_id = await citizen.says("merci")
        await bot.set_message_reaction(CITIZEN, message_id, "👍")
        assert citizen.reactions_to(message_id) == ("👍",)
        with pytest.raises(BadRequest, match="Reaction_invalid"):
            await bot.set_message_reaction(CITIZEN, message_id, "🧭")

    async def test_pinning_is_a_service_message_and_shows_in_the_chat(self, bot: Bot, group: StaffGroup):
        message = await bot.send_message(GROUP, "consigne")
        await bot.pin_chat_message(GROUP, message.message_id)
        chat = await bot.get_chat(GROUP)
        assert chat.pinned_message is not None
        assert chat.pinned_message.text == "consigne"
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.pinned_message is not None
        await bot.unpin_chat_message(GROUP)
        assert group.pinned == []


class TestButtons:
    async def test_a_press_reaches_the_bot_and_its_answer_the_person(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "Vouliez-vous dire…", reply_markup=inline("Oui", callback_data="yes:1"))
        press = await citizen.presses("Oui")
        (update,) = await bot.get_updates()
        query = update.callback_query
        assert query is not None
        assert (query.data, query.from_user.id) == ("yes:1", CITIZEN)
        await query.answer("Noté", show_alert=True)
        assert (press.answered, press.text, press.show_alert) == (True, "Noté", True)

    async def test_the_newest_button_of_that_label_is_pressed(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "un", reply_markup=inline(callback_data="1"))
        await bot.send_message(CITIZEN, "deux", reply_markup=inline(callback_data="2"))
        await citizen.presses("Oui")
        await citizen.presses("Oui", message_id=1)
        updates = await bot.get_updates()
        assert [update.callback_query.data for update in updates if update.callback_query] == ["2", "1"]

    async def test_a_missing_button_names_those_that_are_there(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "x", reply_markup=inline("Oui"))
        with pytest.raises(AssertionError, match="Oui"):
            await citizen.presses("Non")

    async def test_an_expired_query_cannot_be_answered(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "x", reply_markup=inline())
        press = await citizen.presses("Oui")
        press.expired = True
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(press.query_id)


class TestMedia:
    async def test_what_people_send_can_be_downloaded(self, bot: Bot, citizen: Citizen):
        await citizen.sends_voice(data=b"\r\n--voice\r\n")
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.voice is not None
        file = await update.message.voice.get_file()
        assert bytes(await file.download_as_bytearray()) == b"\r\n--voice\r\n"

    async def test_every_kind_of_message_parses(self, bot: Bot, citizen: Citizen):
        await citizen.sends_photo(caption="Photo de https://a.fr")
        await citizen.sends_document("cv.pdf")
        await citizen.sends_location()
        await citizen.sends_video()
        await citizen.sends_sticker()
        await citizen.sends_contact()
        await citizen.sends_poll("Quand ?", ("lundi", "mardi"))
        fields = ("photo", "document", "location", "video", "sticker", "contact", "poll")
        updates = await bot.get_updates()
        assert [bool(getattr(u.message, name)) for u, name in zip(updates, fields, strict=True)] == [True] * 7

    async def test_an_album_is_several_updates_of_one_group(self, bot: Bot, citizen: Citizen):
        await citizen.sends_album(3, caption="vacances")
        messages = [update.message for update in await bot.get_updates() if update.message]
        assert len({message.media_group_id for message in messages}) == 1
        assert [message.caption for message in messages] == ["vacances", None, None]

    async def test_uploads_are_stored_with_their_name(self, bot: Bot, citizen: Citizen):
        message = await bot.send_document(
            CITIZEN, b"a;b\r\n", filename="été.csv", caption="<b>Export</b>", parse_mode="HTML"
        )
        assert message.document is not None
        assert message.document.file_name == "été.csv"
        file = await message.document.get_file()
        assert bytes(await file.download_as_bytearray()) == b"a;b\r\n"
        assert (citizen.messages[0].kind, citizen.messages[0].text) == ("document", "Export")

    async def test_a_file_id_is_sent_again_as_its_own_kind_only(self, bot: Bot, citizen: Citizen, group: StaffGroup):
        await citizen.sends_photo()
        (update,) = await bot.get_updates()
        assert update.message is not None
        photo = update.message.photo[-1].file_id
        await bot.send_photo(GROUP, photo)
        assert [message.kind for message in group.messages] == ["photo"]
        with pytest.raises(BadRequest, match="photo as voice"):
            await bot.send_voice(GROUP, photo)

    @pytest.mark.usefixtures("citizen")
    async def test_unknown_files_are_refused(self, bot: Bot):
        with pytest.raises(BadRequest, match="Wrong file identifier"):
            await bot.send_photo(CITIZEN, "nothing")
        with pytest.raises(BadRequest, match="Invalid file_id"):
            await bot.get_file("nothing")

    @pytest.mark.usefixtures("citizen")
    async def test_a_caption_has_a_limit_of_its_own(self, bot: Bot):
        with pytest.raises(BadRequest, match="Message caption is too long"):
            await bot.send_photo(CITIZEN, b"jpeg", caption="x" * 1025)

    async def test_places_contacts_and_albums_can_be_sent(self, bot: Bot, citizen: Citizen):
        await bot.send_location(CITIZEN, 12.37, -1.52)
        await bot.send_contact(CITIZEN, "+226", "Consulat")
        await bot.send_media_group(CITIZEN, [InputMediaPhoto(b"a", caption="un"), InputMediaPhoto(b"b")])
        assert [message.kind for message in citizen.messages] == ["location", "contact", "photo", "photo"]


class TestCopying:
    async def test_a_copy_carries_the_content_and_no_author(self, bot: Bot, citizen: Citizen, group: StaffGroup):
        original = await citizen.sends_photo(caption="mon passeport")
        topic = await bot.create_forum_topic(GROUP, "Awa")
        copy = await bot.copy_message(GROUP, CITIZEN, original, message_thread_id=topic.message_thread_id)
        (message,) = group.messages
        assert (message.message_id, message.kind, message.text) == (copy.message_id, "photo", "mon passeport")
        assert message.copied_from == (CITIZEN, original)
        assert message.thread == topic.message_thread_id

    async def test_a_copy_can_have_another_caption(self, bot: Bot, citizen: Citizen, group: StaffGroup):
        original = await citizen.sends_photo(caption="avant")
        await bot.copy_message(GROUP, CITIZEN, original, caption="après")
        assert group.messages[0].text == "après"

    async def test_several_are_copied_and_the_missing_skipped(self, bot: Bot, citizen: Citizen, group: StaffGroup):
        ids = await citizen.sends_album(2)
        copies = await bot.copy_messages(GROUP, CITIZEN, [*ids, 99])
        assert len(copies) == len(group.messages) == 2

    @pytest.mark.usefixtures("group")
    async def test_ids_to_copy_must_increase(self, bot: Bot, citizen: Citizen):
        await citizen.sends_album(2)
        with pytest.raises(BadRequest, match="strictly increasing"):
            await bot.copy_messages(GROUP, CITIZEN, [2, 1])

    @pytest.mark.usefixtures("citizen", "group")
    async def test_a_missing_message_cannot_be_copied(self, bot: Bot):
        with pytest.raises(BadRequest, match="Message to copy not found"):
            await bot.copy_message(GROUP, CITIZEN, 99)

    async def test_a_forward_names_its_author(self, bot: Bot, citizen: Citizen, group: StaffGroup):
        original = await citizen.says("bonjour")
        message = await bot.forward_message(GROUP, CITIZEN, original)
        assert message.forward_origin is not None
        assert message.forward_origin.to_dict()["sender_user"]["id"] == CITIZEN
        assert group.messages[0].forwarded_from == (CITIZEN, original)


class TestTopics:
    async def test_a_topic_is_opened_written_to_closed_reopened_deleted(self, bot: Bot, group: StaffGroup):
        topic = (await bot.create_forum_topic(GROUP, "Awa")).message_thread_id
        await bot.send_message(GROUP, "fiche", message_thread_id=topic)
        await bot.edit_forum_topic(GROUP, topic, name="Awa ✅")
        await bot.close_forum_topic(GROUP, topic)
        assert [(seen.id, seen.name, seen.closed) for seen in group.topics] == [(topic, "Awa ✅", True)]
        await bot.reopen_forum_topic(GROUP, topic)
        await bot.delete_forum_topic(GROUP, topic)
        assert [(seen.closed, seen.deleted) for seen in group.topics] == [(False, True)]
        assert group.messages == []

    @pytest.mark.usefixtures("group")
    async def test_the_bot_is_told_of_topics_it_opened_itself(self, bot: Bot):
        await bot.create_forum_topic(GROUP, "Awa")
        (update,) = await bot.get_updates()
        assert update.message is not None
        assert update.message.forum_topic_created is not None

    @pytest.mark.parametrize("thread", [1, 99])
    @pytest.mark.usefixtures("group")
    async def test_general_by_number_and_unknown_threads_are_not_found(self, bot: Bot, thread: int):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(GROUP, "x", message_thread_id=thread)

    @pytest.mark.parametrize("refusal", ["message thread not found", "TOPIC_DELETED"])
    async def test_a_deleted_topic_refuses_messages(self, bot: Bot, group: StaffGroup, refusal: str):
        topic = (await bot.create_forum_topic(GROUP, "Awa")).message_thread_id
        await group.deletes_topic(topic, refusal=refusal)
        with pytest.raises(BadRequest, match=f"(?i){refusal}"):
            await bot.send_message(GROUP, "x", message_thread_id=topic)

    async def test_a_closed_topic_refuses_messages(self, bot: Bot, group: StaffGroup):
        topic = (await bot.create_forum_topic(GROUP, "Awa")).message_thread_id
        await group.closes_topic(topic)
        with pytest.raises(BadRequest, match="Topic_closed"):
            await bot.send_message(GROUP, "x", message_thread_id=topic)

    async def test_a_closed_topic_can_be_set_to_let_administrators_write(self, api: BotApi, bot: Bot):
        group = api.group(GROUP, "Équipe", forum=True, closed_topics_refuse_admins=False)
        topic = await group.creates_topic("Awa")
        await group.closes_topic(topic)
        assert await bot.send_message(GROUP, "x", message_thread_id=topic)

    @pytest.mark.usefixtures("group")
    async def test_what_is_already_so_is_refused(self, bot: Bot):
        topic = (await bot.create_forum_topic(GROUP, "Awa")).message_thread_id
        with pytest.raises(BadRequest, match="Topic_not_modified"):
            await bot.reopen_forum_topic(GROUP, topic)
        with pytest.raises(BadRequest, match="Topic_id_invalid"):
            await bot.close_forum_topic(GROUP, 99)

    async def test_rights_are_needed(self, bot: Bot, group: StaffGroup):
        topic = await group.creates_topic("Awa")
        await group.makes_bot_member()
        with pytest.raises(BadRequest, match="Not enough rights to create a topic"):
            await bot.create_forum_topic(GROUP, "x")
        with pytest.raises(BadRequest, match="Not enough rights to edit the topic"):
            await bot.close_forum_topic(GROUP, topic)

    async def test_a_group_without_topics_has_none(self, api: BotApi, bot: Bot):
        api.group(-5, "Équipe")
        with pytest.raises(BadRequest, match="The chat is not a forum"):
            await bot.create_forum_topic(-5, "x")

    async def test_a_reply_goes_to_the_topic_of_its_message(self, bot: Bot, group: StaffGroup):
        topic = await group.creates_topic("Awa")
        question = await group.member("Alice").says("je prends", thread=topic)
        await bot.send_message(GROUP, "noté", reply_parameters=ReplyParameters(question))
        assert group.messages[0].thread == topic


class TestGroups:
    async def test_members_write_in_topics_and_reply(self, bot: Bot, group: StaffGroup):
        topic = (await bot.create_forum_topic(GROUP, "Awa")).message_thread_id
        card = await bot.send_message(GROUP, "fiche", message_thread_id=topic)
        await group.member("Alice").says("bonjour", reply_to=card.message_id)
        await group.member("Bob").sends_photo(thread=topic)
        _, reply, photo = [update.message for update in await bot.get_updates()]
        assert reply is not None
        assert reply.reply_to_message is not None
        assert (reply.message_thread_id, reply.reply_to_message.text) == (topic, "fiche")
        assert reply.from_user is not None
        assert reply.from_user.first_name == "Alice"
        assert photo is not None
        assert photo.reply_to_message is not None
        assert photo.reply_to_message.forum_topic_created is not None

    async def test_a_member_presses(self, bot: Bot, group: StaffGroup):
        card = await bot.send_message(GROUP, "fiche", reply_markup=inline("Je prends"))
        await group.member("Bob").presses("Je prends", message_id=card.message_id)
        (update,) = await bot.get_updates()
        assert update.callback_query is not None
        assert update.callback_query.from_user.first_name == "Bob"

    async def test_a_simple_member_in_privacy_mode_sees_commands_and_replies_only(self, api: BotApi, bot: Bot):
        group = api.group(-5, "Équipe", bot_rights=None)
        mine = await bot.send_message(-5, "x")
        await group.member("Alice").says("entre nous")
        await group.member("Alice").says("/aide")
        await group.member("Alice").says("merci", reply_to=mine.message_id)
        texts = [update.message.text for update in await bot.get_updates() if update.message]
        assert texts == ["/aide", "merci"]

    @pytest.mark.usefixtures("citizen", "group")
    async def test_a_chat_describes_itself(self, bot: Bot):
        assert (await bot.get_chat(GROUP)).is_forum is True
        assert (await bot.get_chat(CITIZEN)).first_name == "Awa"

    @pytest.mark.usefixtures("citizen", "group")
    async def test_administrators_and_members_are_listed(self, bot: Bot):
        me = await bot.get_chat_member(GROUP, bot.id)
        assert isinstance(me, ChatMemberAdministrator)
        assert me.can_manage_topics is True
        assert (await bot.get_chat_member(GROUP, CITIZEN)).status == "left"
        admins = await bot.get_chat_administrators(GROUP)
        assert [admin.user.first_name for admin in admins] == ["Alice", "Bob", "Passerelle"]
        assert await bot.get_chat_member_count(GROUP) == 3

    async def test_a_migrated_group_names_its_new_id(self, api: BotApi, bot: Bot):
        group = api.group(-5, "Équipe")
        new_id = await group.migrates()
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(-5, "x")
        assert caught.value.new_chat_id == new_id == group.chat_id
        await bot.send_message(new_id, "x")
        assert [message.text for message in group.messages] == ["x"]
        old, new = [update.message for update in await bot.get_updates()]
        assert old is not None
        assert new is not None
        assert (old.migrate_to_chat_id, new.migrate_from_chat_id) == (new_id, -5)

    async def test_who_left_or_was_kicked_cannot_write(self, bot: Bot, group: StaffGroup):
        await bot.leave_chat(GROUP)
        assert group.bot_status == "left"
        with pytest.raises(Forbidden, match="not a member of the supergroup"):
            await bot.send_message(GROUP, "x")
        await group.kicks_bot()
        with pytest.raises(Forbidden, match="kicked from the supergroup"):
            await bot.send_message(GROUP, "x")

    async def test_the_bot_is_told_when_it_enters(self, api: BotApi, bot: Bot):
        group = api.group(-5, "Équipe")
        await group.adds_bot()
        status, service = await bot.get_updates()
        assert status.my_chat_member is not None
        assert status.my_chat_member.old_chat_member.status == "left"
        assert service.message is not None
        assert [user.id for user in service.message.new_chat_members] == [bot.id]

    async def test_nobody_writes_in_a_deleted_topic(self, group: StaffGroup):
        topic = await group.creates_topic("Awa")
        await group.deletes_topic(topic)
        with pytest.raises(AssertionError, match="deleted"):
            await group.member("Alice").says("x", thread=topic)

    async def test_people_edit_their_messages(self, bot: Bot, citizen: Citizen):
        message_id = await citizen.says("avant")
        await citizen.edits(message_id, "après")
        _, update = await bot.get_updates()
        assert update.edited_message is not None
        assert update.edited_message.text == "après"


class TestProfile:
    @pytest.mark.usefixtures("group")
    async def test_commands_are_kept_per_scope_and_language(self, bot: Bot):
        await bot.set_my_commands([("aide", "Aide")], language_code="fr")
        await bot.set_my_commands([("prendre", "Prendre")], scope=BotCommandScopeChat(GROUP))
        assert [c.command for c in await bot.get_my_commands(language_code="fr")] == ["aide"]
        assert [c.command for c in await bot.get_my_commands(scope=BotCommandScopeChat(GROUP))] == ["prendre"]
        assert await bot.get_my_commands() == ()
        await bot.delete_my_commands(language_code="fr")
        assert await bot.get_my_commands(language_code="fr") == ()

    @pytest.mark.parametrize(
        ("command", "reason"),
        [(("Aide", "x"), "Bot_command_invalid"), (("aide", ""), "Bot_command_description_invalid")],
    )
    async def test_a_bad_command_is_refused(self, bot: Bot, command: tuple[str, str], reason: str):
        with pytest.raises(BadRequest, match=reason):
            await bot.set_my_commands([command], scope=BotCommandScopeAllPrivateChats())

    async def test_texts_fall_back_to_the_language_without_code(self, bot: Bot):
        await bot.set_my_name("Passerelle")
        await bot.set_my_description("Une question ?")
        await bot.set_my_description("A question?", language_code="en")
        await bot.set_my_short_description("Questions")
        assert (await bot.get_my_name(language_code="de")).name == "Passerelle"
        assert (await bot.get_my_description(language_code="en")).description == "A question?"
        assert (await bot.get_my_description(language_code="de")).description == "Une question ?"
        assert (await bot.get_my_short_description()).short_description == "Questions"

    async def test_the_menu_button_is_kept(self, bot: Bot):
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        assert (await bot.get_chat_menu_button()).type == "commands"


class TestFaults:
    @pytest.mark.usefixtures("citizen")
    async def test_a_flood_refusal_says_how_long_to_wait(self, api: BotApi, bot: Bot):
        api.fail_next("sendMessage", status=429, retry_after=7)
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(CITIZEN, "x")
        assert int(caught.value._retry_after.total_seconds()) == 7
        assert await bot.send_message(CITIZEN, "x")

    @pytest.mark.parametrize(
        ("status", "error"), [(500, NetworkError), (502, NetworkError), (400, BadRequest), (403, Forbidden)]
    )
    async def test_refusals_have_no_effect_and_end(
        self, api: BotApi, bot: Bot, citizen: Citizen, status: int, error: type[Exception]
    ):
        api.fail_next("sendMessage", times=2, status=status)
        for _ in range(2):
            with pytest.raises(error):
                await bot.send_message(CITIZEN, "x")
        assert citizen.messages == []
        assert await bot.send_message(CITIZEN, "x")

    @pytest.mark.usefixtures("citizen")
    async def test_a_refusal_can_be_for_one_chat(self, api: BotApi, bot: Bot):
        api.private_chat(43)
        api.fail_next("sendMessage", status=400, description="Bad Request: TOPIC_CLOSED", chat_id=43)
        assert await bot.send_message(CITIZEN, "x")
        with pytest.raises(BadRequest, match="Topic_closed"):
            await bot.send_message(43, "x")

    @pytest.mark.parametrize(("before", "arrived"), [(True, 0), (False, 1)])
    async def test_a_dropped_connection_tells_nothing_of_the_effect(
        self, api: BotApi, bot: Bot, citizen: Citizen, before: bool, arrived: int
    ):
        api.drop_connection_next("sendMessage", before_effect=before)
        with pytest.raises(NetworkError):
            await bot.send_message(CITIZEN, "x")
        assert len(citizen.messages) == arrived
        assert api.calls[-1].status is None

    async def test_a_delay_before_the_effect_holds_it_back(self, api: BotApi, bot: Bot, citizen: Citizen):
        api.delay("sendMessage", 3600)
        with pytest.raises(NetworkError):
            await bot.send_message(CITIZEN, "x", read_timeout=0.01)
        assert citizen.messages == []

    async def test_a_delay_after_the_effect_holds_the_answer_back(self, api: BotApi, bot: Bot, citizen: Citizen):
        api.delay("sendMessage", 3600, before_effect=False)
        sending = asyncio.create_task(bot.send_message(CITIZEN, "x"))
        await citizen.waits_for("x")
        assert not sending.done()
        sending.cancel()
        await asyncio.wait([sending])

    async def test_a_misspelt_method_is_noticed(self, api: BotApi):
        with pytest.raises(ValueError, match="sendMesage"):
            api.fail_next("sendMesage")


class TestFloodLimits:
    async def test_a_private_chat_takes_a_burst_then_one_a_second(self):
        now = [0.0]
        async with BotApi(flood_limits=True, clock=lambda: now[0]) as api, client(api) as bot:
            api.private_chat(CITIZEN)
            for _ in range(5):
                await bot.send_message(CITIZEN, "x")
            with pytest.raises(RetryAfter):
                await bot.send_message(CITIZEN, "x")
            now[0] += 1
            assert await bot.send_message(CITIZEN, "x")

    async def test_a_group_takes_twenty_a_minute(self):
        now = [0.0]
        async with BotApi(flood_limits=True, clock=lambda: now[0]) as api, client(api) as bot:
            api.group(GROUP, "Équipe", forum=True)
            await bot.create_forum_topic(GROUP, "Awa")
            for _ in range(19):
                now[0] += 1
                await bot.send_message(GROUP, "x")
            now[0] += 1
            with pytest.raises(RetryAfter) as caught:
                await bot.send_message(GROUP, "x")
            assert int(caught.value._retry_after.total_seconds()) == 40

    async def test_all_chats_together_take_thirty_a_second(self):
        async with BotApi(flood_limits=True, clock=lambda: 0.0) as api, client(api) as bot:
            for chat in range(1, 32):
                api.private_chat(chat)
            for chat in range(1, 31):
                await bot.send_message(chat, "x")
            with pytest.raises(RetryAfter):
                await bot.send_message(31, "x")

    async def test_what_sends_nothing_does_not_count(self):
        async with BotApi(flood_limits=True, clock=lambda: 0.0) as api, client(api) as bot:
            api.private_chat(CITIZEN)
            for _ in range(9):
                await bot.send_chat_action(CITIZEN, "typing")


class TestWaiting:
    async def test_a_person_waits_for_what_comes_after_the_last_deed(self, bot: Bot, citizen: Citizen):
        await bot.send_message(CITIZEN, "bonjour")
        assert await citizen.waits_for("bonjour")
        await citizen.says("encore")
        with pytest.raises(AssertionError, match="bonjour"):
            await citizen.waits_for("bonjour", timeout=0.01)
        assert await citizen.waits_for("bonjour", after=0)

    async def test_an_edit_is_worth_waiting_for(self, bot: Bot, citizen: Citizen):
        message = await bot.send_message(CITIZEN, "avant", reply_markup=inline())
        await citizen.presses("Oui")
        waiting = asyncio.create_task(citizen.waits_for("après"))
        await bot.edit_message_text("après", CITIZEN, message.message_id)
        assert (await waiting).edited

    async def test_a_group_is_looked_at_from_its_start_or_after_a_message(self, bot: Bot, group: StaffGroup):
        first = await bot.send_message(GROUP, "fiche")
        await group.member("Alice").says("je prends")
        assert (await group.waits_for("fiche")).message_id == first.message_id
        with pytest.raises(AssertionError):
            await group.waits_for("fiche", timeout=0.01, after=first.message_id)

    async def test_any_condition_can_be_waited_for(self, api: BotApi, bot: Bot, group: StaffGroup):
        waiting = asyncio.create_task(api.until(lambda: group.topics))
        await bot.create_forum_topic(GROUP, "Awa")
        assert [topic.name for topic in await waiting] == ["Awa"]
