"""What a Telegram Mini App is given about its user, signed by Telegram. Pure.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

AGE = timedelta(minutes=10)
"""Older data is refused: whoever found it in a history or a log cannot sign in with it."""
_AHEAD = timedelta(minutes=1)
"""By how much Telegram's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class InitData:
    """Somebody opened the Mini App."""

    user_id: int
    hash: str
    """Of this one opening."""
    expires_at: datetime


def verified(init_data: str, token: str, now: datetime) -> InitData | None:
    """Whom Telegram vouches for; None when it does not, or no longer."""
    fields = dict(parse_qsl(init_data, keep_blank_values=True))
    given = fields.pop("hash", "")
    checked = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    computed = hmac.new(key, checked.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(computed.encode(), given.encode("utf-8", "surrogatepass")):
        return None
    try:
        signed_at = datetime.fromtimestamp(int(fields["auth_date"]), UTC)
        user_id = int(json.loads(fields["user"])["id"])
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return None
    fresh = now - AGE < signed_at <= now + _AHEAD
    return InitData(user_id, given, signed_at + AGE) if fresh else None
