"""Figures of a period beside the one before, as plots with tables, as files, and as a report for a month."""

import asyncio
import csv
import io
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import xlsxwriter
from babel.dates import format_date, get_day_names
from starlette.responses import Response

from bot.channels.telegram.desk import CHANNEL
from bot.console.pages import Page, Visit, reading
from bot.console.printing import can_print, pdf_of
from bot.console.rendering import html
from bot.console.texts import text
from bot.dialogue.effects import Decision
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import LANGUAGES
from bot.language.times import said_duration
from bot.privacy.few import told
from bot.staff import figures
from bot.staff.figures import Cell, Gap, Period, Totals, Waiting
from bot.staff.likeness import Likeness
from bot.staff.quality import Quality, quality
from bot.storage.console import Answered
from bot.storage.model import Question

PERIODS = (7, 30, 90)
"""Days to choose from."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot and its table."""

    name: str
    """Of its title among the texts."""
    cells: tuple[Cell, ...]
    before: tuple[Cell, ...]
    """Of the period before, by the same labels; empty where they have none in common."""

    @property
    def highest(self) -> int:
        return max([cell.count or 0 for cell in self.cells] + [1])

    def count_before(self, label: str) -> int | None:
        return next((cell.count for cell in self.before if cell.label == label), None)


@dataclass(frozen=True, slots=True)
class FiguresContext:
    period: Period
    before: Period
    said: str
    """The period, in words."""
    said_before: str
    query: str
    totals: Totals
    totals_before: Totals
    waiting: Waiting | None
    waiting_before: Waiting | None
    charts: tuple[Chart, ...]
    week: tuple[tuple[str, tuple[Cell, ...]], ...]
    """Days of the week, each in parts of three hours."""
    gaps: tuple[Gap, ...]
    months: tuple[tuple[str, str], ...]
    quality: Quality | None
    subscriptions: int | None
    """That go on today, whatever the period; None: of fewer than five people."""
    days: tuple[int, ...] = PERIODS
    chosen: int = 0
    """Days; 0: a month."""
    pdf: bool = field(default_factory=can_print)
    """Whether the report may be offered as a file."""


async def index(visit: Visit) -> Response:
    return visit.show("chiffres", await _context(visit))


async def report(visit: Visit) -> Response:
    """The same for people who do not use the console: one page to print, without a question's own words."""
    return visit.show("rapport", await _context(visit))


async def as_pdf(visit: Visit) -> Response:
    page = html(visit.request, "rapport.html", page=await _context(visit))
    return _file(await asyncio.to_thread(pdf_of, bytes(page.body).decode()), "application/pdf", "rapport.pdf")


async def as_csv(visit: Visit) -> Response:
    output = io.StringIO()
    csv.writer(output, delimiter=";").writerows(_rows(await _context(visit)))
    return _file(output.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "chiffres.csv")


async def as_xlsx(visit: Visit) -> Response:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(text("chiffres.tab"))
        for number, row in enumerate(_rows(await _context(visit))):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, column, value)
                else:  # never `write`: it takes "=…" for a formula
                    sheet.write_string(number, column, value)
        sheet.set_column(0, 1, 40)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(buffer.getvalue(), kind, "chiffres.xlsx")


PAGE = Page(
    "chiffres",
    (
        *reading("/chiffres", index),
        *reading("/chiffres/rapport", report),
        *reading("/chiffres/rapport.pdf", as_pdf)[:1],
        *reading("/chiffres/fichier.csv", as_csv)[:1],
        *reading("/chiffres/fichier.xlsx", as_xlsx)[:1],
    ),
)


async def _context(visit: Visit) -> FiguresContext:
    period, chosen = _period(visit)
    store, before = visit.parts.store, period.before()
    asked = await store.asked_between(CHANNEL, before.start, period.end)
    now, then = ([each for each in asked if _within(each, span)] for span in (period, before))
    open_now = await store.waited_between(CHANNEL, period.start, period.end)
    open_then = await store.waited_between(CHANNEL, before.start, before.end)
    return FiguresContext(
        period=period,
        before=before,
        said=_said(period),
        said_before=_said(before),
        query=f"mois={period.first:%Y-%m}" if not chosen else f"jours={chosen}",
        totals=figures.totals(now),
        totals_before=figures.totals(then),
        waiting=figures.waiting(open_now),
        waiting_before=figures.waiting(open_then),
        charts=_charts(visit, now, then, period),
        week=tuple((day, tuple(cells)) for day, cells in figures.by_hour(now, period, _weekdays())),
        gaps=tuple(figures.growing(await asyncio.to_thread(_alike, asked), period)),
        months=_months(visit.now.astimezone(LEGAL_TIME).date()),
        quality=await asyncio.to_thread(quality, await store.labelled(CHANNEL)),
        subscriptions=told(*await store.subscribed(CHANNEL, visit.now)),
        chosen=chosen,
    )


def _charts(visit: Visit, now: Sequence[Answered], then: Sequence[Answered], period: Period) -> tuple[Chart, ...]:
    entries = visit.parts.dialogue().knowledge.entries

    def title(entry: object) -> str:
        return entries[str(entry)].title_in("fr") if str(entry) in entries else text("chiffres.no_topic")

    def topics(asked: Sequence[Answered]) -> tuple[Cell, ...]:
        facts = ((each.topic or "", each.person) for each in asked)
        return tuple(figures.merged(facts, title, text("chiffres.others")))

    def languages(asked: Sequence[Answered]) -> tuple[Cell, ...]:
        names = {language: text(f"languages.{language}") for language in LANGUAGES}
        facts = ((each.language, each.person) for each in asked)
        return tuple(figures.merged(facts, lambda each: names.get(str(each), str(each)), text("chiffres.others")))

    def decisions(asked: Sequence[Answered]) -> tuple[Cell, ...]:
        labels: dict[Hashable, str] = {decision: text(f"chiffres.decision.{decision}") for decision in Decision}
        return tuple(figures.counted(((each.decision, each.person) for each in asked), labels))

    return (
        Chart("by_day", tuple(figures.by_day(now, period)), ()),
        Chart("by_decision", decisions(now), decisions(then)),
        Chart("by_topic", topics(now), topics(then)),
        Chart("by_language", languages(now), languages(then)),
    )


