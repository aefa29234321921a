"""What happens in a conversation: a channel translates its messages into these values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Any

from bot.opportunities.subscriptions import About, Subscription


class Command(StrEnum):
    """The commands of the menu."""

    START = "start"
    HELP = "aide"
    CONTACT = "contact"
    PERSON = "humain"
    LANGUAGE = "langue"
    OPPORTUNITIES = "opportunites"
    SUBSCRIPTIONS = "abonnements"
    MY_DATA = "mesdonnees"
    ERASE = "effacer"


@unique  # two that share a value would be one button
class ActionKind(StrEnum):
    """What a button does; the value travels in Telegram's callback data (64 bytes in all)."""

    SHOW = "s"
    """Show the entry `argument` (a follow-up, a shortcut)."""
    CHOOSE = "c"
    """The citizen meant the entry `argument`: it answers the pending question."""
    NONE_OF_THESE = "n"
    HELPED = "y"
    """The answer `argument` (`state.Given.key`) helped."""
    NOT_MINE = "w"
    """The answer `argument` is not one to the question."""
    PERSON = "p"
    CANCEL_PERSON = "x"
    LANGUAGE = "l"
    """Speak the language `argument`."""
    MENU = "m"
    ERASE = "e"
    """Erase everything: the confirmation."""
    KEEP = "k"
    """Erase nothing after all."""
    SEARCH = "o"
    """The next question of the search for an offer, or its results: `argument` holds the answers so far."""
    OFFER = "i"
    """All about the offer `argument`."""
    SUBSCRIBE = "b"
    """Be told of `argument`, a packed `bot.opportunities.subscriptions.About`; again: for longer."""
    UNSUBSCRIBE = "q"
    """Be told of `argument` no more; without argument: of nothing."""
    CALENDAR = "a"
    """The dates of the offer or the call `argument` as a file for a calendar."""
    INTERVIEW = "v"
    """The next question of an eligibility interview, or a page of it: `argument` holds the answers so far."""


@dataclass(frozen=True, slots=True)
class Action:
    kind: ActionKind
    argument: str = ""

    def pack(self) -> str:
        """The action as text for a button."""
        return f"{self.kind}:{self.argument}"

    @classmethod
    def unpack(cls, data: str) -> "Action":
        """The inverse of `pack`.

        Raises:
            ValueError: no action of ours (a button of an old version, or forged).
        """
        kind, _, argument = data.partition(":")
        return cls(ActionKind(kind), argument)


@dataclass(frozen=True, slots=True)
class Asked:
    """The citizen wrote a text."""

    ref: str
    """The channel's reference of the message, unique in the channel: the question is logged under it."""
    text: str
    interface_language: str | None = None
    """What the channel knows of the citizen's language (Telegram's `language_code`, first two letters)."""


@dataclass(frozen=True, slots=True)
class Attached:
    """The citizen sent what we cannot read: a voice message, a photo, a document, a place or the like."""

    ref: str
    caption: str = ""
    interface_language: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    ref: str
    action: Action
    interface_language: str | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    ref: str
    command: Command
    interface_language: str | None = None
    argument: str = ""
    """With START: what a link of ours asks to be shown, `opp-ID` or `topic-ID`."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person of the staff."""

    id: int
    """The channel's own number."""
    name: str
    """As colleagues call them; kept as long as the hand-over is open."""


@dataclass(frozen=True, slots=True)
class StaffTook:
    """A person of the staff takes care of the hand-over."""

    ref: str
    agent: Agent


@dataclass(frozen=True, slots=True)
class StaffReplied:
    """A person of the staff wrote to the citizen."""

    ref: str
    agent: Agent
    late: bool = False
    """In a hand-over that is closed: another one that may be open is nobody's yet."""


@dataclass(frozen=True, slots=True)
class StaffClosed:
    """A person of the staff ended the hand-over: its questions are settled."""

    ref: str


@dataclass(frozen=True, slots=True)
class StaffReturned:
    """A person of the staff gave the conversation back to the bot: its questions stay open."""

    ref: str


@dataclass(frozen=True, slots=True)
class DataFound:
    """What is kept of the citizen, in answer to `effects.FindData`: rows as JSON could hold them, by their kind."""

    rows: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DataErased:
    """What has just been erased, in answer to `effects.EraseData`."""

    questions: int
    messages: int
    """Of the bot to the citizen."""
    hand_overs: tuple[int, ...] = ()
    """Their numbers: the staff have copies."""
    open_hand_over: int | None = None
    """The one of `hand_overs` that this ended."""
    old_copies: int = 0
    """Copies that may be too old for a bot to delete."""
    subscriptions: int = 0


@dataclass(frozen=True, slots=True)
class Subscribed:
    """In answer to `effects.Subscribe`."""

    about: About
    ends: datetime | None
    """None: the citizen has too many already."""


@dataclass(frozen=True, slots=True)
class SubscriptionsFound:
    """What the citizen is told of, in answer to `effects.FindSubscriptions`."""

    subscriptions: tuple[Subscription, ...]


StaffEvent = StaffTook | StaffReplied | StaffClosed | StaffReturned
DataEvent = DataFound | DataErased
SubscriptionEvent = Subscribed | SubscriptionsFound
ChatEvent = Asked | Attached | Pressed | Commanded | StaffEvent | DataEvent
Event = ChatEvent | SubscriptionEvent
