"""A call for projects is answered by its day: before it opens, while it is open, once it is closed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.dialogue.effects import Say
from bot.dialogue.events import Action, ActionKind, Asked, Pressed
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation
from bot.knowledge.model import AnswerPeriod
from tests.unit.dialogue_fakes import GERMAN, GRANT, KNOWLEDGE, MESSAGES, NOW, FakeMatcher

PERIODS = (
    AnswerPeriod(date(2026, 3, 2), {"fr": "L'appel ouvre le 3 mars."}),
    AnswerPeriod(date(2026, 4, 30), {"fr": "L'appel est ouvert jusqu'au 30 avril.", "de": "Der Aufruf läuft."}),
)
CALL = replace(KNOWLEDGE.entries["grant"], periods=PERIODS, answer={"fr": "L'appel est clos."})
DIALOGUE = Dialogue(replace(KNOWLEDGE, entries={**KNOWLEDGE.entries, "grant": CALL}), FakeMatcher())


def said(event, now):
    _, effects = DIALOGUE.step(Conversation(informed=True), event, Moment(now))
    (say,) = [effect for effect in effects if isinstance(effect, Say)]
    return say


@pytest.mark.parametrize("event", [Asked("1", GRANT), Pressed("1", Action(ActionKind.SHOW, "grant"))])
@pytest.mark.parametrize(
    ("now", "text"),
    [
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), "L'appel ouvre le 3 mars."),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), "L'appel est ouvert jusqu'au 30 avril."),
        (datetime(2026, 4, 30, 21, 59, tzinfo=UTC), "L'appel est ouvert jusqu'au 30 avril."),
        (datetime(2026, 4, 30, 22, tzinfo=UTC), "L'appel est clos."),
    ],
    ids=["day before", "first day", "last day", "day after"],
)
def test_the_day_on_the_clock_of_the_service_decides(event, now, text):
    assert said(event, now).text == text


def test_what_is_not_translated_in_a_period_says_so_in_that_period():
    asked = Asked("1", GERMAN)
    notes = [said(asked, now).notes for now in (NOW, NOW.replace(month=4))]
    assert [MESSAGES["de"]["note_not_translated"] in each for each in notes] == [True, False]
