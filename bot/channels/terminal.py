"""A conversation in the terminal: the same dialogue and store as Telegram, needs no token."""

import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape

from bot.conversation import handle
from bot.dialogue.effects import Button, Effect, OpenHandOver, Say
from bot.dialogue.events import Asked, Command, Commanded, Event, Pressed
from bot.dialogue.policy import Dialogue
from bot.storage.store import Store

CHANNEL = "terminal"


async def converse(dialogue: Dialogue, store: Store, lines: AsyncIterator[str], console: Console) -> None:
    """Answer each line until there are none left; a number presses the button of that number."""
    chat = uuid.uuid4().hex
    buttons = await _turn(dialogue, store, chat, Commanded("start", Command.START), console, ())
    number = 0
    async for line in lines:
        text = line.strip()
        if not text:
            continue
        number += 1
        if not sys.stdin.isatty():
            console.print(f"[bold cyan]>[/] {escape(text)}")
        buttons = await _turn(dialogue, store, chat, _event(f"{chat}/{number}", text, buttons), console, buttons)


def _event(ref: str, text: str, buttons: Sequence[Button]) -> Event:
    if text.isdecimal() and 1 <= int(text) <= len(buttons):
        return Pressed(ref, buttons[int(text) - 1].action)
    if text.startswith("/") and text[1:] in set(Command):
        return Commanded(ref, Command(text[1:]))
    return Asked(ref, text)


async def _turn(
    dialogue: Dialogue, store: Store, chat: str, event: Event, console: Console, buttons: Sequence[Button]
) -> Sequence[Button]:
    """Show what the bot says; the buttons that can be pressed next."""
    effects = await handle(store, dialogue, event, channel=CHANNEL, chat=chat, now=datetime.now(UTC))
    shown = [effect for effect in effects if isinstance(effect, Say)]
    choices = [button for say in shown for button in say.buttons]
    for effect in effects:
        _show(effect, choices, console)
    return choices or buttons


def _show(effect: Effect, choices: Sequence[Button], console: Console) -> None:
    match effect:
        case Say():
            console.print(escape(effect.text))
            for citation in effect.citations:
                console.print(f"[dim]{escape(citation.label)} — {escape(citation.url)}[/]")
            for note in effect.notes:
                console.print(f"[italic]{escape(note)}[/]")
            for button in effect.buttons:
                console.print(f"  [bold]{choices.index(button) + 1}[/] {escape(button.label)}")
            console.print()
        case OpenHandOver():
            console.print("[dim](Sur Telegram, le service recevrait ici la question.)[/]\n")
        case _:
            pass
