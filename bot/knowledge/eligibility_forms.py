"""What `eligibility.yaml` may hold: pydantic models. Pure."""

from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.knowledge.eligibility import (
    NO,
    YES,
    Choice,
    Condition,
    Interview,
    Otherwise,
    Question,
    QuestionKind,
    Rule,
)
from bot.knowledge.opportunity_forms import Number, TrueFalse
from bot.knowledge.schema import Form, Id, Language, Text, Title, ValidityForm

MAX_ID = 16
"""The id of an interview is in each of its buttons, which hold 64 bytes."""


def _short(value: str) -> str:
    if len(value) > MAX_ID:
        raise PydanticCustomError("interview_id", "too long")
    return value


_Titles = Annotated[dict[Language, Title], Field(min_length=1)]
_Texts = Annotated[dict[Language, Text], Field(min_length=1)]


class ConditionForm(Form):
    question: Id
    choices: Annotated[list[Id], Field(min_length=1)] | None = Field(None, alias="is")
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        bounds = self.at_least is not None or self.at_most is not None
        if bounds == (self.choices is not None):
            raise PydanticCustomError("condition_kind", "either choices or bounds")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise PydanticCustomError("condition_order", "at_least is more than at_most")
        return self

    def to_model(self) -> Condition:
        return Condition(self.question, tuple(self.choices or ()), self.at_least, self.at_most)


class ChoiceForm(Form):
    id: Id
    label: _Titles

    def to_model(self) -> Choice:
        return Choice(self.id, MappingProxyType(self.label))


class QuestionForm(Form):
    id: Id
    kind: QuestionKind
    label: _Titles
    ask: _Texts
    choices: Annotated[list[ChoiceForm], Field(default_factory=list)]
    unit: Annotated[dict[Language, Title], Field(default_factory=dict)]
    only_if: ConditionForm | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind is QuestionKind.CHOICE and len(self.choices) < 2:
            raise PydanticCustomError("choices_missing", "a choice of fewer than two")
        if self.kind is not QuestionKind.CHOICE and self.choices:
            raise PydanticCustomError("choices_without_choice", "choices of a question of another kind")
        if self.kind is not QuestionKind.NUMBER and self.unit:
            raise PydanticCustomError("unit_without_number", "a unit of what is no number")
        return self

    def to_model(self) -> Question:
        choices = tuple(choice.to_model() for choice in self.choices)
        if self.kind is QuestionKind.YES_NO:
            choices = (Choice(YES, MappingProxyType({})), Choice(NO, MappingProxyType({})))
        return Question(
            id=self.id,
            kind=self.kind,
            label=MappingProxyType(self.label),
            ask=MappingProxyType(self.ask),
            choices=choices,
            unit=MappingProxyType(self.unit),
            only_if=self.only_if.to_model() if self.only_if else None,
        )


class RuleForm(Form):
    id: Id
    clause: _Texts
    source: Id | None = None
    requires: ConditionForm | None = None
    otherwise: Otherwise = Otherwise.STAFF_DECIDES

    @model_validator(mode="after")
    def _refuses_with_a_reason(self) -> Self:
        if self.otherwise is Otherwise.NOT_ELIGIBLE and (self.source is None or self.requires is None):
            raise PydanticCustomError("refusal_without_source", "nobody is refused without a published criterion")
        return self

    def to_model(self) -> Rule:
        return Rule(
            id=self.id,
            clause=MappingProxyType(self.clause),
            source=self.source,
            requires=self.requires.to_model() if self.requires else None,
            otherwise=self.otherwise,
        )


class InterviewForm(Form):
    """One item of `eligibility.yaml`."""

    id: Annotated[Id, AfterValidator(_short)]
    title: _Titles
    intro: _Texts
    questions: Annotated[list[QuestionForm], Field(min_length=1)]
    rules: Annotated[list[RuleForm], Field(default_factory=list)]
    complete: TrueFalse = False
    valid: ValidityForm | None = None
    unconfirmed_translations: Annotated[list[Language], Field(default_factory=list)]

    def to_model(self) -> Interview:
        return Interview(
            id=self.id,
            title=MappingProxyType(self.title),
            intro=MappingProxyType(self.intro),
            questions=tuple(question.to_model() for question in self.questions),
            rules=tuple(rule.to_model() for rule in self.rules),
            complete=self.complete,
            valid_from=self.valid.start if self.valid else None,
            valid_until=self.valid.until if self.valid else None,
            unconfirmed_translations=frozenset(self.unconfirmed_translations),
        )


class EligibilityFile(Form):
    interviews: list[Any]
    """Validated one by one, so that each problem has its interview."""
