"""The unanswered questions, for the staff: a table for people, CSV and Excel for spreadsheets, JSON for programs."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from rapidfuzz import fuzz, process
from rich import box
from rich.table import Table
from rich.text import Text

from bot.dialogue.effects import QuestionStatus, Reason
from bot.knowledge.hours import LEGAL_TIME
from bot.language.normal_form import normalise
from bot.staff.texts import text
from bot.storage.model import Question
from bot.storage.store import Store

_ALIKE = 85.0
"""Likeness of normal forms, 0 to 100, from which two questions are shown as one group."""
_SHOWN_CHARACTERS = 200
_SHOWN_NUMBERS = 12
_SHOWN_CANDIDATES = 3
_CELL_CHARACTERS = 32_767
"""What a cell of Excel holds."""
_PERIOD = re.compile(r"(\d{1,4})\s*(?:d|j|jours?|days?)", re.IGNORECASE | re.ASCII)
_FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute (OWASP, "CSV injection")."""

COLUMNS = (
    "groupe", "fois", "numéro", "posée le", "canal", "langue", "question", "décision", "pourquoi", "état",
    "fiches probables", "fiche donnée",
)  # fmt: skip
_TEXT_COLUMN = COLUMNS.index("question")


class Row(NamedTuple):
    """One question as a spreadsheet shows it, in the order of COLUMNS."""

    group: int
    alike: int
    number: int
    asked_at: datetime
    channel: str
    language: str
    text: str
    decision: str
    reason: str
    status: str
    candidates: str
    entry: str


def since(wanted: str, now: datetime) -> datetime:
    """The beginning of the period that a person means by ``7d``, ``2026-11-24`` or ``24/11/2026``; `now` has a zone.

    Raises:
        ValueError: it means nothing; the message says what does.
    """
    if period := _PERIOD.fullmatch(wanted.strip()):
        return now - timedelta(days=int(period[1]))
    try:
        french = _FRENCH_DATE.fullmatch(wanted.strip())
        day = date(int(french[3]), int(french[2]), int(french[1])) if french else date.fromisoformat(wanted.strip())
    except ValueError:
        raise ValueError(text("questions_since", given=wanted)) from None
    return datetime.combine(day, time(), now.tzinfo)


def numbers(given: Sequence[str]) -> list[int]:
    """The numbers of questions that a person typed: ``12``, or ``12, 15`` as the table shows them.

    Raises:
        ValueError: something else was typed; the message says what to type.
    """
    found = []
    for word in re.split(r"[,;\s]+", " ".join(given).strip(" ,;")):
        if not re.fullmatch(r"\d{1,18}", word, re.ASCII):
            raise ValueError(text("questions_bad_number", given=word))
        found.append(int(word))
    return list(dict.fromkeys(found))


def output_format(given: str | None, file: Path | None, *, to_terminal: bool) -> str:
    """The format that a person means: as given, else by the name of the file, else a table.

    Raises:
        ValueError: there is no such format, or not for that place.
    """
    wanted = given or (file.suffix.removeprefix(".").lower() if file else "table")
    if wanted not in {"table", *EXPORTS} or (file and wanted == "table"):
        raise ValueError(text("questions_file_format" if file else "questions_format"))
    if wanted == "xlsx" and to_terminal and file is None:
        raise ValueError(text("questions_xlsx_to_terminal"))
    return wanted


@dataclass(frozen=True, slots=True)
class Selection:
    """Which questions a person wants to see.

    Raises:
        ValueError: there is no such status.
    """

    status: str = QuestionStatus.OPEN
    """A QuestionStatus, or ``all``."""
    language: str | None = None
    since: datetime | None = None
    containing: str | None = None
    topic: str | None = None
    """The entry that is the best guess."""

    def __post_init__(self) -> None:
        if self.status not in {"all", *QuestionStatus}:
            raise ValueError(text("questions_status"))

    async def of(self, store: Store) -> list[Question]:
        """Newest first."""
        found = await store.questions(
            status=None if self.status == "all" else self.status,
            language=self.language,
            since=self.since,
            containing=self.containing,
        )
        return [question for question in found if self.topic in {None, question.topic}]

    def nothing(self) -> str:
        """What to say when no question was found."""
        return text("questions_none_open" if self == Selection() else "questions_none_found")


