"""Answers → a verdict, with the criteria that it rests on. Pure.

Nobody is told *eligible* unless every criterion is published, known to be the whole of them, in force and met by an
answer; and nobody *not eligible* but by a published criterion that an answer surely breaks. All else is for staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.knowledge.eligibility import Condition, Interview, Otherwise, Question, QuestionKind, Rule

UNKNOWN = "?"
"""The answer « Je ne sais pas »."""

Answers = Mapping[str, str]
"""Id of a question → the id of a choice, a number in digits, or UNKNOWN."""


class Verdict(StrEnum):
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    STAFF_DECIDES = "staff_decides"


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    broken: tuple[Rule, ...] = ()
    """Published criteria that the answers surely do not meet."""
    met: tuple[Rule, ...] = ()
    """Published criteria that the answers meet."""
    undecided: tuple[Rule, ...] = ()
    """Criteria that staff have to look at."""
    unknown: tuple[Question, ...] = ()
    """Questions that matter and were not answered, or by UNKNOWN."""
    in_force: bool = True


def judge(interview: Interview, answers: Answers, day: date) -> Judgement:
    """What the rules say on `day`; answers that are none of the question's count as unknown."""
    sorted_rules: dict[str, list[Rule]] = {"broken": [], "met": [], "undecided": []}
    for rule in interview.rules:
        if (place := _place(interview, rule, answers)) is not None:
            sorted_rules[place].append(rule)
    broken, met, undecided = (tuple(rules) for rules in sorted_rules.values())
    unknown = tuple(question for question in asked(interview, answers) if not _known(question, answers))
    in_force = interview.in_force(day)
    verdict = Verdict.STAFF_DECIDES
    if in_force and broken:
        verdict = Verdict.NOT_ELIGIBLE
    elif in_force and interview.complete and met and not undecided and not unknown:
        verdict = Verdict.ELIGIBLE
    return Judgement(verdict, broken, met, undecided, unknown, in_force)


def asked(interview: Interview, answers: Answers) -> tuple[Question, ...]:
    """The questions that matter, as far as the answers tell: also those of which it is not known."""
    return tuple(question for question in interview.questions if _matters(interview, question, answers) is not False)


def _place(interview: Interview, rule: Rule, answers: Answers) -> str | None:
    """Where a rule stands in a Judgement; None: it is about a question that does not matter here."""
    if rule.requires is None:
        return "undecided"
    question = _question(interview, rule.requires.question)
    matters = _matters(interview, question, answers)
    if matters is False:
        return None
    holds = _holds(rule.requires, question, answers)
    if holds is False and matters and rule.source and rule.otherwise is Otherwise.NOT_ELIGIBLE:
        return "broken"
    return "met" if holds and rule.source else "undecided"


def _matters(interview: Interview, question: Question, answers: Answers) -> bool | None:
    """Whether a question has to be asked; None: that depends on an answer that is not known."""
    if question.only_if is None:
        return True
    earlier = _question(interview, question.only_if.question)
    matters = _matters(interview, earlier, answers)
    return False if matters is False else _holds(question.only_if, earlier, answers)


def _holds(condition: Condition, question: Question, answers: Answers) -> bool | None:
    """None: the answer is not known."""
    if not _known(question, answers):
        return None
    answer = answers[question.id]
    if question.kind is not QuestionKind.NUMBER:
        return answer in condition.choices
    number = int(answer)
    return (condition.at_least is None or condition.at_least <= number) and (
        condition.at_most is None or number <= condition.at_most
    )


def _known(question: Question, answers: Answers) -> bool:
    answer = answers.get(question.id, UNKNOWN)
    if question.kind is QuestionKind.NUMBER:
        return answer.isdecimal()
    return answer in {choice.id for choice in question.choices}


def _question(interview: Interview, name: str) -> Question:
    return next(question for question in interview.questions if question.id == name)
