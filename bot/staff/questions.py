"""The unanswered questions, for the staff: table, CSV, Excel, JSON."""

# ruff: noqa: E501 - rows of a table
import csv
import io
import json
from collections.abc import Sequence

import xlsxwriter
from rapidfuzz import fuzz
from rich.table import Table

from bot.language.normal_form import normalise
from bot.storage.model import Question

_ALIKE = 85.0
"""rapidfuzz token_set_ratio of normal forms from which two questions are shown as one group."""

COLUMNS = ("id", "asked_at", "channel", "language", "text", "decision", "reason", "status", "candidates")


def groups(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions that are alike, together: the largest group first, each with its newest question first."""
    found: list[tuple[str, list[Question]]] = []
    for question in questions:
        form = normalise(question.text)
        for leader, members in found:
            if fuzz.token_set_ratio(form, leader) >= _ALIKE:
                members.append(question)
                break
        else:
            found.append((form, [question]))
    return sorted((members for _, members in found), key=len, reverse=True)


def as_table(questions: Sequence[Question]) -> Table:
    table = Table(title=f"{len(questions)} question(s)")
    for column in ("n°", "fois", "date", "langue", "question", "décision", "fiches probables"):
        table.add_column(column, overflow="fold")
    for members in groups(questions):
        first = members[0]
        table.add_row(
            ", ".join(str(member.id) for member in members),
            str(len(members)),
            f"{first.asked_at:%d/%m %H:%M}",
            first.language,
            first.text[:200],
            f"{first.decision} ({first.reason})",
            _candidates(first),
        )
    return table


def as_rows(questions: Sequence[Question]) -> list[list[str]]:
    """One row a question in the order of COLUMNS; a leading "=" cannot become a formula of the spreadsheet."""
    return [
        [
            str(q.id), q.asked_at.isoformat(timespec="seconds"), q.channel, q.language, _harmless(q.text), q.decision, q.reason, q.status,
            _candidates(q),
        ]
        for q in questions
    ]  # fmt: skip


def as_csv(questions: Sequence[Question]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *as_rows(questions)])
    return text.getvalue()


def as_json_lines(questions: Sequence[Question]) -> str:
    lines = (
        json.dumps(
            {
                "id": q.id, "asked_at": q.asked_at.isoformat(), "channel": q.channel, "language": q.language, "text": q.text,
                "decision": q.decision, "reason": q.reason, "status": q.status,
                "candidates": [{"entry": entry, "confidence": round(confidence, 4)} for entry, confidence in q.candidates],
            },
            ensure_ascii=False,
        )
        for q in questions
    )  # fmt: skip
    return "".join(f"{line}\n" for line in lines)


def as_xlsx(questions: Sequence[Question]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Questions")
        for number, row in enumerate([list(COLUMNS), *as_rows(questions)]):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.set_column(4, 4, 80)
    return buffer.getvalue()


def _candidates(question: Question) -> str:
    return ", ".join(f"{entry} {confidence:.2f}" for entry, confidence in question.candidates[:3])


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
