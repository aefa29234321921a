"""Requests that nobody takes: the group is reminded, in opening hours only."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.telegram.desk import now
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.outgoing import to_staff
from bot.channels.telegram.waiting import again_and_again
from bot.knowledge.model import KnowledgeBase
from bot.language.times import said_duration
from bot.staff.texts import text
from bot.storage.model import HandOver
from bot.storage.store import Store

_LOOK_EVERY = 30.0
"""Seconds."""
_MEASURED_OVER = timedelta(days=30)
"""The usual wait is that of the last month."""


@dataclass(frozen=True, slots=True)
class Alarms:
    store: Store
    knowledge: Callable[[], KnowledgeBase]
    group: StaffGroup
    after: timedelta
    """A request that nobody has taken after so long is announced again, and again each time; zero: never."""
    queued: asyncio.Event
    stop: asyncio.Event

    async def run(self) -> None:
        """Look from time to time, until `stop` is set."""
        await again_and_again(lambda: self._look(now()), self.stop, seconds=_LOOK_EVERY, what="alarms")

    async def _look(self, moment: datetime) -> None:
        self.group.usual_wait = await self.store.usual_wait(moment - _MEASURED_OVER)
        if await self.ring(moment):
            self.queued.set()

    async def ring(self, moment: datetime) -> int:
        """Announce what has waited too long at `moment`, and what was put off until then: how many requests."""
        hours = self.knowledge().hours
        if not self.after or (hours and not hours.is_open(moment)):
            return 0
        before = moment - self.after
        async with self.store.work() as work:
            due = await work.hand_overs_waiting(before, before, moment)
            for hand_over in due:
                await work.enqueue([to_staff(_sentence(hand_over, moment), hand_over)], moment)
                await work.set_hand_over(hand_over.id, alarmed_at=moment, now=moment)
        return len(due)


def _sentence(hand_over: HandOver, moment: datetime) -> str:
    if hand_over.snoozed_until:
        return text("reminder", number=hand_over.id)
    return text("alarm", number=hand_over.id, duration=said_duration(moment - hand_over.opened_at, "fr"))
