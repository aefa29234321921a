"""The outbox sender: each chat's messages in order, paced, until Telegram has said what became of them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call, uploaded
from bot.channels.telegram.desk import CHANNEL, now
from bot.channels.telegram.erasing import delete_copies
from bot.channels.telegram.formatting import plain
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.health import Health
from bot.channels.telegram.outgoing import (
    CLOSE_TOPIC,
    CREATE_TOPIC,
    DELETE_COPIES,
    EDITS,
    SEND_FILE,
    STAFF,
    in_pieces,
    merged,
    to_staff,
)
from bot.channels.telegram.pacing import ALL, GROUP, OVERALL, PRIVATE_CHAT, Pace
from bot.channels.telegram.refusals import Failure, Refusal, failure_of
from bot.channels.telegram.topics import Topics
from bot.channels.telegram.waiting import any_of, backoff, store_back
from bot.staff.texts import text
from bot.storage.model import OutboxRow, Outgoing
from bot.storage.store import LONGEST_RETRY, StaleMessageError, Store, StoreAwayError

log = logging.getLogger(__name__)

_AT_ONCE = 50
"""Chats served at the same time."""
_LOOK_EVERY = 1.0
"""Seconds after which messages whose retry is due are looked for, and whether the process that sends has gone."""
_RECOVER_EVERY = 15.0
"""Seconds."""
_LONGEST_PAUSE = 300.0
"""Seconds."""
_UNREACHABLE = timedelta(seconds=20)
"""Until the staff group is tried again: its messages wait for the operator, they are never given up."""
_MENDINGS = 3
"""Tries after which a topic that stays gone is left to the operator for a while."""
_DELIVERED = [{"type": "emoji", "emoji": "👍"}]
"""On the staff's message once the citizen has it; one of the reactions open to bots."""
_REPEATABLE = frozenset({Refusal.FLOOD, Refusal.NOT_SENT, Refusal.UNKNOWN_OUTCOME, Refusal.CONFLICT, Refusal.TOKEN})
_TOPIC = frozenset({Refusal.TOPIC_GONE, Refusal.TOPIC_CLOSED})
_OPERATORS = frozenset({Refusal.BLOCKED, Refusal.CHAT_GONE, Refusal.NO_RIGHTS})
"""In the staff group these are for the operator to mend; a citizen's chat they end."""
_NOBODY_THERE = frozenset({Refusal.BLOCKED, Refusal.DEACTIVATED, Refusal.CHAT_GONE})
_UNDELIVERED = dict.fromkeys(_OPERATORS, "undelivered_blocked") | {Refusal.DEACTIVATED: "undelivered_deactivated"}
"""What the staff are told when their words do not arrive; of any other refusal they read Telegram's own words."""


