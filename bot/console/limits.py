"""How often somebody may try."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Limit:
    """So many attempts within a time, by whoever it is; in memory, hence for each process by itself."""

    attempts: int
    within: timedelta
    _made: dict[str, deque[datetime]] = field(default_factory=dict)

    def allows(self, who: str, now: datetime) -> bool:
        """Count one more attempt, unless there are too many."""
        self._forget(now)
        made = self._made.setdefault(who, deque())
        if len(made) >= self.attempts:
            return False
        made.append(now)
        return True

    def _forget(self, now: datetime) -> None:
        for who, made in list(self._made.items()):
            while made and made[0] <= now - self.within:
                made.popleft()
            if not made:
                del self._made[who]
