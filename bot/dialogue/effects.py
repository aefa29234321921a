"""What the dialogue wants to happen: values that storage and channels carry out."""

from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.events import Action, Agent
from bot.matching.model import Candidate
from bot.opportunities.subscriptions import About


class Decision(StrEnum):
    """What the bot does with a question."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HAND_OVER = "hand_over"


class Reason(StrEnum):
    """Why a decision fell as it did; also why a hand-over was opened."""

    CONFIDENT = "confident"
    TOO_CLOSE = "too_close"
    """Several entries are likely."""
    TOO_LOW = "too_low"
    """No entry is likely enough."""
    OUT_OF_SCOPE = "out_of_scope"
    NONE_OF_THESE = "none_of_these"
    """The citizen refused the entries offered."""
    ASKED_FOR_PERSON = "asked_for_person"
    ENTRY_ALWAYS = "entry_always"
    """The entry says `hand_over: always`."""
    ENTRY_FROZEN = "entry_frozen"
    """The entry is likely, and says `frozen: true`."""
    UNREADABLE = "unreadable"
    """A voice message, a photo, a document…"""
    INTERVIEW = "interview"
    """The citizen sent the answers of an eligibility interview."""


class QuestionStatus(StrEnum):
    OPEN = "open"
    """Nobody has answered yet."""
    ANSWERED = "answered"
    """The bot answered, or a person of the staff did."""
    CLOSED = "closed"
    """A person of the staff set it aside."""
    WITHDRAWN = "withdrawn"
    """The citizen no longer wishes to be answered."""


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    action: Action
    beside: bool = False
    """Short enough to stand in the row of the button before it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source as it is shown under an answer, worded in the citizen's language."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Say:
    """A message of the bot to the citizen. Plain text: the channel escapes it."""

    text: str
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()
    """Reservations after the answer: to be confirmed, translation not confirmed."""
    buttons: tuple[Button, ...] = ()
    entry: str | None = None
    """The entry whose answer it is."""
    fleeting: bool = False
    """Nothing of it is kept once it is there: it tells what was asked for a child."""
    asks: Action | None = None
    """What it asks, where a typed "yes", "the second" or the like replies to it (`bot.dialogue.replies`)."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A word to whoever pressed a button, which passes and leaves no message."""

    text: str


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Keep the question and what was decided."""

    ref: str
    text: str
    language: str
    decision: Decision
    reason: Reason
    status: QuestionStatus
    candidates: tuple[Candidate, ...] = ()
    entry: str | None = None
    """The entry that was answered."""


@dataclass(frozen=True, slots=True)
class SettleQuestion:
    """The question logged under `ref` has got its answer (a choice of the citizen, or `entry` None: a person's)."""

    ref: str
    status: QuestionStatus
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """The citizen says whether the entry answered the question logged under `ref`; said again, it takes the place."""

    ref: str
    entry: str
    helped: bool


@dataclass(frozen=True, slots=True)
class OpenHandOver:
    """Put the citizen's question in front of staff: a card."""

    ref: str
    question: str
    language: str
    reason: Reason
    candidates: tuple[Candidate, ...] = ()
    shown: tuple[str, ...] = ()
    """Ids of the entries that the citizen has already seen about it."""
    interview: tuple[tuple[str, str], ...] = ()
    """Questions and answers of the eligibility interview that the citizen sends along, in French."""


@dataclass(frozen=True, slots=True)
class RelayToStaff:
    """Pass the citizen's message on to the open hand-over."""

    ref: str
    answered: str | None = None
    """The entry with which the bot answered it meanwhile: staff need not answer it again."""
    interview: tuple[tuple[str, str], ...] = ()
    """The answers of an eligibility interview that the citizen sends along, in French."""
    question: str = ""
    """The question that the citizen wants a person for, in their own words, where an earlier message put it."""


@dataclass(frozen=True, slots=True)
class PromiseAnswer:
    """The question logged under `ref` waits for a person from now on, whatever the bot decided on it at first."""

    ref: str


@dataclass(frozen=True, slots=True)
class TakeHandOver:
    """Write down who takes care of it; refused when somebody else already does."""

    agent: Agent


@dataclass(frozen=True, slots=True)
class RelayToCitizen:
    """Pass the staff's message on to the citizen; who wrote it takes care of the hand-over if nobody does."""

    ref: str
    agent: Agent
    late: bool = False
    """Written in a hand-over that is closed: it changes nothing of the one that is open."""


class Ending(StrEnum):
    CLOSED_BY_STAFF = "closed_by_staff"
    RETURNED_BY_STAFF = "returned_by_staff"
    CANCELLED_BY_CITIZEN = "cancelled_by_citizen"


@dataclass(frozen=True, slots=True)
class CloseHandOver:
    ending: Ending


@dataclass(frozen=True, slots=True)
class FindData:
    """Look up all that is kept of the citizen; it comes back as `events.DataFound`."""


@dataclass(frozen=True, slots=True)
class EraseData:
    """Erase all that is kept of the citizen, this conversation too; what it was comes back as `events.DataErased`.

    What is said with it is not kept either.
    """


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Tell the citizen of it from now on; it comes back as `events.Subscribed`."""

    about: About
    days: int
    """Until it ends by itself."""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    about: About | None
    """None: all."""


@dataclass(frozen=True, slots=True)
class FindSubscriptions:
    """Look up what the citizen is told of; it comes back as `events.SubscriptionsFound`."""


@dataclass(frozen=True, slots=True)
class SendFile:
    """A text file for the citizen, of which nothing is kept once it is there."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class DeleteCopies:
    """Delete what the staff have of an erased hand-over."""

    hand_over: int
    was_open: bool
    """The staff may still be at it: they are told."""


Effect = (
    Say
    | Acknowledge
    | LogQuestion
    | SettleQuestion
    | RateAnswer
    | OpenHandOver
    | TakeHandOver
    | RelayToStaff
    | PromiseAnswer
    | RelayToCitizen
    | CloseHandOver
    | FindData
    | EraseData
    | Subscribe
    | Unsubscribe
    | FindSubscriptions
    | SendFile
    | DeleteCopies
)
