"""What the bot asks of its store. `sql.py` does it over SQLAlchemy; nothing here knows SQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.opportunities.subscriptions import About, Key, Sighting, Subscription
from bot.storage.model import (
    Erased,
    HandOver,
    OutboxRow,
    Outgoing,
    PersonalData,
    Question,
    RawUpdate,
    Received,
    StoredConversation,
    StoredUpdate,
)

LONGEST_RETRY = timedelta(minutes=10)
"""No next try is set later than that. One that seems to be is due: the clock has been set back since."""


class StorageError(Exception):
    """The database cannot be used; the text, in French, tells the operator what to mend."""


class StoreAwayError(StorageError):
    """The database cannot be used at this moment: it is locked, full, unreachable, restarting.

    Any call of a store may raise it: wait, then do the same again. A lost connection may hide that the commit came
    through; done again, it has no second effect: updates and settled rows are known.
    """


class StaleUpdateError(Exception):
    """The update is not waiting any more: another worker has settled it. What this one did must not be kept."""


class StaleMessageError(Exception):
    """The message is settled, or another process is sending it: do not send it, leave it alone."""


class StaleConversationError(Exception):
    """The conversation changed since it was read: read it again and decide anew."""


class Work(Protocol):
    """One transaction: all of it is kept, or nothing."""

    async def conversation(self, channel: str, chat: str) -> StoredConversation | None: ...

    async def save_conversation(
        self, channel: str, chat: str, state: Mapping[str, Any], *, version: int, now: datetime
    ) -> None:
        """Keep `state`, read at `version` (0: there was none).

        Raises:
            StaleConversationError: another change came in between.
        """

    async def log_question(self, question: Question) -> None:
        """Insert; a second question with the same channel and ref has no effect. `question.id` is ignored."""

    async def question_of(self, hand_over: HandOver) -> Question | None:
        """The question for which it was opened; None when it was not kept."""

    async def settle_question(self, channel: str, ref: str, *, status: str, entry: str | None, now: datetime) -> None:
        """What became of the question; without `entry` the one that the bot answered with, if any, stays known."""

    async def promise_answer(self, channel: str, ref: str) -> None:
        """The asker of the question has been told that a person will answer."""

    async def rate_answer(self, channel: str, ref: str, entry: str, *, helped: bool) -> None:
        """What the citizen says of an entry answered to the question; said again, it takes the place."""

    async def open_hand_over(self, channel: str, chat: str, question_ref: str, now: datetime) -> HandOver:
        """The hand-over that is open for this chat, else a new one."""

    async def hand_over_of_chat(self, channel: str, chat: str) -> HandOver | None:
        """The hand-over that is open for this chat."""

    async def hand_over_by_id(self, hand_over_id: int) -> HandOver | None: ...

    async def hand_over_by_topic(self, topic: int) -> HandOver | None:
        """The latest hand-over of this topic of the staff group."""

    # `group` is Telegram's number of the staff group. In a group that moves, or in another one, message numbers begin
    # anew: those of a former group would be of other messages.
    async def hand_over_by_message(self, chat: str, message_id: int, group: int | None = None) -> HandOver | None:
        """The hand-over to which the message that we sent to `chat` belongs."""

    async def first_message(self, hand_over_id: int, chat: str, group: int | None = None) -> int | None:
        """The number of the first message of the hand-over that reached `chat`: its card."""

    async def copies(self, chat: str, origin: int, hand_over_id: int, group: int | None = None) -> list[int]:
        """The messages in `chat` that pass on the message `origin` of the hand-over's other chat, oldest first.

        Without those that pass on other messages too.
        """

    async def take_hand_over(self, hand_over_id: int, by: int, name: str, now: datetime) -> HandOver | None:
        """Give it to the agent `by`, if it is open and nobody has it; as it is afterwards, None when unknown."""

    async def set_hand_over(
        self,
        hand_over_id: int,
        *,
        status: str | None = None,
        topic: int | None = None,
        taken_by: int | None = None,
        taken_name: str | None = None,
        snoozed_until: datetime | None = None,
        alarmed_at: datetime | None = None,
        now: datetime,
    ) -> None:
        """Change what is named. The first "with_staff" is the time of the reply; "closed" forgets the agent's name."""

    async def hand_overs_waiting(
        self, opened_before: datetime, alarmed_before: datetime, now: datetime
    ) -> list[HandOver]:
        """Open ones to remind staff of, oldest first.

        Those that nobody has taken nor replied to, neither alarmed after `alarmed_before` nor put off past `now`; and
        those put off until then, whoever has them.
        """

    async def received(self, entry: str, since: datetime, until: datetime) -> list[Received]:
        """The chats to which the answer of the entry went in that time, or is on its way; each once."""

    async def begin_correction(self, correction_id: str, entry: str, now: datetime) -> bool:
        """Note that the entry is corrected; False when this very correction was made before."""

    async def enqueue(self, outgoing: Sequence[Outgoing], now: datetime) -> None:
        """Put messages at the end of the outbox, in this order."""

    # Subscriptions
    async def subscribe(
        self, channel: str, chat: str, about: About, *, ends: datetime, most: int, now: datetime
    ) -> bool:
        """Keep it until `ends`, or put off its end; False when the chat has `most` others."""

    async def unsubscribe(self, channel: str, chat: str, about: About | None = None) -> int:
        """Forget that one, or all of the chat: how many."""

    async def subscriptions(self, channel: str, chat: str | None = None) -> list[Subscription]:
        """Those of a chat, or of all, the oldest first."""

    async def told(self, channel: str, since: datetime) -> list[Key]:
        """The notices that have been queued since then."""

    async def tell(self, channel: str, keys: Sequence[Key], now: datetime) -> list[Key]:
        """Write the notices down, and give back those that nobody had written down before: they are to be queued."""

    async def sightings(self) -> Mapping[str, Sighting]:
        """What was known of offers and calls, by subject."""

    async def sight(self, changed: Mapping[str, Sighting]) -> None: ...

    # Personal data
    async def personal_data(self, channel: str, chat: str) -> PersonalData: ...

    async def erase_person(self, channel: str, chat: str, now: datetime) -> Erased:
        """Erase all that is kept of one person, but for updates that wait to be handled.

        A hand-over that was open is closed. Hand-overs and their messages stay as numbers, without chat, words or
        names, until retention removes them: by these the copies in the staff group are found (`copies_in`).
        """

    async def settle_updates_of(self, chat: str, now: datetime) -> None:
        """Set aside, emptied, what waits to be handled of this chat: whoever is at it keeps nothing."""

    async def mask_messages(self, hand_over_id: int, mask: Callable[[str], str]) -> None:
        """Put `mask` of the words of a hand-over in their place, where its messages have arrived."""

    async def copies_in(self, hand_over_id: int, chat: str) -> Mapping[int | None, Sequence[int]]:
        """The messages that an erased hand-over has left in the staff group `chat`, oldest first, by its `group`."""

    async def update_done(self, seq: int, now: datetime) -> None:
        """Settle the update whose effects this transaction holds; nothing but its number is kept.

        Raises:
            StaleUpdateError: it is not waiting any more; leave the block with it, so that nothing happens twice.
        """


