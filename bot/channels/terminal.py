"""A conversation in the terminal: the same dialogue and store as Telegram, needs no token."""

import contextlib
import signal
import unicodedata
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console
from rich.markup import escape

from bot.conversation import handle
from bot.dialogue.effects import Acknowledge, Button, Effect, OpenHandOver, Say, SendFile
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Event, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.staff.texts import text
from bot.storage.store import Store

CHANNEL = "terminal"
_PROMPT = "> "
_QUIT = ("quitter", "quit", "exit")
_MAX_CHARACTERS = 4096
"""The length of a Telegram message (core.telegram.org/bots/api#sendmessage)."""


async def typed(stdin: TextIO) -> AsyncIterator[str]:
    """What is typed, line by line, behind a prompt when it is a terminal.

    Reading blocks the event loop: nothing else happens in it, and Ctrl-C must not wait for the next line.
    """
    lines = _prompted() if stdin.isatty() else map(_decoded, stdin.buffer)
    while True:
        with _interruptible():
            line = next(lines, None)
        if line is None:
            return
        yield line


def _prompted() -> Iterator[str]:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401, PLC0415 - importing it gives `input` arrow keys and a history; not on Windows
    with contextlib.suppress(EOFError):
        while True:
            yield input(_PROMPT)
    print()  # noqa: T201 - the shell's prompt comes on its own line after Ctrl-D


def _decoded(line: bytes) -> str:
    """UTF-8, else what French Windows writes; the mark that its Notepad puts before the first line is no text."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C interrupts what is inside: asyncio would only note it, and wait."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def converse(
    dialogue: Dialogue, store: Store, lines: AsyncIterator[str], console: Console, *, echo: bool = False
) -> None:
    """Answer each line until there are none left; a number presses the button of that number.

    Args:
        dialogue: decides.
        store: keeps the conversation and the questions, as for Telegram.
        lines: what the person types.
        console: shows what the bot says.
        echo: show the lines too, when they come from a file.
    """
    chat = uuid.uuid4().hex
    buttons, asks = await _turn(dialogue, store, chat, Commanded("start", Command.START), console, ())
    console.print(f"[dim]{escape(text('terminal_how'))}[/]\n")
    number = 0
    async for line in lines:
        typed_text = _clean(line)
        if not typed_text:
            continue
        if typed_text.removeprefix("/").lower() in _QUIT:
            return
        number += 1
        if echo:
            console.print(f"[bold cyan]{_PROMPT}[/]{escape(typed_text)}")
        may_be_an_age = asks is not None and asks.kind is ActionKind.SEARCH
        if _no_such_button(typed_text, buttons) and not may_be_an_age:
            console.print(f"[dim]{escape(text('terminal_no_such_button', last=len(buttons)))}[/]\n")
            continue
        event = _event(f"{chat}/{number}", typed_text, buttons)
        buttons, asks = await _turn(dialogue, store, chat, event, console, buttons)


def _clean(line: str) -> str:
    """Without what a message of Telegram cannot hold: control characters, and more than its length."""
    kept = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in line)
    return kept.strip()[:_MAX_CHARACTERS]


def _no_such_button(typed_text: str, buttons: Sequence[Button]) -> bool:
    """A small number that presses nothing: more likely a slip than a question."""
    return _is_small(typed_text) and not 1 <= int(typed_text) <= len(buttons)


def _is_small(typed_text: str) -> bool:
    return typed_text.isdecimal() and len(typed_text) <= 2


def _event(ref: str, typed_text: str, buttons: Sequence[Button]) -> Event:
    if _is_small(typed_text) and not _no_such_button(typed_text, buttons):
        return Pressed(ref, buttons[int(typed_text) - 1].action)
    if typed_text.startswith("/"):
        word, _, argument = typed_text[1:].partition(" ")
        word = word.lower()
        return Commanded(ref, Command(word) if word in set(Command) else Command.HELP, argument=argument.strip())
    return Asked(ref, typed_text)


async def _turn(
    dialogue: Dialogue, store: Store, chat: str, event: Event, console: Console, buttons: Sequence[Button]
) -> tuple[Sequence[Button], Action | None]:
    """Show what the bot says; the buttons that can be pressed next, and what its last message asks."""
    effects = await handle(store, dialogue, event, channel=CHANNEL, chat=chat, moment=Moment(datetime.now(UTC)))
    asked = [effect.asks for effect in effects if isinstance(effect, Say)]
    return show(effects, console) or buttons, asked[-1] if asked else None


def show(effects: Sequence[Effect], console: Console) -> Sequence[Button]:
    """What the person sees of them; the buttons among it, by their numbers."""
    choices = [button for effect in effects if isinstance(effect, Say) for button in effect.buttons]
    for effect in effects:
        _show(effect, choices, console)
    return choices


def _show(effect: Effect, choices: Sequence[Button], console: Console) -> None:
    match effect:
        case Say():
            console.print(escape(effect.text))
            for citation in effect.citations:
                console.print(f"[dim]{escape(citation.label)}[/]")
                # Never broken over lines: a terminal makes it a link, and it can be copied.
                console.print(f"[dim]  {escape(citation.url)}[/]", soft_wrap=True)
            for note in effect.notes:
                console.print(f"[italic]{escape(note)}[/]")
            for button in effect.buttons:
                console.print(f"  [bold]{choices.index(button) + 1}[/] {escape(button.label)}")
            console.print()
        case Acknowledge():
            console.print(f"[dim]{escape(effect.text)}[/]\n")
        case SendFile() if not effect.name.endswith(".json"):
            console.print(escape(effect.content))
        case OpenHandOver():
            console.print(f"[dim]{escape(text('terminal_hand_over'))}[/]\n")
        case _:
            pass
