"""Questions that guard entries: which hold, who takes those that do not, and what is told."""

from dataclasses import replace
from datetime import date

import pytest

from bot.editing.guards import Broken, has_guards, told, try_guards
from bot.matching.matcher import Matcher
from bot.matching.model import Candidate, Ranking, Signal
from tests.unit.matching_fakes import base

DAY = date(2026, 11, 24)


class Knows:
    """A version of two entries, `swim` and `read`, that ranks each question as it is told to."""

    def __init__(self, rankings, *, must=None, must_not=None, **fields):
        self.rankings = rankings
        knowledge = base({"swim": ["où nager"], "read": ["lire un livre"]}, **fields)
        guarded = {
            name: replace(
                entry,
                must_match={"fr": tuple((must or {}).get(name, ()))},
                must_not_match={"fr": tuple((must_not or {}).get(name, ()))},
            )
            for name, entry in knowledge.entries.items()
        }
        self.knowledge = replace(knowledge, entries=guarded)

    def understand(self, text, *, day, language):  # noqa: ARG002 - the protocol's
        assert language == "fr"
        candidates = (
            Candidate(name, share, (Signal("likeness", 0.9, f"phrase de {name}"),))
            for name, share in self.rankings.get(text, {}).items()
        )
        return (Ranking(text, "fr", tuple(candidates)),)


def broken(rankings, **guards) -> list[Broken]:
    return list(try_guards(Knows(rankings, **guards), day=DAY).broken)


@pytest.mark.parametrize("ranked", [{"swim": 0.9}, {"swim": 0.5, "read": 0.4}])
def test_a_question_that_its_entry_wins_or_heads_holds(ranked):
    assert broken({"q": ranked}, must={"swim": ["q"]}) == []


def test_a_question_that_another_entry_takes_is_told_with_the_pair():
    result = try_guards(Knows({"q": {"read": 0.91, "swim": 0.06}}, must={"swim": ["q"]}), day=DAY)
    (found,) = result.broken
    assert found.place == ("swim", ("must_match", "fr", 0))
    assert found.what() == (
        "la question « q » va à la fiche « read » (91 %), qui a « phrase de read » ; « swim » n'a que 6 %."
    )
    assert result.pairs() == ("« read » prend à « swim » des questions qui sont les siennes : 1.",)


def test_a_question_that_no_entry_is_sure_of_is_lost_to_nobody():
    result = try_guards(Knows({"q": {"swim": 0.2}}, must={"swim": ["q"]}), day=DAY)
    (found,) = result.broken
    assert found.winner is None
    assert "ne va à aucune fiche" in found.what()
    assert result.pairs() == ()


@pytest.mark.parametrize(("ranked", "holds"), [({"swim": 0.9}, False), ({"swim": 0.6}, True), ({"read": 0.9}, True)])
def test_an_entry_must_not_answer_what_it_refuses(ranked, holds):
    found = broken({"q": ranked}, must_not={"swim": ["q"]})
    assert (found == []) is holds
    assert holds or "reçoit la réponse de cette fiche (90 %), à cause de « phrase de swim »" in found[0].what()


def test_two_entries_that_steal_from_each_other_are_one_pair():
    rankings = {"a": {"read": 0.9}, "b": {"swim": 0.9}, "c": {"read": 0.9}}
    result = try_guards(Knows(rankings, must={"swim": ["a", "c"], "read": ["b"]}), day=DAY)
    assert result.pairs() == ("« read » et « swim » se prennent des questions : 2 d'un côté, 1 de l'autre.",)


def test_an_entry_that_is_not_in_force_guards_nothing():
    result = try_guards(Knows({}, must={"swim": ["q"]}, valid_until=date(2026, 1, 1)), day=DAY)
    assert (result.tried, result.broken) == (0, ())


def test_an_entry_that_is_frozen_still_wins_its_questions():
    version = Knows({"q": {"swim": 0.9}}, must={"swim": ["q"]})
    cold = (Ranking("q", "fr", (Candidate("swim", 0.9, frozen=True),)),)
    version.understand = lambda _text, **_: cold
    assert try_guards(version, day=DAY).broken == ()


def test_what_a_change_loses_is_told_before_what_was_lost_already():
    guards = {"must": {"swim": ["old", "new"]}}
    before = try_guards(Knows({"new": {"swim": 0.9}}, **guards), day=DAY)
    after = Knows({}, **guards)
    first, second = told(try_guards(after, day=DAY), before, after.knowledge)
    assert "« new »" in first
    assert "« old »" in second
    assert (first.endswith("(déjà avant)"), second.endswith("(déjà avant)")) == (False, True)


def test_progress_is_told_question_by_question():
    done = []
    try_guards(Knows({}, must={"swim": ["a", "b"]}), day=DAY, progress=lambda *each: done.append(each))
    assert done == [(1, 2), (2, 2)]


def test_guards_teach_the_real_matcher_nothing():
    knowledge = base({"swim": ["où est la piscine"], "read": ["lire un livre"]})
    guarded = {
        name: replace(entry, must_match={"fr": ("un mot jamais lu",)}) for name, entry in knowledge.entries.items()
    }
    assert has_guards(replace(knowledge, entries=guarded))
    matcher = Matcher.build(replace(knowledge, entries=guarded), None)
    assert matcher.corpus.texts == Matcher.build(knowledge, None).corpus.texts
