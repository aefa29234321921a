"""Every error that python-telegram-bot can raise means something to us."""

from datetime import timedelta

import httpx
import pytest
from telegram import error as telegram_error

from bot.channels.telegram.refusals import Refusal, failure_of

EXAMPLES = {
    telegram_error.RetryAfter: (telegram_error.RetryAfter(7), Refusal.FLOOD),
    telegram_error.ChatMigrated: (telegram_error.ChatMigrated(-100), Refusal.MIGRATED),
    telegram_error.BadRequest: (telegram_error.BadRequest("Wrong file identifier"), Refusal.REFUSED),
    telegram_error.Forbidden: (telegram_error.Forbidden("bot was blocked by the user"), Refusal.BLOCKED),
    telegram_error.Conflict: (telegram_error.Conflict("terminated by other getUpdates request"), Refusal.CONFLICT),
    telegram_error.InvalidToken: (telegram_error.InvalidToken(), Refusal.TOKEN),
    telegram_error.EndPointNotFound: (telegram_error.EndPointNotFound("x"), Refusal.TOKEN),
    telegram_error.TimedOut: (telegram_error.TimedOut(), Refusal.UNKNOWN_OUTCOME),
    telegram_error.NetworkError: (telegram_error.NetworkError("Bad Gateway"), Refusal.UNKNOWN_OUTCOME),
    telegram_error.PassportDecryptionError: (telegram_error.PassportDecryptionError("x"), Refusal.REFUSED),
    telegram_error.TelegramError: (telegram_error.TelegramError("x"), Refusal.REFUSED),
}


@pytest.mark.parametrize(("error", "refusal"), EXAMPLES.values(), ids=[kind.__name__ for kind in EXAMPLES])
def test_each_error_has_its_meaning(error, refusal):
    assert failure_of(error).refusal is refusal


def test_no_error_of_the_library_is_forgotten():
    def family(kind):
        return {kind}.union(*(family(child) for child in kind.__subclasses__()))

    known = {kind for kind in family(telegram_error.TelegramError) if kind.__module__ == "telegram.error"}
    assert known == set(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Bad Request: message thread not found", Refusal.TOPIC_GONE),
        ("Topic_deleted", Refusal.TOPIC_GONE),
        ("Topic_closed", Refusal.TOPIC_CLOSED),
        ("Topic_not_modified", Refusal.NOT_MODIFIED),
        ("Message is not modified: specified new message content…", Refusal.NOT_MODIFIED),
        ("Can't parse entities: unsupported start tag", Refusal.BAD_FORMATTING),
        ("Message is too long", Refusal.TOO_LONG),
        ("Message_too_long", Refusal.TOO_LONG),
        ("Message caption is too long", Refusal.TOO_LONG),
        ("Media_caption_too_long", Refusal.TOO_LONG),
        ("Chat not found", Refusal.CHAT_GONE),
        ("Not enough rights to create a topic", Refusal.NO_RIGHTS),
        ("Have no rights to send a message", Refusal.NO_RIGHTS),
        ("Chat_write_forbidden", Refusal.NO_RIGHTS),
    ],
)
def test_the_texts_of_a_400_are_told_apart(text, refusal):
    assert failure_of(telegram_error.BadRequest(text)).refusal is refusal


def test_a_closed_account_is_told_apart_from_a_bot_that_is_blocked():
    closed = telegram_error.Forbidden("Forbidden: user is deactivated")
    assert failure_of(closed).refusal is Refusal.DEACTIVATED


def test_a_wait_is_given_as_a_duration():
    assert failure_of(telegram_error.RetryAfter(7)).retry_after == timedelta(seconds=7)


def test_a_migrated_group_gives_its_new_number():
    assert failure_of(telegram_error.ChatMigrated(-1005)).new_chat == -1005


@pytest.mark.parametrize("cause", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
def test_what_never_left_may_be_repeated_safely(cause):
    error = telegram_error.NetworkError("x")
    error.__cause__ = cause
    assert failure_of(error).refusal is Refusal.NOT_SENT


@pytest.mark.parametrize("cause", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.WriteError("x")])
def test_what_may_have_arrived_has_an_unknown_outcome(cause):
    error = telegram_error.TimedOut()
    error.__cause__ = cause
    assert failure_of(error).refusal is Refusal.UNKNOWN_OUTCOME
