"""What a form sent, as a map; never more of it than a form of ours can hold."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.console.errors import RefusedError

MAX_BODY = 64 * 1024
"""Bytes: the longest reply takes half of it."""
_FIELDS = 50


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields; the last one of a name counts.

    Raises:
        RefusedError: it is too large, or no form.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise RefusedError(413, "too_large")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError as error:
        raise RefusedError(400, "no_form") from error
