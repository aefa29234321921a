"""What the dialogue wants to happen → calls of the Bot API, for the citizen and for the staff group. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import Any

from telegram import Message

from bot.channels.telegram.formatting import MAX_UNITS, Block, message_html, pack, paragraphs, plain, shortened, units
from bot.channels.telegram.incoming import CitizenActed, StaffCommand, StaffWrote, staff_button_data, without_notes
from bot.dialogue.effects import (
    Button,
    CloseHandOver,
    DeleteCopies,
    Effect,
    EraseData,
    OpenHandOver,
    RelayToCitizen,
    RelayToStaff,
    Say,
    SendFile,
    TakeHandOver,
)
from bot.dialogue.events import Pressed
from bot.knowledge.model import KnowledgeBase
from bot.privacy.masking import mask
from bot.staff.texts import text
from bot.storage.model import HandOver, Outgoing

STAFF = "staff"
"""The staff group as a destination: which chat that is, is known when a message leaves, and may change."""
CREATE_TOPIC, CLOSE_TOPIC = "createForumTopic", "closeForumTopic"
SEND_FILE = "sendDocument"
"""With the parameters `name` and `content`: the file is made of them when it leaves."""
DELETE_COPIES = "deleteMessages"
"""All that the staff have of an erased hand-over: which messages these are, is known when it leaves."""
EDIT_TEXT, EDIT_CAPTION = "editMessageText", "editMessageCaption"
EDITS = frozenset({EDIT_TEXT, EDIT_CAPTION})
_TOPIC_NAME = 128
"""Telegram's limit of a topic's name."""
_WORTH_NAMING = 0.01
"""Confidence below which a candidate tells staff nothing."""
_NO_PREVIEW = {"is_disabled": True}

_MERGEABLE = {"text", "parse_mode", "link_preview_options"}
"""Parameters of a message that bears nothing of its own: no buttons, no reply."""
_BETWEEN = "\n\n"

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
                    outgoing += say_to_citizen(self.chat, effect)
                case OpenHandOver() if concerned:
                    outgoing += self._card(effect, concerned)
                case RelayToCitizen(agent=agent, late=late) if concerned and isinstance(self.cause, StaffWrote):
                    of = self.hand_over if late and self.hand_over else concerned
                    passed_on = _to_citizen(self.cause.messages, of)
                    outgoing += [replace(each, author=agent.id) for each in passed_on]
                    if of.id != concerned.id:
                        outgoing.append(to_staff(text("late_reply", name=agent.name, number=of.id), concerned))
                case TakeHandOver(agent=agent) if concerned:
                    outgoing.append(to_staff(text("taken", name=agent.name, number=concerned.id), concerned))
                case CloseHandOver(ending=ending) if concerned:
                    ended = text(f"ended_{ending}", number=concerned.id)
                    outgoing += [to_staff(ended, concerned), Outgoing(STAFF, CLOSE_TOPIC, {}, concerned.id)]
        relays = [effect for effect in effects if isinstance(effect, RelayToStaff)]
        if relays and concerned and isinstance(self.cause, CitizenActed):
            outgoing += self._relayed(self.cause, relays, concerned)
        return self._with_data(outgoing, effects)

    def _with_data(self, outgoing: Sequence[Outgoing], effects: Sequence[Effect]) -> list[Outgoing]:
        """Also what follows from a wish about personal data, of which nothing is kept."""
        erased = any(isinstance(effect, EraseData) for effect in effects)
        said = [replace(each, fleeting=True) for each in outgoing] if erased else list(outgoing)
        for effect in effects:
            if isinstance(effect, SendFile):
                said.append(Outgoing(self.chat, SEND_FILE, asdict(effect), fleeting=True))
            elif isinstance(effect, DeleteCopies):
                said += deletion(effect.hand_over, told=effect.was_open)
        return said

    def _card(self, card: OpenHandOver, hand_over: HandOver) -> Iterator[Outgoing]:
        question = card.question or text("card_no_question")
        name = shortened(text("topic_name", number=hand_over.id, question=mask(question)), _TOPIC_NAME)
        yield Outgoing(STAFF, CREATE_TOPIC, {"name": name}, hand_over.id)
        messages = pack(self._card_blocks(card, question, hand_over))
        for html in messages:
            outgoing = _html_to_staff(html, hand_over)
            if html is messages[-1]:
                buttons = (("button_take", StaffCommand.TAKE), ("button_close", StaffCommand.CLOSE))
                markup = keyboard([(text(key), staff_button_data(command, hand_over.id)) for key, command in buttons])
                outgoing = replace(outgoing, params={**outgoing.params, "reply_markup": markup})
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
            if candidate.confidence >= _WORTH_NAMING
        ]
        if candidates:
            yield text("card_candidates", candidates=", ".join(candidates))
        if card.shown:
            yield text("card_shown", entries=", ".join(self._title(entry) for entry in card.shown))
        if card.interview:
            yield text("card_interview", answers=_answers(card.interview))

    def _relayed(self, cause: CitizenActed, relays: Sequence[RelayToStaff], hand_over: HandOver) -> Iterator[Outgoing]:
        """The citizen's message, once, and what the bot answered to it."""
        if isinstance(cause.event, Pressed):
            yield to_staff(text("citizen_pressed", label=cause.label), hand_over)
        yield from _passed_on(cause.messages, hand_over)
        for relay in relays:
            if relay.question:
                for piece in pack(paragraphs(text("citizen_says", text=relay.question))):
                    yield _html_to_staff(piece, hand_over)
            if relay.answered:
                yield to_staff(text("bot_answered", title=self._title(relay.answered)), hand_over)
            if relay.interview:
                yield to_staff(text("citizen_answers", answers=_answers(relay.interview)), hand_over)

    def _title(self, entry: str) -> str:
        return self.knowledge.entries[entry].title_in("fr") if entry in self.knowledge.entries else entry


