"""Where a conversation stands: one small immutable value per citizen."""

from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from bot.knowledge.model import DEFAULT_LANGUAGE

_KEY = 24
"""Characters of a name in a button."""


class Mode(StrEnum):
    """Who speaks with the citizen."""

    BOT = "bot"
    WAITING = "waiting"
    """A hand-over is open and nobody of the staff has written yet."""
    WITH_STAFF = "with_staff"
    """A person of the staff has written: the bot is silent until the hand-over is closed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A question for which entries were offered, until the citizen chooses."""

    ref: str
    question: str
    offered: tuple[str, ...]
    refused: tuple[str, ...] = ()
    """Entries that were answered before, and that the citizen said were not the question."""

    @property
    def shown(self) -> tuple[str, ...]:
        """What the citizen has seen about it."""
        return *self.refused, *self.offered

    @property
    def key(self) -> str:
        """Tells the question in a button (64 bytes hold no whole reference); unique among those of a citizen."""
        return self.ref[-_KEY:]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a question, which the citizen may rate."""

    ref: str
    question: str
    entry: str
    others: tuple[str, ...] = ()
    """What may be meant instead, best first."""
    helped: bool | None = None
    """What the citizen said of it, if anything."""

    @property
    def key(self) -> str:
        """Tells the answer in a button: as `Pending.key`, and the entry.

        The ends of two long ids may be the same, and so must not stand for them.
        """
        short = self.entry if len(self.entry) <= _KEY else sha256(self.entry.encode()).hexdigest()[:_KEY]
        return f"{self.ref[-_KEY:]}|{short}"


@dataclass(frozen=True, slots=True)
class Conversation:
    mode: Mode = Mode.BOT
    language: str = DEFAULT_LANGUAGE
    language_chosen: bool = False
    """The citizen picked the language: it is no longer guessed."""
    informed: bool = False
    """The short notice on personal data has been shown."""
    last_entry: str | None = None
    """The entry answered last: the subject of a follow-up without subject."""
    last_question: str = ""
    last_ref: str = ""
    """The question asked last, with its reference: what goes to staff when the citizen asks for a person."""
    pending: tuple[Pending, ...] = ()
    """Of the last message; a message may hold several questions."""
    asks: str = ""
    """What the bot's last message asks, as a button holds it: a reply that is typed stands for a tap."""
    given: tuple[Given, ...] = ()
    """The last answers."""
    interview: str = ""
    """The answers of the last eligibility interview, as a button holds them."""
    interview_sent: str = ""
    """Those that the staff have."""
    handed_over: tuple[str, ...] = ()
    """In WAITING and WITH_STAFF: the references of the questions that wait for a person."""

    def without(self, settled: Pending | None) -> "Conversation":
        """Once the citizen has chosen for a question."""
        return replace(self, pending=tuple(pending for pending in self.pending if pending is not settled))
