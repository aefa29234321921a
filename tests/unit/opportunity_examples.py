"""A few offers, for the tests of the look-up and of its dialogue."""

from datetime import date

from bot.knowledge.opportunities import (
    EUROPEAN_UNION,
    WORLD,
    Dates,
    Link,
    Opportunities,
    Opportunity,
    OpportunityKind,
    OpportunityStatus,
    Span,
)


def offer(name, kind="exchange", status="recurring", **fields):
    """An offer of which only what the test is about is known."""
    return Opportunity(
        **{
            "id": name,
            "kind": OpportunityKind(kind),
            "status": OpportunityStatus(status),
            "title": {"fr": f"Offre {name}"},
            "summary": {"fr": f"Résumé de {name}."},
            "organiser": {"fr": "Le Cèdre"},
            "link": Link("page"),
            "sources": ("page",),
            "owner": "jeunesse",
            **fields,
        }
    )


HARZ = offer("harz", countries=("DE",), age=Span(16, 18), days=Span(10, 14))
TERM = offer("term", countries=("DE",), days=Span(84, 84), who={"fr": "Lycéens"})
SERVICE = offer("service", "civic_service", countries=(WORLD,), age=Span(16, 25), days=Span(180, 366))
CORPS = offer("corps", "volunteering", countries=(EUROPEAN_UNION,), age=Span(18, 30))
CAMP = offer(
    "camp",
    status="open",
    countries=("LB",),
    age=Span(15, 20),
    dates=Dates(date(2027, 7, 5), date(2027, 7, 16)),
    deadline=date(2027, 3, 15),
)
OFFERS = (HARZ, TERM, SERVICE, CORPS, CAMP)


def opportunities(*offers, topics=("grant",)):
    """All that a file says."""
    return Opportunities({each.id: each for each in offers or OFFERS}, frozenset(topics))
