"""One sentence, as people write it in five languages, tells a country, an age, a period and a kind, or nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.opportunities import OpportunityKind, Span
from bot.opportunities.understanding import understand
from bot.opportunities.wish import Period, Step, Wish

NOVEMBER = date(2026, 11, 24)


def months(first, last):
    """A period from texts such as "07/2027"."""
    (month, year), (last_month, last_year) = (map(int, each.split("/")) for each in (first, last))
    return Period.of_months(year, month, last_year, last_month)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("je veux aller en Allemagne", "DE"),
        ("jveux partir en alemagne", "DE"),
        ("en allemange svp", "DE"),
        ("échange au Burkina", "BF"),
        ("aux États-Unis", "US"),
        ("angleterre", "GB"),
        ("Ich will nach Spanien", "ES"),
        ("in der Schweiz", "CH"),
        ("a trip to Poland", "PL"),
        ("hoću u Nemačku", "DE"),
        ("размена са Немачком", "DE"),
        ("u Srbiji", "RS"),
        ("بدي روح ع ألمانيا", "DE"),
        ("مدرسة بألمانيا", "DE"),
        ("إلى لبنان", "LB"),
        ("quelque part en Europe", "EU"),
        # Parts of the world; a country that is named counts more.
        ("partir en Afrique", "QM"),
        ("jveux aller en afriqe", "QM"),
        ("nach Afrika", "QM"),
        ("u Africi", "QM"),
        ("إلى افريقيا", "QM"),
        ("Europe de l'Est", "QS"),
        ("nach Osteuropa", "QS"),
        ("Istočna Evropa", "QS"),
        ("dans les Balkans", "QT"),
        ("au Moyen-Orient", "QU"),
        ("in the Middle East", "QU"),
        ("الشرق الأوسط", "QU"),
        ("en Asie ou ailleurs", "QN"),
        ("en Amérique du Sud", "QP"),
        ("en Afrique, au Burkina", "BF"),
        ("Afrique du Sud", "ZA"),
        ("South Africa", "ZA"),
        ("dans les Balkans, en Serbie", "RS"),
        ("un projet africain", None),
        ("une amie américaine", None),
        ("en Europe, plutôt en Grèce", "GR"),
        ("en Espagne ou en Italie", "ES"),
        # No destination.
        ("ma fille apprend l'allemand", None),
        ("un village burkinabè", None),
        ("je viens de Syrie", None),
        ("hors de France", None),
        ("la réunion de mardi", None),
        ("une chaîne, un éducateur, des guides", None),
        ("imam mali problem", None),
        ("Cologne en hiver", None),
        ("à l'étranger", None),
    ],
)
def test_a_country_is_read_by_its_name_with_slips_in_any_language(text, country):
    assert understand(text, NOVEMBER).country == country


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("j'ai 17 ans", Span(17, 17)),
        ("g 17ans", Span(17, 17)),
        ("g 17 et jveux bouger", Span(17, 17)),
        ("ma fille a seize ans", Span(16, 16)),
        ("j'ai vingt-deux ans", Span(22, 22)),
        ("pour les 18-25 ans", Span(18, 25)),
        ("de 14 à 17 ans", Span(14, 17)),
        ("mes filles ont 13 ans et 16 ans", Span(13, 16)),
        ("les moins de 18 ans", Span(0, 17)),
        ("j'ai plus de 30 ans", Span(30, None)),
        ("Meine Tochter ist 15 und will weg", Span(15, 15)),
        ("Auslandsaufenthalt mit 17", Span(17, 17)),
        ("I'm 19, what can I do", Span(19, 19)),
        ("for a 15-year-old", Span(15, 15)),
        ("imam 17 godina", Span(17, 17)),
        ("моја ћерка има 15 година", Span(15, 15)),
        ("ابني عمرو ١٦ سنة", Span(16, 16)),
        # Numbers that are no age, and ages that nobody said.
        ("j'ai 15 élèves", None),
        ("depuis 10 ans", None),
        ("il y a 12 ans", None),
        ("un projet de 3 ans", None),
        ("seit 10 Jahren", None),
        ("après le bac", None),
        ("ma fille est au collège", None),
        ("le 24 novembre", None),
    ],
)
def test_an_age_is_read_when_it_is_said_and_never_guessed(text, age):
    assert understand(text, NOVEMBER).age == age


@pytest.mark.parametrize(
    ("text", "day", "period"),
    [
        ("cet été", NOVEMBER, months("07/2027", "08/2027")),
        ("cet ete", date(2027, 3, 1), months("07/2027", "08/2027")),
        ("cet été", date(2027, 8, 20), months("07/2027", "08/2027")),
        ("l'été prochain", date(2027, 3, 1), months("07/2027", "08/2027")),
        ("l'été prochain", date(2027, 7, 10), months("07/2028", "08/2028")),
        ("été 2028", NOVEMBER, months("07/2028", "08/2028")),
        ("im Sommer", NOVEMBER, months("07/2027", "08/2027")),
        ("next summer", NOVEMBER, months("07/2027", "08/2027")),
        ("na leto", NOVEMBER, months("07/2027", "08/2027")),
        ("بالصيف", NOVEMBER, months("07/2027", "08/2027")),
        ("cet hiver", NOVEMBER, months("12/2026", "02/2027")),
        ("cet hiver", date(2027, 1, 10), months("12/2026", "02/2027")),
        ("l'hiver prochain", date(2027, 1, 10), months("12/2027", "02/2028")),
        ("à la rentrée", NOVEMBER, months("09/2027", "09/2027")),
        ("en juillet", NOVEMBER, months("07/2027", "07/2027")),
        ("en novembre", NOVEMBER, months("11/2026", "11/2026")),
        ("juillet-août", NOVEMBER, months("07/2027", "08/2027")),
        ("de décembre à février", NOVEMBER, months("12/2026", "02/2027")),
        ("en mai 2028", NOVEMBER, months("05/2028", "05/2028")),
        ("u julu", NOVEMBER, months("07/2027", "07/2027")),
        ("بتموز", NOVEMBER, months("07/2027", "07/2027")),
        ("l'an prochain", NOVEMBER, months("01/2027", "12/2027")),
        ("en juillet de l'année prochaine", date(2026, 3, 1), months("07/2027", "07/2027")),
        ("nächstes Jahr", NOVEMBER, months("01/2027", "12/2027")),
        ("السنة القادمة", NOVEMBER, months("01/2027", "12/2027")),
        ("cette année", NOVEMBER, months("11/2026", "12/2026")),
        ("en 2028", NOVEMBER, months("01/2028", "12/2028")),
        # No time.
        ("j'ai été malade", NOVEMBER, None),
        ("mais je ne sais pas", NOVEMBER, None),
        ("May I ask something", NOVEMBER, None),
        ("après le bac", NOVEMBER, None),
        ("depuis 2015", NOVEMBER, None),
    ],
)
def test_a_period_is_read_as_the_one_that_is_under_way_or_comes_next(text, day, period):
    assert understand(text, day).period == period


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("un échange avec mon lycée", "exchange"),
        ("service civik", "civic_service"),
        ("stage de BTS", "internship"),
        ("une bourse pour un stage", "internship"),
        ("une bourse", "grant"),
        ("jveux faire du bénévolat", "volunteering"),
        ("séjour linguistique", "language_stay"),
        ("un semestre à la fac", "study"),
        ("Freiwilligendienst", "volunteering"),
        ("hoću da volontiram", "volunteering"),
        ("تبادل شبابي", "exchange"),
        ("partir loin", None),
    ],
)
def test_a_kind_is_read(text, kind):
    assert understand(text, NOVEMBER).kind == (kind and OpportunityKind(kind))


def test_all_four_are_read_together():
    wish = understand("slt g 17 ans jveux faire un echange en alemagne cet ete", NOVEMBER)
    assert wish == Wish("DE", Span(17, 17), months("07/2027", "08/2027"), OpportunityKind.EXCHANGE)


@given(st.text(max_size=300), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_understood_or_not_and_never_fails(text, day):
    wish = understand(text, day)
    assert wish.said <= 4


@pytest.mark.parametrize(
    ("age", "guarded"),
    [
        (None, False),
        (Span(14, 14), True),
        (Span(14, 17), True),
        (Span(0, 14), True),
        (Span(15, 15), False),
        (Span(0, 17), False),
        (Span(31, None), False),
    ],
)
def test_who_is_below_15_is_guarded_but_not_who_asks_about_all_minors(age, guarded):
    assert Wish(age=age).guarded is guarded


AGES = st.one_of(st.none(), st.integers(1, 99).map(lambda n: Span(n, n)), st.just(Span(0, 14)), st.just(Span(31, None)))
PERIODS = st.one_of(
    st.none(),
    st.builds(Period.of_months, st.integers(1970, 2100), st.integers(1, 12), st.just(2101), st.integers(1, 12)),
)
KINDS = st.one_of(st.none(), st.sampled_from(OpportunityKind))
STEPS = st.one_of(
    st.builds(Step, st.just(Wish()), st.just(0)),
    st.builds(Step, st.builds(Wish, st.sampled_from([None, "DE", "EU", "ZZ"])), st.just(1)),
    st.builds(Step, st.builds(Wish, st.sampled_from([None, "DE"]), AGES), st.just(2)),
    st.builds(Step, st.builds(Wish, st.just("DE"), AGES, PERIODS, KINDS), st.just(3), st.integers(0, 99)),
)


@given(STEPS)
def test_the_answers_so_far_fit_in_a_button_and_come_back_as_they_were(step):
    packed = step.pack()
    assert len(packed.encode()) + len("o:") <= 64
    assert Step.unpack(packed) == step


@given(st.text(max_size=64))
def test_a_forged_button_is_refused_or_read_and_nothing_else(text):
    try:
        step = Step.unpack(text)
    except ValueError:
        return
    assert Step.unpack(step.pack()) == step


@pytest.mark.parametrize(
    "text", ["DE", "de.abc", "de.17.2027-13", "de.17.2027-08_2027-07", "-.-.-.nothing", "-.-.-.-.x"]
)
def test_what_no_button_of_ours_holds_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any reason will do
        Step.unpack(text)
