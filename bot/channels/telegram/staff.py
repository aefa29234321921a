"""What the staff group does: replies, commands, buttons, corrections."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from bot.channels.telegram.desk import Desk, now
from bot.channels.telegram.incoming import Place, StaffAsksHelp, StaffCommand, StaffCommanded, StaffEdited, StaffWrote
from bot.channels.telegram.outgoing import STAFF, Translator, edit_for_citizen, to_staff
from bot.conversation import ClosedError, TakenError
from bot.dialogue.events import StaffClosed, StaffEvent, StaffReplied, StaffReturned, StaffTook
from bot.knowledge.hours import LEGAL_TIME
from bot.language.times import said_when
from bot.staff.delays import when
from bot.staff.texts import text
from bot.staff.why import why
from bot.storage.model import HandOver, HandOverStatus, Outgoing


async def staff_wrote(desk: Desk, wrote: StaffWrote, updates: Sequence[int]) -> None:
    """A reply to a citizen; what colleagues say among themselves stays there."""
    hand_over = await _hand_over(desk, wrote.place)
    if hand_over is None:
        meant = wrote.place.reply_to_user == desk.bot.id
        await desk.settle(updates, *([_in_group(text("reply_to_nobody"), wrote.place)] if meant else []))
        return
    if not hand_over.chat:
        await desk.settle(updates, _in_group(text("erased_no_reply"), wrote.place))
        return
    first = wrote.messages[0]
    late = hand_over.status is HandOverStatus.CLOSED
    event = StaffReplied(f"{first.chat.id}/{first.message_id}", wrote.agent, late=late)
    dialogue = desk.dialogue()
    translator = Translator(dialogue.knowledge, wrote, hand_over.chat, hand_over, desk.group.forum)
    try:
        await desk.step(dialogue, event, translator, updates)
    except ClosedError:  # meanwhile: now it is late
        await staff_wrote(desk, wrote, updates)


async def staff_edited(desk: Desk, edited: StaffEdited, updates: Sequence[int]) -> None:
    """The citizen sees the corrected text in place of the first one."""
    hand_over = await _hand_over(desk, edited.place)
    known = hand_over is not None and hand_over.chat
    await desk.settle(updates, *([edit_for_citizen(edited.message, hand_over)] if hand_over and known else []))


async def staff_asked_help(desk: Desk, asked: StaffAsksHelp, updates: Sequence[int]) -> None:
    await desk.settle(updates, _in_group(text("staff_help"), asked.place))


async def staff_commanded(desk: Desk, commanded: StaffCommanded, updates: Sequence[int]) -> None:
    """Do it if the hand-over is open; else say why not, in a toast for a button."""
    hand_over = await _hand_over(desk, commanded.place, commanded.hand_over)
    if hand_over is None or hand_over.status is HandOverStatus.CLOSED:
        await _refused(desk, commanded, updates, text("not_open" if hand_over else "which_one"))
    else:
        try:
            await _COMMANDS[commanded.command](desk, commanded, hand_over, updates)
        except ClosedError:
            await _refused(desk, commanded, updates, text("not_open"))


async def _take(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    try:
        await _acted(desk, StaffTook(commanded.ref, commanded.agent), hand_over, updates)
    except TakenError as error:
        await _refused(desk, commanded, updates, text("toast_taken_by", name=error.name or "?"))
    else:
        await desk.answer(commanded.callback, text("toast_taken"))


async def _close(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    await _acted(desk, StaffClosed(commanded.ref), hand_over, updates)
    await desk.answer(commanded.callback, text("toast_closed"))


async def _return(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    await _acted(desk, StaffReturned(commanded.ref), hand_over, updates)


async def _snooze(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    """No alarm until then, and a reminder at that time."""
    hours = desk.dialogue().knowledge.hours
    until = when(commanded.argument, now(), hours)
    if until is None:
        await _refused(desk, commanded, updates, text("snooze_unclear"))
        return
    said = to_staff(text("snoozed", when=said_when(until, now(), "fr")), hand_over)
    await _changed(desk, updates, hand_over, said, snoozed_until=until)


async def _assign(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    """To a colleague, by name: Telegram gives a bot no list of a group's members."""
    name = commanded.argument.lstrip("@")[:64]
    if not name:
        await _refused(desk, commanded, updates, text("reassign_unclear"))
        return
    said = to_staff(text("reassigned", name=name, number=hand_over.id), hand_over)
    await _changed(desk, updates, hand_over, said, taken_by=0, taken_name=name)


async def _why(desk: Desk, commanded: StaffCommanded, hand_over: HandOver, updates: Sequence[int]) -> None:
    """Which entries are near the question as the knowledge stands now; the citizen sees nothing of it."""
    async with desk.store.look() as work:
        question = await work.question_of(hand_over)
    if question is None:
        await _refused(desk, commanded, updates, text("why_none"))
        return
    matcher, knowledge = desk.dialogue().matcher, desk.dialogue().knowledge
    day = now().astimezone(LEGAL_TIME).date()
    asked = partial(matcher.understand, question.text, language=question.language, day=day, last_entry=None)
    rankings = await asyncio.to_thread(asked)
    await desk.settle(updates, to_staff(why(rankings, knowledge), hand_over))


_COMMANDS: dict[StaffCommand, Callable[[Desk, StaffCommanded, HandOver, Sequence[int]], Awaitable[None]]] = {
    StaffCommand.TAKE: _take,
    StaffCommand.CLOSE: _close,
    StaffCommand.RETURN: _return,
    StaffCommand.SNOOZE: _snooze,
    StaffCommand.ASSIGN: _assign,
    StaffCommand.WHY: _why,
}


async def _acted(desk: Desk, event: StaffEvent, hand_over: HandOver, updates: Sequence[int]) -> None:
    dialogue = desk.dialogue()
    translator = Translator(dialogue.knowledge, None, hand_over.chat, hand_over, desk.group.forum)
    await desk.step(dialogue, event, translator, updates)


async def _changed(desk: Desk, updates: Sequence[int], hand_over: HandOver, said: Outgoing, **change: Any) -> None:  # noqa: ANN401 - columns of a hand-over
    """Only the staff's own view of the hand-over changes: the dialogue knows nothing of it."""
    async with desk.store.work() as work:
        await work.set_hand_over(hand_over.id, **change, now=now())
        await work.enqueue([said], now())
        for update in updates:
            await work.update_done(update, now())


async def _refused(desk: Desk, commanded: StaffCommanded, updates: Sequence[int], why: str) -> None:
    await desk.settle(updates, *(() if commanded.callback else (_in_group(why, commanded.place),)))
    await desk.answer(commanded.callback, why)


async def _hand_over(desk: Desk, place: Place, number: int | None = None) -> HandOver | None:
    """The hand-over of a card's button, of a topic, or of the message replied to."""
    async with desk.store.look() as work:
        if number is not None:
            return await work.hand_over_by_id(number)
        found = await work.hand_over_by_topic(place.topic) if place.topic is not None else None
        if found is None and place.reply_to is not None:
            found = await work.hand_over_by_message(STAFF, place.reply_to, place.group)
        return found


def _in_group(sentence: str, place: Place) -> Outgoing:
    """To the staff group, in the topic from which it was asked for."""
    params: dict[str, Any] = {"text": sentence}
    if place.topic is not None:
        params["message_thread_id"] = place.topic
    return Outgoing(STAFF, "sendMessage", params)
