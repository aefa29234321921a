"""The offers that suit a wish, the best first; else the nearest, with what they lack."""

from dataclasses import replace
from datetime import date

import pytest

from bot.knowledge.model import LANGUAGES
from bot.knowledge.opportunities import Dates, OpportunityKind, Span, country_codes
from bot.opportunities.lookup import Criterion, Fit, fit, look_up
from bot.opportunities.places import REGIONS, country_name
from bot.opportunities.wish import ELSEWHERE, Period, Wish
from tests.unit.opportunity_examples import CAMP, CORPS, HARZ, OFFERS, SERVICE, TERM, offer

SUMMER = Period.of_months(2027, 7, 2027, 8)
SEVENTEEN, FOURTEEN, FORTY = Span(17, 17), Span(14, 14), Span(40, 40)


def found(**wish):
    """The names of what is found, and what is lacking."""
    result = look_up(OFFERS, Wish(**wish))
    return [each.id for each in result.offers], list(result.lacking)


def test_an_offer_for_the_very_country_and_age_comes_before_one_for_the_world_and_before_what_is_not_sure():
    assert found(country="DE", age=SEVENTEEN) == (["harz", "service", "term"], [])


def test_a_stay_that_is_longer_than_the_time_is_left_out():
    assert found(country="DE", age=SEVENTEEN, period=SUMMER) == (["harz"], [])


def test_a_wish_that_says_nothing_finds_everything_in_the_order_of_the_file_but_what_ends_first():
    assert found() == (["camp", "harz", "term", "service", "corps"], [])


@pytest.mark.parametrize(
    ("which", "wish", "criterion", "answer"),
    [
        (HARZ, Wish(age=Span(16, 17)), "age", Fit.YES),
        (HARZ, Wish(age=Span(16, 25)), "age", Fit.UNKNOWN),
        (HARZ, Wish(age=FOURTEEN), "age", Fit.NO),
        (TERM, Wish(age=FOURTEEN), "age", Fit.UNKNOWN),
        (replace(HARZ, age=Span(18, None)), Wish(age=FORTY), "age", Fit.YES),
        (CORPS, Wish(country="ES"), "country", Fit.YES),
        (CORPS, Wish(country="RS"), "country", Fit.NO),
        (CORPS, Wish(country="EU"), "country", Fit.YES),
        (HARZ, Wish(country="EU"), "country", Fit.YES),
        (CAMP, Wish(country="EU"), "country", Fit.NO),
        (CAMP, Wish(country="QU"), "country", Fit.YES),
        (CORPS, Wish(country="QT"), "country", Fit.YES),
        (HARZ, Wish(country="QS"), "country", Fit.NO),
        (SERVICE, Wish(country=ELSEWHERE), "country", Fit.YES),
        (HARZ, Wish(country=ELSEWHERE), "country", Fit.NO),
        (replace(HARZ, countries=()), Wish(country="JP"), "country", Fit.UNKNOWN),
        (CAMP, Wish(period=SUMMER), "period", Fit.YES),
        (CAMP, Wish(period=Period.of_months(2027, 8)), "period", Fit.NO),
        (replace(CAMP, dates=Dates(date(2027, 8, 31), date(2027, 9, 2))), Wish(period=SUMMER), "period", Fit.YES),
        (CORPS, Wish(period=SUMMER), "period", Fit.UNKNOWN),
        (SERVICE, Wish(period=SUMMER), "period", Fit.NO),
        (SERVICE, Wish(kind=OpportunityKind.VOLUNTEERING), "kind", Fit.YES),
        (HARZ, Wish(kind=OpportunityKind.STUDY), "kind", Fit.NO),
    ],
)
def test_each_criterion_is_met_not_met_or_not_known(which, wish, criterion, answer):
    assert fit(which, wish) == {Criterion(criterion): answer}


def test_the_kind_that_was_named_comes_before_the_one_that_is_like_it():
    kinds = [offer("b", "civic_service"), offer("a", "volunteering")]
    assert [each.id for each in look_up(kinds, Wish(kind=OpportunityKind.VOLUNTEERING)).offers] == ["a", "b"]


def test_nothing_for_the_age_gives_what_opens_soon_and_says_that_it_is_the_age():
    only = (replace(HARZ, age=Span(16, 18)), CAMP)
    result = look_up(only, Wish(country="DE", age=FOURTEEN))
    assert ([each.id for each in result.offers], result.lacking) == (["harz"], (Criterion.AGE,))


def test_nothing_for_the_period_gives_up_the_period_rather_than_the_country():
    result = look_up((CAMP, HARZ), Wish(country="LB", age=SEVENTEEN, period=Period.of_months(2028, 1)))
    assert ([each.id for each in result.offers], result.lacking) == (["camp"], (Criterion.PERIOD,))


def test_who_is_too_old_is_not_sent_to_offers_for_the_young():
    assert look_up((HARZ, CAMP), Wish(country="DE", age=FORTY)).offers == ()


def test_who_is_much_too_young_is_not_sent_to_offers_years_away():
    assert look_up((HARZ,), Wish(age=Span(12, 12))).offers == ()


def test_an_offer_that_meets_nothing_of_the_wish_is_not_near():
    assert look_up((CAMP,), Wish(country="DE")).offers == ()


def test_no_offers_find_nothing():
    assert look_up((), Wish()).offers == ()


@pytest.mark.parametrize("code", REGIONS)
def test_a_region_has_only_countries_and_a_name_in_each_language(code):
    assert REGIONS[code] <= country_codes()
    assert code not in country_codes()
    names = [country_name(code, language) for language in LANGUAGES]
    assert code not in names
