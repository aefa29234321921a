"""What the running bot removes by itself: numbers of old updates, and what the authority no longer wants kept."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.telegram.desk import now
from bot.channels.telegram.outgoing import expiry
from bot.channels.telegram.waiting import again_and_again
from bot.privacy.pseudonyms import Pseudonyms
from bot.staff.texts import text
from bot.storage.store import Store

log = logging.getLogger(__name__)

_LOOK_EVERY = 3600.0
"""Seconds, after which also what was deleted meanwhile is made unreadable."""
_UPDATES_KNOWN = timedelta(hours=48)
"""Telegram repeats no update that is older than a day: until then its number tells it."""
_PURGE_EVERY = timedelta(days=1)
_TOPICS = 50
"""Topics deleted at one look: each is a call to the staff group, which takes 20 a minute."""


@dataclass(slots=True)
class Housekeeping:
    store: Store
    kept: timedelta
    pseudonyms: Pseudonyms
    """Renamed when the store has made a new key."""
    stop: asyncio.Event
    own_key: bool = False
    """The operator gives the key of the pseudonyms: it is not ours to change."""
    forget: Callable[[datetime], object] | None = None
    """Deletes what else was kept before that time, in files; called in a thread."""
    _purged: datetime | None = None

    async def run(self) -> None:
        """Look from time to time, until `stop` is set."""
        await again_and_again(lambda: self.look(now()), self.stop, seconds=_LOOK_EVERY, what="housekeeping")

    async def look(self, moment: datetime) -> None:
        """Purge if that is due at `moment`."""
        due = self._purged is None or moment - self._purged >= _PURGE_EVERY
        if due:
            released = await self.store.release_topics(
                moment - self.kept, moment, limit=_TOPICS, deletion=lambda number: [expiry(number)]
            )
            removed = await self.store.purge(moment - self.kept, moment)
            if any(removed.values()):
                log.info(text("log_purged", **removed))
            if not self.own_key:
                self.pseudonyms.key = await self.store.hash_key(moment)
            # More topics wait than the group should be kept busy with: they go on in an hour.
            self._purged = None if released == _TOPICS else moment
        await self.store.purge_inbox(moment - _UPDATES_KNOWN)
        await self.store.scrub()
        if due and self.forget:  # last: the folder may fail in ways of its own
            await asyncio.to_thread(self.forget, moment - self.kept)