@dataclass(slots=True)
class Sender:
    bot: Bot
    store: Store
    group: StaffGroup
    health: Health
    queued: asyncio.Event
    """Set by who writes to the outbox."""
    stop: asyncio.Event
    _pace: Pace = field(default_factory=Pace)
    _busy: set[str] = field(default_factory=set)
    _alone: set[int] = field(default_factory=set)
    """Messages that Telegram has refused together: the one at fault is found when each goes by itself."""
    _recovered: float = field(default_factory=time.monotonic)
    _topics: Topics = field(init=False)

    def __post_init__(self) -> None:
        self._topics = Topics(self.bot, self.store, self.group)

    async def run(self) -> None:
        """Send until `stop` is set; what Telegram is being told at that moment is waited for."""
        async with asyncio.TaskGroup() as tasks:
            while not self.stop.is_set():
                self.queued.clear()
                try:
                    leads = await self.store.send_leader(now(), self.queued.set)
                    await self._recover()
                    due = await self._due() if leads else []
                except StoreAwayError as error:
                    await store_back(error, self.stop)
                    continue
                for row in due:
                    self._busy.add(row.outgoing.chat)
                    tasks.create_task(self._serve(row))
                await any_of(self.stop, *([self.queued] if leads else []), seconds=_LOOK_EVERY)
                self._pace.forget(time.monotonic())

    async def _recover(self) -> None:
        """From time to time: a message whose task has died is nobody's, and its chat would wait for ever."""
        if time.monotonic() - self._recovered < _RECOVER_EVERY:
            return
        self._recovered = time.monotonic()
        if number := await self.store.recover_sending(now(), tuple(self._busy)):
            log.warning("%d outbox messages were left on their way; they are sent again", number)

    async def _due(self) -> list[OutboxRow]:
        room = _AT_ONCE - len(self._busy)
        if room <= 0:
            return []
        waiting = () if self.group.chat_id is not None else (STAFF,)
        return await self.store.due_messages(busy_chats=(*self._busy, *waiting), limit=room, now=now())

    async def _serve(self, row: OutboxRow) -> None:
        """Bring one message to its end, or to its next try; the next one of its chat is looked for then."""
        try:
            if await self._may_leave(row.outgoing.chat):
                await self._send(await self._together(row))
        except StaleMessageError:
            log.info("outbox message %s is sent by another process", row.id)
        except StoreAwayError as error:  # before the call: nothing has been sent
            await store_back(error, self.stop)
        except Exception:
            # A fault of ours: the message stays in the queue, and the others go on.
            log.exception("outbox message %s could not be handled", row.id)
            await self._kept(self.store.mark_retry, row.id, "internal error, see the log", now() + _UNREACHABLE)
        finally:
            self._busy.remove(row.outgoing.chat)
            self.queued.set()

    async def _may_leave(self, chat: str) -> bool:
        """Wait for the chat's turn, then for that among all; False when the bot stops meanwhile."""
        for place, limit in ((chat, GROUP if chat == STAFF else PRIVATE_CHAT), (ALL, OVERALL)):
            await any_of(self.stop, seconds=self._pace.reserve(place, limit, time.monotonic()))
        return not self.stop.is_set()

    async def _together(self, row: OutboxRow) -> list[OutboxRow]:
        """The message, and those queued behind it that can leave as one with it: a group takes 20 a minute.

        Looked for when the turn has come, so that a queue that grew meanwhile shrinks at once.
        """
        rows = [row]
        if row.outgoing.chat == STAFF and row.id not in self._alone and merged([row.outgoing]):
            for following in await self.store.next_in_chat(row):
                if following.id in self._alone or merged([each.outgoing for each in (*rows, following)]) is None:
                    break
                rows.append(following)
        return rows

    async def _send(self, rows: Sequence[OutboxRow], instead: Sequence[Outgoing] = ()) -> None:
        """`instead`: what is said in place of a single message, which Telegram does not take as it is."""
        await self.store.mark_sending([row.id for row in rows], now())
        numbers: list[int] = []
        left, group = list(instead), self.group.chat_id
        try:
            left = left or await self._as_sent(rows)
            while left:
                numbers += await self._call(left[0])
                del left[0]
        except TelegramError as error:
            if numbers:
                await self._arrived_in_part(rows[0], numbers, group, left, failure_of(error))
            else:
                await self._failed(rows, failure_of(error))
        else:
            await self._arrived(rows, numbers, group)

    async def _as_sent(self, rows: Sequence[OutboxRow]) -> list[Outgoing]:
        """The rows as one message; an edit of what is not one single message as messages of their own."""
        if len(rows) > 1:
            together = merged([row.outgoing for row in rows])
            assert together is not None  # noqa: S101 - `_together` has merged them
            return [together]
        self._alone.discard(rows[0].id)
        outgoing = rows[0].outgoing
        if outgoing.method not in EDITS:
            return [outgoing]
        located = await self._located(outgoing)
        return [located] if located else in_pieces(outgoing)

    # What a message becomes when it leaves

    async def _call(self, outgoing: Outgoing) -> list[int]:
        """Tell Telegram; the numbers of the new messages.

        Raises:
            TelegramError: Telegram refuses, or cannot be reached.
        """
        if not outgoing.method:  # erased, with its words, while it was on its way
            return []
        if outgoing.method == DELETE_COPIES and outgoing.hand_over is not None:
            expired = bool(outgoing.params.get("expired"))
            await delete_copies(self.bot, self.store, self.group, outgoing.hand_over, expired=expired)
            return []
        if outgoing.method == SEND_FILE:
            outgoing = replace(outgoing, params=uploaded(outgoing.params))
        if outgoing.chat != STAFF:
            params = {"chat_id": int(outgoing.chat), **outgoing.params}
            return _numbers(await call(self.bot, outgoing.method, params))
        place = await self._topics.place(outgoing)
        if outgoing.method == CREATE_TOPIC or (outgoing.method == CLOSE_TOPIC and not self.group.forum):
            return []
        params = {"chat_id": self.group.chat_id, **place, **outgoing.params}
        return _numbers(await call(self.bot, outgoing.method, params))

    async def _located(self, outgoing: Outgoing) -> Outgoing | None:
        """An edit of the message that passed on `origin`; None where it is not one single message."""
        assert outgoing.hand_over is not None  # noqa: S101 - edits are always of a hand-over
        assert outgoing.origin is not None  # noqa: S101
        async with self.store.look() as work:
            copies = await work.copies(outgoing.chat, outgoing.origin, outgoing.hand_over, self.group.chat_id)
        if len(copies) == 1:
            return replace(outgoing, params={**outgoing.params, "message_id": copies[0]})
        return None

    # What became of it

    async def _arrived(self, rows: Sequence[OutboxRow], numbers: Sequence[int], group: int | None) -> None:
        first = numbers[0] if numbers else None
        ids = [row.id for row in rows]
        await self._kept(self.store.mark_sent, ids, first, now(), others=numbers[1:], group=group)
        self.health.calls.labels("sent").inc(len(rows))
        for row in rows:
            if row.outgoing.origin is not None and row.outgoing.chat != STAFF:
                await self._confirm(row.outgoing.origin)

    async def _arrived_in_part(
        self, row: OutboxRow, numbers: Sequence[int], group: int | None, left: Sequence[Outgoing], failure: Failure
    ) -> None:
        """What is there is known and not said again; what is missing leaves as messages of their own."""
        if failure.retry_after:
            self._obey(row.outgoing.chat, failure.retry_after)
        self.health.calls.labels(failure.refusal).inc()
        log.warning("outbox message %s arrived in part: %s", row.id, failure.text)
        # A group answer is one row for each chat, an entry's answer its first message.
        missing = [replace(each, group_answer=None, entry=None) for each in left]
        unknown = failure.refusal is Refusal.UNKNOWN_OUTCOME
        more = {"others": numbers[1:], "then": missing, "unknown": unknown, "group": group}
        await self._kept(self.store.mark_sent, row.id, numbers[0], now(), **more)

    async def _confirm(self, staff_message: int) -> None:
        """Show the staff that the citizen has it. Only a mark: not worth a second try."""
        mark = {"chat_id": self.group.chat_id, "message_id": staff_message, "reaction": _DELIVERED}
        try:
            await call(self.bot, "setMessageReaction", mark)
        except TelegramError as error:
            log.info("delivery could not be marked: %s", error.message)

    async def _failed(self, rows: Sequence[OutboxRow], failure: Failure) -> None:
        """Repeat what may be repeated, mend what can be mended; the rest is refused for good."""
        # Closing a topic only tidies up: it is worth no mending, and keeps nobody waiting.
        staff = rows[0].outgoing.chat == STAFF and rows[0].outgoing.method != CLOSE_TOPIC
        if failure.retry_after:
            self._obey(rows[0].outgoing.chat, failure.retry_after)
        self.health.calls.labels(failure.refusal).inc(len(rows))
        if failure.refusal is Refusal.MIGRATED and failure.new_chat and staff:
            self.group.moved(failure.new_chat)
            await self._retry(rows, failure, timedelta())
        elif failure.refusal in _REPEATABLE:
            pause = backoff(rows[0].attempts, first=1.0, longest=_LONGEST_PAUSE)
            await self._retry(rows, failure, failure.retry_after or timedelta(seconds=pause))
        elif staff and failure.refusal in _TOPIC and rows[0].outgoing.hand_over:
            await self._retry(rows, failure, await self._mended(rows[0], failure.refusal))
        elif staff and failure.refusal in _OPERATORS:
            log.error(text("log_group_unreachable", chat=self.group.chat_id, error=failure.text))
            await self._retry(rows, failure, _UNREACHABLE)
        elif len(rows) > 1:
            self._alone |= {row.id for row in rows}
            await self._retry(rows, failure, timedelta())
        else:
            await self._refused(rows[0], failure)

    async def _refused(self, row: OutboxRow, failure: Failure) -> None:
        """Telegram will not take it as it is."""
        if failure.refusal is Refusal.NOT_MODIFIED or row.outgoing.method == CLOSE_TOPIC:
            await self._kept(self.store.mark_sent, row.id, None, now(), group=self.group.chat_id)
        elif failure.refusal is Refusal.BAD_FORMATTING and "parse_mode" in row.outgoing.params:
            await self._send_plain(row)
        elif row.outgoing.method in EDITS or (failure.refusal is Refusal.TOO_LONG and len(in_pieces(row.outgoing)) > 1):
            pieces = in_pieces(row.outgoing)
            await self._send([replace(row, outgoing=pieces[0])], pieces)
        elif failure.refusal in _TOPIC and "message_thread_id" in row.outgoing.params:
            # Of no request: asked for in a topic that is gone, it is said in the group itself.
            params = {key: value for key, value in row.outgoing.params.items() if key != "message_thread_id"}
            await self._send([replace(row, outgoing=replace(row.outgoing, params=params))])
        elif row.outgoing.chat == STAFF:
            await self._not_passed_on(row, failure)
        else:
            await self._give_up(row, failure)

    async def _kept(self, mark: Callable[..., Awaitable[None]], *what: Any, **more: Any) -> None:  # noqa: ANN401 - of `mark`
        """Write down what became of a message, as soon as the database can.

        When the bot stops before, the message counts as interrupted, and may be sent twice.
        """
        while True:
            try:
                await mark(*what, **more)
            except StoreAwayError as error:
                if self.stop.is_set():
                    return
                await store_back(error, self.stop)
            else:
                return

    async def _retry(self, rows: Sequence[OutboxRow], failure: Failure, pause: timedelta) -> None:
        ids, pause = [row.id for row in rows], min(pause, LONGEST_RETRY)
        log.warning("outbox messages %s: %s; next try in %s", ids, failure.text, pause)
        unknown = failure.refusal is Refusal.UNKNOWN_OUTCOME
        await self._kept(self.store.mark_retry, ids, failure.text, now() + pause, unknown=unknown)

    async def _send_plain(self, row: OutboxRow) -> None:
        """Telegram refused our formatting: the words matter more."""
        log.warning("outbox message %s: formatting refused, sent as plain text", row.id)
        params = {key: value for key, value in row.outgoing.params.items() if key != "parse_mode"}
        unformatted = replace(row.outgoing, params=params | {"text": plain(params["text"])})
        await self._send([replace(row, outgoing=unformatted)])

    async def _not_passed_on(self, row: OutboxRow, failure: Failure) -> None:
        """Nothing of a citizen's, which is always of a request, is given up in silence: a sentence takes its place."""
        log.error("outbox message %s cannot be passed on: %s", row.id, failure.text)
        said = to_staff(text("not_passed_on", error=failure.text))
        instead = [replace(said, hand_over=row.outgoing.hand_over)]
        refused_too = row.outgoing.params.get("text") == said.params["text"]
        then = [] if refused_too or row.outgoing.hand_over is None else instead
        await self._kept(self.store.mark_failed, row.id, failure.text, now(), then=then)

    def _obey(self, chat: str, wait: timedelta) -> None:
        """Of the group it is known that its own limit is meant. Kept here too: no next try is written down so late."""
        if chat == STAFF:
            self._pace.rest(STAFF, GROUP, wait.total_seconds(), time.monotonic())
        else:
            self._pace.refused(chat, wait.total_seconds(), time.monotonic())

    async def _mended(self, row: OutboxRow, refusal: Refusal) -> timedelta:
        """Mend the topic of the message: how long until its next try."""
        assert row.outgoing.hand_over is not None  # noqa: S101 - only a hand-over has a topic
        try:
            await self._topics.mend(row.outgoing.hand_over, refusal)
        except TelegramError as error:
            failure = failure_of(error)
            log.warning("the topic of hand-over %s stays away: %s", row.outgoing.hand_over, failure.text)
            if failure.retry_after:
                self._obey(STAFF, failure.retry_after)
            return failure.retry_after or _UNREACHABLE
        return timedelta() if row.attempts < _MENDINGS else _UNREACHABLE

    async def _give_up(self, row: OutboxRow, failure: Failure) -> None:
        """The citizen cannot be reached: whoever of the staff wrote it is told."""
        log.warning("outbox message %s is given up: %s", row.id, failure.text)
        then = []
        if failure.refusal in _NOBODY_THERE:
            await self._kept(self._end_subscriptions, row.outgoing.chat)
        if row.outgoing.hand_over is not None:
            said = text(_UNDELIVERED.get(failure.refusal, "undelivered_refused"), error=failure.text)
            params: dict[str, Any] = {"text": said}
            if row.outgoing.origin is not None:  # without, it was written in the console
                reply = {"message_id": row.outgoing.origin, "allow_sending_without_reply": True}
                params["reply_parameters"] = reply
            then = [Outgoing(STAFF, "sendMessage", params, row.outgoing.hand_over)]
        await self._kept(self.store.mark_failed, row.id, failure.text, now(), then=then, group=self.group.chat_id)

    async def _end_subscriptions(self, chat: str) -> None:
        async with self.store.work() as work:
            await work.unsubscribe(CHANNEL, chat)


def _numbers(result: Any) -> list[int]:  # noqa: ANN401 - Telegram's JSON
    """Of a Message, a MessageId or several of them; some methods only say True."""
    found = result if isinstance(result, list) else [result]
    return [each["message_id"] for each in found if isinstance(each, dict) and "message_id" in each]
