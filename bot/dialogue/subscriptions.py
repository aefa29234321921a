"""Subscriptions and reminders: asked for, listed, stopped in one tap; and what is said when something is due. Pure.

Answered whoever else is speaking, as everything that is only between the citizen and the bot. The store is asked by an
effect, and answers with an event in the same transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue.answers import call_calendar, citation, citations, offer_citations, person_button, search_button
from bot.dialogue.effects import (
    Button,
    Citation,
    Effect,
    FindSubscriptions,
    Say,
    SendFile,
    Subscribe,
    Unsubscribe,
)
from bot.dialogue.events import Action, ActionKind, Command, Commanded, Event, Pressed, Subscribed, SubscriptionsFound
from bot.dialogue.moment import Moment
from bot.dialogue.voice import Voice
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import Entry
from bot.knowledge.opportunities import Opportunity
from bot.opportunities.calendar import Event as CalendarEvent
from bot.opportunities.calendar import calendar_file
from bot.opportunities.subscriptions import (
    MOST,
    About,
    Notice,
    NoticeKind,
    Subscription,
    Topic,
    apply_by,
    remindable,
)
from bot.opportunities.wish import Step, Wish
from bot.opportunities.wording import Wording

_CARDS = 3
"""New offers in one message."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    voice: Voice
    moment: Moment

    def answer(self, event: Event) -> tuple[Effect, ...] | None:
        """What follows from an event about subscriptions; None: it is about something else."""
        effects: tuple[Effect, ...] | None = None
        match event:
            case Commanded(command=Command.SUBSCRIPTIONS):
                effects = (FindSubscriptions(),)
            case Pressed(action=Action(kind=ActionKind.SUBSCRIBE, argument=argument)):
                effects = self._subscribe(argument)
            case Pressed(action=Action(kind=ActionKind.UNSUBSCRIBE, argument=argument)):
                effects = self._unsubscribe(argument)
            case Pressed(action=Action(kind=ActionKind.CALENDAR, argument=argument)):
                effects = self._calendar(argument)
            case Subscribed():
                effects = (self._subscribed(event),)
            case SubscriptionsFound(subscriptions=found):
                effects = (self._list(found),)
            case _:
                pass
        return effects

    # Asked for, listed, stopped

    def _subscribe(self, argument: str) -> tuple[Effect, ...]:
        try:
            about = About.unpack(argument)
            wish = Step.unpack(about.name).wish if about.topic is Topic.NEWS else Wish()
        except ValueError:
            return (FindSubscriptions(),)
        if wish.guarded:
            return (
                Say(self._text("subscription_guarded"), buttons=(self.voice.person_button, self.voice.menu_button)),
            )
        if not self._askable(about):
            return (Say(self._text("subscription_nothing"), buttons=(self.voice.menu_button,)),)
        return (Subscribe(about, self.voice.days_kept),)

    def _askable(self, about: About) -> bool:
        """An old button may speak of an offer that is over, or whose dates are too near, or of a retired call."""
        match about:
            case About(Topic.OFFER, name):
                offer = self._offer(name)
                return offer is not None and remindable(offer, self.moment.day)
            case About(Topic.CALL, name):
                return self._call_of(name) is not None
            case _:
                return True

    def _subscribed(self, event: Subscribed) -> Say:
        if event.ends is None:
            return Say(self._text("subscription_full", count=str(MOST)), buttons=(self._all_off,))
        day = self._said(event.ends.astimezone(LEGAL_TIME).date())
        promise = self._text(self._promise(event.about), what=self.what(event.about))
        return Say(
            f"{promise}\n\n{self._text('subscription_terms', day=day)}",
            buttons=(self._stop(event.about), self.voice.menu_button),
        )

    def _promise(self, about: About) -> str:
        offer = self._offer(about.name) if about.topic is Topic.OFFER else None
        if offer and (apply_by(offer) or self.moment.day) <= self.moment.day:
            return "subscribed_month"
        return {Topic.NEWS: "subscribed_news", Topic.OFFER: "subscribed_offer", Topic.CALL: "subscribed_call"}[
            about.topic
        ]

    def _unsubscribe(self, argument: str) -> tuple[Effect, ...]:
        try:
            about = About.unpack(argument) if argument else None
        except ValueError:
            return (FindSubscriptions(),)
        said = self._text("unsubscribed", what=self.what(about)) if about else self._text("unsubscribed_all")
        return Unsubscribe(about), Say(said, buttons=(self.voice.menu_button,))

    def _list(self, found: Sequence[Subscription]) -> Say:
        if not found:
            offers = self.voice.knowledge.opportunities.records
            search = (search_button(self.voice.knowledge, self.voice.language),) if offers else ()
            return Say(self._text("subscriptions_none"), buttons=(*search, self.voice.menu_button))
        lines = [self._text("subscriptions_list")]
        for each in found:
            day = self._said(each.ends.astimezone(LEGAL_TIME).date())
            lines.append(self._text("subscriptions_line", what=self.what(each.about), day=day))
        stops = [
            Button(self._text("button_stop_this", what=self.what(each.about)), _unsubscribe(each.about))
            for each in found
        ]
        return Say("\n".join(lines), buttons=(*stops, *([self._all_off] if len(found) > 1 else [])))

    def what(self, about: About) -> str:
        """A subscription in a few words."""
        match about:
            case About(Topic.NEWS, packed):
                try:
                    return self._wording.wish(Step.unpack(packed).wish) or self._text("subscription_any")
                except ValueError:
                    return self._text("subscription_any")
            case About(Topic.OFFER, name) if offer := self.voice.knowledge.opportunities.records.get(name):
                return self._wording.title(offer)
            case About(Topic.CALL, name) if entry := self.voice.knowledge.entries.get(name):
                return entry.title_in(self.voice.language)
            case _:
                return self._text("subscription_gone")

    # Due

    def notices(self, due: Sequence[Notice]) -> Iterator[Say]:
        """What one person is told: new offers together, everything else by itself."""
        opened: dict[About, list[Opportunity]] = {}
        for notice in due:
            about = About.unpack(notice.key.subject)
            if (
                about.topic is Topic.OFFER
                and notice.key.kind is NoticeKind.OPENED
                and (offer := self._offer(about.name))
            ):
                opened.setdefault(notice.reason, []).append(offer)
        for reason, offers in opened.items():
            yield self._opened(reason, offers)
        for notice in due:
            about = About.unpack(notice.key.subject)
            if notice.key.kind is NoticeKind.RENEWAL:
                yield self._renewal(notice)
            elif about.topic is Topic.CALL and (entry := self._call_of(about.name)):
                yield self._call(notice, entry)
            elif notice.key.kind is not NoticeKind.OPENED and (offer := self._offer(about.name)):
                yield self._offer_due(notice, offer)

    def _opened(self, reason: About, offers: Sequence[Opportunity]) -> Say:
        shown = offers[:_CARDS]
        parts = [self._text("notice_opened", what=self.what(reason)), *self._cards(shown)]
        more = len(offers) - len(shown)
        parts += [self._text("notice_more", count=str(more))] if more else []
        all_of_them = Button(self._text("button_more_offers"), Action(ActionKind.SEARCH, reason.name))
        return Say(
            "\n\n".join([*parts, self._text("offers_check")]),
            citations=self._sources(shown),
            notes=self._notes(shown),
            buttons=(
                *(self._infos(offer) for offer in shown),
                *([all_of_them] if more and reason.topic is Topic.NEWS else []),
                self._stop(reason),
            ),
        )

    def _offer_due(self, notice: Notice, offer: Opportunity) -> Say:
        key = "notice_month" if notice.key.kind is NoticeKind.BEGINS else "notice_ends"
        return Say(
            "\n\n".join([self._text(key), *self._cards([offer]), self._text("offers_check")]),
            citations=self._sources([offer]),
            notes=self._notes([offer]),
            buttons=(
                self._infos(offer),
                *calendar_button(self.voice, offer, self.moment.day),
                self._stop(notice.reason),
            ),
        )

    def _call(self, notice: Notice, entry: Entry) -> Say:
        keys = {NoticeKind.OPENED: "notice_call_published", NoticeKind.BEGINS: "notice_call_opens"}
        key = keys.get(notice.key.kind, "notice_call_closes")
        call = entry.call
        dates = [("call_opens", call.opens), ("call_closes", call.closes)] if call else []
        lines = [self._text(name, day=self._said(day)) for name, day in dates if day]
        show = Button(entry.title_in(self.voice.language), Action(ActionKind.SHOW, entry.id))
        return Say(
            "\n".join([self._text(key, what=entry.title_in(self.voice.language)), *lines]),
            citations=citations(self.voice.knowledge, entry.sources, self.voice.language),
            buttons=(
                show,
                *call_calendar(self.voice.knowledge, entry, self.voice.language, self.moment.day),
                person_button(self.voice.knowledge, self.voice.language),
                self._stop(notice.reason),
            ),
        )

    def _renewal(self, notice: Notice) -> Say:
        day = self._said(date.fromisoformat(notice.key.occasion))
        renew = Button(self._text("button_renew"), Action(ActionKind.SUBSCRIBE, notice.reason.pack()))
        said = self._text("notice_renewal", day=day, what=self.what(notice.reason))
        return Say(said, buttons=(renew, self._stop(notice.reason)))

    # Calendar

    def _calendar(self, argument: str) -> tuple[Effect, ...]:
        try:
            events = tuple(self._events(About.unpack(argument)))
        except ValueError:
            events = ()
        if not events:
            return (Say(self._text("calendar_nothing"), buttons=(self.voice.menu_button,)),)
        name = f"{About.unpack(argument).name}.ics"
        return Say(self._text("calendar_file")), SendFile(name, calendar_file(events, self.moment.now))

    def _events(self, about: About) -> Iterator[CalendarEvent]:
        """The days that are still to come; also those of a stay for which one can no longer apply."""
        offer = self.voice.knowledge.opportunities.records.get(about.name) if about.topic is Topic.OFFER else None
        if offer:
            title, url = self._wording.title(offer), self._wording.link(offer)
            told = self._description(self._wording.summary(offer), offer.sources[0])
            dated = [(offer.deadline, "deadline", self._text("calendar_deadline", title=title))]
            first, last = offer.dates or (None, None)
            yield from self._days(about, dated, told, url)
            if first and last and last >= self.moment.day:
                yield CalendarEvent(f"{about.pack()}.dates", title, first, last, told, url)
        entry = self._call_of(about.name) if about.topic is Topic.CALL else None
        if entry and entry.call and entry.sources:
            title, source = entry.title_in(self.voice.language), self.voice.knowledge.sources[entry.sources[0]]
            dated = [
                (entry.call.opens, "opens", self._text("calendar_call_opens", title=title)),
                (entry.call.closes, "closes", self._text("calendar_call_closes", title=title)),
            ]
            yield from self._days(about, dated, self._description("", source.id), source.url)

    def _days(
        self, about: About, dated: Sequence[tuple[date | None, str, str]], told: str, url: str
    ) -> Iterator[CalendarEvent]:
        for day, part, title in dated:
            if day and day >= self.moment.day:
                yield CalendarEvent(f"{about.pack()}.{part}", title, day, day, told, url)

    def _description(self, words: str, source: str) -> str:
        return f"{words}\n\n{self._citation(source).label}".strip()

    # Words

    def _cards(self, offers: Sequence[Opportunity]) -> list[str]:
        return [self._wording.card(offer, self.moment.day) for offer in offers]

    def _sources(self, offers: Sequence[Opportunity]) -> tuple[Citation, ...]:
        return offer_citations(self.voice.knowledge, offers, self.voice.language)

    def _notes(self, offers: Sequence[Opportunity]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for offer in offers for note in self._wording.notes(offer)))

    def _citation(self, source: str) -> Citation:
        return citation(self.voice.knowledge, self.voice.knowledge.sources[source], self.voice.language)

    def _infos(self, offer: Opportunity) -> Button:
        label = self._text("button_offer", title=self._wording.title(offer))
        return Button(label, Action(ActionKind.OFFER, offer.id))

    def _stop(self, about: About) -> Button:
        return Button(self._text("button_stop"), _unsubscribe(about))

    @property
    def _all_off(self) -> Button:
        return Button(self._text("button_stop_all"), Action(ActionKind.UNSUBSCRIBE))

    def _offer(self, name: str) -> Opportunity | None:
        offer = self.voice.knowledge.opportunities.records.get(name)
        return offer if offer and offer.shown_on(self.moment.day) else None

    def _call_of(self, name: str) -> Entry | None:
        """The entry, if it has a call and what it says may be told."""
        entry = self.voice.knowledge.entries.get(name)
        return entry if entry and entry.call and entry.speaks_on(self.moment.day) else None

    def _said(self, day: date) -> str:
        return self._wording.day(day)

    def _text(self, key: str, **values: str) -> str:
        return self.voice.text(key, **values)

    @property
    def _wording(self) -> Wording:
        return Wording(self.voice.knowledge, self.voice.language)


