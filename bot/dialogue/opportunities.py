"""Looking for an offer abroad: by one sentence, or led by buttons (country, age, time). Pure.

A button holds the answers that were given before it: an old one still works. The conversation remembers them until the
bot's next message only, for an answer that is typed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.dialogue.answers import offer_citations, search_button, show_button
from bot.dialogue.effects import Button, Citation, Say
from bot.dialogue.events import Action, ActionKind
from bot.dialogue.subscriptions import calendar_button, notify_button, remind_button
from bot.dialogue.taps import labelled, placed
from bot.dialogue.voice import Voice
from bot.knowledge.opportunities import WORLD, Opportunity, Span
from bot.language.normal_form import has_question_mark, normalise
from bot.language.replies import Said, fillers, says, turned_around
from bot.opportunities.lookup import Found, look_up
from bot.opportunities.places import name_words
from bot.opportunities.understanding import understand
from bot.opportunities.wish import ELSEWHERE, QUESTIONS, Period, Step, Wish
from bot.opportunities.wording import Wording

OFFER_LINK, TOPIC_LINK = "opp-", "topic-"
"""How the argument of a link (t.me/bot?start=…) begins; an id follows."""

_GUARDED = "!"
"""Behind the id of an offer that was looked for for a child: no reminder is proposed."""
_CARDS = 3
"""Offers in one message."""
_COUNTRIES = 6
"""Countries among the buttons: those with most offers."""
_ASKS_AGE = 1
"""Answers given before the question for an age."""
_FEW = 5
"""Words of a reply: "ich bin 17 Jahre alt"."""
_AGES = (Span(0, 14), Span(15, 15), Span(16, 17), Span(18, 25), Span(26, 30), Span(31, None))
"""Below GUARDED_BELOW, then by the ages at which the programmes of France and Europe begin and end."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the bot says of the offers of one day."""

    voice: Voice
    day: date

    def begin(self) -> Say:
        """The first question, or that there is nothing to look for."""
        return self._next(Step())

    def pressed(self, action: Action) -> Say:
        """An offer, the next question, or what was found; a button that nobody can read begins anew."""
        if action.kind is ActionKind.OFFER:
            name, for_a_child, _ = action.argument.partition(_GUARDED)
            return replace(self.offer(name, guarded=bool(for_a_child)), fleeting=bool(for_a_child))
        try:
            step = Step.unpack(action.argument)
        except ValueError:
            step = Step()
        return replace(self._next(step), fleeting=step.wish.guarded)

    def typed(self, argument: str, text: str) -> Action | Say | None:
        """What a text does that answers the question behind `argument`: a tap, or asking again; None: none."""
        try:
            step = Step.unpack(argument)
        except ValueError:
            return None
        if step.answered >= QUESTIONS:
            return None
        again = self._next(step)
        if says(Said.DROPPED, text):
            return Action(ActionKind.MENU)
        if told := labelled(again.buttons, text) or self._told(step, text):
            return told
        # A number is an age where one is asked for, and no place among the buttons.
        ways_out = 2 if step.answered else 1  # any, and back
        if step.answered != _ASKS_AGE and (chosen := placed(again.buttons, text, ways_out)):
            return chosen
        return again if says(Said.AGREED, text) or says(Said.REFUSED, text) else None

    def offer(self, name: str, *, guarded: bool = False) -> Say:
        """All about one offer, also by an old button or a poster: it may be over. `guarded`: looked for for a child."""
        offer = self.voice.knowledge.opportunities.records.get(name)
        if offer is None or not offer.shown_on(self.day):
            return Say(self.voice.text("offers_over"), buttons=self._ways_on)
        page = Citation(self.voice.text("offer_link"), self._wording.link(offer))
        return Say(
            self._wording.details(offer, self.day),
            citations=(page, *self._citations([offer])),
            notes=(*self._wording.notes(offer), *([self.voice.text("offers_guardians")] if guarded else [])),
            buttons=(
                *(() if guarded else remind_button(self.voice, offer, self.day)),
                *calendar_button(self.voice, offer, self.day),
                *self._ways_on,
            ),
        )

    def reply(self, entry: str, text: str, answer: Say) -> tuple[Say, bool]:
        """What to say to a sentence that is about `entry`, and True when nothing of it may be kept.

        A sentence that tells an age, and where or when, is somebody's own wish: the offers that suit it serve better
        than `answer`, which stays behind a button. Any other may be a question about the topic.
        """
        if entry not in self.voice.knowledge.opportunities.topics:
            return answer, False
        wish = understand(text, self.day)
        found = look_up(self._offers, wish) if wish.age and (wish.country or wish.period) else Found()
        if not found.offers:
            return replace(answer, notes=(*answer.notes, *self._notes(wish))), wish.guarded
        topic = show_button(self.voice.knowledge, entry, self.voice.language)
        return self._results(Step(wish, QUESTIONS), found, topic), wish.guarded

    def for_a_child(self, text: str, entries: Iterable[str | None]) -> bool:
        """Whether `text`, for which these entries are answered or offered, looks for an offer for a child."""
        topics = self.voice.knowledge.opportunities.topics
        return not topics.isdisjoint(filter(None, entries)) and understand(text, self.day).guarded

    def linked(self, argument: str) -> Say | None:
        """What a link to an offer shows; None when it leads elsewhere."""
        return self.offer(argument.removeprefix(OFFER_LINK)) if argument.startswith(OFFER_LINK) else None

    def _next(self, step: Step) -> Say:
        if not self._offers:
            ways = (self.voice.person_button, self.voice.menu_button)
            return Say(self.voice.text("offers_nothing"), buttons=(*notify_button(self.voice, step.wish), *ways))
        match step.answered:
            case 0:
                return self._question("offers_where", step, self._countries())
            case 1:
                return self._question("offers_how_old", step, self._ages(step.wish))
            case 2:
                return self._question("offers_when", step, self._periods(step.wish))
            case _:
                back = self._button("button_back", Step(step.wish, QUESTIONS - 1))
                return self._results(step, look_up(self._offers, step.wish), back)

    def _told(self, step: Step, text: str) -> Action | None:
        """The tap for what a few words tell, which may be more than was asked for; a longer text is a question."""
        if says(Said.INDIFFERENT, text):
            return self._to("", Step(step.wish, step.answered + 1)).action
        if has_question_mark(text) or len(normalise(text).split()) > _FEW or turned_around(text):
            return None
        told = self._said(text)
        known = [each is not None for each in (told.country, told.age, told.period)]
        if not known[step.answered] or not self._nothing_else(text, told):
            return None
        answered = next((at for at in range(step.answered + 1, QUESTIONS) if not known[at]), QUESTIONS)
        wish = step.wish
        wish = Wish(told.country or wish.country, told.age or wish.age, told.period or wish.period, wish.kind)
        return self._to("", Step(wish, answered)).action

    def _nothing_else(self, text: str, told: Wish) -> bool:
        """True when each word is one that it takes to tell this: "accident en Allemagne" is no reply to "where"."""
        words = normalise(text).split()
        small = fillers() | name_words(told.country or "")
        needed = [number for number, word in enumerate(words) if word not in small and not word.isdecimal()]
        return all(self._said(" ".join((*words[:at], *words[at + 1 :]))) != told for at in needed)

    def _said(self, text: str) -> Wish:
        """What a few words tell: "Mali" and "mai" are also other words, and count behind one that leads somewhere."""
        alone, led = understand(text, self.day), understand(f"en {text}", self.day)
        return Wish(alone.country or led.country, alone.age or self._only_age(text), alone.period or led.period)

    def _only_age(self, text: str) -> Span | None:
        """A number that is all there is: "17", "dix-sept"; of two, nobody knows which is meant."""
        words = normalise(text).split()
        alone = len(words) <= 2 and sum(map(str.isdecimal, words)) <= 1
        return understand(text, self.day, terse=True).age if alone else None

    # Questions

    def _question(self, key: str, step: Step, choices: Iterator[tuple[str, Wish]]) -> Say:
        answered = step.answered + 1
        buttons = [self._to(label, Step(wish, answered)) for label, wish in choices]
        buttons.append(self._button("button_any", Step(step.wish, answered)))
        if step.answered:
            buttons.append(self._button("button_back", Step(step.wish, step.answered - 1)))
        # What is kept of a child is nothing, not even until the next message.
        asks = None if step.wish.guarded else self._to("", step).action
        return Say(self.voice.text(key), buttons=tuple(buttons), asks=asks)

    def _countries(self) -> Iterator[tuple[str, Wish]]:
        offered = Counter(code for offer in self._offers for code in offer.countries if code != WORLD)
        for code in (*(code for code, _ in offered.most_common(_COUNTRIES)), ELSEWHERE):
            yield self._wording.country(code), Wish(country=code)

    def _ages(self, wish: Wish) -> Iterator[tuple[str, Wish]]:
        for age in _AGES:
            yield self._wording.age(age), replace(wish, age=age)

    def _periods(self, wish: Wish) -> Iterator[tuple[str, Wish]]:
        """Before, during and after the summer holidays that are under way or come next."""
        year = self.day.year + (self.day.month > 8)
        periods = {
            "offers_before_summer": Period.of_months(self.day.year, self.day.month, year, 6)
            if self.day < date(year, 7, 1)
            else None,
            "offers_summer": Period.of_months(year, 7, year, 8),
            "offers_after_summer": Period.of_months(year, 9, year + 1, 8),
        }
        for key, period in periods.items():
            if period:
                yield self.voice.text(key, year=str(year)), replace(wish, period=period)

    # Results

    def _results(self, step: Step, found: Found, back: Button) -> Say:
        if not found.offers:
            text = self.voice.text("offers_none", wish=self._wording.wish(step.wish))
            notify = notify_button(self.voice, step.wish)
            return Say(text, notes=self._notes(step.wish), buttons=(*notify, back, self.voice.person_button))
        first = step.page * _CARDS if step.page * _CARDS < len(found.offers) else 0
        shown = found.offers[first : first + _CARDS]
        parts = [self._heading(step.wish, found, first), *(self._wording.card(offer, self.day) for offer in shown)]
        more = first + _CARDS < len(found.offers)
        return Say(
            "\n\n".join([*parts, self.voice.text("offers_check")]),
            citations=self._citations(shown),
            notes=(
                *dict.fromkeys(note for offer in shown for note in self._wording.notes(offer)),
                *self._notes(step.wish),
            ),
            buttons=(
                *(button for offer in shown for button in self._offer_buttons(offer, step.wish)),
                *([self._button("button_more_offers", replace(step, page=first // _CARDS + 1))] if more else []),
                *notify_button(self.voice, step.wish),
                back,
                self.voice.person_button,
            ),
        )

    def _heading(self, wish: Wish, found: Found, first: int) -> str:
        if first:
            return self.voice.text("offers_more")
        if found.lacking:
            lacking = self._wording.lacking(found.lacking)
            return self.voice.text("offers_nearest", wish=self._wording.wish(wish), lacking=lacking)
        if not wish.said:
            return self.voice.text("offers_all")
        return self.voice.text("offers_found", wish=self._wording.wish(wish))

    def _notes(self, wish: Wish) -> tuple[str, ...]:
        return (self.voice.text("offers_guardians"),) if wish.guarded else ()

    def _offer_buttons(self, offer: Opportunity, wish: Wish) -> Iterator[Button]:
        label = self.voice.text("button_offer", title=self._wording.title(offer))
        yield Button(label, Action(ActionKind.OFFER, offer.id + (_GUARDED if wish.guarded else "")))
        if not wish.guarded:
            yield from remind_button(self.voice, offer, self.day, named=True)

    def _button(self, key: str, step: Step) -> Button:
        return self._to(self.voice.text(key), step)

    @staticmethod
    def _to(label: str, step: Step) -> Button:
        return Button(label, Action(ActionKind.SEARCH, step.pack()))

    def _citations(self, offers: Iterable[Opportunity]) -> tuple[Citation, ...]:
        return offer_citations(self.voice.knowledge, offers, self.voice.language)

    @property
    def _ways_on(self) -> tuple[Button, ...]:
        return search_button(self.voice.knowledge, self.voice.language), self.voice.person_button

    @property
    def _offers(self) -> tuple[Opportunity, ...]:
        return self.voice.knowledge.opportunities.shown_on(self.day)

    @property
    def _wording(self) -> Wording:
        return Wording(self.voice.knowledge, self.voice.language)
