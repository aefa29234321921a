"""What goes wrong on purpose: refusals, lost connections, slowness, flood limits."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from tests.emulator.errors import ApiError, too_many_requests

_DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Fault:
    """One planned failure; `drop` closes the connection before or after the effect."""

    method: str
    times: int
    chat_id: int | None = None
    error: ApiError | None = None
    drop: str | None = None
    hold: float = 0.0
    """Seconds of silence before the connection closes."""

    def meets(self, method: str, chat_id: int | None) -> bool:
        return self.method == method and self.chat_id in (None, chat_id)


def planned_error(status: int, description: str | None, retry_after: int | None) -> ApiError:
    if status == 429:
        error = too_many_requests(retry_after or 1)
        return ApiError(429, description or error.description, **error.parameters)
    return ApiError(status, description or _DESCRIPTIONS.get(status, "Error"))


@dataclass
class Faults:
    """The plan of failures, first planned first met."""

    planned: list[Fault] = field(default_factory=list)
    delays: dict[str, tuple[float, bool]] = field(default_factory=dict)

    def plan(self, fault: Fault) -> None:
        self.planned.append(fault)

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The failure that this call meets, used up by one."""
        fault = next((fault for fault in self.planned if fault.meets(method, chat_id)), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.planned.remove(fault)
        return fault


@dataclass
class _Bucket:
    tokens: float
    at: float


class FloodLimits:
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.

    30 a second overall, 1 a second in a chat with short bursts, 20 a minute in a group. The exact figures are not
    published; a burst of 5 is this emulator's choice.
    """

    OVERALL = 30
    BURST = 5
    GROUP_PER_MINUTE = 20

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._overall = _Bucket(self.OVERALL, clock())
        self._chats: dict[int, _Bucket] = {}
        self._groups: dict[int, deque[float]] = defaultdict(deque)

    def check(self, method: str, chat_id: int | None) -> None:
        """Counts what puts or changes messages; a new topic counts as a message (tdlib/td#2592)."""
        if chat_id is None or not _counts(method):
            return
        now = self._clock()
        chat = self._chats.setdefault(chat_id, _Bucket(self.BURST, now))
        waits = [_missing(self._overall, now, self.OVERALL, self.OVERALL), _missing(chat, now, self.BURST, 1)]
        recent = self._groups[chat_id]
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if chat_id < 0 and len(recent) >= self.GROUP_PER_MINUTE:
            waits.append(recent[0] + 60 - now)
        if max(waits) > 0:
            raise too_many_requests(max(1, ceil(max(waits))))
        self._overall.tokens -= 1
        chat.tokens -= 1
        recent.append(now)


def _counts(method: str) -> bool:
    lowered = method.lower()
    return lowered.startswith(("send", "copy", "forward", "edit", "createforumtopic")) and lowered != "sendchataction"


def _missing(bucket: _Bucket, now: float, capacity: float, rate: float) -> float:
    """Refills a token bucket and says how long until it holds one."""
    bucket.tokens = min(capacity, bucket.tokens + (now - bucket.at) * rate)
    bucket.at = now
    return 0.0 if bucket.tokens >= 1 else (1 - bucket.tokens) / rate
