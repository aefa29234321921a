"""An erasure against everything that happens at the same moment: what is erased does not come back."""

import pytest

from bot.conversation import ErasedError, current, handle, no_messages
from bot.dialogue.effects import EraseData
from bot.dialogue.events import Action, ActionKind, Agent, Asked, Command, Commanded, Pressed, StaffReplied
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation
from bot.storage.model import Outgoing
from bot.storage.sql import SqlStore
from tests.storage.examples import NOW, due_texts
from tests.unit.dialogue_fakes import GRANT, KNOWLEDGE, LOW, FakeMatcher

REAL = Dialogue(KNOWLEDGE, FakeMatcher())
ERASE = Pressed("press", Action(ActionKind.ERASE))
REPLY = StaffReplied("-500/9", Agent(7, "Alice"))


async def happens(store, event, *, translate=no_messages, concerns=None):
    """One event of the chat `7`."""
    place = {"channel": "telegram", "chat": "7", "moment": Moment(NOW)}
    return await handle(store, REAL, event, **place, translate=translate, concerns=concerns)


async def asked(store):
    """Somebody waits for staff; the number of the hand-over."""
    await happens(store, Asked("7/1", LOW))
    async with store.look() as work:
        return (await work.hand_over_of_chat("telegram", "7")).id


def relayed(number):
    """What a reply of the staff sends to the citizen."""
    return lambda _effects, _hand_over: [Outgoing("7", "sendMessage", {"text": "Bonjour"}, number)]


async def kept(store):
    """Whether anything is kept of the person."""
    async with store.look() as work:
        return not (await work.personal_data("telegram", "7")).empty


async def test_the_erasure_and_its_receipt_are_one_event(store: SqlStore):
    number = await asked(store)
    effects = await happens(store, ERASE)
    assert isinstance(effects[0], EraseData)
    assert effects[-1].hand_over == number
    assert not await kept(store)


async def test_looking_changes_nothing(store: SqlStore):
    await asked(store)
    before = await current(store, "telegram", "7")
    await happens(store, Commanded("7/2", Command.MY_DATA))
    assert (await current(store, "telegram", "7"))[0] == before[0]
    assert await kept(store)


async def test_of_a_reply_after_the_erasure_nothing_is_kept(store: SqlStore):
    number = await asked(store)
    await happens(store, ERASE)
    with pytest.raises(ErasedError):
        await happens(store, REPLY, translate=relayed(number), concerns=number)
    assert not await kept(store)
    assert await due_texts(store) == []


@pytest.mark.parametrize("back", [False, True], ids=["gone", "writes again"])
async def test_of_a_reply_that_is_decided_while_the_person_erases_nothing_is_kept(store: SqlStore, back: bool):
    number = await asked(store)

    work = store.work

    def work_after_erasure():
        """The transaction of the reply begins after the one of the erasure."""
        store.work = work
        return _After(store, back=back)

    store.work = work_after_erasure
    with pytest.raises(ErasedError):
        await happens(store, REPLY, translate=relayed(number), concerns=number)
    assert await kept(store) is back
    assert await due_texts(store) == []


class _After:
    """A transaction before which the person erases, and perhaps writes again."""

    def __init__(self, store, *, back):
        self.store, self.back = store, back

    async def __aenter__(self):
        await happens(self.store, ERASE)
        if self.back:
            await happens(self.store, Asked("7/3", GRANT))
        self.transaction = self.store.work()
        return await self.transaction.__aenter__()

    async def __aexit__(self, *error):
        return await self.transaction.__aexit__(*error)


async def test_who_writes_again_is_a_stranger(store: SqlStore):
    await asked(store)
    await happens(store, ERASE)
    await happens(store, Asked("7/3", GRANT))
    after, version = await current(store, "telegram", "7")
    assert (after.last_ref, after.handed_over, version) == ("7/3", (), 1)
    assert after != Conversation()