def notify_button(voice: Voice, wish: Wish) -> tuple[Button, ...]:
    """Be told of new offers for such a wish; the time is left out, as it goes by. Nobody below GUARDED_BELOW."""
    if wish.guarded:
        return ()
    kept = Step(Wish(wish.country, wish.age, kind=wish.kind), 3).pack()
    return (Button(voice.text("button_notify"), _subscribe(About(Topic.NEWS, kept))),)


def remind_button(voice: Voice, offer: Opportunity, day: date, *, named: bool = False) -> tuple[Button, ...]:
    """Be reminded of an offer, where there is something to be reminded of; `named` among other offers."""
    if not remindable(offer, day):
        return ()
    title = Wording(voice.knowledge, voice.language).title(offer)
    label = voice.text("button_remind_of", title=title) if named else voice.text("button_remind")
    return (Button(label, _subscribe(About(Topic.OFFER, offer.id))),)


def calendar_button(voice: Voice, offer: Opportunity, day: date) -> tuple[Button, ...]:
    if offer.ends is None or offer.ends < day:
        return ()
    return (Button(voice.text("button_calendar"), Action(ActionKind.CALENDAR, About(Topic.OFFER, offer.id).pack())),)


def _subscribe(about: About) -> Action:
    return Action(ActionKind.SUBSCRIBE, about.pack())


def _unsubscribe(about: About) -> Action:
    return Action(ActionKind.UNSUBSCRIBE, about.pack())
