"""What the staff console asks of the store. `console_sql.py` does it over SQLAlchemy; nothing here knows SQL."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.storage.model import HandOver, OutboxRow, Question
from bot.storage.store import Transactions, Work


class RepeatedActError(Exception):
    """The same form came twice (a double click, a page sent again): the first one counts, nothing was kept now."""


class OvertakenError(Exception):
    """Something was written since the agent read the exchange: to be read before acting. Nothing was kept."""


class EndedError(Exception):
    """The hand-over is closed. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff who has signed in at least once."""

    user_id: int
    """Telegram's number."""
    name: str
    administrator: bool
    """Of the staff group, as Telegram said last."""
    editor: bool
    """An administrator has said so here."""
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    hash: str
    """Of the secret in the cookie: the secret itself is stored nowhere."""
    person: Person
    started_at: datetime
    checked_at: datetime
    """When Telegram last confirmed that the person is in the staff group."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, when: a row of the audit log. Nothing that a citizen wrote stands in it."""

    user_id: int
    act: str
    """One word, e.g. ``reply``: the texts of the console name it for people."""
    subject: str
    """To what, e.g. ``hand_over:12``."""
    at: datetime
    key: str | None = None
    """Of the form that asked for it: a second act with the same key is refused."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far an agent had read the exchange of a hand-over: the condition of an act."""

    hand_over: int
    row: int
    """Number of the last row of the outbox that the page showed."""
    citizen_too: bool = False
    """Also what the citizen wrote since matters, not only what the staff did."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the outbox, and when it was written."""

    row: OutboxRow
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """An open hand-over with what the list shows of it."""

    hand_over: HandOver
    question: Question | None
    """None when the citizen asked for a person before asking anything."""
    language: str
    asked_last: datetime | None
    """When the citizen last wrote, after the first question."""
    replied_last: datetime | None
    undelivered: bool
    """The last reply did not arrive."""


@dataclass(frozen=True, slots=True)
class EntryFigures:
    """Of one entry; None: fewer than five people, which is not told."""

    served: int | None
    """Times that its answer was given."""
    refused: int | None
    """Times that the person said it was not the question, or chose none of those it was offered among."""
    helped: int | None
    """Times that the person said it helped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a group, and how its asker can be answered."""

    question: Question
    promised: bool
    """Its asker was told that it is noted, or that somebody will answer."""
    hand_over: int | None
    """The open one of its asker."""


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One answer to everybody who asked the same."""

    id: int
    user_id: int
    """Who wrote it."""
    question: int
    """One of the questions: it may be gone."""
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, for figures."""

    id: int
    person: str
    asked_at: datetime
    language: str
    decision: str
    status: str
    topic: str | None
    """The entry that answered, else the one guessed."""
    text: str
    ratings: Mapping[str, bool] = field(default_factory=dict)
    """As `Question.ratings`."""


@dataclass(frozen=True, slots=True)
class Waited:
    """A hand-over, for figures."""

    person: str
    """ "" once erased."""
    opened_at: datetime
    replied_at: datetime | None


class GroupWork(Work, Protocol):
    """A transaction that answers a group of questions."""

    async def waiting_for_answer(self, channel: str, ids: Sequence[int]) -> list[Question]:
        """Those that are open and whose askers were promised an answer, oldest first; nobody else changes them now."""

    async def begin_group_answer(self, key: str, user_id: int, question: int, text: str, now: datetime) -> int:
        """Its number."""

    async def change_questions(
        self, channel: str, ids: Sequence[int], was: str, status: str, closed_at: datetime | None
    ) -> int:
        """Give those that are `was` another status: how many."""

    async def label_question(
        self, channel: str, number: int, expected: str | None, user_id: int, now: datetime
    ) -> bool:
        """What the right entry would have been ("": none); None takes it back. False when there is no such question."""


