"""What citizens said of entries, for staff to decide on before it counts. Pure.

A topic chosen among those offered says that the question is the entry's; "not my question" says that it is not.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from bot.dialogue.effects import Decision, QuestionStatus
from bot.storage.model import Question


@dataclass(frozen=True, slots=True)
class Feedback:
    question: Question
    entry: str
    right: bool
    """The citizen says that the entry is the right one."""


def feedback(questions: Iterable[Question], entries: Container[str]) -> list[Feedback]:
    """In the order of the questions; what staff have decided on, and entries that are gone, are left out."""
    found = (each for question in questions for each in _said(question))
    return [each for each in found if each.entry in entries and each.entry not in each.question.reviewed]


def _said(question: Question) -> list[Feedback]:
    refused = [entry for entry, helped in question.ratings.items() if not helped]
    chosen = (question.decision, question.status) == (Decision.CLARIFY, QuestionStatus.ANSWERED)
    said = [Feedback(question, entry, right=False) for entry in refused]
    if chosen and question.entry and question.entry not in refused:
        said.append(Feedback(question, question.entry, right=True))
    return said
