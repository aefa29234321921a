"""What people ask to be told of, and who is due for what: pure functions of subscriptions, knowledge and time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.knowledge.hours import LEGAL_TIME, holidays_of
from bot.knowledge.model import Entry, KnowledgeBase
from bot.knowledge.opportunities import Opportunity, OpportunityStatus
from bot.opportunities.lookup import Fit, fit
from bot.opportunities.wish import GUARDED_BELOW, Step

MARKS = (14, 3)
"""Days before an end on which somebody is reminded of it."""
WARNED_BEFORE = timedelta(days=14)
"""The end of a subscription."""
MOST = 10
"""Subscriptions of one chat."""
FRESH = timedelta(days=14)
"""What has opened longer ago is no news: the bot may have stood still."""
_MONTH = timedelta(days=28)
"""The time in which somebody is told that an offer usually comes again: nothing stays due for longer."""
REMEMBERED = timedelta(days=30)
"""How long at least it has to be known what somebody was told: longer than anything stays due."""
_BLINK = timedelta(days=1)
"""What is missing for less was a slip, or another version of the folder; it does not open anew."""


class Topic(StrEnum):
    """What a subscription is about; the value begins its subject."""

    NEWS = "n"
    """Offers by country, age and kind: the packed wish."""
    OFFER = "o"
    """One offer, by its id."""
    CALL = "c"
    """The call for projects of an entry, by its id."""


class NoticeKind(StrEnum):
    OPENED = "opened"
    """A new offer, or one that is open again; a call whose dates are published."""
    BEGINS = "begins"
    """A call opens today, or the month has come in which an offer usually comes again."""
    ENDS = "ends"
    """A deadline comes near."""
    RENEWAL = "renewal"
    """The subscription itself ends soon."""
    EXPIRING = "expiring"
    """To the staff: an offer ends soon, somebody has to say how it goes on."""


class About(NamedTuple):
    topic: Topic
    name: str

    def pack(self) -> str:
        """As the argument of a button, and as the key in the store.

        >>> About(Topic.OFFER, "camp").pack()
        'o.camp'
        """
        return f"{self.topic}.{self.name}"

    @classmethod
    def unpack(cls, text: str) -> "About":
        """The inverse of `pack`.

        Raises:
            ValueError: nothing that `pack` gives.
        """
        topic, _, name = text.partition(".")
        return cls(Topic(topic), name)


@dataclass(frozen=True, slots=True)
class Subscription:
    chat: str
    about: About
    made: datetime
    ends: datetime
    """When it ends by itself, unless it is renewed."""


class Key(NamedTuple):
    """A notice as it is known afterwards: nobody gets two with one key."""

    chat: str
    subject: str
    """The packed `About` of an offer or a call; of a renewal, that of the subscription."""
    kind: NoticeKind
    occasion: str
    """Tells this year's from last year's: the day it is about."""


@dataclass(frozen=True, slots=True)
class Notice:
    key: Key
    reason: About
    """The subscription to which it is owed: what one tap stops."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was known of an offer or a call when it was last looked at."""

    state: str
    since: datetime
    """When it came into this state in a way that is news."""
    gone: datetime | None = None
    """Since when it has not been there."""


@dataclass(frozen=True, slots=True)
class CivilHours:
    """When notices leave, in the legal time of the authority; `0-24` is any hour of any day."""

    first: int = 9
    last: int = 19
    """Not included."""

    def allow(self, now: datetime, holidays: str) -> bool:
        """Not at night, on week-ends and on the public holidays of the area (`hours.holidays_of`)."""
        if (self.first, self.last) == (0, 24):
            return True
        local = now.astimezone(LEGAL_TIME)
        working = local.weekday() < 5 and local.date() not in holidays_of(holidays, local.year)
        return working and self.first <= local.hour < self.last


def states(knowledge: KnowledgeBase, day: date) -> dict[str, str]:
    """What is proposed on `day`, by subject, in a word that changes when there is news of it.

    A call that is frozen stays: nothing opens anew when it is corrected.
    """
    offers = {About(Topic.OFFER, offer.id).pack(): str(offer.status) for offer in knowledge.opportunities.shown_on(day)}
    calls = {
        About(Topic.CALL, entry.id).pack(): f"{entry.call.opens}/{entry.call.closes}"
        for entry in knowledge.entries.values()
        if entry.call and entry.call.published and not entry.call.over(day) and entry.in_force(day)
    }
    return offers | calls


