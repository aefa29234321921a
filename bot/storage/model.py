"""What is stored, as plain values: this module and `store.py` know no SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """One update as the channel delivered it."""

    update_id: int
    """The channel's own number: a second delivery of it has no effect."""
    lane: str
    """Updates of one lane are handled one at a time, in order (one lane per chat)."""
    body: str
    """The update, as JSON, untouched."""


class Intake(StrEnum):
    """How far an update has come."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    """Set aside for good after too many failures; its error is kept."""


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    seq: int
    """Our own order: Telegram's numbers start anew after a week without updates."""
    update_id: int
    lane: str
    body: str
    tries: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """`version` counts the changes: a save based on an old version is refused."""

    state: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a citizen and what became of it."""

    id: int
    ref: str
    channel: str
    chat: str
    text: str
    language: str
    candidates: tuple[tuple[str, float], ...]
    """(entry, confidence), best first."""
    decision: str
    reason: str
    entry: str | None
    status: str
    asked_at: datetime
    closed_at: datetime | None = None
    ratings: Mapping[str, bool] = field(default_factory=dict)
    """What the person said of the entries answered: True, it helped; False, it was not the question."""
    expected: str | None = None
    """The label of the staff: the entry that would have been right, "" for none of ours; None: no label."""
    reviewed: Mapping[str, bool] = field(default_factory=dict)
    """What staff decided on what the person said of an entry: True, it counts."""

    @property
    def topic(self) -> str | None:
        """The entry that was nearest."""
        return self.candidates[0][0] if self.candidates else None


class HandOverStatus(StrEnum):
    WAITING = "waiting"
    WITH_STAFF = "with_staff"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HandOver:
    id: int
    channel: str
    chat: str
    """Empty once the person has had everything erased."""
    question_ref: str
    status: HandOverStatus
    topic: int | None
    """The forum topic in the staff group, once Telegram has created it."""
    opened_at: datetime
    taken_by: int | None = None
    """Telegram's number of the agent who has it."""
    taken_name: str | None = None
    """The agent's name, until the hand-over is closed."""
    replied_at: datetime | None = None
    """When the staff first replied."""
    snoozed_until: datetime | None = None
    alarmed_at: datetime | None = None
    """When the staff were last reminded that nobody replies."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything that is kept about one person, as rows that JSON can hold."""

    channel: str
    chat: str
    conversation: Mapping[str, Any]
    questions: Sequence[Mapping[str, Any]]
    hand_overs: Sequence[Mapping[str, Any]]
    messages: Sequence[Mapping[str, Any]]
    """Outgoing ones; `to` says whether to the person or to the staff."""
    updates: Sequence[Mapping[str, Any]]
    """What arrived and is not handled yet, or could not be."""
    subscriptions: Sequence[Mapping[str, Any]] = ()
    notices: Sequence[Mapping[str, Any]] = ()
    """Of what the person was told through subscriptions."""

    @property
    def empty(self) -> bool:
        kept = (self.questions, self.hand_overs, self.messages, self.updates, self.subscriptions, self.notices)
        return not (self.conversation or any(kept))


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of one person."""

    questions: int
    messages: int
    """To the person."""
    hand_overs: tuple[int, ...]
    """Their numbers: the copies in the staff group are still to be deleted."""
    open_hand_over: int | None
    """The one of `hand_overs` that this ended."""
    old_copies: int
    """Messages in the staff group that Telegram may not let a bot delete any more."""
    subscriptions: int = 0


class Delivery(StrEnum):
    """The fate of an outgoing message."""

    QUEUED = "queued"
    SENDING = "sending"
    """Given to Telegram, outcome not known: after a crash it is sent again and may appear twice."""
    SENT = "sent"
    FAILED = "failed"
    """Telegram refuses it for good; `error` says why."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call of the Bot API, written in the transaction of the state that it belongs to."""

    chat: str
    """Destination; messages of one chat leave in order."""
    method: str
    """Bot API method, e.g. ``sendMessage``."""
    params: Mapping[str, Any]
    """Its parameters, without `chat_id` and `message_thread_id`."""
    hand_over: int | None = None
    """The hand-over it belongs to: its topic is filled in when it leaves, and replies to it find their way back."""
    origin: int | None = None
    """The message, in the other chat of the hand-over, that this one passes on: its writer is told how it went."""
    fleeting: bool = False
    """Nothing of it is kept once Telegram has taken it, or has refused it for good."""
    entry: str | None = None
    """The entry whose answer it is."""
    group_answer: int | None = None
    """The answer to a group of questions that it bears; a second one to the same chat is refused."""
    author: int | None = None
    """Telegram's number of the person of the staff whose words it passes on. Their name is not kept with it."""


@dataclass(frozen=True, slots=True)
class Received:
    """A chat that got the answer of an entry."""

    chat: str
    at: datetime
    """The last time."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    outgoing: Outgoing
    status: Delivery
    attempts: int
    message_id: int | None
    error: str | None
    interrupted: bool = False
    """A crash came between giving it to Telegram and hearing the outcome: it may appear twice."""
