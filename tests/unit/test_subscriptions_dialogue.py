"""Subscriptions, reminders and calendar files: what is proposed, said and asked of the store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.dialogue.effects import FindSubscriptions, Say, SendFile, Subscribe, Unsubscribe
from bot.dialogue.events import Action, ActionKind, Command, Commanded, Pressed, Subscribed, SubscriptionsFound
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode
from bot.dialogue.subscriptions import Subscriptions
from bot.dialogue.voice import Voice
from bot.knowledge.model import LANGUAGES, Call
from bot.knowledge.opportunities import Dates, Span
from bot.opportunities.subscriptions import About, Key, Notice, NoticeKind, Subscription, Topic
from tests.unit.dialogue_fakes import KNOWLEDGE, MESSAGES, FakeMatcher
from tests.unit.opportunity_examples import CAMP, HARZ, offer, opportunities

FR = MESSAGES["fr"]
NOW = datetime(2027, 1, 11, 9, tzinfo=UTC)
CHILDREN = replace(CAMP, id="children", age=Span(11, 13))
MONTHLY = offer("monthly", usual_month=8)
OFFERED = replace(KNOWLEDGE, opportunities=opportunities(CAMP, HARZ, CHILDREN, MONTHLY))
ABOUT_CAMP, NEWS = About(Topic.OFFER, "camp"), About(Topic.NEWS, "de.17.-")


def called(opens=None, closes=None):
    """The knowledge with a call for projects in the entry `grant`."""
    grant = replace(KNOWLEDGE.entries["grant"], call=Call(opens, closes))
    return replace(OFFERED, entries={**KNOWLEDGE.entries, "grant": grant})


def step(event, knowledge=OFFERED, start=None, now=NOW):
    return Dialogue(knowledge, FakeMatcher()).step(start or Conversation(informed=True), event, Moment(now))[1]


def press(kind, argument=""):
    return Pressed("b", Action(kind, argument))


def labels(event, **around):
    (say,) = step(event, **around)
    return [button.label for button in say.buttons]


def arguments(say, kind):
    return [button.action.argument for button in say.buttons if button.action.kind is kind]


# What is proposed


@pytest.mark.parametrize(
    ("search", "subject"), [("de.17.-", "n.de.17.-"), ("de.16-17.2027-07", "n.de.16-17.-"), ("-.-.-", "n.-.-.-")]
)
def test_after_a_look_up_its_country_and_age_can_be_subscribed_to(search, subject):
    (say,) = step(press(ActionKind.SEARCH, search))
    assert arguments(say, ActionKind.SUBSCRIBE)[-1] == subject


@pytest.mark.parametrize("search", ["de.13.-", "lb.0-14.-", "lb.12-16.-"])
def test_nobody_below_fifteen_is_offered_to_subscribe_not_even_one_tap_further(search):
    (say,) = step(press(ActionKind.SEARCH, search))
    assert arguments(say, ActionKind.SUBSCRIBE) == []
    for offered in arguments(say, ActionKind.OFFER):
        (details,) = step(press(ActionKind.OFFER, offered))
        assert arguments(details, ActionKind.SUBSCRIBE) == []
        assert FR["offers_guardians"] in details.notes


@pytest.mark.parametrize(
    ("name", "proposed"),
    [("camp", ["o.camp"]), ("monthly", ["o.monthly"]), ("harz", []), ("children", [])],
)
def test_a_reminder_is_proposed_where_a_date_or_a_month_is_known(name, proposed):
    (say,) = step(press(ActionKind.OFFER, name))
    assert arguments(say, ActionKind.SUBSCRIBE) == proposed


def test_three_days_before_it_is_too_late_for_a_reminder():
    near = datetime(2027, 3, 12, 9, tzinfo=UTC)
    assert FR["button_remind"] in labels(press(ActionKind.OFFER, "camp"), now=near - timedelta(days=1))
    assert FR["button_remind"] not in labels(press(ActionKind.OFFER, "camp"), now=near)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (Call(), "button_call_published"),
        (Call(date(2027, 1, 12), date(2027, 3, 1)), "button_call_opens"),
        (Call(date(2027, 1, 11), date(2027, 3, 1)), "button_call_closes"),
        (Call(date(2026, 1, 11), date(2027, 1, 10)), "button_call_next"),
    ],
)
def test_under_an_answer_about_a_call_its_next_date_can_be_asked_for(call, key):
    shown = labels(press(ActionKind.SHOW, "grant"), knowledge=called(*call))
    assert FR[key] in shown
    assert (FR["button_calendar"] in shown) is (key in {"button_call_opens", "button_call_closes"})


# Asked for, listed, stopped


@pytest.mark.parametrize("mode", Mode)
def test_a_wish_goes_to_the_store_whoever_is_speaking(mode):
    asked = step(press(ActionKind.SUBSCRIBE, "o.camp"), start=Conversation(mode=mode))
    assert asked == (Subscribe(ABOUT_CAMP, 180),)


@pytest.mark.parametrize(
    "argument", ["n.de.13.-", "n.-.0-14.-", "o.unknown", "o.children", "o.harz", "c.grant", "c.unknown"]
)
def test_what_cannot_be_is_refused_in_words(argument):
    (say,) = step(press(ActionKind.SUBSCRIBE, argument))
    assert isinstance(say, Say)
    assert say.buttons


@pytest.mark.parametrize("argument", ["", "x", "n.q!.1", "z.camp"])
@pytest.mark.parametrize("kind", [ActionKind.SUBSCRIBE, ActionKind.CALENDAR])
def test_a_forged_button_does_no_harm(kind, argument):
    (effect,) = step(press(kind, argument))
    assert isinstance(effect, FindSubscriptions | Say)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_what_is_kept_until_when_and_how_to_stop(language):
    start = Conversation(language=language, language_chosen=True)
    (say,) = step(Subscribed(NEWS, NOW + timedelta(days=180)), start=start)
    assert "2027" in say.text or "٢٠٢٧" in say.text
    assert "/abonnements" in say.text
    assert arguments(say, ActionKind.UNSUBSCRIBE) == ["n.de.17.-"]


def test_too_many_are_refused_with_a_way_out():
    (say,) = step(Subscribed(NEWS, None))
    assert "10" in say.text
    assert arguments(say, ActionKind.UNSUBSCRIBE) == [""]


def test_the_list_has_a_button_to_stop_each_and_one_to_stop_all():
    assert step(Commanded("c", Command.SUBSCRIPTIONS)) == (FindSubscriptions(),)
    found = tuple(Subscription("42", about, NOW, NOW + timedelta(days=9)) for about in (ABOUT_CAMP, NEWS))
    (say,) = step(SubscriptionsFound(found))
    assert "• Offre camp (jusqu'au 20 janvier 2027)\n• Allemagne, 17 ans" in say.text
    assert arguments(say, ActionKind.UNSUBSCRIBE) == ["o.camp", "n.de.17.-", ""]


def test_an_empty_list_says_how_to_begin():
    (say,) = step(SubscriptionsFound(()))
    assert arguments(say, ActionKind.SEARCH) == [""]


@pytest.mark.parametrize(("argument", "about"), [("o.camp", ABOUT_CAMP), ("", None)])
def test_one_tap_stops(argument, about):
    stopped, say = step(press(ActionKind.UNSUBSCRIBE, argument))
    assert stopped == Unsubscribe(about)
    assert say.buttons


# What is due


def told(*due, knowledge=OFFERED):
    return list(Subscriptions(Voice(knowledge, "fr"), Moment(NOW)).notices(due))


def notice(kind, subject="o.camp", reason=NEWS, occasion="2027-03-15"):
    return Notice(Key("42", subject, kind, occasion), reason)


def test_new_offers_come_in_one_message_with_their_sources_and_a_way_to_stop():
    offers = [replace(CAMP, id=f"camp-{n}") for n in range(5)]
    knowledge = replace(KNOWLEDGE, opportunities=opportunities(*offers))
    (say,) = told(*(notice(NoticeKind.OPENED, f"o.{each.id}") for each in offers), knowledge=knowledge)
    assert say.text.count("Date limite : 15 mars 2027") == 3
    assert "autres nouvelles offres : 2" in say.text
    assert arguments(say, ActionKind.OFFER) == ["camp-0", "camp-1", "camp-2"]
    assert arguments(say, ActionKind.SEARCH) == ["de.17.-"]
    assert arguments(say, ActionKind.UNSUBSCRIBE) == ["n.de.17.-"]
    assert say.citations


def test_a_deadline_that_comes_near_can_be_added_to_the_calendar():
    (say,) = told(notice(NoticeKind.ENDS, reason=ABOUT_CAMP))
    assert "Date limite : 15 mars 2027" in say.text
    assert arguments(say, ActionKind.CALENDAR) == ["o.camp"]
    assert arguments(say, ActionKind.UNSUBSCRIBE) == ["o.camp"]


@pytest.mark.parametrize("kind", [NoticeKind.OPENED, NoticeKind.BEGINS, NoticeKind.ENDS])
def test_of_a_call_the_dates_the_source_and_the_entry_are_told(kind):
    knowledge = called(date(2027, 1, 11), date(2027, 3, 1))
    (say,) = told(notice(kind, "c.grant", About(Topic.CALL, "grant")), knowledge=knowledge)
    assert "Ouverture : 11 janvier 2027\nDernier jour : 1 mars 2027" in say.text
    assert arguments(say, ActionKind.SHOW) == ["grant"]
    assert say.citations


def test_before_it_ends_a_subscription_can_be_renewed():
    (say,) = told(notice(NoticeKind.RENEWAL, NEWS.pack(), occasion="2027-01-25"))
    assert "25 janvier 2027" in say.text
    assert arguments(say, ActionKind.SUBSCRIBE) == ["n.de.17.-"]


def test_what_has_gone_meanwhile_is_not_told():
    assert told(notice(NoticeKind.ENDS, "o.gone"), notice(NoticeKind.OPENED, "o.gone")) == []


# Calendars


def events(argument, **around):
    say, file = step(press(ActionKind.CALENDAR, argument), **around)
    assert isinstance(say, Say)
    assert isinstance(file, SendFile)
    assert file.content.replace("\r\n", "").count("\n") == 0  # RFC 5545, 3.1
    assert max(len(line.encode()) for line in file.content.split("\r\n")) <= 75
    return file.name, Calendar.from_ical(file.content).walk("VEVENT")


def test_the_dates_of_an_offer_are_whole_days():
    name, (deadline, stay) = events("o.camp")
    assert name == "camp.ics"
    assert (deadline["dtstart"].dt, deadline["dtend"].dt) == (date(2027, 3, 15), date(2027, 3, 16))
    assert (stay["dtstart"].dt, stay["dtend"].dt) == (date(2027, 7, 5), date(2027, 7, 17))
    assert deadline["summary"] == "Date limite : Offre camp"
    assert stay["url"] == "https://example.org/page"
    assert "Page du service" in stay["description"]


def test_a_changed_date_replaces_the_one_before():
    moved = replace(CAMP, deadline=date(2027, 4, 1), dates=Dates(date(2027, 7, 6), date(2027, 7, 9)))
    later = events("o.camp", knowledge=replace(KNOWLEDGE, opportunities=opportunities(moved)))[1]
    assert [event["uid"] for event in events("o.camp")[1]] == [event["uid"] for event in later]


def test_what_is_past_is_left_out():
    _, (stay,) = events("o.camp", now=datetime(2027, 3, 16, 9, tzinfo=UTC))
    assert stay["summary"] == "Offre camp"
    (say,) = step(press(ActionKind.CALENDAR, "o.camp"), now=datetime(2027, 8, 1, tzinfo=UTC))
    assert say.text == FR["calendar_nothing"]


@pytest.mark.parametrize("state", [{"retired": True}, {"frozen": True}, {"valid_until": date(2027, 1, 1)}], ids=str)
def test_old_buttons_of_a_call_that_is_not_answered_tell_no_date_and_promise_nothing(state):
    knowledge = called(date(2027, 2, 1), date(2027, 3, 1))
    grant = replace(knowledge.entries["grant"], **state)
    silent = replace(knowledge, entries={**knowledge.entries, "grant": grant})
    (dates,) = step(press(ActionKind.CALENDAR, "c.grant"), silent)
    (promise,) = step(press(ActionKind.SUBSCRIBE, "c.grant"), silent)
    assert (dates.text, promise.text) == (FR["calendar_nothing"], FR["subscription_nothing"])


def test_the_dates_of_a_call():
    _, (opens, closes) = events("c.grant", knowledge=called(date(2027, 2, 1), date(2027, 3, 1)))
    assert opens["summary"] == "Ouverture : Demander une aide"
    assert closes["dtstart"].dt == date(2027, 3, 1)