class ConsoleStore(Protocol):
    # Sign-in
    async def issue_ticket(self, ticket: str, user_id: int, expires_at: datetime, now: datetime) -> bool:
        """Keep the hash of a one-time link; False when the person has five that are still good."""

    async def ticket_is_good(self, ticket: str, now: datetime) -> bool: ...

    async def use_ticket(self, ticket: str, now: datetime) -> int | None:
        """Whose it was, the one time that it is used before it expires; None otherwise."""

    async def spend(self, ticket: str, user_id: int, expires_at: datetime, now: datetime) -> bool:
        """Note that something signed by Telegram was used; False when it was used before."""

    async def attempt(self, who: str, most: int, since: datetime, now: datetime) -> bool:
        """Count an attempt to sign in; False, and not counted, when there were `most` since then."""

    async def start_session(self, session: Session, *, replaces: str | None) -> None:
        """Keep the session, who it is, and the act; end the one it replaces, and forget what has expired."""

    async def session(self, session: str) -> Session | None: ...

    async def confirm_session(self, session: str, name: str, *, administrator: bool, now: datetime) -> None: ...

    async def end_session(self, session: str) -> None: ...

    async def end_sessions_of(self, user_id: int) -> None: ...

    # People and the audit log
    async def people(self) -> list[Person]: ...

    async def set_editor(self, user_id: int, *, editor: bool, act: Act) -> None:
        """With the act that says who did it, in one transaction."""

    async def log_act(self, act: Act) -> None: ...

    async def acts(self, limit: int) -> list[Act]:
        """Newest first."""

    def acting(self, act: Act, seen: Seen | None = None) -> Transactions:
        """For `bot.conversation.handle`: its transaction also keeps `act`, or nothing at all.

        Leaving the block raises nothing; entering raises:
            RepeatedActError: an act with this key was kept before.
            EndedError: the hand-over of `seen` is closed.
            OvertakenError: see `Seen`.
        """

    # Conversations
    async def requests(self, channel: str) -> list[Request]:
        """The open hand-overs of a channel, oldest first."""

    async def request(self, hand_over: int) -> Request | None:
        """Any one, open or closed."""

    async def questions_around(self, hand_over: HandOver) -> list[Question]:
        """Those of its chat, from the one that led to it on, oldest first."""

    async def posted(self, hand_over: HandOver) -> Sequence[Posted]:
        """The messages of the hand-over, and what the bot told the citizen meanwhile, oldest first."""

    # Knowledge
    async def entry_figures(self, since: datetime) -> Mapping[str, EntryFigures]:
        """Of the entries that were answered, or offered in vain, since then."""

    async def question(self, number: int) -> Question | None: ...

    async def recent_questions(self, limit: int) -> list[str]:
        """What citizens wrote last, newest first."""

    async def opinions(self, channel: str, limit: int) -> list[Question]:
        """Those of an entry that was refused, or chosen among those offered, newest first.

        Without those of which staff have decided on every entry that is spoken of.
        """

    async def decided(self, channel: str, limit: int) -> list[Question]:
        """Those of which staff have decided on an entry, newest first."""

    async def review(self, questions: Sequence[int], entry: str, act: Act, *, accepted: bool) -> bool:
        """Keep what staff decided on what people said of `entry`; False when somebody has decided on all before.

        Raises:
            RepeatedActError: the act is known.
        """

    async def pulse(self) -> tuple[object, ...]:
        """Another value whenever a hand-over, a question or a message changed."""

    # Questions
    async def open_ids(self, channel: str) -> list[int]:
        """Of the questions that wait, oldest first."""

    async def questions_of(self, ids: Sequence[int]) -> list[Question]: ...

    async def settled(self, channel: str, status: str) -> list[Question]:
        """The newest 500 of that status, newest first."""

    async def askers(self, ids: Sequence[int]) -> list[Asked]: ...

    async def to_label(self, channel: str, limit: int) -> list[Question]:
        """Those without a label, newest first."""

    async def labelled(self, channel: str) -> list[Question]:
        """The newest 10,000 with a label, newest label first."""

    async def label_count(self, channel: str) -> int: ...

    def answering(self, act: Act) -> AbstractAsyncContextManager[GroupWork]:
        """A transaction that also keeps `act`. Raises on entering: RepeatedActError."""

    async def group_answer(self, number: int) -> GroupAnswer | None: ...

    async def group_answer_of(self, key: str) -> GroupAnswer | None:
        """The one that the act with this key has made."""

    async def recipients(self, group_answer: int) -> list[Posted]:
        """The messages that bear it, one for each chat."""

    async def asked_between(self, channel: str, since: datetime, until: datetime) -> list[Answered]:
        """Oldest first; `until` is not included."""

    async def subscribed(self, channel: str, now: datetime) -> tuple[int, int]:
        """How many subscriptions have not ended, and of how many people."""

    async def waited_between(self, channel: str, since: datetime, until: datetime) -> list[Waited]:
        """The hand-overs opened in that time, oldest first."""
