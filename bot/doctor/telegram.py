"""The bot at Telegram: its token, how it receives, its place in the staff group."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call, open_bot
from bot.channels.telegram.refusals import Refusal, failure_of
from bot.doctor.findings import Check, failed, ok, warning
from bot.settings import Settings

Json = Mapping[str, Any]
"""Telegram's own, not python-telegram-bot's classes: those fail on a server that leaves out a field they require."""


async def telegram(settings: Settings) -> list[Check]:
    """The bot, how it receives, and its place in the staff group."""
    token = settings.bot_token.get_secret_value().strip() if settings.bot_token else ""
    if not token:
        return [warning("telegram", "no_token")]
    if not re.fullmatch(r"\d+:[\w-]+", token, re.ASCII):
        return [failed("telegram", "token_shape")]
    try:
        async with open_bot(token, settings.api_url) as bot:
            reached = ok("telegram", "reached", username=bot.username, title=bot.first_name)
            incoming = reception(await call(bot, "getWebhookInfo", {}), settings.webhook_url)
            sharing = sharing_check(bot.username, on=bool(bot.supports_inline_queries))
            return [reached, incoming, sharing, *await _staff(bot, settings.staff_chat_id)]
    except TelegramError as error:
        return [_not_reached(error, settings.api_url)]


def _not_reached(error: TelegramError, api_url: str) -> Check:
    failure = failure_of(error)
    match failure.refusal:
        case Refusal.TOKEN:
            return failed("telegram", "token_rejected", api_url=api_url)
        case Refusal.NOT_SENT | Refusal.UNKNOWN_OUTCOME:
            return failed("telegram", "unreachable", api_url=api_url, error=failure.text)
        case _:
            return failed("telegram", "refused", api_url=api_url, error=failure.text)


def sharing_check(username: str, *, on: bool) -> Check:
    """Whether people may share offers in any chat: https://core.telegram.org/bots/inline."""
    return ok("inline", "enabled", username=username) if on else warning("inline", "disabled", username=username)


def reception(found: Json, wanted: str | None) -> Check:
    """How updates will come: `found` is a WebhookInfo, `wanted` the webhook of the settings (None: polling)."""
    if found["url"] and found["url"] != wanted:
        return warning("webhook", "elsewhere", host=urlsplit(found["url"]).hostname)
    if wanted is None:
        return ok("webhook", "polling")
    waiting, error = found["pending_update_count"], found.get("last_error_message")
    if waiting and error:  # the last error stays there after the trouble is over
        return warning("webhook", "failing", url=wanted, waiting=waiting, error=error)
    return ok("webhook", "set" if found["url"] else "to_be_set", url=wanted)


async def _staff(bot: Bot, chat_id: int | None) -> list[Check]:
    if chat_id is None:
        return [failed("group", "not_set")]
    try:
        chat = await call(bot, "getChat", {"chat_id": chat_id})
        if chat["type"] in {"private", "channel"}:
            return [failed("group", chat["type"], chat=chat_id, title=chat.get("title"))]
        member = await call(bot, "getChatMember", {"chat_id": chat_id, "user_id": bot.id})
    except TelegramError as error:
        return await _no_group(bot, chat_id, error)
    if member["status"] in {"left", "kicked"}:
        return [failed("group", "not_member", chat=chat_id, username=bot.username)]
    group = ok("group", "forum" if chat.get("is_forum") else "plain", title=chat["title"])
    sees_all = bool(bot.can_read_all_group_messages)
    return [group, rights(chat, member, bot.username), hearing(chat, member, bot.username, sees_all=sees_all)]


async def _no_group(bot: Bot, chat_id: int, error: TelegramError) -> list[Check]:
    failure = failure_of(error)
    match failure.refusal:
        case Refusal.MIGRATED:
            moved = warning("group", "moved", chat=chat_id, new=failure.new_chat)
            return [moved, *await _staff(bot, failure.new_chat)]
        case Refusal.CHAT_GONE:
            return [failed("group", "not_found", chat=chat_id)]
        case Refusal.BLOCKED:
            return [failed("group", "not_member", chat=chat_id, username=bot.username)]
        case _:
            return [failed("group", "failed", chat=chat_id, error=failure.text)]


def rights(chat: Json, member: Json, username: str) -> Check:
    """What the bot may do in the group: https://core.telegram.org/bots/api#chatmember."""
    if _silenced(chat, member):
        return failed("rights", "silenced", username=username)
    if chat.get("is_forum"):
        if member.get("can_manage_topics") and member["status"] == "administrator":
            may_delete = member.get("can_delete_messages")
            return ok("rights", "topics") if may_delete else warning("rights", "no_deleting", username=username)
        return warning("rights", "no_topics", username=username)
    return ok("rights", "administrator" if member["status"] == "administrator" else "member")


def _silenced(chat: Json, member: Json) -> bool:
    if member["status"] == "restricted":
        return not member["can_send_messages"]
    return member["status"] == "member" and not chat.get("permissions", {}).get("can_send_messages", True)


def hearing(chat: Json, member: Json, username: str, *, sees_all: bool) -> Check:
    """Which messages of the group reach the bot: https://core.telegram.org/bots/features#privacy-mode."""
    if sees_all or member["status"] == "administrator":
        return ok("hearing", "everything")
    if chat.get("is_forum"):
        return failed("hearing", "deaf_in_topics", username=username)
    return ok("hearing", "replies")
