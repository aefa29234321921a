"""Dates as a file that calendars open (RFC 5545). Pure; whole days, as no source of ours tells an hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar
from icalendar import Event as Component

_PRODUCT = "-//Passerelle//FR"


@dataclass(frozen=True, slots=True)
class Event:
    uid: str
    """The same in every file, so that a changed date replaces the one before."""
    title: str
    first: date
    last: date
    """Included."""
    description: str
    url: str


def calendar_file(events: Iterable[Event], now: datetime) -> str:
    """The text of an .ics file; `now` is when it was made.

    The end of a whole day is the day after it: RFC 5545, 3.6.1.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for event in events:
        component = Component()
        component.add("uid", f"{event.uid}@passerelle")
        component.add("dtstamp", now)
        component.add("summary", event.title)
        component.add("dtstart", event.first)
        component.add("dtend", event.last + timedelta(days=1))
        component.add("description", event.description)
        component.add("url", event.url)
        component.add("transp", "TRANSPARENT")
        calendar.add_component(component)
    text: bytes = calendar.to_ical()
    return text.decode()
