"""May a project be helped? The interviews of `eligibility.yaml`: questions, and rules with their clauses. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

YES, NO = "yes", "no"
MAX_DIGITS = 9
"""Of a number in an answer."""

Texts = Mapping[str, str]
"""Language code → text."""


class QuestionKind(StrEnum):
    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    """A whole number, which the citizen writes."""


class Otherwise(StrEnum):
    """What an answer means that does not meet a rule."""

    NOT_ELIGIBLE = "not_eligible"
    STAFF_DECIDES = "staff_decides"


class Choice(NamedTuple):
    id: str
    label: Texts
    """Empty for yes and no, which the interface has words for."""


class Condition(NamedTuple):
    """What the answer to a question has to be: one of some choices, or a number within bounds, both included."""

    question: str
    choices: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    kind: QuestionKind
    label: Texts
    """A few words: in the summary, on a button and on the card of the staff."""
    ask: Texts
    choices: tuple[Choice, ...] = ()
    unit: Texts = field(default_factory=dict)
    """Of a number: "euros"."""
    only_if: Condition | None = None
    """About an earlier question; None: it is always asked."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A criterion: the words of the source, and which answers meet them."""

    id: str
    clause: Texts
    source: str | None = None
    """None: the criterion is not published, and only staff can apply it."""
    requires: Condition | None = None
    """None: no answer can tell."""
    otherwise: Otherwise = Otherwise.STAFF_DECIDES


@dataclass(frozen=True, slots=True)
class Interview:
    id: str
    title: Texts
    intro: Texts
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...] = ()
    complete: bool = False
    """The rules are all the criteria there are; else to meet them all is no promise."""
    valid_from: date | None = None
    valid_until: date | None = None
    unconfirmed_translations: frozenset[str] = frozenset()

    def in_force(self, day: date) -> bool:
        """True when the rules are those of `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def mark(self) -> str:
        """Four characters that change with the questions: answers to others must not be taken for answers to these."""
        told = [(q.id, q.kind, dict(q.ask), [(c.id, dict(c.label)) for c in q.choices]) for q in self.questions]
        return sha256(repr(told).encode()).hexdigest()[:4]
