"""Who belongs to the staff: Telegram is asked, at that moment."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.client import call
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.refusals import Refusal, failure_of
from bot.storage.console import Person

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What somebody may do, from the least on: each may do what those before may."""

    AGENT = "agent"
    """Reads and answers."""
    EDITOR = "editor"
    """Publishes knowledge."""
    ADMINISTRATOR = "administrator"
    """Says who is an editor, reads the audit log."""

    def may(self, least: "Role") -> bool:
        """It is `least`, or more."""
        return _RANKS.index(self) >= _RANKS.index(least)


_RANKS = tuple(Role)


def role_of(person: Person) -> Role:
    if person.administrator:
        return Role.ADMINISTRATOR
    return Role.EDITOR if person.editor else Role.AGENT


@dataclass(frozen=True, slots=True)
class Member:
    user_id: int
    name: str
    administrator: bool
    """Of the staff group."""


class UnknownMembershipError(Exception):
    """Telegram cannot be asked at this moment."""


class Membership(Protocol):
    async def member(self, user_id: int) -> Member | None:
        """Who it is, None when not in the staff group.

        Raises:
            UnknownMembershipError: nobody can tell now.
        """


@dataclass(frozen=True, slots=True)
class TelegramMembership:
    """The members of the staff group; the bot must be its administrator to be told for sure."""

    bot: Bot
    group: StaffGroup

    async def member(self, user_id: int) -> Member | None:
        if self.group.chat_id is None:
            return None
        try:
            found = await call(self.bot, "getChatMember", {"chat_id": self.group.chat_id, "user_id": user_id})
        except TelegramError as error:
            failure = failure_of(error)
            if failure.refusal is Refusal.MIGRATED and failure.new_chat:
                self.group.moved(failure.new_chat)
                return await self.member(user_id)
            log.warning("getChatMember: %s", failure.text)
            if failure.refusal is Refusal.REFUSED:  # "user not found", "PARTICIPANT_ID_INVALID"
                return None
            raise UnknownMembershipError(failure.text) from error
        present = found["status"] in {"creator", "administrator", "member"} or found.get("is_member") is True
        if not present or found["user"].get("is_bot"):
            return None
        administrator = found["status"] in {"creator", "administrator"}
        return Member(user_id, found["user"]["first_name"][:64], administrator)