def say_to_citizen(chat: str, say: Say) -> Iterator[Outgoing]:
    """What the bot says, in as few messages as hold it; the first one is known as the answer of its entry."""
    messages = message_html(say)
    for number, html in enumerate(messages, start=1):
        params: Json = {"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
        if number == len(messages) and say.buttons:
            params["reply_markup"] = _keyboard_of(say.buttons)
        entry = say.entry if number == 1 else None
        yield Outgoing(chat, "sendMessage", params, entry=entry, fleeting=say.fleeting)


def to_staff(sentence: str, hand_over: HandOver | None = None) -> Outgoing:
    """A sentence of the bot to the staff group, in the place of the hand-over if there is one."""
    return Outgoing(STAFF, "sendMessage", {"text": sentence}, hand_over.id if hand_over else None)


def deletion(hand_over: int, *, told: bool) -> Iterator[Outgoing]:
    """Delete the copies of an erased hand-over, and tell the staff if they may still be at it."""
    yield Outgoing(STAFF, DELETE_COPIES, {}, hand_over, fleeting=True)
    if told:
        yield to_staff(text("erased_by_person", number=hand_over))


def expiry(hand_over: int) -> Outgoing:
    """Delete the topic of a hand-over that has been closed for so long that nothing of it is to be kept."""
    return Outgoing(STAFF, DELETE_COPIES, {"expired": True}, hand_over, fleeting=True)


def merged(outgoing: Sequence[Outgoing]) -> Outgoing | None:
    """Texts of one hand-over as a single message; None when they cannot be one."""
    first = outgoing[0]
    if any(each.hand_over != first.hand_over or not _MERGEABLE.issuperset(each.params) for each in outgoing):
        return None
    if any(each.method != "sendMessage" for each in outgoing):
        return None
    html = _BETWEEN.join(_as_html(each.params) for each in outgoing)
    if units(plain(html)) > MAX_UNITS:
        return None
    return replace(first, params={"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW})


def in_pieces(outgoing: Outgoing) -> list[Outgoing]:
    """The words as plain messages that Telegram takes, cut at paragraphs; an edit as a message that says it is one."""
    params = dict(outgoing.params)
    words = params.get("text") or params.get("caption") or ""
    if outgoing.method in EDITS:
        words, params = text("edited", text=words), {}
    elif "parse_mode" in params:
        words = plain(words)
    kept = {name: value for name, value in params.items() if name not in {"text", "entities", "parse_mode"}}
    first, last = ({"reply_parameters"}, {"reply_markup"})
    pieces = pack(paragraphs(words))
    said = []
    for number, html in enumerate(pieces):
        left_out = (first if number else set()) | (last if number < len(pieces) - 1 else set())
        more = {name: value for name, value in kept.items() if name not in left_out}
        said.append(replace(outgoing, method="sendMessage", params={**more, "text": plain(html)}))
    return said


def _as_html(params: Mapping[str, Any]) -> str:
    return params["text"] if "parse_mode" in params else escape(params["text"])


def keyboard(buttons: Sequence[tuple[str, str]]) -> Json:
    """One button a row (label, data): whole labels stay legible on a phone."""
    return {"inline_keyboard": [[{"text": label, "callback_data": data}] for label, data in buttons]}


def _keyboard_of(buttons: Sequence[Button]) -> Json:
    rows: list[list[Json]] = []
    for button in buttons:
        key = {"text": button.label, "callback_data": button.action.pack()}
        if button.beside and rows:
            rows[-1].append(key)
        else:
            rows.append([key])
    return {"inline_keyboard": rows}


def say_to(chat: str, sentence: str) -> Outgoing:
    """A plain sentence to a chat."""
    return Outgoing(chat, "sendMessage", {"text": sentence})


def _html_to_staff(html: str, hand_over: HandOver, origin: int | None = None) -> Outgoing:
    params = {"text": html, "parse_mode": "HTML", "link_preview_options": _NO_PREVIEW}
    return Outgoing(STAFF, "sendMessage", params, hand_over.id, origin)


def _answers(interview: Sequence[tuple[str, str]]) -> str:
    return "\n".join(text("card_answer", question=question, answer=answer) for question, answer in interview)


def _passed_on(messages: tuple[Message, ...], hand_over: HandOver) -> Iterator[Outgoing]:
    """What a citizen wrote, each message by itself: it may be edited later."""
    if len(messages) > 1 and not messages[0].text:
        yield _copy(STAFF, messages, hand_over)
        return
    for message in messages:
        if message.text:
            for piece in pack(paragraphs(text("citizen_says", text=message.text))):
                yield _html_to_staff(piece, hand_over, message.message_id)
        else:
            yield _copy(STAFF, (message,), hand_over)


def edit_for_staff(message: Message, hand_over: HandOver) -> Outgoing:
    """What a citizen changed."""
    words = text("citizen_says", text=message.text) if message.text else message.caption or ""
    return _edit(STAFF, message, {"text": words}, hand_over)


def edit_for_citizen(message: Message, hand_over: HandOver) -> Outgoing:
    """What a person of the staff changed, with its formatting."""
    return _edit(hand_over.chat, message, _words(message), hand_over)


def _edit(chat: str, message: Message, words: Json, hand_over: HandOver) -> Outgoing:
    """Which message it is, is known when it leaves: the one that passed on `origin`."""
    if message.text:
        return Outgoing(chat, EDIT_TEXT, words, hand_over.id, message.message_id)
    caption = {f"caption{'_entities' if key == 'entities' else ''}": value for key, value in words.items()}
    return Outgoing(chat, EDIT_CAPTION, caption, hand_over.id, message.message_id)


def _to_citizen(messages: tuple[Message, ...], hand_over: HandOver) -> Iterator[Outgoing]:
    """Text is kept in the outbox with its formatting, so that deleting it in the group changes nothing."""
    first = messages[0]
    if first.text:
        yield Outgoing(hand_over.chat, "sendMessage", _words(first), hand_over.id, first.message_id)
    elif any(without_notes(message.caption or "") != (message.caption or "") for message in messages):
        for message in messages:  # a caption can be changed in a single copy only
            yield _copy(hand_over.chat, (message,), hand_over)
    else:
        yield _copy(hand_over.chat, messages, hand_over)


def _words(message: Message) -> Json:
    """The text with its formatting; without any where notes were left out, which its places no longer fit."""
    written = message.text or message.caption or ""
    words: Json = {"text": without_notes(written)}
    if words["text"] != written:
        return words
    entities = [entity.to_dict() for entity in message.entities or message.caption_entities]
    return words | {"entities": entities} if entities else words


def _copy(chat: str, messages: tuple[Message, ...], hand_over: HandOver) -> Outgoing:
    """One message, or an album as an album."""
    first = messages[0]
    source: Json = {"from_chat_id": first.chat.id}
    if len(messages) == 1:
        params = source | {"message_id": first.message_id}
        if chat != STAFF and first.caption and without_notes(first.caption) != first.caption:
            params["caption"] = without_notes(first.caption)
        return Outgoing(chat, "copyMessage", params, hand_over.id, first.message_id)
    numbers = sorted(message.message_id for message in messages)
    return Outgoing(chat, "copyMessages", source | {"message_ids": numbers}, hand_over.id, first.message_id)
