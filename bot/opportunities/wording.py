"""Offers and wishes in words, in the language of the citizen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton

from bot.knowledge.model import KnowledgeBase, text_in
from bot.knowledge.opportunities import Opportunity, OpportunityStatus, Span
from bot.opportunities.lookup import Criterion
from bot.opportunities.places import LOCALES, country_name
from bot.opportunities.wish import ELSEWHERE, Period, Wish

_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Wording:
    knowledge: KnowledgeBase
    language: str

    def wish(self, wish: Wish) -> str:
        """What was understood: "Allemagne, 17 ans, juillet – août 2027"."""
        said = []
        if wish.country:
            said.append(self.country(wish.country))
        if wish.age:
            said.append(self.age(wish.age))
        if wish.period:
            said.append(self.period(wish.period))
        if wish.kind:
            said.append(self._text(f"offer_kind_{wish.kind}"))
        return ", ".join(said)

    def lacking(self, criteria: tuple[Criterion, ...]) -> str:
        return ", ".join(self._text(f"offers_lacking_{criterion}") for criterion in criteria)

    def title(self, offer: Opportunity) -> str:
        return text_in(offer.title, self.language)[0]

    def summary(self, offer: Opportunity) -> str:
        return self._own(offer.summary)

    def card(self, offer: Opportunity, day: date) -> str:
        """Three lines: title; where and for which age; what it is; and one for each date that is known."""
        places = self._places(offer) or self._text("offer_country_not_said")
        age = self.age(offer.age) if offer.age else self._text("offer_age_not_said")
        return "\n".join(
            [self.title(offer), _BETWEEN.join([places, age]), self._own(offer.summary), *self._dates(offer, day)]
        )

    def details(self, offer: Opportunity, day: date) -> str:
        """Everything that is known of an offer, and what its sources do not say."""
        lines = [
            self._line("offer_kind", self._text(f"offer_kind_{offer.kind}")),
            self._line("offer_countries", self._places(offer) or self._text("offer_country_not_said")),
            self._line("offer_age", self.age(offer.age) if offer.age else self._text("offer_age_not_said")),
            *self._optional("offer_who", offer.who),
            *self._optional("offer_when", offer.when),
            *(self._dates(offer, day) or self._recurring(offer)),
            *([self._line("offer_languages", self._languages(offer))] if offer.languages else []),
            *(self._optional("offer_cost", offer.cost) or [self._text("offer_cost_not_said")]),
            self._line("offer_organiser", self._own(offer.organiser)),
        ]
        return "\n".join([self.title(offer), self._own(offer.summary), "", *lines])

    def link(self, offer: Opportunity) -> str:
        """The page of the body that runs it."""
        return offer.link.url or self.knowledge.sources[offer.link.source].url

    def notes(self, offer: Opportunity) -> Iterator[str]:
        """How far an offer, and its translation, can be trusted."""
        written_in = text_in(offer.summary, self.language)[1]
        if offer.to_confirm:
            yield self._text("note_to_confirm")
        if written_in != self.language:
            yield self._text("note_not_translated")
        elif written_in in offer.unconfirmed_translations:
            yield self._text("note_unconfirmed_translation")

    def country(self, code: str) -> str:
        return self._text("offers_elsewhere") if code == ELSEWHERE else country_name(code, self.language)

    def age(self, age: Span) -> str:
        if age.first == age.last:
            return self._text("offer_age_exact", first=str(age.first))
        if age.last is None:
            return self._text("offer_age_from", first=str(age.first))
        if not age.first:
            return self._text("offer_age_up_to", last=str(age.last))
        return self._text("offer_age_between", first=str(age.first), last=str(age.last))

    def period(self, period: Period) -> str:
        """Its months: "juillet – août 2027"."""
        if (period.first.month, period.last.month) == (1, 12) and period.first.year == period.last.year:
            return str(period.first.year)
        if f"{period.first:%Y%m}" == f"{period.last:%Y%m}":
            return format_skeleton("yMMMM", period.first, locale=self._locale)
        return format_interval(period.first, period.last, "yMMMM", locale=self._locale)

    @property
    def _locale(self) -> str:
        return LOCALES.get(self.language, LOCALES["fr"])

    def _places(self, offer: Opportunity) -> str:
        names = [self.country(code) for code in offer.countries]
        return ", ".join([*names, *([self._own(offer.where)] if offer.where else [])])

    def _languages(self, offer: Opportunity) -> str:
        known = Locale.parse(self._locale).languages
        return ", ".join(known.get(code, code) for code in offer.languages)

    def _dates(self, offer: Opportunity, day: date) -> list[str]:
        """Nothing once they are over: an offer that comes again may still have last year's."""
        if offer.ends is None or offer.ends < day:
            return []
        told = []
        if offer.dates:
            first, last = map(self.day, offer.dates)
            told.append(self._text("offer_dates", first=first, last=last))
        if offer.deadline:
            told.append(self._text("offer_deadline", day=self.day(offer.deadline)))
        return told

    def _recurring(self, offer: Opportunity) -> list[str]:
        return [self._text("offer_recurring")] if offer.status is OpportunityStatus.RECURRING else []

    def day(self, day: date) -> str:
        """A date in words."""
        return format_date(day, "long", locale=self._locale)

    def _optional(self, key: str, texts: Mapping[str, str]) -> list[str]:
        return [self._line(key, self._own(texts))] if texts else []

    def _line(self, key: str, value: str) -> str:
        return self._text(key, value=value)

    def _own(self, texts: Mapping[str, str]) -> str:
        return text_in(texts, self.language)[0].strip()

    def _text(self, key: str, **values: str) -> str:
        return self.knowledge.message(self.language, key, **values)
