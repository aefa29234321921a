"""What Telegram keeps: people, chats, topics, messages, as JSON of https://core.telegram.org/bots/api#available-types."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ALL_RIGHTS = frozenset(
    {
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
        "can_pin_messages",
        "can_manage_topics",
    },
)


@dataclass
class User:
    """https://core.telegram.org/bots/api#user."""

    id: int
    first_name: str
    is_bot: bool = False
    language_code: str | None = None
    username: str | None = None
    last_name: str | None = None

    def json(self) -> Json:
        body: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name) is not None:
                body[name] = getattr(self, name)
        return body


@dataclass
class Membership:
    """A user's place in a group: https://core.telegram.org/bots/api#chatmember."""

    user: User
    status: str = "member"
    rights: set[str] = field(default_factory=set)

    def json(self) -> Json:
        body: Json = {"status": self.status, "user": self.user.json()}
        if self.status == "creator":
            body["is_anonymous"] = False
        elif self.status == "administrator":
            body |= {"can_be_edited": False, "is_anonymous": False}
            body |= {right: right in self.rights for right in sorted(ALL_RIGHTS)}
        elif self.status == "kicked":
            body["until_date"] = 0
        return body


@dataclass
class Topic:
    """https://core.telegram.org/bots/api#forumtopic; `refusal` is what the server says once it is deleted."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    icon_custom_emoji_id: str | None = None
    creator_id: int = 0
    closed: bool = False
    deleted: bool = False
    refusal: str = "message thread not found"

    def json(self) -> Json:
        body: Json = {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
        if self.icon_custom_emoji_id:
            body["icon_custom_emoji_id"] = self.icon_custom_emoji_id
        return body


@dataclass
class Chat:
    """A private chat or a group, with everything said there."""

    id: int
    type: str
    title: str | None = None
    user: User | None = None
    is_forum: bool = False
    members: dict[int, Membership] = field(default_factory=dict, repr=False)
    messages: dict[int, "Message"] = field(default_factory=dict, repr=False)
    topics: dict[int, Topic] = field(default_factory=dict, repr=False)
    pinned: list[int] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    last_message_id: int = 0
    migrated_to: int | None = None
    started: bool = True
    blocked: bool = False
    deactivated: bool = False
    closed_topics_refuse_admins: bool = True

    def json(self) -> Json:
        body: Json = {"id": self.id, "type": self.type}
        if self.user is not None:
            body["first_name"] = self.user.first_name
            if self.user.username:
                body["username"] = self.user.username
        else:
            body["title"] = self.title
        if self.is_forum:
            body["is_forum"] = True
        return body

    @property
    def is_private(self) -> bool:
        return self.type == "private"


@dataclass
class Message:
    """https://core.telegram.org/bots/api#message; `content` holds the fields that depend on the kind."""

    chat: Chat = field(repr=False)
    message_id: int
    sender: User = field(repr=False)
    date: int
    kind: str
    content: Json
    thread: int | None = None
    reply_to: "Message | None" = field(default=None, repr=False)
    markup: Json | None = None
    html: str | None = None
    copied_from: tuple[int, int] | None = None
    forwarded_from: tuple[int, int] | None = None
    forward_origin: Json | None = None
    edit_date: int | None = None
    reactions: tuple[str, ...] = ()
    deleted: bool = False
    changed: int = 0

    @property
    def is_service(self) -> bool:
        return self.kind == "service"

    @property
    def text(self) -> str:
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        return list(self.content.get("entities") or self.content.get("caption_entities") or ())

    def json(self, *, with_reply: bool = True) -> Json:
        body: Json = {
            "message_id": self.message_id,
            "from": self.sender.json(),
            "chat": self.chat.json(),
            "date": self.date,
            **self.content,
        }
        if self.thread is not None:
            body |= {"message_thread_id": self.thread, "is_topic_message": True}
        if self.reply_to is not None and with_reply and not self.reply_to.deleted:
            body["reply_to_message"] = self.reply_to.json(with_reply=False)
        if self.markup and "inline_keyboard" in self.markup:
            body["reply_markup"] = self.markup
        if self.forward_origin is not None:
            body["forward_origin"] = self.forward_origin
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        return body
