"""What the dialogue wants to happen → calls of the Bot API, for the citizen and for the staff group. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from telegram import Message

from bot.channels.telegram.formatting import Block, message_html, pack, paragraphs, shortened
from bot.channels.telegram.incoming import CitizenActed, StaffWrote, close_button_data
from bot.dialogue.effects import CloseHandOver, Effect, OpenHandOver, RelayToCitizen, RelayToStaff, Say
from bot.dialogue.events import Pressed
from bot.knowledge.model import KnowledgeBase
from bot.staff.texts import text
from bot.storage.model import HandOver, Outgoing

STAFF = "staff"
"""The staff group as a destination: which chat that is, is known when a message leaves, and may change."""
CREATE_TOPIC, CLOSE_TOPIC = "createForumTopic", "closeForumTopic"
_TOPIC_NAME = 128
"""Telegram's limit of a topic's name."""
_NO_PREVIEW = {"is_disabled": True}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Translator:
    """The effects of one update as outgoing messages."""

    knowledge: KnowledgeBase
    cause: CitizenActed | StaffWrote | None
    """What brought the effects about; None when a hand-over was closed."""
    chat: str
    """The citizen's."""
    hand_over: HandOver | None = None
    """With a cause of the staff's: the hand-over that it speaks of, perhaps closed."""
    forum: bool = False
    """The staff group has topics."""

    def __call__(self, effects: Sequence[Effect], hand_over: HandOver | None) -> list[Outgoing]:
        """For `bot.conversation.handle`; `hand_over` is the one that is open after the effects."""
        concerned = hand_over or self.hand_over
        outgoing: list[Outgoing] = []
        for effect in effects:
            match effect:
                case Say():
                    outgoing += self._say(effect)
                case OpenHandOver() if concerned:
                    outgoing += self._card(effect, concerned)
                case RelayToCitizen() if concerned and isinstance(self.cause, StaffWrote):
                    outgoing.append(_to_citizen(self.cause.message, concerned))
                case CloseHandOver(ending=ending) if concerned:
                    ended = text(f"ended_{ending}", number=concerned.id)
                    outgoing += [to_staff(ended, concerned), Outgoing(STAFF, CLOSE_TOPIC, {}, concerned.id)]
        relays = [effect for effect in effects if isinstance(effect, RelayToStaff)]
        if relays and concerned and isinstance(self.cause, CitizenActed):
            outgoing += self._relayed(self.cause, relays, concerned)
        return outgoing

    def _say(self, say: Say) -> Iterator[Outgoing]:
        messages = message_html(say)
        for html in messages:
            params: Json = {"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
            if html is messages[-1] and say.buttons:
                params["reply_markup"] = keyboard([(button.label, button.action.pack()) for button in say.buttons])
            yield Outgoing(self.chat, "sendMessage", params)

    def _card(self, card: OpenHandOver, hand_over: HandOver) -> Iterator[Outgoing]:
        question = card.question or text("card_no_question")
        name = shortened(text("topic_name", number=hand_over.id, question=question), _TOPIC_NAME)
        yield Outgoing(STAFF, CREATE_TOPIC, {"name": name}, hand_over.id)
        messages = pack(self._card_blocks(card, question, hand_over))
        for html in messages:
            outgoing = _html_to_staff(html, hand_over)
            if html is messages[-1]:
                close = keyboard([(text("button_close"), close_button_data(hand_over.id))])
                outgoing = replace(outgoing, params={**outgoing.params, "reply_markup": close})
            yield outgoing

    def _card_blocks(self, card: OpenHandOver, question: str, hand_over: HandOver) -> Iterator[Block]:
        title, reason = text("card_title", number=hand_over.id), text(f"reason_{card.reason}")
        yield Block(f"{title}\n{reason}", f"<b>{escape(title)}</b>\n{escape(reason)}")
        for paragraph in paragraphs(question):
            yield Block(paragraph.text, f"<blockquote>{paragraph.html}</blockquote>")
        yield from paragraphs("\n".join(self._particulars(card)))
        how = text("card_how_in_topic" if self.forum else "card_how_by_reply")
        yield Block(how, f"<i>{escape(how)}</i>")

    def _particulars(self, card: OpenHandOver) -> Iterator[str]:
        language = self.knowledge.message(card.language, "language_name")
        yield text("card_language", language=language)
        candidates = [
            text("card_candidate", title=self._title(candidate.entry), percent=round(100 * candidate.confidence))
            for candidate in card.candidates[:3]
        ]
        if candidates:
            yield text("card_candidates", candidates=", ".join(candidates))
        if card.shown:
            yield text("card_shown", entries=", ".join(self._title(entry) for entry in card.shown))

    def _relayed(self, cause: CitizenActed, relays: Sequence[RelayToStaff], hand_over: HandOver) -> Iterator[Outgoing]:
        """The citizen's message, once, and what the bot answered to it."""
        if isinstance(cause.event, Pressed):
            yield to_staff(text("citizen_pressed", label=cause.label), hand_over)
        elif cause.message is not None and cause.message.text:
            for piece in pack(paragraphs(text("citizen_says", text=cause.message.text))):
                yield _html_to_staff(piece, hand_over, cause.message.message_id)
        elif cause.message is not None:
            yield _copy(STAFF, cause.message, hand_over)
        for relay in relays:
            if relay.answered:
                yield to_staff(text("bot_answered", title=self._title(relay.answered)), hand_over)

    def _title(self, entry: str) -> str:
        return self.knowledge.entries[entry].title_in("fr") if entry in self.knowledge.entries else entry


def to_staff(sentence: str, hand_over: HandOver | None = None) -> Outgoing:
    """A sentence of the bot to the staff group, in the place of the hand-over if there is one."""
    return Outgoing(STAFF, "sendMessage", {"text": sentence}, hand_over.id if hand_over else None)


def keyboard(buttons: Sequence[tuple[str, str]]) -> Json:
    """One button a row (label, data): whole labels stay legible on a phone."""
    return {"inline_keyboard": [[{"text": label, "callback_data": data}] for label, data in buttons]}


def say_to(chat: str, sentence: str) -> Outgoing:
    """A plain sentence to a chat."""
    return Outgoing(chat, "sendMessage", {"text": sentence})


def _html_to_staff(html: str, hand_over: HandOver, origin: int | None = None) -> Outgoing:
    params = {"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
    return Outgoing(STAFF, "sendMessage", params, hand_over.id, origin)


def _to_citizen(message: Message, hand_over: HandOver) -> Outgoing:
    """Text is kept in the outbox with its formatting, so that deleting it in the group changes nothing."""
    if not message.text:
        return _copy(hand_over.chat, message, hand_over)
    entities = [entity.to_dict() for entity in message.entities]
    params: Json = {"text": message.text, "entities": entities} if entities else {"text": message.text}
    return Outgoing(hand_over.chat, "sendMessage", params, hand_over.id, message.message_id)


def _copy(chat: str, message: Message, hand_over: HandOver) -> Outgoing:
    source = {"from_chat_id": message.chat.id, "message_id": message.message_id}
    return Outgoing(chat, "copyMessage", source, hand_over.id, message.message_id)
