"""The bot on Telegram, from start to stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.alarms import Alarms
from bot.channels.telegram.client import call, open_bot
from bot.channels.telegram.desk import Console, Desk
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.health import Health
from bot.channels.telegram.housekeeping import Housekeeping
from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.lanes import Lanes
from bot.channels.telegram.menu import register_commands
from bot.channels.telegram.notices import Notices
from bot.channels.telegram.outgoing import to_staff
from bot.channels.telegram.poller import TokenRefusedError, pause_after, poll
from bot.channels.telegram.refusals import failure_of
from bot.channels.telegram.sender import Sender
from bot.channels.telegram.serving import serve
from bot.channels.telegram.waiting import any_of
from bot.channels.telegram.webhook import Webhook
from bot.dialogue.policy import Dialogue
from bot.opportunities.subscriptions import CivilHours
from bot.privacy.pseudonyms import Pseudonyms
from bot.staff.texts import text
from bot.storage.store import Store, StoreAwayError

log = logging.getLogger(__name__)

_LAST_WORDS = 6.0
"""Seconds from the wish to stop until what is under way is cut short."""
_RENEW_EVERY = 15.0
"""Seconds; a lease lasts for 60."""

Watch = Callable[[Callable[[str], Awaitable[None]], asyncio.Event], Coroutine[Any, Any, None]]
"""Watches over the knowledge until the event is set, and tells staff what changed."""

OpenConsole = Callable[[Bot, StaffGroup, asyncio.Event, asyncio.Event], Console]
"""The console over this bot and group; it sets the first event when messages wait, the second stops it."""


@dataclass(frozen=True, slots=True)
class Service:
    """The concrete parts; `bot.app` chooses them."""

    token: str
    api_url: str
    staff_chat: int | None
    webhook: Webhook | None
    """None: long polling."""
    burst: timedelta
    """Texts of a citizen that follow each other so quickly are one question."""
    store: Store
    dialogue: Callable[[], Dialogue]
    watch: Watch
    alarm_after: timedelta
    """A request that nobody takes is announced again after so long; zero: never."""
    kept: timedelta
    """How long what people write is kept."""
    hash_key: bytes | None
    """Makes the pseudonyms in logs; None: the store has one."""
    health_listen: str | None
    """Where a supervisor and Prometheus may ask, e.g. ``127.0.0.1:9090``."""
    notice_hours: CivilHours = field(default_factory=CivilHours)
    """When people are told of what they asked to be told of."""
    forget: Callable[[datetime], object] | None = None
    """Deletes what was kept in files before that time."""
    console: OpenConsole | None = None
    """None: the staff have the group only."""
    health: Health = field(default_factory=Health)

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop` is set, then finish what is under way.

        Raises:
            TokenRefusedError: Telegram does not know the token.
            OSError: the webhook's address cannot be listened on.
        """
        async with _bot(self.token, self.api_url) as bot:
            await _until_reached(bot.initialize, stop)
            if stop.is_set():
                return
            self.health.heard()
            group = StaffGroup(self.staff_chat)
            if self.staff_chat is not None:
                await self.store.settle_in(self.staff_chat)
            await group.find(bot)
            await self._register(bot, group)
            log.info(text("log_started", username=bot.username))
            await self._serve(bot, group, stop)
            log.info(text("log_stopped"))

    async def _register(self, bot: Bot, group: StaffGroup) -> None:
        try:
            await register_commands(bot, self.dialogue().knowledge, group)
        except TelegramError as error:
            log.warning(text("log_commands", error=error.message))

    async def _serve(self, bot: Bot, group: StaffGroup, stop: asyncio.Event) -> None:
        arrived, queued = asyncio.Event(), asyncio.Event()

        async def tell(sentence: str) -> None:
            async with self.store.work() as work:
                await work.enqueue([to_staff(sentence)], datetime.now(UTC))
            queued.set()

        console = self.console(bot, group, queued, stop) if self.console else None
        pseudonyms = Pseudonyms(self.hash_key or await self.store.hash_key(datetime.now(UTC)))
        desk = Desk(bot, self.store, self.dialogue, group, pseudonyms, console)
        lanes = Lanes(desk, self.burst, self.health, arrived, queued, stop)
        sender = Sender(bot, self.store, group, self.health, queued, stop)
        alarms = Alarms(self.store, lambda: self.dialogue().knowledge, group, self.alarm_after, queued, stop)
        notices = Notices(self.store, self.dialogue, self.notice_hours, self.health, queued, stop)
        own_key = self.hash_key is not None
        housekeeping = Housekeeping(self.store, self.kept, pseudonyms, stop, own_key=own_key, forget=self.forget)
        async with _ended_in_time(stop), asyncio.TaskGroup() as tasks:
            servers = [tasks.create_task(_or_stop(self._intake(bot, arrived, stop), stop))]
            if self.health_listen:
                app = self.health.app(self.store, polls=self.webhook is None)
                servers.append(tasks.create_task(_or_stop(serve(app, self.health_listen, stop), stop)))
            if console:
                servers.append(tasks.create_task(_or_stop(console.serve(stop), stop)))
            loops = (lanes.run(), sender.run(), alarms.run(), notices.run(), housekeeping.run())
            for work in (*loops, self._renew(stop), self.watch(tell, stop)):
                tasks.create_task(work)
        for server in servers:
            if not server.cancelled() and (failure := server.result()):
                raise failure

    async def _renew(self, stop: asyncio.Event) -> None:
        """Other processes on this database leave alone what this one has taken."""
        while not stop.is_set():
            await any_of(stop, seconds=_RENEW_EVERY)
            try:
                await self.store.renew(datetime.now(UTC))
            except StoreAwayError as error:
                log.warning("%s", error)

    async def _intake(self, bot: Bot, arrived: asyncio.Event, stop: asyncio.Event) -> None:
        """Receive updates until `stop`."""
        inline = InlineQueries(bot, self.dialogue, self.health)
        try:
            if webhook := self.webhook:
                await _until_reached(lambda: call(bot, "setWebhook", webhook.registration), stop)
                await webhook.receive(self.store, inline, arrived, stop)
            else:
                await _until_reached(lambda: call(bot, "deleteWebhook", {}), stop)
                await poll(bot, self.store, inline, arrived, stop, self.health)
        finally:
            await inline.finished()


