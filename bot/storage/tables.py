"""The tables. A change here needs a new file in `migrations/versions/`; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData()

# Written out rather than bound as parameters: a database uses a partial index only for a query that repeats its
# condition word for word.
INBOX_WAITING = text("state = 'waiting'")
HAND_OVER_OPEN = text("status <> 'closed'")
OUTBOX_PENDING = text("status IN ('queued', 'sending')")
OUTBOX_ANSWERS = text("entry IS NOT NULL")
LEASED = text("leased_by IS NOT NULL")
OUTBOX_GROUP_ANSWERS = text("group_answer IS NOT NULL")
QUESTION_SAID = text("said")
QUESTION_LABELLED = text("expected IS NOT NULL")

OUTBOX_CHANNEL = "passerelle_outbox"
"""PostgreSQL's name for "there is a message to send"."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, UTC in the database, aware out: SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"{value} has no time zone"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only

inbox = Table(
    "inbox",
    metadata,
    Column("seq", _Key, primary_key=True, autoincrement=True),
    Column("update_id", BigInteger, nullable=False),
    Column("lane", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    Column("retry_at", UtcDateTime),
    Column("received_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("leased_by", String(32)),
    Column("leased_until", UtcDateTime),
    UniqueConstraint("update_id", name="uq_inbox_update_id"),
    sqlite_autoincrement=True,
)
Index("ix_inbox_waiting", inbox.c.lane, inbox.c.seq, sqlite_where=INBOX_WAITING, postgresql_where=INBOX_WAITING)
Index("ix_inbox_leased", inbox.c.leased_by, sqlite_where=LEASED, postgresql_where=LEASED)

conversations = Table(
    "conversations",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("state", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("channel", "chat", name="pk_conversations"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("ref", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("folded", Text, nullable=False),  # the text without case and accents: what a search looks at
    Column("language", String(16), nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("decision", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("entry", String(128)),
    Column("status", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("ratings", JSON, nullable=False, server_default="{}"),
    Column("expected", String(128)),
    Column("labelled_by", BigInteger),
    Column("labelled_at", UtcDateTime),
    Column("reviewed", JSON, nullable=False, server_default="{}"),
    Column("promised", Boolean, nullable=False, server_default=false()),  # beside what the decision and hand-overs tell
    Column("said", Boolean, nullable=False, server_default=false()),  # its person chose or rated an entry
    UniqueConstraint("channel", "ref", name="uq_questions_channel_ref"),
    sqlite_autoincrement=True,
)
Index("ix_questions_status", questions.c.status, questions.c.asked_at)
Index("ix_questions_chat", questions.c.channel, questions.c.chat)
Index(
    "ix_questions_said",
    questions.c.channel,
    questions.c.id,
    sqlite_where=QUESTION_SAID,
    postgresql_where=QUESTION_SAID,
)
Index(
    "ix_questions_labelled",
    questions.c.channel,
    questions.c.labelled_at,
    sqlite_where=QUESTION_LABELLED,
    postgresql_where=QUESTION_LABELLED,
)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("question_ref", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("topic", BigInteger),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("taken_by", BigInteger),
    Column("taken_name", String(64)),
    Column("replied_at", UtcDateTime),
    Column("snoozed_until", UtcDateTime),
    Column("alarmed_at", UtcDateTime),
    sqlite_autoincrement=True,
)
Index(
    "uq_hand_overs_open",
    hand_overs.c.channel,
    hand_overs.c.chat,
    unique=True,
    sqlite_where=HAND_OVER_OPEN,
    postgresql_where=HAND_OVER_OPEN,
)
Index("ix_hand_overs_topic", hand_overs.c.topic)
Index("ix_hand_overs_opened", hand_overs.c.opened_at)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("chat", String(64), nullable=False),
    Column("method", String(64), nullable=False),
    Column("params", JSON, nullable=False),
    Column("hand_over", _Key, ForeignKey("hand_overs.id", name="fk_outbox_hand_over")),
    Column("origin", BigInteger),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("message_id", BigInteger),
    Column("others", JSON(none_as_null=True)),  # messages that it became beside that one
    Column("error", Text),
    Column("retry_at", UtcDateTime),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("leased_by", String(32)),
    Column("leased_until", UtcDateTime),
    Column("fleeting", Boolean, nullable=False, server_default=false()),
    Column("entry", String(128)),
    Column("group_answer", BigInteger),
    Column("author", BigInteger),
    Column("staff_group", BigInteger),  # where it stood then: there alone message numbers of the group mean anything
    sqlite_autoincrement=True,
)
Index("ix_outbox_pending", outbox.c.chat, outbox.c.id, sqlite_where=OUTBOX_PENDING, postgresql_where=OUTBOX_PENDING)
Index("ix_outbox_leased", outbox.c.leased_by, sqlite_where=LEASED, postgresql_where=LEASED)
Index("ix_outbox_message", outbox.c.chat, outbox.c.message_id)
Index("ix_outbox_origin", outbox.c.hand_over, outbox.c.origin)
Index(
    "ix_outbox_entry",
    outbox.c.entry,
    outbox.c.queued_at,
    sqlite_where=OUTBOX_ANSWERS,
    postgresql_where=OUTBOX_ANSWERS,
)

# A group answer leaves at most once for each chat, whatever happens.
Index(
    "uq_outbox_group_answer",
    outbox.c.group_answer,
    outbox.c.chat,
    unique=True,
    sqlite_where=OUTBOX_GROUP_ANSWERS,
    postgresql_where=OUTBOX_GROUP_ANSWERS,
)

group_answers = Table(
    "group_answers",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("question", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("key", name="uq_group_answers_key"),
    sqlite_autoincrement=True,
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("entry", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("channel", "chat", "subject", name="pk_subscriptions"),
)
Index("ix_subscriptions_ends", subscriptions.c.ends_at)

# What somebody was told; a second notice with the same key is refused, whichever process writes it.
notices = Table(
    "notices",
    metadata,
    Column("channel", String(16), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("occasion", String(32), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("channel", "chat", "subject", "kind", "occasion", name="pk_notices"),
)
Index("ix_notices_sent", notices.c.sent_at)

sightings = Table(
    "sightings",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("gone_at", UtcDateTime),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

console_people = Table(
    "console_people",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(64), nullable=False),
    Column("administrator", Boolean, nullable=False),
    Column("editor", Boolean, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

console_tickets = Table(
    "console_tickets",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
)

console_attempts = Table(
    "console_attempts",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("made", JSON, nullable=False),  # seconds since 1970, of each that counts
    Column("last_at", UtcDateTime, nullable=False),
)
Index("ix_console_attempts_last", console_attempts.c.last_at)

console_acts = Table(
    "console_acts",
    metadata,
    Column("id", _Key, primary_key=True, autoincrement=True),
    Column("key", String(64)),
    Column("user_id", BigInteger, nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("key", name="uq_console_acts_key"),
    sqlite_autoincrement=True,
)
