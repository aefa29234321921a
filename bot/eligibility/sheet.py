"""The answers that a citizen has given so far, and the same as the argument of a button. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.eligibility.judge import UNKNOWN, Answers, asked
from bot.knowledge.eligibility import MAX_DIGITS, Interview, Question, QuestionKind

_NUMBER = re.compile(r"(?<![\w,.-])\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?![\w,.])|(?<![\w,.-])\d+(?![,.]?\w)")
_MAX_WORDS = 6


class Page(StrEnum):
    """Where an interview stands when it asks no question."""

    SUMMARY = "s"
    CHANGE = "c"
    """Which answer is to be changed?"""
    SEND = "t"
    """The answers go to staff."""


@dataclass(frozen=True, slots=True)
class Sheet:
    interview: Interview
    answers: Answers
    at: int | Page
    """The number of the question that is asked, or a page."""

    @classmethod
    def begin(cls, interview: Interview) -> "Sheet":
        return cls(interview, {}, 0)

    @property
    def question(self) -> Question | None:
        return self.interview.questions[self.at] if isinstance(self.at, int) else None

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that matter after these answers."""
        return asked(self.interview, self.answers)

    def answered(self, question: Question, answer: str) -> "Sheet":
        """With this answer, at the next question that waits for one."""
        return replace(self, answers={**self.answers, question.id: answer}).onward()

    def onward(self) -> "Sheet":
        waiting = (question for question in self.asked if question.id not in self.answers)
        first = next(waiting, None)
        return self.to(first) if first else self.turned(Page.SUMMARY)

    def back(self) -> "Sheet | None":
        """To the question before or, when only an answer was to be changed, to the summary; None at the first."""
        if self.onward().at is Page.SUMMARY:
            return self.turned(Page.SUMMARY)
        before = [question for question in self.asked if self._number(question) < self._here]
        return self.to(before[-1]) if before else None

    def to(self, question: Question) -> "Sheet":
        return replace(self, at=self._number(question))

    def turned(self, page: Page) -> "Sheet":
        return replace(self, at=page)

    def pack(self) -> str:
        """Interview, mark, place and answers: `fund.3fa9.2.0.1`; a choice is its number, an open question nothing."""
        codes = (_code(question, self.answers.get(question.id, "")) for question in self.interview.questions)
        return ".".join([self.interview.id, self.interview.mark, str(self.at), *codes]).rstrip(".")

    @classmethod
    def unpack(cls, text: str, interviews: Mapping[str, Interview]) -> "Sheet":
        """The inverse of `pack`; the id of an interview alone begins it.

        Raises:
            LookupError: there is no such interview.
            ValueError: its questions have changed since, or the button is none of ours.
        """
        name, *parts = text.split(".")
        interview = interviews[name]
        if not parts:
            return cls.begin(interview)
        mark, at, *codes = (*parts, "")
        questions = interview.questions
        if mark != interview.mark or len(codes) > len(questions) + 1:
            raise ValueError(text)
        answers = {
            question.id: _answer(question, code) for question, code in zip(questions, codes, strict=False) if code
        }
        if at in set(Page):
            return cls(interview, answers, Page(at))
        if not at.isdecimal() or int(at) >= len(questions):
            raise ValueError(text)
        return cls(interview, answers, int(at))

    @property
    def _here(self) -> int:
        return self.at if isinstance(self.at, int) else len(self.interview.questions)

    def _number(self, question: Question) -> int:
        return self.interview.questions.index(question)


def read_number(text: str) -> str | None:
    """The one whole number of a short text that is no question, in digits: "environ 3 000 €"; None: there is none.

    >>> read_number("environ 3 000 €"), read_number("2,5 ans"), read_number("de 3 à 5")
    ('3000', None, None)
    """
    found = _NUMBER.findall(text)
    if len(found) != 1 or re.search(r"\d", _NUMBER.sub("", text)):
        return None
    digits = "".join(filter(str.isdecimal, found[0]))
    return str(int(digits)) if len(digits) <= MAX_DIGITS else None


def tries_a_number(text: str) -> bool:
    """True for what is rather an answer to "how many?" than a question: a number among few words."""
    words = text.split()
    return any(map(str.isdecimal, text)) and len(words) <= _MAX_WORDS and not re.search(r"[?؟]", text)


def _code(question: Question, answer: str) -> str:
    if answer in {"", UNKNOWN} or question.kind is QuestionKind.NUMBER:
        return answer
    return str([choice.id for choice in question.choices].index(answer))


def _answer(question: Question, code: str) -> str:
    """Raises: ValueError."""
    if code == UNKNOWN:
        return code
    if not code.isdecimal() or len(code) > MAX_DIGITS:
        raise ValueError(code)
    if question.kind is QuestionKind.NUMBER:
        return code
    if int(code) >= len(question.choices):
        raise ValueError(code)
    return question.choices[int(code)].id
