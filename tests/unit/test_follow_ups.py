"""Two turns: a question that names no subject takes the one of the answer before; others stand alone."""

from datetime import date

import pytest

from bot.knowledge.model import Vocabulary
from bot.matching.matcher import Matcher
from tests.unit.matching_fakes import base

TODAY = date(2026, 11, 24)
OFFICE = Matcher.build(
    base(
        {
            "Passeport : délai": [
                "combien de temps pour un passeport",
                "délai du passeport",
                "quand mon passeport est prêt",
            ],
            "Passeport : prix": ["prix du passeport", "combien coûte un passeport", "timbre fiscal passeport"],
            "Piscine : prix": ["prix de la piscine", "combien coûte l'entrée à la piscine", "tarif piscine"],
            "Piscine : horaires": ["horaires de la piscine", "quand ouvre la piscine", "piscine ouverte le dimanche"],
            "Piscine à Delle": ["piscine de Delle", "le bassin de Delle", "nager à Delle"],
            "Piscine à Valdoie": ["piscine de Valdoie", "le bassin de Valdoie", "nager à Valdoie"],
        },
        out_of_scope=["raconte une blague", "quel temps fait-il", "qui a gagné le match", "recette de crêpes"],
        vocabulary=Vocabulary(names={"Delle": (), "Valdoie": ()}),
    ),
    None,
)


def after(last: str | None, text: str) -> str:
    return OFFICE.understand(text, day=TODAY, language="fr", last_entry=last)[0].candidates[0].entry


@pytest.mark.parametrize(
    ("last", "text", "expected"),
    [
        ("Passeport : délai", "et le prix ?", "Passeport : prix"),
        ("Piscine : prix", "et les horaires ?", "Piscine : horaires"),
        ("Piscine à Delle", "et à Valdoie ?", "Piscine à Valdoie"),
        ("Piscine à Valdoie", "ok, et à Delle", "Piscine à Delle"),
    ],
)
def test_a_follow_up_takes_the_subject_of_the_answer_before(last, text, expected):
    assert after(last, text) == expected


@pytest.mark.parametrize("last", [None, *OFFICE.knowledge.entries])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("combien coûte un passeport", "Passeport : prix"),
        ("quels sont les horaires de la piscine ?", "Piscine : horaires"),
        ("Je voudrais bien savoir combien il faut payer pour entrer à la piscine", "Piscine : prix"),
    ],
)
def test_a_question_that_stands_alone_does_not_depend_on_the_answer_before(last, text, expected):
    assert after(last, text) == expected


@pytest.mark.parametrize("last", OFFICE.knowledge.entries)
@pytest.mark.parametrize("text", ["raconte une blague", "et une recette de crêpes ?"])
def test_what_is_not_ours_does_not_become_ours_by_the_answer_before(last, text):
    ranking = OFFICE.understand(text, day=TODAY, language="fr", last_entry=last)[0]
    assert ranking == OFFICE.understand(text, day=TODAY, language="fr")[0]


def test_an_entry_that_was_deleted_since_is_no_context():
    assert after("deleted", "et le prix ?") == after(None, "et le prix ?")
