"""The queue of updates and its reading by getUpdates: https://core.telegram.org/bots/api#getting-updates."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulator.errors import conflict

# Everything but these three is sent when allowed_updates is empty: https://core.telegram.org/bots/api#getupdates
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True)
class Update:
    """One update; `lane` is the chat whose order Telegram keeps."""

    update_id: int
    kind: str
    payload: dict[str, Any]
    lane: int

    def json(self) -> dict[str, Any]:
        return {"update_id": self.update_id, self.kind: self.payload}


class UpdateQueue:
    """Pending updates in order, one waiting poller at most, or a webhook instead."""

    def __init__(self, first_update_id: int) -> None:
        self.pending: list[Update] = []
        self.history: list[Update] = []
        self.allowed: frozenset[str] = frozenset()
        self.webhook_url = ""
        self.on_put: Callable[[], None] = lambda: None
        self._again: list[Update] = []
        self._next_id = first_update_id
        self._waiter: asyncio.Future[None] | None = None

    def put(self, kind: str, payload: dict[str, Any], lane: int) -> Update | None:
        """Queues an update unless allowed_updates leaves its kind out."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if not wanted:
            return None
        update = Update(self._next_id, kind, payload, lane)
        self._next_id += 1
        self.pending.append(update)
        self.history.append(update)
        self._wake()
        self.on_put()
        return update

    def allow(self, kinds: list[str] | None) -> None:
        """Omitted keeps the last setting; an empty list is the default one. Updates already queued stay."""
        if kinds is not None:
            self.allowed = frozenset(kinds)

    def forget(self, update: Update) -> None:
        with contextlib.suppress(ValueError):
            self.pending.remove(update)

    def repeat(self, update_id: int) -> None:
        """Sends an update once more, out of order and whatever was confirmed, as Telegram may after a lost answer."""
        update = next(update for update in self.history if update.update_id == update_id)
        if self.webhook_url:
            self.pending.append(update)
            self.on_put()
        else:
            self._again.append(update)
            self._wake()

    def clear(self) -> None:
        self.pending.clear()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """A positive offset confirms what lies before it, a negative one keeps only that many from the end."""
        if self.webhook_url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        self.pending = self.pending[offset:] if offset < 0 else [u for u in self.pending if u.update_id >= offset]
        if not self.pending and not self._again and seconds > 0:
            await self._wait(seconds)
        batch = [*self._again, *self.pending][:limit]
        self._again.clear()
        return [update.json() for update in batch]

    def interrupt(self, reason: str) -> None:
        """Ends the waiting poll with a 409, as Telegram does when somebody else asks."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(conflict(reason))

    async def _wait(self, seconds: float) -> None:
        self.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            pass
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
