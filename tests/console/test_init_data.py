"""What a Mini App brings is believed only if Telegram has signed it, just now."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.init_data import AGE, verified

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TOKEN = "123456:secret"  # noqa: S105 - of a test
FIELDS = {"query_id": "AAE", "user": '{"id":7,"first_name":"Zoé & Cie"}', "auth_date": str(int(NOW.timestamp()))}


def signed(token: str = TOKEN, **changes: str) -> str:
    """As Telegram makes it."""
    fields = FIELDS | changes
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode(fields | {"hash": hmac.new(key, text.encode(), hashlib.sha256).hexdigest()})


def at(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def test_the_person_whom_telegram_vouches_for_is_known():
    opened = verified(signed(), TOKEN, NOW)
    assert opened is not None
    assert (opened.user_id, opened.expires_at) == (7, NOW + AGE)


def test_an_example_computed_by_other_hands_is_accepted():
    """By openssl: `dgst -sha256 -hmac WebAppData` over the token, then `-mac HMAC -macopt hexkey:` over the lines."""
    data = (
        "user=%7B%22id%22%3A7%7D&auth_date=1795510800"
        "&hash=e7d3dbc0fe100a7051a3ce6dfddcec501514bbd2d68fc743f61b61ce583f75cd"
    )
    opened = verified(data, TOKEN, datetime.fromtimestamp(1795510800, UTC))
    assert opened is not None
    assert opened.user_id == 7


def test_fields_that_telegram_adds_one_day_are_part_of_what_is_signed():
    assert verified(signed(signature="abc", chat_instance="1"), TOKEN, NOW) is not None
    assert verified(signed() + "&more=1", TOKEN, NOW) is None


def test_another_bots_signature_is_refused():
    assert verified(signed("123456:other"), TOKEN, NOW) is None


@pytest.mark.parametrize(
    ("signed_at", "accepted"),
    [
        (NOW - AGE + timedelta(seconds=1), True),
        (NOW - AGE, False),
        (NOW - timedelta(days=1), False),
        (NOW + timedelta(seconds=30), True),
        (NOW + timedelta(hours=1), False),
    ],
)
def test_what_is_older_than_ten_minutes_or_of_the_future_is_refused(signed_at: datetime, accepted: bool):
    assert (verified(signed(auth_date=at(signed_at)), TOKEN, NOW) is not None) is accepted


@pytest.mark.parametrize(
    "changes",
    [
        {"user": "{"},
        {"user": "7"},
        {"user": '{"id":"x"}'},
        {"user": "[]"},
        {"auth_date": "soon"},
        {"auth_date": "9" * 40},
    ],
)
def test_signed_data_that_cannot_be_read_is_refused(changes: dict[str, str]):
    assert verified(signed(**changes), TOKEN, NOW) is None


@pytest.mark.parametrize("data", ["", "hash=", "hash=00", "&&&", "user=%FF&hash=%FF", "=", "\ud800"])
def test_anything_else_is_refused(data: str):
    assert verified(data, TOKEN, NOW) is None


@given(name=st.sampled_from([*FIELDS, "hash"]), value=st.text(max_size=20))
def test_whatever_is_changed_is_noticed(name: str, value: str):
    fields = dict(parse_qsl(signed()))
    changed = urlencode(fields | {name: value}, errors="surrogatepass")
    assert fields[name] == value or verified(changed, TOKEN, NOW) is None


def test_the_number_stands_in_json_and_a_name_cannot_add_one():
    user = json.dumps({"id": 7, "first_name": '","id":8,"x":"'})
    opened = verified(signed(user=user), TOKEN, NOW)
    assert opened is not None
    assert opened.user_id == 7