def groups(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions that are alike, together: the largest group first, in a group the order in which they came."""
    leaders: list[str] = []
    known: dict[str, int] = {}
    members: list[list[Question]] = []
    for question in questions:
        form = form_of(question)
        number = known[form] if form in known else nearest(form, leaders)
        if number is None:
            number = len(leaders)
            leaders.append(form)
            members.append([])
        known[form] = number
        members[number].append(question)
    return sorted(members, key=len, reverse=True)


def form_of(question: Question) -> str:
    """The words by which questions are told alike."""
    return normalise(question.text) or question.text


def nearest(form: str, leaders: Sequence[str]) -> int | None:
    """The leader that is most like `form`, if one is alike.

    The same words in another order and with a few more count as alike; one word out of many does not: the mean of
    rapidfuzz's two measures.
    """
    likely = process.extract(form, leaders, scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE, limit=None)
    scored = (((score + fuzz.token_sort_ratio(form, leader)) / 2, -number) for leader, score, number in likely)
    score, number = max(scored, default=(0.0, 0))
    return -number if score >= _ALIKE else None


def as_table(questions: Sequence[Question]) -> Table:
    """One row a group."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0), pad_edge=False)
    table.add_column(text("questions_number"), max_width=8)
    table.add_column(text("questions_asked"), width=10)
    table.add_column(text("questions_language"))
    table.add_column(text("questions_question"), overflow="fold", ratio=1)
    table.add_column(text("questions_why"), max_width=14)
    table.add_column(text("questions_times"), justify="right")
    for members in groups(questions):
        first = members[0]
        table.add_row(
            _numbers(members),
            f"{first.asked_at.astimezone(LEGAL_TIME):%d/%m/%Y %H:%M}",
            first.language,
            _question(first),
            _why(first),
            str(len(members)),
        )
    return table


def _numbers(members: Sequence[Question]) -> str:
    more = ", …" if len(members) > _SHOWN_NUMBERS else ""
    return ", ".join(str(member.id) for member in members[:_SHOWN_NUMBERS]) + more


def _question(question: Question) -> Text:
    """The question in one paragraph, and below it the entries that are at all likely."""
    asked = " ".join(_clean(question.text).split())
    if len(asked) > _SHOWN_CHARACTERS:
        asked = f"{asked[:_SHOWN_CHARACTERS].rstrip()}…"
    likely = [guess for guess in question.candidates[:_SHOWN_CANDIDATES] if guess[1] >= 0.01]
    below = _candidates(likely, "\n") if likely else text("questions_no_candidate")
    return Text.assemble((asked, "bold"), "\n", (below, "dim"))


def as_rows(questions: Sequence[Question]) -> Iterator[Row]:
    """One row a question, the groups together; a group bears the number of its newest question."""
    for members in groups(questions):
        for question in members:
            yield Row(
                group=members[0].id,
                alike=len(members),
                number=question.id,
                asked_at=question.asked_at.astimezone(LEGAL_TIME),
                channel=question.channel,
                language=question.language,
                text=_clean(question.text)[:_CELL_CHARACTERS],
                decision=text(f"questions_decision_{question.decision}"),
                reason=_reason(question),
                status=_status(question),
                candidates=_candidates(question.candidates),
                entry=question.entry or "",
            )


def as_csv(questions: Sequence[Question]) -> bytes:
    """As a French Excel opens it by a double click: semicolons, and a byte order mark before UTF-8."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";")
    writer.writerow(COLUMNS)
    for row in as_rows(questions):
        writer.writerow([*row[:3], f"{row.asked_at:%d/%m/%Y %H:%M}", *map(_harmless, map(str, row[4:]))])
    return output.getvalue().encode("utf-8-sig")


def as_xlsx(questions: Sequence[Question]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Questions")
        heading, moment = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, heading)
        last = 0
        for last, row in enumerate(as_rows(questions), start=1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(last, column, value.replace(tzinfo=None), moment)
                elif isinstance(value, int):
                    sheet.write_number(last, column, value)
                else:  # never `write`: it takes "=…" for a formula and "https://…" for a link
                    sheet.write_string(last, column, value, wrapped if column == _TEXT_COLUMN else None)
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 16)
        sheet.set_column(_TEXT_COLUMN, _TEXT_COLUMN, 70)
    return buffer.getvalue()


def as_json_lines(questions: Sequence[Question]) -> bytes:
    """One object a question, with the codes of the program and times in UTC."""
    objects = (
        {
            "id": question.id,
            "asked_at": question.asked_at.isoformat(),
            "channel": question.channel,
            "language": question.language,
            "text": question.text,
            "decision": question.decision,
            "reason": question.reason,
            "status": question.status,
            "entry": question.entry,
            "candidates": [{"entry": entry, "confidence": round(share, 4)} for entry, share in question.candidates],
            "group": members[0].id,
            "alike": len(members),
        }
        for members in groups(questions)
        for question in members
    )
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in objects).encode()


EXPORTS = {"csv": as_csv, "xlsx": as_xlsx, "json": as_json_lines}
"""Format → the bytes of a file."""


def _reason(question: Question) -> str:
    """Why it was not answered; a sure answer leaves a question open when its entry asks for a person as well."""
    sure = question.reason == Reason.CONFIDENT and question.status == QuestionStatus.OPEN
    return text(f"questions_reason_{Reason.ENTRY_ALWAYS if sure else question.reason}")


def _why(question: Question) -> str:
    """The reason, and what became of a question that waits no longer."""
    settled = question.status != QuestionStatus.OPEN
    return f"{_reason(question)} ({_status(question)})" if settled else _reason(question)


def _status(question: Question) -> str:
    return text(f"questions_status_{question.status}")


def _candidates(candidates: Sequence[tuple[str, float]], between: str = ", ") -> str:
    return between.join(f"{entry} {round(share * 100)}\u00a0%" for entry, share in candidates)


def _clean(written: str) -> str:
    """Without control characters: to a terminal they are commands, to a spreadsheet a fault."""
    return "".join(letter for letter in written if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs"})


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
