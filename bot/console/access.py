"""Who may come in, and until when: one-time links, Mini Apps, sessions. No password exists."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from bot.console.init_data import verified
from bot.console.membership import Member, Membership, UnknownMembershipError
from bot.storage.console import ConsoleStore, Person, Session

LINK_GOOD_FOR = timedelta(minutes=10)
SESSION = timedelta(hours=12)
"""A working day; then one signs in again, whatever one does."""
CHECKED_EVERY = timedelta(minutes=10)
"""How long somebody who has left the staff group may still be signed in."""
UNCHECKED = timedelta(hours=1)
"""How long a session goes on while Telegram cannot be asked."""
ATTEMPTS, ATTEMPTS_WITHIN = 10, timedelta(minutes=5)
"""Sign-ins from one address, whichever process it asks: an office behind one address has two or three agents."""


class SignInError(Exception):
    """Nobody is signed in; `key` names the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class Access:
    store: ConsoleStore
    membership: Membership
    token: str
    """The bot's, with which Telegram signs what it gives to a Mini App."""
    clock: Callable[[], datetime]

    # Signing in

    async def may_try(self, address: str) -> bool:
        """Count one more attempt from there, unless there were too many.

        Of the address only what the bot's token makes of it is kept: without the token, trying all addresses tells
        nothing.
        """
        now = self.clock()
        who = hmac.new(self.token.encode(), f"attempt {network_of(address)}".encode(), hashlib.sha256).hexdigest()
        return await self.store.attempt(who, ATTEMPTS, now - ATTEMPTS_WITHIN, now)

    async def new_link(self, user_id: int) -> str | None:
        """The secret of a one-time link; None when the person is not of the staff.

        Raises:
            SignInError: the person has too many links that are still good.
            UnknownMembershipError: Telegram cannot be asked.
        """
        if await self.membership.member(user_id) is None:
            return None
        secret, now = secrets.token_urlsafe(32), self.clock()
        if not await self.store.issue_ticket(hashed(secret), user_id, now + LINK_GOOD_FOR, now):
            raise SignInError("too_many_links")
        return secret

    async def link_is_good(self, secret: str) -> bool:
        """Looking at a link does not use it: previews of messages do."""
        return await self.store.ticket_is_good(hashed(secret), self.clock())

    async def enter_by_link(self, secret: str, replaces: str | None) -> str:
        """Use the link; the secret of the new session.

        Args:
            secret: of the link.
            replaces: the secret in the browser's cookie: that session ends.

        Raises:
            SignInError: the link is not good any more, or its person not of the staff.
        """
        user_id = await self.store.use_ticket(hashed(secret), self.clock())
        if user_id is None:
            raise SignInError("link_used")
        return await self.enter(user_id, replaces)

    async def enter_by_init_data(self, init_data: str, replaces: str | None) -> str:
        """The same with what Telegram has signed for its Mini App, each time only once."""
        opened = verified(init_data, self.token, self.clock())
        if opened is None:
            raise SignInError("init_data_refused")
        if not await self.store.spend(hashed(opened.hash), opened.user_id, opened.expires_at, self.clock()):
            raise SignInError("init_data_refused")
        return await self.enter(opened.user_id, replaces)

    async def enter(self, user_id: int, replaces: str | None) -> str:
        """A session for somebody whom we know: always a new secret, never the one that the browser brings."""
        try:
            member = await self.membership.member(user_id)
        except UnknownMembershipError as error:
            raise SignInError("telegram_away") from error
        if member is None:
            raise SignInError("not_staff")
        secret, now = secrets.token_urlsafe(32), self.clock()
        session = Session(hashed(secret), _person(member, now), now, now)
        await self.store.start_session(session, replaces=hashed(replaces) if replaces else None)
        return secret

    # Staying in

    async def session(self, secret: str) -> Session | None:
        """The session of a cookie; None when it is over, or its person has left the staff group."""
        session, now = await self.store.session(hashed(secret)), self.clock()
        if session is None or now - session.started_at >= SESSION:
            return None
        if now - session.checked_at < CHECKED_EVERY:
            return session
        try:
            member = await self.membership.member(session.person.user_id)
        except UnknownMembershipError:
            return session if now - session.checked_at < UNCHECKED else None
        if member is None:
            await self.store.end_sessions_of(session.person.user_id)
            return None
        await self.store.confirm_session(session.hash, member.name, administrator=member.administrator, now=now)
        person = replace(session.person, name=member.name, administrator=member.administrator, seen_at=now)
        return replace(session, person=person, checked_at=now)

    async def leave(self, secret: str) -> None:
        await self.store.end_session(hashed(secret))


def hashed(secret: str) -> str:
    """What is stored of a secret. It has 256 random bits: a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def network_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address the first 64 bits, as its owner chooses the others at will."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Network((ip, 64), strict=False))
    return str(ip)


def form_token(secret: str) -> str:
    """What the forms of a session carry: another site cannot know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare secrets without telling by the time it takes how alike they are."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _person(member: Member, now: datetime) -> Person:
    return Person(member.user_id, member.name, member.administrator, editor=False, seen_at=now)
