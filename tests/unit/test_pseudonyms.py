"""Pseudonyms tell people apart, and lead to nobody without the key."""

from bot.privacy.pseudonyms import Pseudonyms

KEYS = Pseudonyms(b"one key"), Pseudonyms(b"another key")


def test_a_person_has_one_name_under_one_key():
    assert KEYS[0].of("42") == Pseudonyms(b"one key").of("42")


def test_two_people_have_two_names():
    assert len({KEYS[0].of(str(number)) for number in range(10_000)}) == 10_000


def test_another_key_gives_another_name():
    assert KEYS[0].of("42") != KEYS[1].of("42")


def test_the_name_does_not_hold_the_number():
    assert "6123456789" not in KEYS[0].of("6123456789")
