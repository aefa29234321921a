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


ALL = ""
"""The place that all calls share."""
OVERALL = Limit(1 / 28, 1)
PRIVATE_CHAT = Limit(1.0, 3)
GROUP = Limit(4.0, 5)
"""5 + 60 / 4 = 20 in any minute."""


@dataclass(slots=True)
class Pace:
    """The generic cell rate algorithm (ITU-T I.371), one cell stream a place: a chat, or `ALL`.

    A call takes its turn in the chat first, and only when that has come its turn among all: a chat whose turn is far
    away must not hold a place that others could use now.
    """

    _theoretical: dict[str, float] = field(default_factory=dict)
    """Place → the time in seconds at which its stream is back to rest."""
    _silent: dict[str, float] = field(default_factory=dict)
    """Private chat → the time until which Telegram wants nothing for it."""

    def reserve(self, place: str, limit: Limit, now: float) -> float:
        """Take the next free turn: how many seconds after `now` it comes."""
        rest = max(now, self._theoretical.get(place, now))
        turn = max(now, rest - (limit.burst - 1) * limit.interval)
        self._theoretical[place] = rest + limit.interval
        return turn - now

    def refused(self, place: str, wait: float, now: float) -> None:
        """Telegram wants nothing for that private chat for `wait` seconds.

        It does not say whether it means the chat or the bot. A second chat tells: then all wait, for the shorter time.
        """
        self.rest(place, PRIVATE_CHAT, wait, now)
        self._silent[place] = now + wait
        if len(ends := [end for end in self._silent.values() if end > now]) > 1:
            self._theoretical[ALL] = max(self._theoretical.get(ALL, now), min(ends))

    def rest(self, place: str, limit: Limit, wait: float, now: float) -> None:
        """The next turn of that place comes in `wait` seconds at the earliest."""
        turn = now + wait + (limit.burst - 1) * limit.interval
        self._theoretical[place] = max(self._theoretical.get(place, now), turn)

    def forget(self, now: float) -> None:
        """Drop the places that are at rest: memory stays small."""
        self._silent = {place: end for place, end in self._silent.items() if end > now}
        self._theoretical = {place: rest for place, rest in self._theoretical.items() if rest > now}
