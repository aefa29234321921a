"""Why a decision fell, in words for staff."""

from bot.matching.model import Candidate, Ranking, Signal
from bot.staff.why import why
from tests.unit.dialogue_fakes import KNOWLEDGE

SIGNALS = (
    Signal("logit", 4.0),
    Signal("likeness", 0.6, "demander une aide"),
    Signal("words", 0.43, "demander une aide"),
    Signal("meaning", 0.55, "demander une aide"),
)


def test_each_part_tells_the_entries_their_signals_and_the_nearest_sentence():
    ranking = Ranking("une aide ?", "fr", (Candidate("grant", 0.6, SIGNALS), Candidate("office", 0.2)), 0.12)
    assert why([ranking], KNOWLEDGE).splitlines() == [
        "🔎 « une aide ? »",
        "Décision : demander « Vouliez-vous parler de… », aucune fiche n'est assez sûre seule.",
        "• Demander une aide : 60 % ; par les mots 0.43 ; par le sens 0.55 ; le plus proche : « demander une aide »",
        "• Où sommes-nous ? : 20 %",
        "Chance que ce ne soit pas pour nous : 12 %",
    ]


def test_no_entry_at_all_is_told_too():
    assert "ne pas répondre" in why([Ranking("?", "fr", ())], KNOWLEDGE)