class Transactions(Protocol):
    def work(self) -> AbstractAsyncContextManager[Work]:
        """A transaction; committed at the end of the block, rolled back by an exception."""

    def look(self) -> AbstractAsyncContextManager[Work]:
        """The same for reading only: waits for no writer, and keeps nothing."""


class Store(Transactions, Protocol):
    # Inbox
    async def receive(self, updates: Sequence[RawUpdate], now: datetime) -> int:
        """Store a batch in one commit, and only then return: how many were new."""

    async def next_offset(self) -> int | None:
        """The offset to ask Telegram for at the start: one past the update stored last; None when there is none.

        A poller goes on with the numbers of the batches it gets: a batch of known updates moves nothing here.
        """

    async def take_updates(
        self, *, busy_lanes: Collection[str], limit: int, now: datetime, tried: bool = True
    ) -> list[StoredUpdate]:
        """The oldest waiting update of each lane that is not busy, oldest first.

        Of those that have been tried before one at most, and none unless `tried`: when a process dies, all that it had
        taken count a try more, and the one that kills it must not take the others with it each time.

        Leased: other processes leave the lane alone until the update is settled, has failed, or nobody renews.
        """

    async def next_in_lane(self, update: StoredUpdate, limit: int = 20) -> list[StoredUpdate]:
        """The waiting updates that follow it in its lane, in order: who holds the lane may settle them with it."""

    async def update_failed(
        self, seq: int, error: str, now: datetime, *, retry_at: datetime | None, then: Sequence[Outgoing] = ()
    ) -> None:
        """Count a failed try; without `retry_at` the update is set aside for good. Queues `then` in the same commit.

        Without effect when another worker has it meanwhile.
        """

    async def purge_inbox(self, before: datetime) -> int:
        """Remove what was done before that time: how many rows. The newest row stays for `next_offset`."""

    # Outbox
    async def due_messages(self, *, busy_chats: Collection[str], limit: int, now: datetime) -> list[OutboxRow]:
        """The oldest message of each chat that waits for nothing, oldest first; a chat's later ones wait for it.

        Leased as in `take_updates`; what a process that died was sending is due again, marked as `interrupted`.
        """

    async def next_in_chat(self, row: OutboxRow, limit: int = 30) -> list[OutboxRow]:
        """The queued messages that follow it in its chat, in order: who sends it may send them with it."""

    # Several messages that leave as one are marked in one commit. What somebody else has taken over since, or has
    # settled, is left as it is.
    async def mark_sending(self, message: int | Sequence[int], now: datetime) -> None:
        """To be committed before Telegram is called.

        Raises:
            StaleMessageError: one of them is settled or somebody else's; none is marked.
        """

    async def mark_sent(
        self,
        message: int | Sequence[int],
        message_id: int | None,
        now: datetime,
        *,
        others: Sequence[int] = (),
        then: Sequence[Outgoing] = (),
        unknown: bool = False,
        group: int | None = None,
    ) -> None:
        """It is there as the message `message_id`, if it is one, and as `others` where it became several.

        `then` is what is missing of it, queued in the same commit unless the message has been erased meanwhile;
        `unknown`: its beginning may have arrived, as in `mark_retry`. `group` is Telegram's number of the staff group
        at that time.
        """

    async def settle_in(self, group: int) -> None:
        """Messages of an earlier version, which did not write down their group, were sent to the one of that number."""

    async def mark_failed(
        self,
        message: int | Sequence[int],
        error: str,
        now: datetime,
        *,
        then: Sequence[Outgoing] = (),
        group: int | None = None,
    ) -> None:
        """Given up for good. Queues `then` in the same commit; `group` as in `mark_sent`."""

    async def mark_retry(
        self, message: int | Sequence[int], error: str, retry_at: datetime, *, unknown: bool = False
    ) -> None:
        """Back to the queue until `retry_at`; its chat waits with it.

        `unknown`: it may have arrived, so it is marked as `interrupted` and counted.
        """

    async def recover_sending(self, now: datetime, busy_chats: Collection[str] | None = None) -> int:
        """Put back in the queue what is SENDING though nobody sends it, marked as `interrupted`; how many rows.

        After a crash; on PostgreSQL only what no living process holds. With `busy_chats`, those that this process does
        send to, also what a task of its own has left behind.
        """

    # Several processes on one database
    async def renew(self, now: datetime) -> None:
        """Keep what this process has taken and not settled: to be called several times within a lease (60 seconds)."""

    async def poll_leader(self, now: datetime) -> bool:
        """Whether this process is the one that polls; asked again before each poll, as a lost connection ends it.

        After a change of leader the offset is to be read anew with `next_offset`.
        """

    async def send_leader(self, now: datetime, queued: Callable[[], None]) -> bool:
        """Whether this process is the one that sends, so that there is one pace; asked again before each look.

        `queued`, the same each time, is called when another process has put messages in the outbox.
        """

    # Review
    async def questions(
        self,
        *,
        status: str | None = None,
        language: str | None = None,
        since: datetime | None = None,
        containing: str | None = None,
        limit: int | None = None,
    ) -> list[Question]:
        """Logged questions, newest first; `status` None means all; `containing` ignores case."""

    async def close_questions(self, ids: Sequence[int], now: datetime) -> int:
        """Set questions aside: how many were open."""

    async def usual_wait(self, since: datetime, least: int = 5) -> timedelta | None:
        """The median time from opening to the staff's first reply, of hand-overs opened since then.

        None when fewer than `least` chats have had a reply: a figure of so few would speak of one person.
        """

    async def counts(self) -> Mapping[str, int]:
        """For `doctor`: rows by table and state, e.g. ``{"questions.open": 3, "inbox.dead": 0}``.

        "outbox.interrupted" counts across the states: what may have appeared twice.
        """

    # Retention
    async def purge(self, before: datetime, now: datetime) -> Mapping[str, int]:
        """Remove what was last touched before that time, but for what belongs to an open hand-over.

        How many rows of each: "questions" (of these "never_answered"), "hand_overs", "messages", "conversations",
        "subscriptions" (past their own end), "updates" (failed ones, a month old at most); "open_hand_overs": how many
        older ones were left. A key of pseudonyms of that age goes too.
        """

    async def release_topics(
        self, before: datetime, now: datetime, *, limit: int, deletion: Callable[[int], Sequence[Outgoing]]
    ) -> int:
        """Empty the oldest hand-overs closed before that time that have a topic in the staff group: how many.

        `deletion` gives the messages that delete a topic: queued in the same transaction. The rows by which it is
        found stay until these are sent; `purge` leaves the others alone until they are released.
        """

    async def scrub(self) -> None:
        """See to it that what was deleted cannot be read in the database's files any more, as far as it allows."""

    async def hash_key(self, now: datetime) -> bytes:
        """The key of the pseudonyms, the same for all processes; made now if there is none."""

    async def close(self) -> None:
        """Let go of the database, and of what others may take up now."""
