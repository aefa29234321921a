"""Where a conversation stands: one small immutable value per citizen."""

from dataclasses import dataclass
from enum import StrEnum

from bot.knowledge.model import DEFAULT_LANGUAGE


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

    @property
    def key(self) -> str:
        """Tells the question in a button (64 bytes hold no whole reference); unique among those of a citizen."""
        return self.ref[-24:]


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
    interview: str = ""
    """The answers of the last eligibility interview, as a button holds them."""
    handed_over: tuple[str, ...] = ()
    """In WAITING and WITH_STAFF: the references of the questions that wait for a person."""
