"""Figures about questions and waiting, none of which speaks of fewer than five people. Pure."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from bot.knowledge.hours import LEGAL_TIME
from bot.privacy.few import LEAST, hidden, told
from bot.storage.console import Answered, Waited

Fact = tuple[Hashable, str]
"""What is counted, and the person behind it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a table; None: it would speak of fewer than five people."""

    label: str
    count: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long people waited for the staff's first reply."""

    median: timedelta
    p90: timedelta
    replies: int


@dataclass(frozen=True, slots=True)
class Totals:
    questions: int | None
    people: int | None
    answered: int | None
    clarified: int | None
    handed_over: int | None
    rated: int | None
    """Answers of which somebody said that they helped, or were not the question."""
    helped: int | None
    """Percent of these that helped; None also while one of the two was said by fewer than five people."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the service's calendar; `last` is included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=LEGAL_TIME)

    @property
    def end(self) -> datetime:
        """Not included."""
        after = self.last + timedelta(days=1)
        return datetime(after.year, after.month, after.day, tzinfo=LEGAL_TIME)

    def before(self) -> "Period":
        """As many days, up to the one before the first."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def counted(facts: Iterable[Fact], labels: Mapping[Hashable, str] | None = None) -> list[Cell]:
    """A cell for each label, in their order; those of few people hidden, as `hidden` says."""
    counts: Counter[Hashable] = Counter()
    people: dict[Hashable, set[str]] = defaultdict(set)
    for what, person in facts:
        counts[what] += 1
        people[what].add(person)
    order = list(labels) if labels is not None else [what for what, _ in counts.most_common()]
    concealed = hidden({what: people[what] for what in order if counts[what]})
    return [
        Cell(
            labels[what] if labels is not None else str(what),
            None if what in concealed else counts[what],
            None if what in concealed else len(people[what]),
        )
        for what in order
    ]


def merged(facts: Iterable[Fact], label: Callable[[Hashable], str], others: str, most: int = 12) -> list[Cell]:
    """The largest cells, and all others as one; nothing at all when even that one would be of few people."""
    facts = list(facts)
    cells = [cell for cell in counted(facts) if cell.count is not None]
    shown = {cell.label for cell in cells[:most]}
    rest = [(what, person) for what, person in facts if str(what) not in shown]
    named = {str(what): label(what) for what, _ in facts}
    found = [Cell(named[cell.label], cell.count, cell.people) for cell in cells[:most]]
    if not rest:
        return found
    few = len({person for _, person in rest}) < LEAST
    return [*found, Cell(others, None if few else len(rest), None if few else len({person for _, person in rest}))]


def totals(asked: Sequence[Answered]) -> Totals:
    if len({each.person for each in asked}) < LEAST:
        return Totals(None, None, None, None, None, None, None)
    by = {cell.label: cell.count for cell in counted((each.decision, each.person) for each in asked)}
    rated = [(helped, each.person) for each in asked for helped in each.ratings.values()]
    helped, refused = (cell.count for cell in counted(rated, {True: "", False: ""}))
    return Totals(
        len(asked),
        len({each.person for each in asked}),
        by.get("answer", 0),
        by.get("clarify", 0),
        by.get("hand_over", 0),
        told(len(rated), len({person for _, person in rated})),
        None if not rated or helped is None or refused is None else round(100 * helped / len(rated)),
    )


def by_day(asked: Sequence[Answered], period: Period) -> list[Cell]:
    """Days; weeks when there are more than 35 days."""
    starts = _starts(period)
    labels: dict[Hashable, str] = {start: f"{start:%d/%m}" for start in starts}
    return counted(((_start(each, starts), each.person) for each in asked), labels)


def by_hour(asked: Sequence[Answered], period: Period, weekdays: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    """The week, each day in parts of three hours.

    `by_day` tells the sums: each weekday is protected by itself, and shows nothing where its hours would tell of a
    day that is hidden.
    """
    labels: dict[Hashable, str] = {part: f"{3 * part} h – {3 * part + 3} h" for part in range(8)}
    parts = defaultdict[Hashable, list[Fact]](list)
    for each in asked:
        at = each.asked_at.astimezone(LEGAL_TIME)
        parts[at.weekday()].append((at.hour // 3, each.person))
    concealed = hidden({weekday: {person for _, person in facts} for weekday, facts in parts.items()})
    concealed |= hidden(_of_hidden_days(asked, period))
    return [
        (
            weekdays[weekday],
            [
                replace(cell, count=None, people=None) if weekday in concealed and cell.count else cell
                for cell in counted(parts[weekday], labels)
            ],
        )
        for weekday in range(7)
    ]


def _of_hidden_days(asked: Sequence[Answered], period: Period) -> dict[Hashable, set[str]]:
    """By weekday, the people of the days that `by_day` does not show."""
    starts = _starts(period)
    if len(starts) < period.days:  # weeks: no sum of theirs is one of a weekday
        return {}
    days = defaultdict[Hashable, set[str]](set)
    for each in asked:
        days[_day(each.asked_at)].add(each.person)
    concealed, found = hidden(days), defaultdict[Hashable, set[str]](set)
    for each in asked:
        if _day(each.asked_at) in concealed:
            found[_day(each.asked_at).weekday()].add(each.person)
    return found


def _starts(period: Period) -> list[date]:
    step = 1 if period.days <= 35 else 7
    return [period.first + timedelta(days=days) for days in range(0, period.days, step)]


def _start(each: Answered, starts: Sequence[date]) -> date:
    return starts[bisect_right(starts, _day(each.asked_at)) - 1]


def waiting(waited: Sequence[Waited]) -> Waiting | None:
    """None when fewer than five people have had a reply; the erased count as nobody."""
    replied = [(each.person, each.replied_at - each.opened_at) for each in waited if each.replied_at and each.person]
    if len({person for person, _ in replied}) < LEAST:
        return None
    delays = [delay.total_seconds() for _, delay in replied]
    return Waiting(
        timedelta(seconds=median(delays)),
        timedelta(seconds=quantiles(delays, n=10, method="inclusive")[-1]),
        len(delays),
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """A question without an answer that more people ask than before."""

    wording: str
    people: int
    before: int | None
    """In the period before; None: fewer than five."""
    topic: str | None


def growing(groups: Iterable[Sequence[Answered]], period: Period, most: int = 10) -> list[Gap]:
    """Of the groups of alike questions those that at least five people asked in the period, and more than before."""
    gaps = []
    for members in groups:
        now = {each.person for each in members if period.start <= each.asked_at < period.end}
        before = {each.person for each in members if each.asked_at < period.start}
        if len(now) >= LEAST and len(now) > len(before):
            newest = max(members, key=lambda each: each.asked_at)
            gaps.append(Gap(newest.text, len(now), len(before) if len(before) >= LEAST else None, newest.topic))
    return sorted(gaps, key=lambda gap: -gap.people)[:most]


def _day(moment: datetime) -> date:
    return moment.astimezone(LEGAL_TIME).date()
