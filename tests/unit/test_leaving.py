"""What a publication that takes an entry out of force says, where no rule and no question does."""

from dataclasses import replace
from datetime import date

import pytest

from bot.editing.leaving import left_behind
from bot.knowledge.model import Kind, Menu
from tests.unit.matching_fakes import base

DAY = date(2026, 11, 24)
KNOWN = base({"danger": ["au secours"], "swim": ["où nager"], "read": ["lire"]})
ENTRIES = KNOWN.entries | {
    "danger": replace(KNOWN.entries["danger"], kind=Kind.EMERGENCY, must_match={"fr": ("on me bat", "à l'aide")}),
    "read": replace(KNOWN.entries["read"], follow_ups=("swim",)),
}
BEFORE = replace(KNOWN, entries=ENTRIES, menu=Menu(start=("swim",), help=("read",), contact="swim"))


def without(name: str, **state):
    return replace(BEFORE, entries={**ENTRIES, name: replace(ENTRIES[name], **(state or {"retired": True}))})


def test_the_last_help_for_somebody_in_danger_and_its_guards_are_told():
    emergency, guards = left_behind(BEFORE, without("danger"), DAY)
    assert "« danger » est la dernière fiche pour une personne en danger" in emergency
    assert "« danger » était gardée par 2 question(s)" in guards


def test_another_emergency_entry_is_enough():
    both = replace(BEFORE, entries={**ENTRIES, "swim": replace(ENTRIES["swim"], kind=Kind.EMERGENCY)})
    after = replace(both, entries={**both.entries, "danger": replace(ENTRIES["danger"], retired=True)})
    assert len(left_behind(both, after, DAY)) == 1


@pytest.mark.parametrize("state", [{"retired": True}, {"valid_until": date(2026, 11, 23)}], ids=str)
def test_menu_and_entries_that_name_it_are_told(state):
    (named,) = left_behind(BEFORE, without("swim", **state), DAY)
    assert named == "« swim » ne sera plus proposée, et reste nommée par : l'accueil (/start), /contact, « read »."


def test_what_stays_or_comes_back_leaves_nothing():
    assert left_behind(BEFORE, without("swim", frozen=True), DAY) == ()
    assert left_behind(without("swim"), BEFORE, DAY) == ()
