"""What an agent does here with a hand-over: the same events as from the Telegram group, with the same effects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.channels.telegram.desk import CHANNEL
from bot.channels.telegram.formatting import pack, paragraphs
from bot.channels.telegram.incoming import without_notes
from bot.channels.telegram.outgoing import STAFF, Translator
from bot.console.exchange import SIGN
from bot.console.pages import Visit
from bot.console.texts import text
from bot.conversation import handle
from bot.dialogue.effects import Effect, RelayToCitizen
from bot.dialogue.events import Agent, StaffClosed, StaffEvent, StaffReplied, StaffReturned, StaffTook
from bot.dialogue.moment import Moment
from bot.storage.console import Act, Seen
from bot.storage.model import HandOver, Outgoing

_HTML = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}


@dataclass(frozen=True, slots=True)
class _FromConsole:
    """The effects as outgoing messages; a reply goes to the citizen, and the group is shown it."""

    translator: Translator
    reply: str
    agent: Agent
    hand_over: HandOver

    def __call__(self, effects: Sequence[Effect], hand_over: HandOver | None) -> list[Outgoing]:
        outgoing = self.translator(effects, hand_over)
        if any(isinstance(effect, RelayToCitizen) for effect in effects):
            outgoing += self._reply()
        return outgoing

    def _reply(self) -> Iterator[Outgoing]:
        # The words leave without their notes; the group sees all of them.
        for html in pack(paragraphs(without_notes(self.reply))):
            params = {"text": html, **_HTML}
            yield Outgoing(self.hand_over.chat, "sendMessage", params, self.hand_over.id, author=self.agent.id)
        shown = text("conversations.told_group", sign=SIGN, name=self.agent.name, text=self.reply)
        for html in pack(paragraphs(shown)):
            yield Outgoing(STAFF, "sendMessage", {"text": html, **_HTML}, self.hand_over.id)


async def take(visit: Visit, hand_over: HandOver) -> None:
    """Raises: TakenError, ErasedError, and what `ConsoleStore.acting` does."""
    act = visit.act("take", _subject(hand_over))
    await _acted(visit, hand_over, StaffTook(_ref(act), visit.agent), act, Seen(hand_over.id, _seen(visit)))


async def reply(visit: Visit, hand_over: HandOver, words: str) -> None:
    """Raises: ErasedError, and what `ConsoleStore.acting` does."""
    act = visit.act("reply", _subject(hand_over), words)
    seen = Seen(hand_over.id, _seen(visit))
    await _acted(visit, hand_over, StaffReplied(_ref(act), visit.agent), act, seen, words)


async def close(visit: Visit, hand_over: HandOver) -> None:
    """Raises: ErasedError, and what `ConsoleStore.acting` does."""
    act = visit.act("close", _subject(hand_over))
    seen = Seen(hand_over.id, _seen(visit), citizen_too=True)
    await _acted(visit, hand_over, StaffClosed(_ref(act)), act, seen)


async def give_back(visit: Visit, hand_over: HandOver) -> None:
    """Raises: ErasedError, and what `ConsoleStore.acting` does."""
    act = visit.act("give_back", _subject(hand_over))
    seen = Seen(hand_over.id, _seen(visit), citizen_too=True)
    await _acted(visit, hand_over, StaffReturned(_ref(act)), act, seen)


async def _acted(visit: Visit, hand_over: HandOver, event: StaffEvent, act: Act, seen: Seen, words: str = "") -> None:
    dialogue = visit.parts.dialogue()
    translator = Translator(dialogue.knowledge, None, hand_over.chat, hand_over)
    await handle(
        visit.parts.store.acting(act, seen),
        dialogue,
        event,
        channel=CHANNEL,
        chat=hand_over.chat,
        moment=Moment(visit.now),
        translate=_FromConsole(translator, words, visit.agent, hand_over),
        concerns=hand_over.id,
    )
    visit.parts.queued.set()


def _seen(visit: Visit) -> int:
    given = visit.form.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 19 else 0


def _subject(hand_over: HandOver) -> str:
    return f"hand_over:{hand_over.id}"


def _ref(act: Act) -> str:
    return f"console/{act.key}"
