"""Is the bot alive, is it ready, and what does it do: for a supervisor and for Prometheus."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_SILENCE = 90.0
"""Seconds without a word from Telegram after which long polling (30 s) is not working."""


@dataclass(slots=True)
class Health:
    """What the parts of the bot report; nothing in it is about a person."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    updates: Counter = field(init=False)
    calls: Counter = field(init=False)
    heard_at: float | None = None
    """When Telegram last answered, on the monotonic clock."""

    def __post_init__(self) -> None:
        self.updates = Counter(
            "passerelle_updates", "Updates handled, by what became of them.", ["outcome"], registry=self.registry
        )
        self.calls = Counter(
            "passerelle_messages", "Outgoing messages, by what Telegram said.", ["outcome"], registry=self.registry
        )

    def heard(self) -> None:
        """Telegram has answered, or has called us."""
        self.heard_at = time.monotonic()

    def silent(self) -> bool:
        """Telegram has not been heard for too long."""
        return self.heard_at is None or time.monotonic() - self.heard_at > _SILENCE

    def app(self, counts: Callable[[], Awaitable[Mapping[str, int]]], *, polls: bool) -> Starlette:
        """`/live`, `/ready` and `/metrics`.

        Args:
            counts: rows of the store by table and state, as in `Store.counts`.
            polls: the bot asks Telegram, so that silence means trouble; with a webhook it may be a quiet night.
        """
        rows = Gauge("passerelle_rows", "Rows of the store.", ["table", "state"], registry=self.registry)

        async def live(_request: Request) -> Response:
            return JSONResponse({"live": True})

        async def ready(_request: Request) -> Response:
            try:
                await counts()
            except Exception:  # noqa: BLE001 - whatever the reason, the store does not answer
                return JSONResponse({"ready": False, "why": "database"}, status_code=503)
            if polls and self.silent():
                return JSONResponse({"ready": False, "why": "telegram"}, status_code=503)
            return JSONResponse({"ready": True})

        async def metrics(_request: Request) -> Response:
            for name, number in (await counts()).items():
                table, _, state = name.partition(".")
                rows.labels(table, state).set(number)
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

        return Starlette(routes=[Route("/live", live), Route("/ready", ready), Route("/metrics", metrics)])
