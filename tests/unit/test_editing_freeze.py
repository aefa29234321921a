"""An entry that is frozen is answered nowhere: who asks for it gets a person."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from bot.dialogue.decision import Floors, decide
from bot.dialogue.effects import LogQuestion, OpenHandOver, PromiseAnswer, QuestionStatus, Reason, RelayToStaff, Say
from bot.dialogue.events import Action, ActionKind, Asked, Command, Commanded, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation, Mode, Pending
from bot.knowledge.loader import build
from bot.knowledge.model import LANGUAGES
from bot.matching.matcher import Matcher
from bot.matching.model import Candidate, Ranking
from tests.unit.dialogue_fakes import KNOWLEDGE, MESSAGES, NOW
from tests.unit.matching_fakes import base

OFFICE = replace(KNOWLEDGE.entries["office"], frozen=True)
COLD = replace(KNOWLEDGE, entries={**KNOWLEDGE.entries, "office": OFFICE})
INFORMED = Conversation(informed=True)


@dataclass
class SureOfTheOffice:
    def understand(self, text, *, language, day, last_entry=None):  # noqa: ARG002 - the protocol's
        return (Ranking(text, language, (Candidate("office", 0.9, frozen=True), Candidate("grant", 0.1))),)

    def language_of(self, text, *, fallback):  # noqa: ARG002 - the protocol's
        return fallback


def step(event, start=INFORMED):
    return Dialogue(COLD, SureOfTheOffice()).step(start, event, Moment(NOW))


def said(effects):
    return [effect.text for effect in effects if isinstance(effect, Say)]


def only(kind, effects):
    (effect,) = [effect for effect in effects if isinstance(effect, kind)]
    return effect


def test_a_question_about_it_goes_to_staff_with_the_entry_as_candidate():
    conversation, effects = step(Asked("1", "où êtes-vous ?"))
    card = only(OpenHandOver, effects)
    assert (card.question, card.reason, card.candidates[0].entry) == ("où êtes-vous ?", Reason.ENTRY_FROZEN, "office")
    assert conversation.mode is Mode.WAITING


def test_the_citizen_is_told_that_the_answer_is_being_corrected():
    _, effects = step(Asked("1", "où êtes-vous ?"))
    assert said(effects) == [MESSAGES["fr"]["hand_over_entry_frozen"]]


def test_the_question_stays_open():
    log = only(LogQuestion, step(Asked("1", "où êtes-vous ?"))[1])
    assert (log.status, log.reason, log.entry) == (QuestionStatus.OPEN, Reason.ENTRY_FROZEN, None)


@pytest.mark.parametrize(
    "event",
    [Pressed("b", Action(ActionKind.SHOW, "office")), Commanded("c", Command.CONTACT)],
    ids=["a button", "/contact"],
)
def test_no_other_way_leads_to_its_answer(event):
    conversation, effects = step(event)
    assert "square Castan" not in "".join(said(effects))
    assert only(OpenHandOver, effects).question == "Où sommes-nous ?"
    assert conversation.last_entry is None


def test_chosen_among_several_it_brings_the_question_to_staff():
    asking = replace(INFORMED, pending=(Pending("7", "le lieu ?", ("grant", "office")),))
    conversation, effects = step(Pressed("b", Action(ActionKind.CHOOSE, "office")), asking)
    card = only(OpenHandOver, effects)
    assert (card.ref, card.question, card.candidates[0].entry) == ("7", "le lieu ?", "office")
    assert conversation.pending == ()


def test_while_a_person_is_awaited_it_opens_no_second_hand_over():
    waiting, _ = step(Asked("1", "où êtes-vous ?"))
    _, effects = step(Pressed("b", Action(ActionKind.SHOW, "office")), waiting)
    assert [type(effect) for effect in effects] == [Say, PromiseAnswer, RelayToStaff]


def test_what_is_likely_enough_to_be_answered_is_handed_over_when_frozen():
    unsure = Ranking("?", "fr", (Candidate("office", 0.5, frozen=True), Candidate("grant", 0.4)))
    assert decide(unsure, Floors()).offered == ("office", "grant")
    sure = Ranking("?", "fr", (Candidate("office", 0.9, frozen=True),))
    assert decide(sure, Floors()).reason is Reason.ENTRY_FROZEN


def test_the_matcher_goes_on_knowing_it():
    knowledge = base({"cold": ["où êtes-vous", "votre adresse"]}, frozen=True)
    (ranking,) = Matcher.build(knowledge, None).understand("votre adresse ?", language="fr", day=date(2026, 1, 1))
    assert [(candidate.entry, candidate.frozen) for candidate in ranking.candidates] == [("cold", True)]


def test_every_language_says_it():
    assert all(MESSAGES[language]["hand_over_entry_frozen"] for language in LANGUAGES)


def test_a_file_says_it_with_a_line_and_names_the_owner():
    entry = 'entries: [{id: a, title: {fr: "A"}, utterances: {fr: [a]}, answer: {fr: "A."}, kind: behaviour, %s}]'
    files = {"sources.yaml": b"sources: []"}
    cold = build({**files, "entries/a.yaml": (entry % "frozen: true, owner: Culture").encode()}, None).entries["a"]
    warm = build({**files, "entries/a.yaml": (entry % "status: confirmed").encode()}, None).entries["a"]
    assert ((cold.frozen, cold.owner), (warm.frozen, warm.owner)) == ((True, "Culture"), (False, None))
