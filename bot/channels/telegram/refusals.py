"""Why a call of the Bot API failed: the one place that reads Telegram's error texts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import httpx
from telegram import error as telegram_error


class Refusal(StrEnum):
    """The closed set of failures that we treat differently."""

    FLOOD = "flood"
    """Too many messages: try again after `Failure.retry_after`."""
    BLOCKED = "blocked"
    """The citizen blocked the bot, or a group removed it."""
    DEACTIVATED = "deactivated"
    """The citizen's account is no more."""
    CHAT_GONE = "chat_gone"
    """No such chat, or the bot never was in it."""
    MIGRATED = "migrated"
    """The group has become a supergroup: `Failure.new_chat`."""
    TOPIC_GONE = "topic_gone"
    TOPIC_CLOSED = "topic_closed"
    NO_RIGHTS = "no_rights"
    BAD_FORMATTING = "bad_formatting"
    TOO_LONG = "too_long"
    NOT_MODIFIED = "not_modified"
    """What was asked for is so already."""
    REFUSED = "refused"
    """Telegram will never accept this call."""
    TOKEN = "token"  # noqa: S105 - a reason, no secret
    CONFLICT = "conflict"
    """Another program reads the updates of this bot."""
    NOT_SENT = "not_sent"
    """The network failed before the call left: safe to repeat."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """The network failed after the call left, or Telegram had a fault: repeating may do it twice."""


@dataclass(frozen=True, slots=True)
class Failure:
    refusal: Refusal
    text: str
    """Telegram's own words, without any token."""
    retry_after: timedelta | None = None
    new_chat: int | None = None


_SIGNS = (
    ("message thread not found", Refusal.TOPIC_GONE),
    ("topic_deleted", Refusal.TOPIC_GONE),
    ("topic_id_invalid", Refusal.TOPIC_GONE),
    ("topic_closed", Refusal.TOPIC_CLOSED),
    ("topic_not_modified", Refusal.NOT_MODIFIED),
    ("message is not modified", Refusal.NOT_MODIFIED),
    ("can't parse entities", Refusal.BAD_FORMATTING),
    ("message is too long", Refusal.TOO_LONG),
    ("message_too_long", Refusal.TOO_LONG),
    ("caption is too long", Refusal.TOO_LONG),
    ("caption_too_long", Refusal.TOO_LONG),
    ("chat not found", Refusal.CHAT_GONE),
    ("not enough rights", Refusal.NO_RIGHTS),
    ("have no rights", Refusal.NO_RIGHTS),
    ("chat_write_forbidden", Refusal.NO_RIGHTS),
    ("chat_admin_required", Refusal.NO_RIGHTS),
)
"""Parts of the description of a 400, in lower case (python-telegram-bot changes the case of the first letter)."""
_DEACTIVATED = "user is deactivated"
_SIMPLE = {
    telegram_error.Conflict: Refusal.CONFLICT,
    telegram_error.InvalidToken: Refusal.TOKEN,
    # After its first call PTB takes the refusal of a withdrawn token for that of an unknown method.
    telegram_error.EndPointNotFound: Refusal.TOKEN,
}
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def failure_of(error: telegram_error.TelegramError) -> Failure:
    """What an error of python-telegram-bot means to us. BadRequest comes first: it is a NetworkError there."""
    text = error.message
    match error:
        case telegram_error.RetryAfter():
            return Failure(Refusal.FLOOD, text, retry_after=_as_timedelta(error.retry_after))
        case telegram_error.ChatMigrated():
            return Failure(Refusal.MIGRATED, text, new_chat=error.new_chat_id)
        case telegram_error.Forbidden():
            return Failure(Refusal.DEACTIVATED if _DEACTIVATED in text.lower() else Refusal.BLOCKED, text)
        case telegram_error.BadRequest():
            return Failure(next((refusal for sign, refusal in _SIGNS if sign in text.lower()), Refusal.REFUSED), text)
        case telegram_error.NetworkError():
            left = not isinstance(error.__cause__, _BEFORE_SENDING)
            return Failure(Refusal.UNKNOWN_OUTCOME if left else Refusal.NOT_SENT, text)
        case _:
            return Failure(_SIMPLE.get(type(error), Refusal.REFUSED), text)


def _as_timedelta(retry_after: int | timedelta) -> timedelta:
    """PTB gives one or the other, as the environment says."""
    return retry_after if isinstance(retry_after, timedelta) else timedelta(seconds=retry_after)