@asynccontextmanager
async def _ended_in_time(stop: asyncio.Event) -> AsyncIterator[None]:
    """Cut short what is still under way `_LAST_WORDS` after `stop`: Telegram may not answer at all.

    What it was being told counts as interrupted, and is sent again after the next start.
    """

    async def watch() -> None:
        await stop.wait()
        patience.reschedule(asyncio.get_running_loop().time() + _LAST_WORDS)

    try:
        async with asyncio.timeout(None) as patience:
            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not patience.expired():
            raise
        log.warning(text("log_cut_short"))


async def _or_stop(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> Exception | None:
    """Do the work; what the operator has to mend stops the other parts, orderly, and is given back."""
    try:
        await work
    except (TokenRefusedError, OSError) as error:
        stop.set()
        return error
    return None


@asynccontextmanager
async def _bot(token: str, api_url: str) -> AsyncIterator[Bot]:
    """A client, closed at the end whether or not it ever reached Telegram."""
    bot = open_bot(token, api_url)
    try:
        yield bot
    finally:
        await bot.shutdown()


async def _until_reached(attempt: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Call Telegram until it answers, or `stop` is set.

    Raises:
        TokenRefusedError: Telegram does not know the token.
    """
    failures = 0
    while not stop.is_set():
        try:
            await attempt()
        except TelegramError as error:
            failures += 1
            await any_of(stop, seconds=pause_after(failure_of(error), failures))
        else:
            return
