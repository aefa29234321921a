"""What citizens said of entries, for staff to decide on before it counts. Pure.

A topic chosen among those offered says that the question is the entry's; "not my question" says that it is not.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from bot.dialogue.effects import Decision, QuestionStatus
from bot.knowledge.checks import comparable
from bot.storage.model import Question


@dataclass(frozen=True, slots=True)
class Feedback:
    """One opinion, of whoever had it."""

    questions: tuple[Question, ...]
    """In the same words, in the order in which they were given; at least one."""
    entry: str
    right: bool
    """The citizens say that the entry is the right one."""

    @property
    def question(self) -> Question:
        return self.questions[0]


_Same = tuple[str, bool, str, str]
"""Entry, right, language, words: what makes two opinions one."""


def feedback(
    questions: Iterable[Question], entries: Container[str], decided: Iterable[Question] = ()
) -> list[Feedback]:
    """In the order of the questions, the same opinion once.

    What staff have decided on, also of one among the `decided` questions in the same words, is left out; so is what is
    of none of the `entries`.
    """
    questions = tuple(questions)
    past = {
        _same(question, entry, right=right)
        for question in (*questions, *decided)
        for entry, right in _said(question)
        if entry in question.reviewed
    }
    alike: dict[_Same, list[Question]] = {}
    for question in questions:
        for entry, right in _said(question):
            same = _same(question, entry, right=right)
            if entry in entries and same not in past:
                alike.setdefault(same, []).append(question)
    return [Feedback(tuple(asked), entry, right) for (entry, right, *_), asked in alike.items()]


def _same(question: Question, entry: str, *, right: bool) -> _Same:
    return entry, right, question.language, comparable(question.text) or question.text


def _said(question: Question) -> Iterator[tuple[str, bool]]:
    refused = [entry for entry, helped in question.ratings.items() if not helped]
    yield from ((entry, False) for entry in refused)
    chosen = (question.decision, question.status) == (Decision.CLARIFY, QuestionStatus.ANSWERED)
    if chosen and question.entry and question.entry not in refused:
        yield question.entry, True
