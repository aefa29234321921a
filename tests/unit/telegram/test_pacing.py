"""Telegram's limits are kept whatever is asked for."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.pacing import ALL, GROUP, OVERALL, PRIVATE_CHAT, Limit, Pace


def departures(asked):
    """When each (chat, limit, time asked) leaves: its turn in the chat, then its turn among all."""
    pace = Pace()
    turns = [now + pace.reserve(chat, limit, now) for chat, limit, now in asked]
    left = {number: turns[number] + pace.reserve(ALL, OVERALL, turns[number]) for number in _in_order(turns)}
    return [left[number] for number in range(len(asked))]


def _in_order(turns):
    return sorted(range(len(turns)), key=turns.__getitem__)


def test_a_short_burst_to_one_person_leaves_almost_at_once():
    left = departures([("a", PRIVATE_CHAT, 100.0)] * 4)
    assert left[2] - left[0] < 0.1
    assert left[3] == 101.0


def test_a_person_does_not_wait_for_another_one_s_burst():
    asked = [("a", PRIVATE_CHAT, 0.0)] * 10
    assert departures([*asked, ("b", PRIVATE_CHAT, 0.0)])[-1] < 0.2


def test_nobody_waits_for_the_turn_of_the_group():
    asked = [("g", GROUP, 0.0)] * 30
    assert departures([*asked, ("b", PRIVATE_CHAT, 1.0)])[-1] < 1.2


def test_after_a_rest_the_burst_is_whole_again():
    left = departures([("a", PRIVATE_CHAT, 0.0)] * 6 + [("a", PRIVATE_CHAT, 60.0)] * 3)
    assert left[-1] - 60.0 < 0.1


def test_a_group_gets_no_more_than_twenty_a_minute():
    left = departures([("g", GROUP, 0.0)] * 60)
    assert all(after - before >= 60.0 - 1e-6 for before, after in zip(left, left[20:], strict=False))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 2)), max_size=60))
def test_calls_leave_one_by_one_and_never_early(steps):
    now, asked = 0.0, []
    for chat, pause in steps:
        now += pause
        asked.append((chat, PRIVATE_CHAT, now))
    left = departures(asked)
    assert all(leaves >= time for leaves, (_, _, time) in zip(left, asked, strict=True))
    in_order = sorted(left)
    assert all(b - a >= OVERALL.interval - 1e-9 for a, b in itertools.pairwise(in_order))


def test_chats_at_rest_are_forgotten():
    pace = Pace()
    pace.reserve("a", Limit(1.0, 1), 0.0)
    pace.forget(10.0)
    assert pace == Pace()


def test_one_chat_that_telegram_wants_nothing_for_holds_up_nobody():
    pace = Pace()
    pace.refused("a", 30, 100.0)
    pace.refused("a", 40, 101.0)
    assert pace.reserve(ALL, OVERALL, 101.0) == 0


def test_when_telegram_wants_nothing_for_a_second_chat_all_wait():
    pace = Pace()
    pace.refused("a", 30, 100.0)
    pace.refused("b", 10, 101.0)
    assert pace.reserve(ALL, OVERALL, 101.0) == 10


def test_a_wait_is_obeyed_however_long_it_is_and_by_its_chat_only():
    pace = Pace()
    pace.reserve("a", PRIVATE_CHAT, 100.0)
    pace.refused("a", 3600, 100.0)
    assert pace.reserve("a", PRIVATE_CHAT, 700.0) == 3000
    assert pace.reserve("b", PRIVATE_CHAT, 700.0) == 0


def test_a_silence_that_is_over_is_no_sign_of_another():
    pace = Pace()
    pace.refused("a", 30, 100.0)
    pace.refused("b", 10, 131.0)
    assert pace.reserve(ALL, OVERALL, 131.0) == 0
