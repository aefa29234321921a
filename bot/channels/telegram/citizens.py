"""What a citizen does: questions, buttons, commands, attachments, corrections."""

import logging
from collections.abc import Sequence

from bot.channels.telegram.desk import CHANNEL, Desk
from bot.channels.telegram.incoming import CitizenActed, CitizenEdited
from bot.channels.telegram.outgoing import Translator, edit_for_staff
from bot.conversation import current
from bot.dialogue.effects import Acknowledge, EraseData, Say
from bot.dialogue.events import Asked
from bot.dialogue.state import Conversation, Mode
from bot.privacy.masking import mask
from bot.staff.texts import text

log = logging.getLogger(__name__)


async def citizen_acted(desk: Desk, acted: CitizenActed, updates: Sequence[int]) -> None:
    """Answer, or pass it on to the staff."""
    dialogue = desk.dialogue()
    translator = Translator(dialogue.knowledge, acted, acted.chat, forum=desk.group.forum)
    effects = await desk.step(dialogue, acted.event, translator, updates)
    if any(isinstance(effect, EraseData) for effect in effects):
        log.info(text("log_erased", who=desk.pseudonyms.of(acted.chat)))
        await desk.store.scrub()
    if any(isinstance(effect, Say) for effect in effects):
        await desk.answer(acted.callback)
    elif word := next((effect.text for effect in effects if isinstance(effect, Acknowledge)), None):
        await desk.answer(acted.callback, word)
    elif acted.callback:
        conversation, _ = await current(desk.store, CHANNEL, acted.chat)
        await desk.answer(acted.callback, dialogue.knowledge.message(conversation.language, "with_staff_toast"))


async def citizen_edited(desk: Desk, edited: CitizenEdited, updates: Sequence[int]) -> None:
    """A corrected question is asked again; what the staff have of a message is corrected there."""
    conversation, _ = await current(desk.store, CHANNEL, edited.chat)
    message = edited.message
    if conversation.mode is not Mode.BOT:
        async with desk.store.look() as work:
            hand_over = await work.hand_over_of_chat(CHANNEL, edited.chat)
        await desk.settle(updates, *([edit_for_staff(message, hand_over)] if hand_over else []))
    elif message.text and _corrects(conversation, edited):
        changed = int(message.edit_date.timestamp()) if message.edit_date else 0
        again = Asked(f"{edited.chat}/{message.message_id}/{changed}", message.text)
        await citizen_acted(desk, CitizenActed(edited.chat, again, (message,)), updates)
    else:
        await desk.settle(updates)


def _corrects(conversation: Conversation, edited: CitizenEdited) -> bool:
    """The last question, and other words: Telegram also reports edits that nobody can see (a reaction, a preview)."""
    ref = f"{edited.chat}/{edited.message.message_id}"
    last = conversation.last_ref == ref or conversation.last_ref.startswith(f"{ref}/")
    return last and mask(edited.message.text or "") != conversation.last_question
