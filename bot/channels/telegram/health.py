"""Is the bot alive, is it ready, and what does it do: for a supervisor and for Prometheus."""

import time
from contextlib import suppress
from dataclasses import dataclass, field

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.storage.store import Store, StoreAwayError

_SILENCE = 90.0
"""Seconds without a word from Telegram after which long polling (30 s) is not working."""


@dataclass(slots=True)
class Health:
    """What the parts of the bot report; nothing in it is about a person."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    updates: Counter = field(init=False)
    calls: Counter = field(init=False)
    notices: Counter = field(init=False)
    heard_at: float | None = None
    """When Telegram last answered, on the monotonic clock."""

    def __post_init__(self) -> None:
        self.updates = Counter(
            "passerelle_updates", "Updates handled, by what became of them.", ["outcome"], registry=self.registry
        )
        self.calls = Counter(
            "passerelle_messages", "Outgoing messages, by what Telegram said.", ["outcome"], registry=self.registry
        )

        self.notices = Counter(
            "passerelle_notices", "Notices of subscriptions and reminders, by kind.", ["kind"], registry=self.registry
        )

    def heard(self) -> None:
        """Telegram has answered, or has called us."""
        self.heard_at = time.monotonic()

    def silent(self) -> bool:
        """Telegram has not been heard for too long."""
        return self.heard_at is None or time.monotonic() - self.heard_at > _SILENCE

    def app(self, store: Store, *, polls: bool) -> Starlette:
        """`/live`, `/ready` and `/metrics`.

        `polls`: the bot asks Telegram, so that silence means trouble; with a webhook it may be a quiet night.
        """
        rows = Gauge("passerelle_rows", "Rows of the store.", ["table", "state"], registry=self.registry)

        async def live(_request: Request) -> Response:
            return JSONResponse({"live": True})

        async def ready(_request: Request) -> Response:
            try:
                await store.next_offset()  # looked up by an index: a probe may come every second
            except StoreAwayError:
                return JSONResponse({"ready": False, "why": "database"}, status_code=503)
            if polls and self.silent():
                return JSONResponse({"ready": False, "why": "telegram"}, status_code=503)
            return JSONResponse({"ready": True})

        async def metrics(_request: Request) -> Response:
            rows.clear()  # without the store: no figures rather than old ones
            with suppress(StoreAwayError):
                for name, number in (await store.counts()).items():
                    table, _, state = name.partition(".")
                    rows.labels(table, state).set(number)
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return Starlette(routes=[Route("/live", live), Route("/ready", ready), Route("/metrics", metrics)])
