"""`opportunities.yaml` becomes frozen offers; one that is over disappears, and its owner is told before."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.knowledge.loader import build, load
from bot.knowledge.opportunities import (
    Dates,
    Link,
    Opportunities,
    Opportunity,
    OpportunityKind,
    OpportunityStatus,
    Span,
    expiring,
)

TODAY = date(2026, 11, 24)
SHIPPED = Path(__file__).parents[3] / "knowledge"
FILES = {
    "entries/all.yaml": b"entries: [{id: a, title: {en: A}, utterances: {en: [a]}, answer: {en: A}, sources: [site]}]",
    "sources.yaml": b'sources:\n  - {id: site, title: "Le site", url: "https://example.org", checked: 2026-11-24}\n',
}
FULL = """\
topics: [a]
opportunities:
  - id: camp
    kind: exchange
    status: open
    title: {fr: "Camp au Liban"}
    summary: {fr: "Deux semaines."}
    organiser: {fr: "Le Cèdre"}
    link: {source: site, url: "https://example.org/camp"}
    sources: [site]
    owner: jeunesse
    countries: [LB, EU]
    where: {fr: "au bord de la mer"}
    age: {from: 16, to: 25}
    days: {from: 14}
    dates: {from: 2027-07-05, until: 2027-07-16}
    deadline: 2027-03-15
    who: {fr: "Lycéens"}
    when: {fr: "L'été"}
    cost: {fr: "Gratuit"}
    languages: [fr, ar]
    to_confirm: true
    unconfirmed_translations: [fr]
"""
OFFER = Opportunity(
    id="camp",
    kind=OpportunityKind.EXCHANGE,
    status=OpportunityStatus.OPEN,
    title={"fr": "Camp au Liban"},
    summary={"fr": "Deux semaines."},
    organiser={"fr": "Le Cèdre"},
    link=Link("site", "https://example.org/camp"),
    sources=("site",),
    owner="jeunesse",
    countries=("LB", "EU"),
    where={"fr": "au bord de la mer"},
    age=Span(16, 25),
    days=Span(14, None),
    dates=Dates(date(2027, 7, 5), date(2027, 7, 16)),
    deadline=date(2027, 3, 15),
    who={"fr": "Lycéens"},
    when={"fr": "L'été"},
    cost={"fr": "Gratuit"},
    languages=("fr", "ar"),
    to_confirm=True,
    unconfirmed_translations=frozenset({"fr"}),
)


def test_every_field_of_an_offer_is_read():
    knowledge = build({**FILES, "opportunities.yaml": FULL.encode()}, TODAY)
    assert knowledge.opportunities == Opportunities({"camp": OFFER}, frozenset({"a"}))


def test_a_folder_without_the_file_has_no_offers():
    assert build(FILES, TODAY).opportunities == Opportunities()


@pytest.mark.parametrize(
    ("offer", "day", "shown"),
    [
        (OFFER, date(2027, 3, 15), True),
        (OFFER, date(2027, 3, 16), False),
        (replace(OFFER, deadline=None), date(2027, 7, 16), True),
        (replace(OFFER, deadline=None), date(2027, 7, 17), False),
        (replace(OFFER, status=OpportunityStatus.RECURRING), date(2037, 1, 1), True),
        (replace(OFFER, status=OpportunityStatus.CLOSED), TODAY, False),
    ],
)
def test_an_open_offer_is_shown_until_its_last_day_and_a_recurring_one_always(offer, day, shown):
    assert offer.shown_on(day) is shown
    assert (offer in Opportunities({"camp": offer}).shown_on(day)) is shown


def test_owners_are_warned_of_what_ends_soon_the_next_first():
    later = replace(OFFER, id="later", deadline=date(2027, 3, 20))
    recurring = replace(OFFER, id="recurring", status=OpportunityStatus.RECURRING)
    offers = Opportunities({each.id: each for each in (later, OFFER, recurring)})
    assert [each.opportunity.id for each in expiring(offers, date(2027, 3, 8), timedelta(days=14))] == ["camp", "later"]
    assert [each.ends.day for each in expiring(offers, date(2027, 3, 8), timedelta(days=7))] == [15]
    assert [each.opportunity.id for each in expiring(offers, date(2027, 3, 16), timedelta(days=7))] == ["later"]


def test_the_shipped_offers_say_the_same_in_every_language():
    for offer in load(SHIPPED, TODAY).opportunities.records.values():
        for texts in (offer.summary, offer.organiser, offer.where, offer.who, offer.when, offer.cost):
            assert texts.keys() in ({"fr", "de", "en", "sr", "ar"}, set()), offer.id