def _alike(asked: Sequence[Answered]) -> list[list[Answered]]:
    """What the bot did not answer by itself, gathered by its words."""
    unanswered = {each.id: each for each in asked if each.decision != Decision.ANSWER}
    questions = [_question(each) for each in unanswered.values()]
    likeness = Likeness()
    likeness.take_up(questions, None)
    return [[unanswered[question.id] for question in group] for group in likeness.together(questions)]


def _question(each: Answered) -> Question:
    return Question(
        id=each.id,
        ref="",
        channel=CHANNEL,
        chat=each.person,
        text=each.text,
        language=each.language,
        candidates=((each.topic, 1.0),) if each.topic else (),
        decision=each.decision,
        reason="",
        entry=None,
        status=each.status,
        asked_at=each.asked_at,
    )


def _period(visit: Visit) -> tuple[Period, int]:
    """What the address asks for, and its days when it counts back from today; thirty days for what means nothing."""
    today, asked = visit.now.astimezone(LEGAL_TIME).date(), visit.request.query_params
    if asked.get("mois", "") in {month for month, _ in _months(today)}:
        first = date.fromisoformat(f"{asked['mois']}-01")
        return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)), 0
    days = next((days for days in PERIODS if asked.get("jours") == str(days)), 30)
    return Period(today - timedelta(days=days - 1), today), days


def _months(today: date) -> tuple[tuple[str, str], ...]:
    """This one and the five before: (2026-11, novembre 2026)."""
    months, first = [], today.replace(day=1)
    for _ in range(6):
        months.append((f"{first:%Y-%m}", format_date(first, "LLLL y", locale="fr")))
        first = (first - timedelta(days=1)).replace(day=1)
    return tuple(months)


def _within(each: Answered, period: Period) -> bool:
    return period.start <= each.asked_at < period.end


def _weekdays() -> list[str]:
    return [name for _, name in sorted(get_day_names(locale="fr").items())]


def _said(period: Period) -> str:
    first, last = (format_date(day, "d MMMM y", locale="fr") for day in (period.first, period.last))
    return text("chiffres.period", first=first, last=last)


def _rows(context: FiguresContext) -> Iterator[tuple[str | int, ...]]:
    """For spreadsheets: table, line, number, people, number before."""
    few = text("chiffres.few")
    yield tuple(text(f"chiffres.column.{name}") for name in ("table", "line", "count", "people", "before"))
    totals, name = text("chiffres.totals"), "chiffres.helped"
    yield totals, text("chiffres.rated"), _or(context.totals.rated, few), "", _or(context.totals_before.rated, few)
    yield totals, text(name), _percent(context.totals.helped, few), "", _percent(context.totals_before.helped, few)
    yield totals, text("chiffres.subscriptions"), _or(context.subscriptions, few), "", ""
    for chart in context.charts:
        for cell in chart.cells:
            before = chart.count_before(cell.label)
            yield (
                text(f"chiffres.{chart.name}"),
                _harmless(cell.label),
                _or(cell.count, few),
                _or(cell.people, few),
                (_or(before, few) if chart.before else ""),
            )
    for day, cells in context.week:
        for cell in cells:
            yield text("chiffres.by_hour"), f"{day}, {cell.label}", _or(cell.count, few), _or(cell.people, few), ""
    for name, found in (("waiting_now", context.waiting), ("waiting_before", context.waiting_before)):
        if found:
            yield (
                text("chiffres.waiting"),
                text(f"chiffres.{name}"),
                said_duration(found.median, "fr"),
                found.replies,
                "",
            )
    yield from _quality_rows(context.quality, few)


def _quality_rows(found: Quality | None, few: str) -> Iterator[tuple[str | int, ...]]:
    if found is None:
        yield text("chiffres.quality"), text("chiffres.quality_right"), few, "", ""
        return
    yield text("chiffres.quality"), text("chiffres.quality_right"), _percent(found.right, few), "", ""
    yield text("chiffres.quality"), text("chiffres.quality_labels"), found.questions, "", ""
    for point in found.points:
        floor = f"{text('chiffres.quality_floor')} {point.floor:g}".replace(".", ",")
        yield text("chiffres.quality_covered"), floor, _percent(round(100 * point.answered_right), few), "", ""
        yield text("chiffres.quality_errors"), floor, _percent(round(100 * point.errors), few), "", ""
    for week in found.weeks:
        monday = f"{text('chiffres.quality_week')} {week.monday:%d/%m/%Y}"
        yield text("chiffres.quality_weeks"), monday, _or(week.questions, few), "", ""
        yield text("chiffres.quality_right"), monday, _percent(week.right, few), "", ""


def _percent(share: int | None, few: str) -> str:
    return few if share is None else f"{share} %"


def _or(number: int | None, few: str) -> int | str:
    return few if number is None else number


def _harmless(cell: str) -> str:
    """What begins so, a spreadsheet would compute."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
