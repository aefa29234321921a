"""The emulator: `async with BotApi(token="…") as api`."""

import asyncio
import inspect
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.emulator.errors import ApiError, NotEmulatedError
from tests.emulator.faults import Fault, Faults, FloodLimits, planned_error
from tests.emulator.group import StaffGroup
from tests.emulator.methods import METHODS
from tests.emulator.model import ALL_RIGHTS, Chat, Membership, User
from tests.emulator.parameters import Params, read_parameters
from tests.emulator.people import Citizen
from tests.emulator.wire import LoopServer
from tests.emulator.world import World

_OUTCOMES = {"setWebhook": "Webhook was set", "deleteWebhook": "Webhook was deleted"}


@dataclass(frozen=True)
class Call:
    """A call, once answered; `status` is None when the connection was dropped instead."""

    method: str
    params: dict[str, Any]
    time: float
    status: int | None
    description: str | None = None
    files: tuple[str, ...] = ()


class BotApi:
    """An HTTP emulator of https://core.telegram.org/bots/api for one bot."""

    def __init__(
        self,
        token: str = "123456:TEST",  # noqa: S107 - of a bot that does not exist
        *,
        username: str = "passerelle_test_bot",
        first_update_id: int = 1000,
        flood_limits: bool = False,
        privacy_mode: bool = True,
        webhook_retry_delay: float = 0.01,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.polls = 0
        """Calls of getUpdates that have come; most wait long for their answer."""
        bot = User(int(token.partition(":")[0]), "Passerelle", is_bot=True, username=username)
        self.world = World(
            bot,
            first_update_id=first_update_id,
            privacy_mode=privacy_mode,
            webhook_retry_delay=webhook_retry_delay,
        )
        self._clock = clock
        self._faults = Faults()
        self._flood = FloodLimits(clock) if flood_limits else None
        self._server: LoopServer | None = None
        self._last_member_id = 9000

    async def __aenter__(self) -> Self:
        routes = [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._download),
        ]
        self._server = LoopServer(Starlette(routes=routes))
        await self._server.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.world.webhook.stop()
        if self._server is not None:
            await self._server.close()
        if self.gaps:
            complaint = f"the bot used what the emulator does not know: {', '.join(self.gaps)}"
            if error is None:
                raise AssertionError(complaint)
            error.add_note(complaint)

    @property
    def url(self) -> str:
        """What PASSERELLE_API_URL takes."""
        if self._server is None:
            raise RuntimeError("use `async with BotApi() as api`")
        return self._server.url

    @property
    def gaps(self) -> list[str]:
        """Methods and options that the bot used and the emulator lacks."""
        replies = [f"{reply['method']} in the answer to a webhook" for reply in self.world.webhook.replies]
        return [*dict.fromkeys(self.world.gaps), *replies]

    @property
    def pending_updates(self) -> list[dict[str, Any]]:
        """Updates that the bot did not confirm yet."""
        return [update.json() for update in self.world.queue.pending]

    @property
    def all_updates(self) -> list[dict[str, Any]]:
        """Every update since the start, confirmed or not."""
        return [update.json() for update in self.world.queue.history]

    def called(self, method: str) -> list[Call]:
        """The answered calls of a method, in order."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    async def until(self, happened: Callable[[], Any], timeout: float = 30) -> Any:  # noqa: ASYNC109 - as in ChatView
        """Waits until the condition holds; it is looked at after each call and each deed."""
        try:
            return await self.world.until(happened, timeout)
        except TimeoutError:
            calls = ", ".join(f"{call.method} {call.status}" for call in self.calls[-10:])
            raise AssertionError(f"did not happen within {timeout} s; last calls: {calls}") from None

    async def is_polled(self) -> None:
        """Waits until the bot asks for updates: it has started, on a busy machine too."""
        await self.until(lambda: self.polls, timeout=60)

    # People

    def private_chat(
        self,
        user_id: int,
        first_name: str = "Awa",
        *,
        language_code: str | None = "fr",
        username: str | None = None,
        started: bool = True,
    ) -> Citizen:
        """Somebody who wrote to the bot before, unless `started` says otherwise."""
        user = User(user_id, first_name, language_code=language_code, username=username)
        chat = Chat(user_id, "private", user=user, started=started)
        self.world.users[user_id] = user
        self.world.chats[user_id] = chat
        return Citizen(self.world, chat, user)

    def group(
        self,
        chat_id: int,
        title: str,
        *,
        forum: bool = False,
        members: Iterable[str] | Mapping[str, int] = ("Alice", "Bob"),
        bot_rights: Iterable[str] | None = ALL_RIGHTS,
        closed_topics_refuse_admins: bool = True,
    ) -> StaffGroup:
        """A group with administrators of these names; `bot_rights=None` makes the bot a simple member."""
        kind = "supergroup" if forum or str(chat_id).startswith("-100") else "group"
        chat = Chat(chat_id, kind, title, is_forum=forum, closed_topics_refuse_admins=closed_topics_refuse_admins)
        chat.last_message_id = 1  # the group's creation; also why no topic but General has the number 1
        ids = dict(members) if isinstance(members, Mapping) else {name: self._member_id() for name in members}
        users = {name: User(user_id, name, language_code="fr") for name, user_id in ids.items()}
        for number, user in enumerate(users.values()):
            status = "creator" if number == 0 else "administrator"
            chat.members[user.id] = Membership(user, status, set(ALL_RIGHTS))
            self.world.users.setdefault(user.id, user)
        bot_status = "member" if bot_rights is None else "administrator"
        chat.members[self.world.bot.id] = Membership(self.world.bot, bot_status, set(bot_rights or ()))
        self.world.chats[chat_id] = chat
        return StaffGroup(self.world, chat, users)

    def _member_id(self) -> int:
        self._last_member_id += 1
        return self._last_member_id

    # Faults

    def repeat_update(self, update_id: int) -> None:
        """Telegram sends an old update once more."""
        self.world.queue.repeat(update_id)

    def fail_next(
        self,
        method: str,
        times: int = 1,
        status: int = 500,
        description: str | None = None,
        retry_after: int | None = None,
        chat_id: int | None = None,
    ) -> None:
        """The next calls are refused, without effect; 502 answers HTML, as the proxy before Telegram does."""
        error = planned_error(status, description, retry_after)
        self._faults.plan(Fault(_known(method), times, chat_id, error=error))

    def drop_connection_next(
        self, method: str, before_effect: bool, *, times: int = 1, chat_id: int | None = None, hold: float = 0.0
    ) -> None:
        """The connection is cut instead of an answer; with `before_effect=False` the deed is done all the same.

        With `hold` it is silent for so many seconds first: long enough, and the bot gives up by itself.
        """
        drop = "before" if before_effect else "after"
        self._faults.plan(Fault(_known(method), times, chat_id, drop=drop, hold=hold))

    def delay(self, method: str, seconds: float, *, before_effect: bool = True) -> None:
        """Every call of the method takes that much longer, until `delay(method, 0)`."""
        self._faults.delays[_known(method)] = (seconds, before_effect)

    # The wire

    async def _call(self, request: Request) -> Response:
        started = time.time()
        name, params, fault = str(request.path_params["method"]), Params({}), None
        try:
            self._check_token(request)
            params = await read_parameters(request)
            await self._note_poll(name)
            fault = self._faults.take(name.lower(), params.integer("chat_id") or None)
            answer = await self._perform(name, params, fault)
        except ApiError as error:
            answer = error.body()
            self._note_gap(error)
        except ClientDisconnect:  # the bot died in the middle of its call
            return Response()
        except Exception as error:  # noqa: BLE001 - a mistake of the emulator must fail the test, not look like a 500
            answer = ApiError(500, f"Internal Server Error: {error!r}").body()
            self.world.gaps.append(f"{name}, which raised {error!r}")
        call = Call(name, params.values, started, 200, files=tuple(params.files))
        if fault and fault.drop:
            self.calls.append(replace(call, status=None))
            await self.world.announce()
            await asyncio.sleep(fault.hold)
            request.scope["transport"].abort()
        else:
            self._record(request, call, answer)
            await self.world.announce()
        return _response(answer)

    def _record(self, request: Request, call: Call, answer: dict[str, Any]) -> None:
        """A status only if somebody is still there to read it."""
        status = None if request.scope["transport"].is_closing() else answer.get("error_code", 200)
        self.calls.append(replace(call, status=status, description=answer.get("description")))

    async def _note_poll(self, name: str) -> None:
        if name.lower() == "getupdates":
            self.polls += 1
            await self.world.announce()

    def _check_token(self, request: Request) -> None:
        if request.path_params["token"] != self.token:
            raise ApiError(401, "Unauthorized")

    def _note_gap(self, error: ApiError) -> None:
        if isinstance(error, NotEmulatedError):
            self.world.gaps.append(error.what)

    async def _perform(self, name: str, params: Params, fault: Fault | None) -> dict[str, Any]:
        handler = METHODS.get(name.lower())
        if handler is None:
            raise NotEmulatedError(f"the method {name}")
        if fault and fault.error:
            raise fault.error
        if fault and fault.drop == "before":
            return {}
        if self._flood is not None:
            self._flood.check(name, params.integer("chat_id") or None)
        seconds, before_effect = self._faults.delays.get(name.lower(), (0.0, True))
        if before_effect:
            await asyncio.sleep(seconds)
        result = handler(self.world, params)
        if inspect.isawaitable(result):
            result = await result
        if not before_effect:
            await self.world.announce()
            await asyncio.sleep(seconds)
        outcome = {"description": _OUTCOMES[name]} if name in _OUTCOMES else {}
        return {"ok": True, "result": result, **outcome}

    async def _download(self, request: Request) -> Response:
        """https://core.telegram.org/bots/api#getfile."""
        try:
            self._check_token(request)
        except ApiError as error:
            return _response(error.body())
        stored = self.world.files.at_path(request.path_params["path"])
        if stored is None:
            return _response(ApiError(404, "Not Found").body())
        return Response(stored.content, media_type=stored.mime)


def _response(answer: dict[str, Any]) -> Response:
    status = answer.get("error_code", 200)
    if status == 502:
        return HTMLResponse("<html><head><title>502 Bad Gateway</title></head></html>", status)
    return JSONResponse(answer, status)


def _known(method: str) -> str:
    """A misspelt method in a test would be a fault that never happens."""
    if method.lower() not in METHODS:
        raise ValueError(f"the emulator has no method {method!r}")
    return method.lower()
