"""Pages learn at once that something changed."""

from dataclasses import replace
from itertools import count

from bot.console.live import changes
from bot.console.pages import Parts
from tests.console.conftest import NOW, Clock

OFTEN = 0.001
"""Seconds between two looks."""


class Pulses:
    """A store whose pulse is the next of these; the clock goes on a second with each."""

    def __init__(self, clock: Clock, *pulses: int) -> None:
        self._pulses = iter([*pulses, *[pulses[-1]] * 10_000])
        self._clock = clock

    async def pulse(self) -> tuple[int]:
        self._clock.passes(seconds=1)
        return (next(self._pulses),)


async def test_an_event_is_sent_for_each_change_and_for_nothing_else(parts: Parts, clock: Clock):
    told = [event async for event in changes(replace(parts, store=Pulses(clock, 1, 1, 2, 2, 3)), OFTEN)]
    assert told[0] == "retry: 3000\n\n"
    assert told.count("event: changed\ndata: 1\n\n") == 2


async def test_a_silent_stream_shows_that_it_is_alive_and_ends_after_ten_minutes(parts: Parts, clock: Clock):
    """The browser comes back by itself: then the session is looked at again."""
    told = [event async for event in changes(replace(parts, store=Pulses(clock, 1)), OFTEN)]
    assert told.count(": alive\n\n") == 40 - 1
    assert (clock.now - NOW).total_seconds() == 600


async def test_a_stream_ends_with_the_console(parts: Parts, clock: Clock):
    numbers = count()
    async for _ in changes(replace(parts, store=Pulses(clock, 1, 2, 3, 4)), OFTEN):
        if next(numbers) == 2:
            parts.stop.set()
    assert next(numbers) == 3


async def test_a_stored_change_is_a_change(parts: Parts, awa):
    stream = changes(parts, OFTEN)
    await anext(stream)
    first = anext(stream)
    await awa.says("encore", NOW)
    assert await first == "event: changed\ndata: 1\n\n"
    await stream.aclose()
