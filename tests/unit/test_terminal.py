"""The terminal channel: lines become events, effects become text; the commands as a whole are in tests/cli."""

import io

import pytest
from rich.console import Console

from bot.channels.terminal import converse, typed
from bot.dialogue.effects import Button, Citation, OpenHandOver, Reason, Say
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Pressed
from bot.dialogue.state import Conversation
from bot.storage.sql import open_store
from tests.storage.examples import NOW

SHOW_A, SHOW_B = (Button(name, Action(ActionKind.SHOW, name)) for name in "ab")


class Recorder:
    """A dialogue that notes the events and answers with what stands in `answers`, then with nothing."""

    def __init__(self, *answers):
        self.events = []
        self.answers = list(answers)

    def step(self, _conversation, event, *_context):
        """The next answer."""
        self.events.append(event)
        return Conversation(), self.answers.pop(0) if self.answers else ()


async def typed_in(dialogue, *lines, echo=False):
    """What the terminal shows when these lines are typed; the first answer is the one to /start."""

    async def source():
        for line in lines:
            yield line

    shown = io.StringIO()
    store = await open_store("sqlite+aiosqlite://", NOW)
    try:
        await converse(dialogue, store, source(), Console(file=shown, width=60), echo=echo)
    finally:
        await store.close()
    return shown.getvalue()


async def events(*lines, buttons=()):
    """The events that lines become, when `buttons` were shown at the start."""
    dialogue = Recorder((Say("Bonjour", buttons=buttons),))
    await typed_in(dialogue, *lines)
    assert dialogue.events[0] == Commanded("start", Command.START)
    return dialogue.events[1:]


async def test_a_number_may_be_the_age_that_is_asked_for():
    asks = Action(ActionKind.SEARCH, "de")
    dialogue = Recorder((Say("Quel âge ?", buttons=(SHOW_A, SHOW_B), asks=asks),))
    await typed_in(dialogue, "17")
    assert isinstance(dialogue.events[1], Asked)


async def test_a_line_is_a_question_without_its_end():
    (event,) = await events("  Où est la piscine ? \n")
    assert isinstance(event, Asked)
    assert event.text == "Où est la piscine ?"


async def test_each_message_of_each_conversation_has_its_own_reference():
    refs = [event.ref for _ in range(2) for event in await events("a", "b", "a")]
    assert len(set(refs)) == 6


@pytest.mark.parametrize("command", Command)
async def test_every_command_of_the_menu_can_be_typed(command):
    (event,) = await events(f"/{command.upper()} s'il vous plaît")
    assert (type(event), event.command) == (Commanded, command)


@pytest.mark.parametrize("line", ["/inconnue", "/", "/etc/passwd"])
async def test_an_unknown_command_shows_what_there_is_as_on_telegram(line):
    (event,) = await events(line)
    assert (type(event), event.command) == (Commanded, Command.HELP)


@pytest.mark.parametrize(("line", "button"), [("1", SHOW_A), ("2", SHOW_B), ("02", SHOW_B), ("٢", SHOW_B)])
async def test_a_number_presses_the_button_of_that_number(line, button):
    (event,) = await events(line, buttons=(SHOW_A, SHOW_B))
    assert (type(event), event.action) == (Pressed, button.action)


@pytest.mark.parametrize("line", ["0", "3", "99"])
async def test_a_number_without_a_button_is_no_event(line):
    assert await events(line, buttons=(SHOW_A, SHOW_B)) == []


@pytest.mark.parametrize("line", ["2026", "1.", "²", "-1", "1" * 5000])
async def test_what_is_no_small_number_is_a_question(line):
    (event,) = await events(line, buttons=(SHOW_A, SHOW_B))
    assert isinstance(event, Asked)


async def test_the_buttons_of_several_messages_are_numbered_through():
    dialogue = Recorder((Say("un", buttons=(SHOW_A,)), Say("deux", buttons=(SHOW_B,))))
    shown = await typed_in(dialogue, "2")
    assert "un\n  1 a\n\ndeux\n  2 b\n" in shown
    assert dialogue.events[-1].action == SHOW_B.action


async def test_buttons_stay_until_others_are_shown():
    dialogue = Recorder((Say("un", buttons=(SHOW_A,)),), (Say("deux"),))
    await typed_in(dialogue, "question", "1")
    assert dialogue.events[-1].action == SHOW_A.action


async def test_an_answer_is_shown_with_its_sources_and_reservations_as_written():
    say = Say("[gras] *et* :smile:", (Citation("Source [1]", "https://example.org/" + "x" * 80),), ("À confirmer",))
    shown = await typed_in(Recorder((say,)))
    assert "[gras] *et*" in shown
    assert f"Source [1]\n  https://example.org/{'x' * 80}\nÀ confirmer\n" in shown


async def test_a_hand_over_is_said_to_be_one_on_telegram():
    shown = await typed_in(Recorder((), (OpenHandOver("r", "q", "fr", Reason.TOO_LOW),)), "question")
    assert "(Sur Telegram, le service recevrait ici la question.)" in shown


async def test_lines_of_a_file_are_shown_too():
    assert "> question\n" in await typed_in(Recorder(), "question", echo=True)
    assert "> question" not in await typed_in(Recorder(), "question")


@pytest.mark.parametrize("word", ["/quitter", "quitter", "/QUIT", "exit"])
async def test_a_word_leaves(word):
    assert await events(word, "after") == []


async def test_a_message_is_as_long_as_one_of_telegram_at_most():
    (event,) = await events("é" * 10_000)
    assert event.text == "é" * 4096


async def test_control_characters_are_not_passed_on():
    (event,) = await events("a\x00b\x1b[31m\tc\x85\ud800d")
    assert event.text == "a b [31m c  d"


async def test_piped_lines_are_utf8_or_what_french_windows_writes():
    piped = io.TextIOWrapper(io.BytesIO("\ufeffoù\r\n".encode() + "où €\n".encode("cp1252") + "أين".encode()))
    assert [line.strip() async for line in typed(piped)] == ["où", "où €", "أين"]