def observe(known: Mapping[str, Sighting], seen: Mapping[str, str], now: datetime) -> dict[str, Sighting]:
    """The sightings that differ from those `known`, now that `seen` are there."""
    changed: dict[str, Sighting] = {}
    for subject, state in seen.items():
        before = known.get(subject)
        if before is None or (before.gone and now - before.gone >= _BLINK) or _news(before.state, state):
            changed[subject] = Sighting(state, now)
        elif before.gone or before.state != state:
            changed[subject] = Sighting(state, before.since)
    for subject, sighting in known.items():
        if subject not in seen and sighting.gone is None:
            changed[subject] = Sighting(sighting.state, sighting.since, now)
    return changed


def _news(before: str, after: str) -> bool:
    """An offer whose dates become known, or other dates of a call; not an offer whose dates are over."""
    return after not in {before, OpportunityStatus.RECURRING}


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything that decides who is due for what."""

    knowledge: KnowledgeBase
    sightings: Mapping[str, Sighting]
    now: datetime
    hours: CivilHours = CivilHours()

    @property
    def day(self) -> date:
        return self.now.astimezone(LEGAL_TIME).date()

    @property
    def open(self) -> bool:
        """Whether it is a time to write to people."""
        hours = self.knowledge.hours
        return self.hours.allow(self.now, (hours and hours.public_holidays) or "FR")

    def due(self, subscriptions: Iterable[Subscription], told: Iterable[Key]) -> tuple[Notice, ...]:
        """What is to be sent now: of one key one notice, of keys already `told` none, out of hours nothing."""
        if not self.open:
            return ()
        past = set(told)
        notices: dict[Key, Notice] = {}
        for subscription in subscriptions:
            for notice in self._of(subscription):
                if notice.key not in past:
                    notices.setdefault(notice.key, notice)
        return tuple(notices.values())

    def over(self, subscription: Subscription) -> bool:
        """True for a reminder that has nothing more to remind of; a notice of today is sent first.

        Also of a call that is retired; one that is only frozen, or out of force, may come back.
        """
        begun = _day(subscription.made)
        match subscription.about:
            case About(Topic.OFFER, name) if offer := self.knowledge.opportunities.records.get(name):
                end = apply_by(offer)
                return end < self.day if end and begun <= end else self._past_usual(offer, begun)
            case About(Topic.CALL, name) if (entry := self.knowledge.entries.get(name)) and entry.call:
                ended = entry.call.closes is not None and begun <= entry.call.closes < self.day
                return ended or entry.retired
            case _:
                return False

    def _of(self, subscription: Subscription) -> Iterator[Notice]:
        if subscription.ends <= self.now or _guarded(subscription.about):
            return
        match subscription.about:
            case About(Topic.NEWS, wish):
                yield from self._news(subscription, wish)
            case About(Topic.OFFER, name) if offer := self._offer(name):
                yield from self._end(subscription, About(Topic.OFFER, name), apply_by(offer), subscription.made)
                yield from self._begins(subscription, offer)
            case About(Topic.CALL, name):
                entry = self.knowledge.entries.get(name)
                if entry is None or not entry.speaks_on(self.day):
                    return
                yield from self._call(subscription, entry)
        yield from self._renewal(subscription)

    def _news(self, subscription: Subscription, packed: str) -> Iterator[Notice]:
        wish = Step.unpack(packed).wish
        for offer in self.knowledge.opportunities.shown_on(self.day):
            about = About(Topic.OFFER, offer.id)
            sighting = self.sightings.get(about.pack())
            if sighting is None or Fit.NO in fit(offer, wish).values():
                continue
            if self._fresh(subscription, sighting):
                occasion = str(_day(sighting.since))  # a date that is corrected is no news
                yield Notice(Key(subscription.chat, about.pack(), NoticeKind.OPENED, occasion), subscription.about)
            known = max(subscription.made, sighting.since)
            yield from self._end(subscription, about, apply_by(offer), known, once=True)

    def _end(
        self, subscription: Subscription, about: About, ends: date | None, known: datetime, *, once: bool = False
    ) -> Iterator[Notice]:
        """At each mark that comes after the day on which the end was `known`, or `once` at the first of them."""
        if ends is None or ends < self.day:
            return
        marks = [mark for mark in MARKS if _day(known) < ends - timedelta(days=mark)]
        passed = [mark for mark in marks[: 1 if once else None] if ends - timedelta(days=mark) <= self.day]
        if passed:
            key = Key(subscription.chat, about.pack(), NoticeKind.ENDS, f"{ends}/{passed[-1]}")
            yield Notice(key, subscription.about)

    def _begins(self, subscription: Subscription, offer: Opportunity) -> Iterator[Notice]:
        """In the month in which the offer usually comes again, once its dates are not known."""
        month = self._usual(offer, _day(subscription.made))
        end = apply_by(offer)
        if (end is None or end < self.day) and month and month <= self.day < month + _MONTH:
            key = Key(subscription.chat, About(Topic.OFFER, offer.id).pack(), NoticeKind.BEGINS, str(month))
            yield Notice(key, subscription.about)

    def _call(self, subscription: Subscription, entry: Entry) -> Iterator[Notice]:
        call, about = entry.call, About(Topic.CALL, entry.id)
        if not call or not call.published or call.over(self.day):
            return
        sighting = self.sightings.get(about.pack())
        if sighting and self._fresh(subscription, sighting):
            key = Key(subscription.chat, about.pack(), NoticeKind.OPENED, sighting.state)
            yield Notice(key, subscription.about)
        known = max(subscription.made, sighting.since) if sighting else subscription.made
        if call.opens and _day(known) < call.opens <= self.day < call.opens + FRESH:
            key = Key(subscription.chat, about.pack(), NoticeKind.BEGINS, str(call.opens))
            yield Notice(key, subscription.about)
        yield from self._end(subscription, about, call.closes, known)

    def _renewal(self, subscription: Subscription) -> Iterator[Notice]:
        """Not where a reminder will have nothing left to remind of, nor right after the wish."""
        last = _day(subscription.ends)
        soon = subscription.ends - self.now <= WARNED_BEFORE < (subscription.ends - subscription.made) / 2
        end = self._known_end(subscription.about)
        if soon and (end is None or end > last):
            key = Key(subscription.chat, subscription.about.pack(), NoticeKind.RENEWAL, str(last))
            yield Notice(key, subscription.about)

    def _known_end(self, about: About) -> date | None:
        if about.topic is Topic.OFFER and (offer := self._offer(about.name)):
            return apply_by(offer)
        entry = self.knowledge.entries.get(about.name) if about.topic is Topic.CALL else None
        return entry.call.closes if entry and entry.call else None

    def _fresh(self, subscription: Subscription, sighting: Sighting) -> bool:
        return sighting.gone is None and subscription.made < sighting.since and self.now - sighting.since <= FRESH

    def _offer(self, name: str) -> Opportunity | None:
        offer = self.knowledge.opportunities.records.get(name)
        return offer if offer and offer.shown_on(self.day) else None

    @staticmethod
    def _usual(offer: Opportunity, after: date) -> date | None:
        """The first day of the usual month that comes after that day."""
        if offer.usual_month is None:
            return None
        first = date(after.year, offer.usual_month, 1)
        return first if first > after else date(after.year + 1, offer.usual_month, 1)

    def _past_usual(self, offer: Opportunity, begun: date) -> bool:
        month = self._usual(offer, begun)
        return month is not None and month + _MONTH <= self.day


def apply_by(offer: Opportunity) -> date | None:
    """The day by which somebody has to move: the deadline, else the first day."""
    return offer.deadline or (offer.dates.first if offer.dates else None)


def remindable(offer: Opportunity, day: date) -> bool:
    """Whether there is anything to remind of from `day` on; nobody below GUARDED_BELOW is asked to subscribe."""
    if not offer.shown_on(day) or _children_only(offer):
        return False
    end = apply_by(offer)
    if end is None or end < day:
        return offer.usual_month is not None
    return day < end - timedelta(days=MARKS[-1])


def _guarded(about: About) -> bool:
    try:
        return about.topic is Topic.NEWS and Step.unpack(about.name).wish.guarded
    except ValueError:
        return True


def _children_only(offer: Opportunity) -> bool:
    return offer.age is not None and offer.age.last is not None and offer.age.last < GUARDED_BELOW


def _day(moment: datetime) -> date:
    return moment.astimezone(LEGAL_TIME).date()
