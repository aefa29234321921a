"""A group where the staff works."""

from dataclasses import replace

from tests.emulator.methods.topics import remove_topic
from tests.emulator.model import ALL_RIGHTS, Chat, Membership, Topic, User
from tests.emulator.people import Person
from tests.emulator.sent import ChatView
from tests.emulator.world import Press, World


class StaffGroup(ChatView):
    """A group and its members. `waits_for` looks at everything the bot sent there, or at what came `after`."""

    def __init__(self, world: World, chat: Chat, members: dict[str, User]) -> None:
        super().__init__(world, chat)
        self.members = {name: Person(world, self, user) for name, user in members.items()}

    def member(self, name: str) -> Person:
        return self.members[name]

    @property
    def topics(self) -> list[Topic]:
        """Copies, in order of creation: id, name, closed, deleted."""
        return [replace(topic) for topic in self.chat.topics.values()]

    @property
    def bot_status(self) -> str:
        return self.chat.members[self._world.bot.id].status

    async def presses(self, label: str, *, message_id: int | None = None) -> Press:
        """The first member presses."""
        return await next(iter(self.members.values())).presses(label, message_id=message_id)

    async def makes_bot_admin(self, *, rights: frozenset[str] = ALL_RIGHTS) -> None:
        await self._set_bot(Membership(self._world.bot, "administrator", set(rights)))

    async def makes_bot_member(self) -> None:
        """Takes the administrator's rights away."""
        await self._set_bot(Membership(self._world.bot, "member"))

    async def kicks_bot(self) -> None:
        await self._set_bot(Membership(self._world.bot, "kicked"))

    async def adds_bot(self, *, rights: frozenset[str] | None = None) -> None:
        """The bot enters (again): my_chat_member and the service message new_chat_members."""
        bot = self._world.bot
        self.chat.members[bot.id] = Membership(bot, "left")
        await self._set_bot(Membership(bot, "member" if rights is None else "administrator", set(rights or ())))
        self._world.service(self.chat, self._somebody(), {"new_chat_members": [bot.json()]})
        await self._world.announce()

    async def creates_topic(self, name: str) -> int:
        topic = self._world.create_topic(self.chat, self._somebody(), name, None, None)
        await self._world.announce()
        return topic.id

    async def closes_topic(self, topic_id: int) -> None:
        await self._set_closed(topic_id, closed=True)

    async def reopens_topic(self, topic_id: int) -> None:
        await self._set_closed(topic_id, closed=False)

    async def deletes_topic(self, topic_id: int, *, refusal: str = "message thread not found") -> None:
        """Bots are not told. `refusal="TOPIC_DELETED"` gives the answer of the race with the deletion."""
        self.chat.topics[topic_id].refusal = refusal
        remove_topic(self._world, self.chat, topic_id)
        await self._world.announce()

    async def migrates(self, new_id: int | None = None) -> int:
        """The group becomes a supergroup with another id, told in both chats by a service message.

        https://core.telegram.org/bots/api#message: migrate_to_chat_id, migrate_from_chat_id. Topics stay behind.
        """
        old = self.chat
        new = Chat(new_id or -1_000_000_000_000 - abs(old.id) % 10**9 - 1, "supergroup", old.title, members=old.members)
        new.is_forum = old.is_forum
        self._world.chats[new.id] = new
        self._world.service(old, self._somebody(), {"migrate_to_chat_id": new.id})
        self._world.service(new, self._somebody(), {"migrate_from_chat_id": old.id})
        old.migrated_to = new.id
        self.chat = new
        await self._world.announce()
        return new.id

    def _somebody(self) -> User:
        return next(iter(self.members.values())).user

    async def _set_closed(self, topic_id: int, *, closed: bool) -> None:
        self.chat.topics[topic_id].closed = closed
        event = "forum_topic_closed" if closed else "forum_topic_reopened"
        self._world.service(self.chat, self._somebody(), {event: {}}, thread=topic_id)
        await self._world.announce()

    async def _set_bot(self, place: Membership) -> None:
        old = self.chat.members[self._world.bot.id]
        self.chat.members[self._world.bot.id] = place
        self._world.bot_status_changed(self.chat, self._somebody(), old, place)
        await self._world.announce()
