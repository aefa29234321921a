"""Answer, clarify or hand over: one decision per question."""

import pytest

from bot.dialogue.decision import Floors, Verdict, decide
from bot.dialogue.effects import Decision, Reason
from bot.matching.model import Candidate, Ranking

FLOORS = Floors(answer=0.8, clarify=0.35, offer=0.02, out_of_scope=0.5, emergency=0.5, perhaps_emergency=0.05)


URGENT = ("urgence", "suicide")


def verdict(*shares: tuple[str, float], out_of_scope: float = 0.0) -> Verdict:
    candidates = tuple(
        Candidate(name, share, emergency=name in URGENT, courtesy=name == "thanks") for name, share in shares
    )
    return decide(Ranking("?", "fr", candidates, out_of_scope), FLOORS)


def test_what_is_sure_is_answered():
    assert verdict(("fund", 0.8), ("contact", 0.2)) == Verdict(Decision.ANSWER, Reason.CONFIDENT, entry="fund")


def test_what_is_nearly_sure_is_offered_with_its_rivals():
    expected = Verdict(Decision.CLARIFY, Reason.TOO_CLOSE, offered=("fund", "contact"))
    assert verdict(("fund", 0.6), ("contact", 0.3), ("privacy", 0.01)) == expected


@pytest.mark.parametrize(("out_of_scope", "reason"), [(0.6, Reason.OUT_OF_SCOPE), (0.4, Reason.TOO_LOW)])
def test_what_is_unsure_goes_to_a_person(out_of_scope, reason):
    assert verdict(("fund", 0.2), out_of_scope=out_of_scope) == Verdict(Decision.HAND_OVER, reason)


def test_without_any_candidate_a_person_takes_over():
    assert verdict() == Verdict(Decision.HAND_OVER, Reason.TOO_LOW)


def test_a_likely_emergency_gets_its_numbers_below_the_floor_of_other_entries():
    assert verdict(("urgence", 0.5), ("privacy", 0.2)).entry == "urgence"


def test_a_possible_emergency_is_offered_first_and_never_called_out_of_scope():
    assert verdict(("privacy", 0.1), ("urgence", 0.05), out_of_scope=0.9).offered == ("urgence", "privacy")


def test_a_sure_answer_is_not_held_back_by_a_remote_emergency():
    assert verdict(("fund", 0.9), ("urgence", 0.06)).entry == "fund"


def test_two_entries_for_people_in_danger_count_together():
    assert verdict(("suicide", 0.3), ("urgence", 0.25), ("fund", 0.2)).entry == "suicide"
    assert verdict(("fund", 0.6), ("suicide", 0.03), ("urgence", 0.03)).offered == ("suicide", "urgence", "fund")


def test_a_courtesy_is_answered_and_never_offered():
    assert verdict(("thanks", 0.9), ("fund", 0.1)).entry == "thanks"
    assert verdict(("thanks", 0.5), ("fund", 0.1)).offered == ("fund",)
    assert verdict(("fund", 0.5), ("thanks", 0.3), ("privacy", 0.1)).offered == ("fund", "privacy")


def test_where_only_a_courtesy_is_likely_nobody_is_called_for_it():
    assert verdict(("thanks", 0.5)).entry == "thanks"
    assert verdict(("thanks", 0.2)).decision is Decision.HAND_OVER
