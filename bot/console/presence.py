"""Who is looking at what, in the memory of this process: a hint among colleagues, nothing depends on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

_LOOKS_FOR = timedelta(seconds=75)
"""After the page last asked for itself, which it does every 30 seconds."""


@dataclass(slots=True)
class Presence:
    version: int = 0
    """Another one whenever somebody came or went."""
    _seen: dict[str, dict[int, tuple[str, datetime]]] = field(default_factory=dict)

    def looks(self, place: str, person: int, name: str, now: datetime) -> None:
        there = self._seen.setdefault(place, {})
        self.version += person not in there
        there[person] = (name, now)

    def leaves(self, place: str, person: int) -> None:
        if self._seen.get(place, {}).pop(person, None):
            self.version += 1

    def others(self, place: str, person: int, now: datetime) -> tuple[str, ...]:
        """The names of those who are there, but for `person`."""
        self.expire(now)
        return tuple(name for number, (name, _) in self._seen.get(place, {}).items() if number != person)

    def expire(self, now: datetime) -> None:
        for place, there in list(self._seen.items()):
            for person, (_, at) in list(there.items()):
                if at <= now - _LOOKS_FOR:
                    self.leaves(place, person)
            if not there:
                del self._seen[place]
