"""The verdict of an eligibility interview, the answers in a button, and the sample rules of the documentation."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from bot.eligibility.judge import UNKNOWN, Verdict, asked, judge
from bot.eligibility.sheet import Page, Sheet, read_number, tries_a_number
from bot.knowledge.eligibility import (
    MAX_DIGITS,
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
from bot.knowledge.eligibility_checks import packed_size
from bot.knowledge.loader import build, load, read_folder

ROOT = Path(__file__).parents[2]
DAY = date(2027, 6, 1)
SOURCE = b'  - {id: exemple-reglement, title: "R", url: "https://example.org", checked: 2026-11-24}\n'


def sample() -> Interview:
    """The sample of the documentation, beside the shipped knowledge, as its first lines tell agents to put it."""
    files = read_folder(ROOT / "knowledge")
    files["eligibility.yaml"] = (ROOT / "docs/exemples/eligibility.yaml").read_bytes()
    files["sources.yaml"] += SOURCE
    files = {path: data.replace(b"interview: fund\n", b"interview: example\n") for path, data in files.items()}
    return build(files, date(2026, 11, 24)).interviews["example"]


SAMPLE = sample()
SHIPPED = load(ROOT / "knowledge", date(2026, 11, 24)).interviews["fund"]
GOOD = {"who": "association", "years": "2", "seat": YES, "amount": "5000", "partner": YES}


# The sample


@pytest.mark.parametrize(
    ("changed", "verdict", "decisive"),
    [
        ({}, Verdict.ELIGIBLE, []),
        ({"who": "school", "years": None}, Verdict.ELIGIBLE, []),
        ({"who": "company", "years": None}, Verdict.NOT_ELIGIBLE, ["who"]),
        ({"years": "1"}, Verdict.NOT_ELIGIBLE, ["years"]),
        ({"amount": "5001"}, Verdict.NOT_ELIGIBLE, ["amount"]),
        ({"partner": NO, "amount": "9000"}, Verdict.NOT_ELIGIBLE, ["amount", "partner"]),
        ({"partner": NO, "seat": UNKNOWN}, Verdict.NOT_ELIGIBLE, ["partner"]),
        ({"seat": NO}, Verdict.STAFF_DECIDES, []),
        ({"amount": UNKNOWN}, Verdict.STAFF_DECIDES, []),
        ({"partner": None}, Verdict.STAFF_DECIDES, []),
        # An age was told before the first answer was taken back: whether it counts is not known.
        ({"who": UNKNOWN, "years": "1"}, Verdict.STAFF_DECIDES, []),
    ],
)
def test_the_sample_rules_decide(changed, verdict, decisive):
    answers = {name: answer for name, answer in (GOOD | changed).items() if answer is not None}
    judgement = judge(SAMPLE, answers, DAY)
    assert (judgement.verdict, [rule.id for rule in judgement.broken]) == (verdict, decisive)


def test_every_criterion_of_a_verdict_has_its_clause_and_its_source():
    judgement = judge(SAMPLE, GOOD, DAY)
    assert [rule.id for rule in judgement.met] == ["who", "years", "seat", "amount", "partner"]
    assert all(rule.clause["fr"] and rule.source == "exemple-reglement" for rule in judgement.met)


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2028, 1, 1)])
@pytest.mark.parametrize("answers", [GOOD, GOOD | {"partner": NO}])
def test_rules_that_are_not_those_of_the_day_decide_nothing(day, answers):
    assert judge(SAMPLE, answers, day).verdict is Verdict.STAFF_DECIDES


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2027, 12, 31)])
def test_the_first_and_the_last_day_of_the_rules_count(day):
    assert judge(SAMPLE, GOOD, day).verdict is Verdict.ELIGIBLE


def test_an_answer_that_no_rule_asks_for_counts_too():
    rules = tuple(rule for rule in SAMPLE.rules if rule.id != "partner")
    assert judge(replace(SAMPLE, rules=rules), GOOD, DAY).verdict is Verdict.ELIGIBLE
    assert judge(replace(SAMPLE, rules=rules), GOOD | {"partner": UNKNOWN}, DAY).verdict is Verdict.STAFF_DECIDES


def test_to_meet_some_of_the_criteria_is_no_promise():
    assert judge(replace(SAMPLE, complete=False), GOOD, DAY).verdict is Verdict.STAFF_DECIDES


def test_an_unpublished_criterion_refuses_nobody_either():
    rules = tuple(replace(rule, source=None) for rule in SAMPLE.rules)
    assert judge(replace(SAMPLE, rules=rules), GOOD | {"partner": NO}, DAY).verdict is Verdict.STAFF_DECIDES


# The shipped rules


def test_the_shipped_rules_always_end_with_staff():
    for answers in _all_answers(SHIPPED):
        assert judge(SHIPPED, answers, DAY).verdict is Verdict.STAFF_DECIDES


def test_the_shipped_questions_are_in_every_language():
    texts = [SHIPPED.title, SHIPPED.intro, *(rule.clause for rule in SHIPPED.rules)]
    for question in SHIPPED.questions:
        texts += [question.label, question.ask, *(choice.label for choice in question.choices if choice.label)]
    assert {frozenset(each) for each in texts} == {frozenset({"fr", "de", "en", "sr", "ar"})}


def _all_answers(interview):
    every = [{}]
    for question in interview.questions:
        options = [None, UNKNOWN, *(choice.id for choice in question.choices)]
        every = [answers | ({question.id: option} if option else {}) for answers in every for option in options]
    return every


# Any rules

IDS = ("a", "b", "c", "d")
CHOICES = {QuestionKind.YES_NO: (YES, NO), QuestionKind.CHOICE: ("x", "y"), QuestionKind.NUMBER: ()}


@st.composite
def conditions(draw, about):
    question = draw(st.sampled_from(about))
    if question.kind is QuestionKind.NUMBER:
        return Condition(
            question.id, at_least=draw(st.sampled_from([None, 2])), at_most=draw(st.sampled_from([None, 5]))
        )
    names = [choice.id for choice in question.choices]
    return Condition(question.id, tuple(draw(st.lists(st.sampled_from(names), min_size=1, unique=True))))


@st.composite
def questions(draw):
    """Some are only asked after certain answers to an earlier one."""
    made = []
    for name in IDS[: draw(st.integers(1, 4))]:
        kind = draw(st.sampled_from(QuestionKind))
        only_if = draw(conditions(made)) if made and draw(st.booleans()) else None
        choices = tuple(Choice(choice, {}) for choice in CHOICES[kind])
        made.append(Question(name, kind, {"fr": name}, {"fr": name}, choices, only_if=only_if))
    return tuple(made)


@st.composite
def cases(draw):
    """An interview, most often a complete one of published rules, and answers, some of them unknown or nonsense."""
    about = draw(questions())
    rules = [
        Rule(
            id=f"r{number}",
            clause={"fr": "« … »"},
            source=draw(st.sampled_from(["page", "page", "page", None])),
            requires=draw(conditions(about)) if draw(st.integers(0, 4)) else None,
            otherwise=draw(st.sampled_from(Otherwise)),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    complete, until = draw(st.sampled_from([True, True, False])), draw(st.sampled_from([None, DAY, date(2027, 5, 31)]))
    interview = Interview("i", {"fr": "I"}, {"fr": "I"}, about, tuple(rules), complete, valid_until=until)
    good = {question.id: st.sampled_from(CHOICES[question.kind] or ("0", "2", "5", "9")) for question in about}
    bad = st.sampled_from([UNKNOWN, None, "", "nonsense"])
    answers = {name: draw(bad if draw(st.integers(0, 5)) == 0 else options) for name, options in good.items()}
    return interview, {name: answer for name, answer in answers.items() if answer is not None}


def is_known(question, answers):
    answer = answers.get(question.id, "")
    return answer in CHOICES[question.kind] or (question.kind is QuestionKind.NUMBER and answer.isdecimal())


@settings(max_examples=200)
@given(cases())
def test_an_unknown_answer_or_an_unpublished_criterion_never_yields_eligible(case):
    interview, answers = case
    matter = asked(interview, answers)
    applied = [
        rule
        for rule in interview.rules
        if rule.requires is None or rule.requires.question in {question.id for question in matter}
    ]
    judgement = judge(interview, answers, DAY)
    if judgement.verdict is Verdict.ELIGIBLE:
        assert all(is_known(question, answers) for question in matter)
        assert applied
        assert all(rule.source for rule in applied)
        assert interview.complete
        assert interview.in_force(DAY)


@settings(max_examples=200)
@given(cases())
def test_nobody_is_refused_but_by_a_published_criterion_that_an_answer_breaks(case):
    interview, answers = case
    judgement = judge(interview, answers, DAY)
    refusing = judgement.broken if judgement.verdict is Verdict.NOT_ELIGIBLE else ()
    assert bool(refusing) == (judgement.verdict is Verdict.NOT_ELIGIBLE)
    for rule in judgement.broken:
        assert (bool(rule.source), rule.otherwise) == (True, Otherwise.NOT_ELIGIBLE)
        assert rule.requires.question in answers


def test_the_property_is_not_empty():
    """Each verdict is reached by what is drawn."""
    for verdict in Verdict:
        find(cases(), lambda case, wanted=verdict: judge(*case, DAY).verdict is wanted)


# Answers in a button


def walk(interview, *answers):
    sheet = Sheet.begin(interview)
    for answer in answers:
        sheet = sheet.answered(sheet.question, answer)
    return sheet


def test_questions_come_one_by_one_until_the_summary():
    sheet = Sheet.begin(SAMPLE)
    seen = []
    while sheet.question:
        seen.append(sheet.question.id)
        sheet = sheet.answered(sheet.question, GOOD[sheet.question.id])
    assert (seen, sheet.at) == (["who", "years", "seat", "amount", "partner"], Page.SUMMARY)


def test_a_question_that_does_not_matter_is_not_asked():
    assert walk(SAMPLE, "school").question.id == "seat"
    assert walk(SAMPLE, UNKNOWN).question.id == "years"


def test_back_leads_to_the_question_before_with_its_answer():
    back = walk(SAMPLE, "school", YES).back()
    assert (back.question.id, back.answers) == ("seat", {"who": "school", "seat": YES})
    assert back.back().question.id == "who"
    assert back.back().back() is None


def test_an_answer_changed_from_the_summary_leads_back_to_it():
    summary = walk(SAMPLE, *GOOD.values())
    amount = summary.to(SAMPLE.questions[3])
    assert amount.back() == summary
    assert amount.answered(amount.question, "9000") == replace(summary, answers=GOOD | {"amount": "9000"})


def test_a_changed_answer_may_raise_a_new_question():
    summary = walk(SAMPLE, "school", YES, "100", YES)
    assert summary.at is Page.SUMMARY
    assert summary.answered(SAMPLE.questions[0], "association").question.id == "years"


def test_a_sheet_survives_its_button():
    for sheet in (Sheet.begin(SAMPLE), walk(SAMPLE, "school", UNKNOWN), walk(SAMPLE, *GOOD.values()).turned(Page.SEND)):
        assert Sheet.unpack(sheet.pack(), {"example": SAMPLE}) == sheet
    assert Sheet.unpack("example", {"example": SAMPLE}) == Sheet.begin(SAMPLE)


def test_buttons_of_other_questions_are_not_taken_for_these():
    first, *others = SAMPLE.questions
    changed = replace(SAMPLE, questions=(replace(first, ask={"fr": "Qui êtes-vous ?"}), *others))
    with pytest.raises(ValueError, match="example"):
        Sheet.unpack(walk(SAMPLE, "school").pack(), {"example": changed})


@given(st.text(".0123456789?sct-", max_size=20))
def test_a_forged_button_is_refused_or_is_a_sheet(tail):
    try:
        sheet = Sheet.unpack(f"example.{SAMPLE.mark}.{tail}", {"example": SAMPLE})
    except ValueError:
        return
    assert Sheet.unpack(sheet.pack(), {"example": SAMPLE}) == sheet
    judge(SAMPLE, sheet.answers, DAY)


@pytest.mark.parametrize("interview", [SAMPLE, SHIPPED])
def test_the_size_that_is_checked_is_that_of_the_longest_button(interview):
    answers = {question.id: "9" * MAX_DIGITS for question in interview.questions}
    answers |= {question.id: question.choices[-1].id for question in interview.questions if question.choices}
    longest = max(len(Sheet(interview, answers, number).pack()) for number in range(len(interview.questions)))
    assert longest <= packed_size(interview) <= longest + 1 < 62


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"), ("012", "12"), ("environ 3 000 €", "3000"), ("3.000", "3000"), ("1\u202f250\u00a0000", "1250000"),
        ("3 ans", "3"), ("3000€", "3000"), ("٣", "3"), ("2,5 ans", None), ("-3", None), ("de 3 à 5", None),
        ("10k", None), ("1234567890", None), ("oui", None),
    ],
)  # fmt: skip
def test_one_whole_number_is_read_and_nothing_else(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "tries"),
    [("12", True), ("environ 1 250 000 euros", True), ("2,5 ans", True), ("12 ?", False), ("oui", False),
     ("je voudrais parler à quelqu'un avant le 12 mars", False)],
)  # fmt: skip
def test_a_question_with_a_number_in_it_is_no_answer(text, tries):
    assert tries_a_number(text) is tries
