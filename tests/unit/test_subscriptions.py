"""Who is due for what: nobody twice, nobody after a stop, nobody below fifteen, nobody at night."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.hours import LEGAL_TIME, holidays_of
from bot.knowledge.model import Call
from bot.knowledge.opportunities import Dates
from bot.opportunities.subscriptions import (
    About,
    CivilHours,
    NoticeKind,
    Sighting,
    Subscription,
    Topic,
    Watch,
    observe,
    states,
)
from bot.opportunities.wish import Step
from tests.unit.dialogue_fakes import KNOWLEDGE
from tests.unit.opportunity_examples import CAMP, HARZ, offer, opportunities

DAY = timedelta(days=1)
NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
MONTHLY = offer("monthly", usual_month=8)
OFFERED = replace(KNOWLEDGE, opportunities=opportunities(CAMP, HARZ, MONTHLY))
CAMP_ONLY = About(Topic.OFFER, "camp")


def called(opens, closes):
    """The knowledge with a call for projects in the entry `grant`."""
    grant = replace(KNOWLEDGE.entries["grant"], call=Call(opens, closes))
    return replace(OFFERED, entries={**KNOWLEDGE.entries, "grant": grant})


def subscription(about, made=NOW, days=180, chat="42"):
    return Subscription(chat, about, made, made + days * DAY)


def at(day, hour=9):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def run(subscriptions, start, days, knowledge=OFFERED, known=None):
    """All that is told when everything is looked at each morning, with the day of it."""
    sightings, told, days_told = dict(known or {}), [], []
    for number in range(days):
        now = start + number * DAY
        sightings |= observe(sightings, states(knowledge, now.date()), now)
        due = Watch(knowledge, sightings, now).due(subscriptions, told)
        told += [notice.key for notice in due]
        days_told += [(notice.key.kind, str(now.date())) for notice in due]
    return days_told


def seen(knowledge=OFFERED, since=NOW - DAY):
    return observe({}, states(knowledge, since.date()), since)


def test_a_reminder_comes_fourteen_and_three_days_before_the_deadline_or_on_the_next_working_day():
    told = run([subscription(CAMP_ONLY)], NOW, 90, known=seen())
    assert told == [(NoticeKind.ENDS, "2027-03-01"), (NoticeKind.ENDS, "2027-03-12")]


def test_asked_for_within_fourteen_days_it_comes_once():
    late = datetime(2027, 3, 2, 9, tzinfo=UTC)
    assert run([subscription(CAMP_ONLY, late)], late, 30, known=seen()) == [(NoticeKind.ENDS, "2027-03-12")]


def test_without_a_deadline_it_comes_before_the_first_day():
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(replace(CAMP, deadline=None)))
    told = run([subscription(CAMP_ONLY, days=300)], NOW, 200, knowledge, seen(knowledge))
    assert told == [(NoticeKind.ENDS, "2027-06-21"), (NoticeKind.ENDS, "2027-07-02")]


def test_a_subscriber_is_reminded_once_of_each_deadline():
    told = run([subscription(About(Topic.NEWS, "lb.17.-"))], NOW, 90, known=seen())
    assert told == [(NoticeKind.ENDS, "2027-03-01")]


def test_two_wishes_for_the_same_are_one_notice():
    both = [
        subscription(CAMP_ONLY),
        subscription(About(Topic.NEWS, "lb.17.-")),
        subscription(About(Topic.NEWS, "-.-.-")),
    ]
    told = run(both, NOW, 90, known=seen())
    assert told == [(NoticeKind.ENDS, "2027-03-01"), (NoticeKind.ENDS, "2027-03-12")]


def test_where_the_dates_are_not_known_the_usual_month_is_told_on_its_first_working_day():
    told = run([subscription(About(Topic.OFFER, "monthly"), days=400)], NOW, 260, known=seen())
    assert told == [(NoticeKind.BEGINS, "2027-08-02")]


def test_what_was_there_when_somebody_subscribed_is_no_news():
    assert run([subscription(About(Topic.NEWS, "-.-.-"))], NOW, 20, known=seen()) == []


@pytest.mark.parametrize(("gone", "news"), [(timedelta(hours=2), []), (2 * DAY, [NoticeKind.OPENED])])
def test_what_was_missing_for_a_moment_is_no_news(gone, news):
    away = Sighting("open", NOW - 90 * DAY, NOW - gone)
    sightings = {"o.camp": away} | observe({"o.camp": away}, {"o.camp": "open"}, NOW)
    due = Watch(OFFERED, sightings, NOW).due([subscription(About(Topic.NEWS, "lb.17.-"), NOW - 30 * DAY)], [])
    assert [notice.key.kind for notice in due] == news


def test_a_date_that_is_corrected_is_no_news():
    asked = [subscription(About(Topic.NEWS, "lb.17.-"), NOW - 2 * DAY)]
    sightings = {"o.camp": Sighting("open", NOW - DAY)}
    told = [notice.key for notice in Watch(OFFERED, sightings, NOW).due(asked, [])]
    assert [key.kind for key in told] == [NoticeKind.OPENED]
    corrected = replace(KNOWLEDGE, opportunities=opportunities(replace(CAMP, deadline=CAMP.deadline + 2 * DAY)))
    assert Watch(corrected, sightings, NOW + DAY).due(asked, told) == ()


def test_of_a_call_the_publication_the_opening_and_the_end_are_told():
    unpublished, published = called(None, None), called(date(2027, 2, 1), date(2027, 3, 31))
    asked = subscription(About(Topic.CALL, "grant"))
    assert run([asked], NOW, 5, unpublished) == []
    assert run([asked], NOW + DAY, 80, published, seen(unpublished)) == [
        (NoticeKind.OPENED, "2027-01-13"),
        (NoticeKind.BEGINS, "2027-02-01"),
        (NoticeKind.ENDS, "2027-03-17"),
        (NoticeKind.ENDS, "2027-03-30"),
    ]


def test_who_asked_once_the_call_was_published_is_not_told_that_it_is():
    published = called(date(2027, 2, 1), date(2027, 3, 31))
    told = run([subscription(About(Topic.CALL, "grant"))], NOW, 25, published, seen(published))
    assert told == [(NoticeKind.BEGINS, "2027-02-01")]


@pytest.mark.parametrize("state", [{"retired": True}, {"frozen": True}, {"valid_until": date(2027, 1, 1)}], ids=str)
def test_of_a_call_that_is_not_answered_nobody_is_told_anything(state):
    published = called(date(2027, 2, 1), date(2027, 3, 31))
    grant = replace(published.entries["grant"], **state)
    silent = replace(published, entries={**published.entries, "grant": grant})
    asked = subscription(About(Topic.CALL, "grant"), days=60)
    assert run([asked], NOW, 80, silent, seen(called(None, None))) == []
    assert Watch(silent, {}, NOW).over(asked) is ("retired" in state)


def test_a_call_that_was_corrected_does_not_open_anew():
    published = called(date(2027, 2, 1), date(2027, 3, 31))
    grant = published.entries["grant"]
    cold = replace(published, entries={**published.entries, "grant": replace(grant, frozen=True)})
    known, asked = seen(published), subscription(About(Topic.CALL, "grant"))
    known |= observe(known, states(cold, NOW.date()), NOW)
    assert run([asked], NOW + 2 * DAY, 10, published, known) == []


def test_before_it_ends_a_subscription_can_be_renewed_once():
    told = run([subscription(About(Topic.NEWS, "de.40.-"), days=60)], NOW, 90, known=seen())
    assert told == [(NoticeKind.RENEWAL, "2027-03-01")]


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (datetime(2027, 1, 12, 8, 59, tzinfo=LEGAL_TIME), False),
        (datetime(2027, 1, 12, 9, 0, tzinfo=LEGAL_TIME), True),
        (datetime(2027, 1, 12, 18, 59, tzinfo=LEGAL_TIME), True),
        (datetime(2027, 1, 12, 19, 0, tzinfo=LEGAL_TIME), False),
        (datetime(2027, 1, 16, 10, 0, tzinfo=LEGAL_TIME), False),
        (datetime(2027, 7, 14, 10, 0, tzinfo=LEGAL_TIME), False),
    ],
)
def test_civil_hours(moment, allowed):
    assert CivilHours().allow(moment, "FR") is allowed
    assert CivilHours(0, 24).allow(moment, "FR")


days = st.dates(date(2027, 1, 1), date(2027, 6, 30))
offers = st.lists(
    st.builds(
        lambda number, deadline, first: replace(
            CAMP, id=f"offer-{number}", deadline=deadline, dates=Dates(first, first + 5 * DAY) if first else None
        ),
        st.integers(0, 3),
        days,
        st.none() | days,
    ),
    max_size=4,
    unique_by=lambda each: each.id,
)
subjects = st.sampled_from(
    ["n.-.-.-", "n.lb.17.-", "n.lb.13.-", "n.-.0-14.-", "n.x", "o.offer-0", "o.offer-1", "c.grant", "c.gone", "o.gone"]
)
wishes = st.builds(
    lambda chat, subject, made, days: subscription(About.unpack(subject), at(made), days, chat),
    st.sampled_from(["42", "43"]),
    subjects,
    days,
    st.integers(1, 200),
)


@given(
    st.lists(offers, min_size=1, max_size=3),
    st.lists(wishes, max_size=5),
    st.lists(st.builds(at, st.dates(date(2027, 1, 1), date(2027, 7, 31)), st.integers(0, 23)), min_size=1, max_size=12),
)
def test_nobody_is_told_twice_at_night_after_the_end_or_below_fifteen(versions, subscriptions, moments):
    sightings, told = {}, []
    for number, now in enumerate(sorted(moments)):
        version = versions[number * len(versions) // len(moments)]
        knowledge = replace(KNOWLEDGE, opportunities=opportunities(*version) if version else opportunities(HARZ))
        sightings |= observe(sightings, states(knowledge, now.date()), now)
        due = Watch(knowledge, sightings, now).due(subscriptions, told)
        local = now.astimezone(LEGAL_TIME)
        civil = 9 <= local.hour < 19 and local.weekday() < 5 and local.date() not in holidays_of("FR", local.year)
        assert civil or not due
        told += [notice.key for notice in due]
        assert len(set(told)) == len(told)
        for notice in due:
            assert any(
                each.chat == notice.key.chat and each.about == notice.reason and each.ends > now
                for each in subscriptions
            )
            guarded = notice.reason.topic is Topic.NEWS and Step.unpack(notice.reason.name).wish.guarded
            assert not guarded


def test_what_opened_long_ago_is_no_news():
    sightings = {"o.camp": Sighting("open", NOW)}
    wish = subscription(About(Topic.NEWS, "lb.17.-"), NOW - DAY)
    assert Watch(OFFERED, sightings, NOW + 14 * DAY).due([wish], [])
    assert not Watch(OFFERED, sightings, NOW + 15 * DAY).due([wish], [])
