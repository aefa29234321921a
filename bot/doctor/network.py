"""What only another machine can tell: the time, and what stands at the webhook's address."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.doctor.findings import Check, failed, ok, warning

_PATIENCE = 10
_CLOCK = timedelta(seconds=60)
_EXPIRES = timedelta(days=14)
_NOBODY = (502, 503, 504)
"""What a front answers when nobody listens behind it."""


async def clock(api_url: str, now: datetime) -> Check | None:
    """This machine's clock beside that of the server; None when it does not tell the time."""
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            told = (await client.head(api_url)).headers.get("date", "")
        wrong = abs(now - parsedate_to_datetime(told).astimezone(UTC))
    except (httpx.HTTPError, ValueError):
        return None
    if wrong > _CLOCK:
        return warning("clock", "wrong", seconds=wrong // timedelta(seconds=1))
    return ok("clock", "right")


async def address(url: str, now: datetime) -> Check:
    """What answers at `PASSERELLE_WEBHOOK_URL`, asked from here: a route takes only POST, and says so."""
    try:
        async with (
            httpx.AsyncClient(timeout=_PATIENCE, follow_redirects=False) as client,
            client.stream("GET", url) as response,
        ):
            status, end = response.status_code, _end_of_certificate(response)
    except httpx.HTTPError as error:
        told = str(error) or type(error).__name__
        if isinstance(_cause(error), ssl.SSLError):
            return failed("address", "certificate", url=url, error=told)
        return failed("address", "unreachable", url=url, error=told)
    if status in _NOBODY:
        return warning("address", "nobody", url=url, status=status)
    if status != httpx.codes.METHOD_NOT_ALLOWED:
        return warning("address", "somebody_else", url=url, status=status)
    if end and end - now < _EXPIRES:
        return warning("address", "expiring", url=url, day=end.date())
    return ok("address", "answers", url=url)


def _end_of_certificate(response: httpx.Response) -> datetime | None:
    stream: Any = response.extensions.get("network_stream")
    connection = stream and stream.get_extra_info("ssl_object")
    if connection is None:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"]), UTC)


def _cause(error: BaseException) -> BaseException:
    """What a chain of exceptions began with."""
    inner = error.__cause__ or error.__context__
    return _cause(inner) if inner else error
