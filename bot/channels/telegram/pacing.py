"""When the next call may leave: Telegram's limits, kept by spacing calls out. No clock, no waiting.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: 30 messages a second in all, one a
second in a chat (short bursts pass), 20 a minute in a group. Spacing calls was refused 0 times in 6 runs, a sliding
window 1, 49 and 1 times in three (docs/decisions).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limit:
    """Calls `interval` seconds apart in the long run; `burst` of them may follow each other at once."""

    interval: float
    burst: int


OVERALL = Limit(1 / 28, 1)
PRIVATE_CHAT = Limit(1.0, 3)
GROUP = Limit(4.0, 5)
"""5 + 60 / 4 = 20 in any minute."""


@dataclass(slots=True)
class Pace:
    """The generic cell rate algorithm (ITU-T I.371), one cell stream a chat and one for all."""

    _theoretical: dict[str, float] = field(default_factory=dict)
    """Chat (or `""` for all) → the time in seconds at which its stream is back to rest."""

    def reserve(self, chat: str, limit: Limit, now: float) -> float:
        """Take the next free place: how many seconds after `now` the call may leave."""
        places = ((chat, limit), ("", OVERALL))
        start = max(now, *(self._theoretical.get(key, now) - (each.burst - 1) * each.interval for key, each in places))
        for key, each in places:
            self._theoretical[key] = max(self._theoretical.get(key, now), start) + each.interval
        return start - now

    def forget(self, now: float) -> None:
        """Drop the chats that are at rest: memory stays small."""
        self._theoretical = {key: rest for key, rest in self._theoretical.items() if rest > now}
