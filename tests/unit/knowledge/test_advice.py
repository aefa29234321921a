"""How easily an answer is read, and what `check` advises without refusing it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.loader import examine
from bot.knowledge.readability import DIFFICULT, ease, syllables

TODAY = date(2026, 11, 24)
PLAIN = "Le fonds aide des projets d'ici. Vous avez une idée ? Écrivez au service. " * 3
OFFICIAL = (
    "L'accompagnement départemental des initiatives internationales nécessite préalablement la transmission "
    "administrative d'une documentation exhaustive relative à l'éligibilité organisationnelle des bénéficiaires "
    "potentiels, conformément aux dispositions réglementaires applicables aux collectivités territoriales."
)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("le", 1), ("les", 1), ("que", 1), ("langue", 1), ("quatre", 1), ("aide", 1), ("l'association", 4),
        ("année", 2), ("écrire", 2), ("théâtre", 2), ("guérir", 2), ("région", 2), ("oiseau", 2), ("projet", 2),
        ("Haïti", 3), ("création", 3), ("territoire", 3), ("européen", 4), ("coopération", 5), ("solidarité", 5),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_figure_is_that_of_kandel_and_moles() -> None:
    """30 words in 3 sentences; in each 8 words of one syllable and 2 of two."""
    text = "Le chat noir et le chien blanc sont dehors demain. " * 3
    assert ease(text) == pytest.approx(207 - 1.015 * 10 - 73.6 * 12 / 10)


def test_plain_words_are_easy_and_official_ones_are_not() -> None:
    assert ease(PLAIN) > 80
    assert ease(OFFICIAL) < 0 < DIFFICULT


def test_shorter_sentences_are_easier() -> None:
    assert ease(PLAIN) > ease(PLAIN.replace(".", ",").replace(" ?", ","))


def test_a_line_of_a_list_is_a_sentence() -> None:
    items = ["un vélo pour aller au travail", "un livre pour la classe", "un sac de riz", "une photo"] * 3
    assert ease("\n".join(f"• {item}" for item in items)) == ease(". ".join(items))


def test_of_a_few_words_nothing_can_be_said() -> None:
    assert (ease(""), ease("Bonjour !"), ease("42 " * 50)) == (None, None, None)


def test_an_address_does_not_count() -> None:
    assert ease(f"{PLAIN} bfc-international.org") == ease(PLAIN)


@given(st.text())
def test_any_text_has_a_figure_or_none(text: str) -> None:
    figure = ease(text)
    assert figure is None or figure < 207


DANGER = (
    "entries: [{id: danger, kind: emergency, hand_over: always, title: {fr: Danger}, utterances: {fr: [au secours]}, "
    "answer: {fr: Appelez le 112.}, sources: [p]}]\n"
)


def advice(folder: Path, answer: str, danger: str = DANGER) -> list[str]:
    """What is advised for a folder whose one entry has these fields."""
    (folder / "entries").mkdir(exist_ok=True)
    page = "sources: [{id: p, title: P, url: https://example.org, checked: 2026-11-24}]\n"
    (folder / "sources.yaml").write_text(page, encoding="utf-8")
    entry = f"entries:\n  - id: a\n    kind: behaviour\n    title: {{fr: A}}\n    utterances: {{fr: [a]}}\n{answer}"
    (folder / "entries/a.yaml").write_text(entry, encoding="utf-8")
    (folder / "entries/danger.yaml").write_text(danger, encoding="utf-8")
    return [str(each).removeprefix(f"{folder}/") for each in examine(folder, TODAY).advice]


def test_a_short_and_plain_answer_needs_no_advice(tmp_path: Path) -> None:
    assert advice(tmp_path, f'    answer: {{fr: "{PLAIN}", de: "{"Ja. " * 200}"}}\n') == []


def test_a_long_answer_is_advised_on_with_its_place(tmp_path: Path) -> None:
    assert advice(tmp_path, f'    answer: {{fr: "{"a" * 600}"}}\n') == []
    (told,) = advice(tmp_path, f'    answer: {{fr: "{"a" * 601}"}}\n')
    assert told == (
        "entries/a.yaml:6: a.answer.fr: la réponse a 601 caractères, 600 se lisent d'un coup d'œil. "
        "Gardez l'essentiel, et mettez le reste dans une autre fiche proposée en « follow_ups »."
    )


def test_a_hard_answer_is_advised_on_also_in_a_period(tmp_path: Path) -> None:
    period = f'    periods:\n      - {{until: 2027-03-01, answer: {{fr: "{OFFICIAL}"}}}}\n'
    (told,) = advice(tmp_path, f'    answer: {{fr: "{PLAIN}"}}\n{period}')
    assert told.startswith("entries/a.yaml:8: a.periods.1.answer.fr: la réponse est difficile à lire (indice -")
    assert told.endswith(", 50 au moins). Coupez les longues phrases, et remplacez les mots longs.")


def two_entries(folder: Path, one: str, other: str) -> list[str]:
    """What is advised for two entries with these utterances."""
    (folder / "entries").mkdir(exist_ok=True)
    (folder / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
    rows = (
        f"  - {{id: {name}, kind: behaviour, title: {{fr: A}}, answer: {{fr: A}}, utterances: {spoken}}}\n"
        for name, spoken in (("one", one), ("two", other))
    )
    (folder / "entries/a.yaml").write_text("entries:\n" + "".join(rows), encoding="utf-8")
    told = [str(each).removeprefix(f"{folder}/") for each in examine(folder, TODAY).advice]
    return [each for each in told if ": fichier: " not in each]  # no entry for an emergency


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{fr: [combien coûte la piscine]}", "{fr: [la piscine coûte combien ?]}"),
        (
            "{fr: [quels sont les tarifs de la piscine]}",
            "{fr: [quel est le tarif, quels sont les tarif de la piscine]}",
        ),
    ],
)
def test_two_entries_with_nearly_the_same_utterance_are_advised_on_once(tmp_path: Path, one: str, other: str) -> None:
    (told,) = two_entries(tmp_path, one, other)
    assert "entries/a.yaml:3: two.utterances.fr." in told
    assert "ressemble de très près à" in told
    assert "de l'entrée « one », à" in told


def test_utterances_that_say_another_thing_or_in_another_language_need_no_advice(tmp_path: Path) -> None:
    assert two_entries(tmp_path, "{fr: [où est la piscine]}", "{fr: [combien coûte la piscine]}") == []
    assert two_entries(tmp_path, "{fr: [la piscine coûte combien]}", "{en: [combien coûte la piscine]}") == []


def test_of_very_many_utterances_the_same_words_are_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.knowledge.neighbours._MOST_COMPARED", 1)
    assert len(two_entries(tmp_path, "{fr: [a, combien coûte la piscine]}", "{fr: [la piscine coûte combien]}")) == 1


def test_a_guard_that_is_learnt_as_well_is_advised_on(tmp_path: Path) -> None:
    (told,) = advice(tmp_path, '    answer: {fr: "Oui."}\n    must_match: {fr: [A !]}\n')
    assert told.startswith("entries/a.yaml:7: a.must_match.fr.1: cette question est aussi dans « utterances »")


def test_only_french_has_the_figure(tmp_path: Path) -> None:
    assert advice(tmp_path, f'    answer: {{en: "{OFFICIAL}"}}\n') == []


def test_a_folder_without_anything_for_a_person_in_danger_is_told(tmp_path: Path) -> None:
    answer = f'    answer: {{fr: "{PLAIN}"}}\n'
    (told,) = advice(tmp_path, answer, DANGER.replace("kind: emergency, ", ""))
    assert told.startswith("entries/a.yaml:1: fichier: aucune fiche n'est pour une personne en danger")
    (told,) = advice(tmp_path, answer, DANGER.replace("hand_over: always", "hand_over: offer"))
    assert told == (
        "entries/danger.yaml:1: danger.hand_over: une personne en danger reçoit cette réponse, et le service ne le "
        "saura pas. Écrivez « hand_over: always »."
    )


OFFER = """
opportunities:
  - id: camp
    kind: exchange
    status: open
    title: {fr: "Camp"}
    summary: {fr: "Une semaine."}
    organiser: {fr: "Le comité"}
    link: {source: p}
    sources: [p]
    owner: "service jeunesse"
    deadline: 2026-12-08
topics: []
"""


@pytest.mark.parametrize(("today", "advised"), [(date(2026, 11, 23), False), (date(2026, 11, 24), True)])
def test_fourteen_days_before_an_offer_ends_its_owner_is_named(tmp_path: Path, today: date, advised: bool) -> None:
    advice(tmp_path, '    answer: {fr: "Oui."}\n')
    (tmp_path / "opportunities.yaml").write_text(OFFER, encoding="utf-8")
    told = [each for each in examine(tmp_path, today).advice if each.field == "camp.deadline"]
    assert [("08/12/2026" in each.what, "service jeunesse" in each.what) for each in told] == [(True, True)] * advised


def test_the_last_help_for_somebody_in_danger_that_is_retired_is_missed(tmp_path: Path) -> None:
    retired = DANGER.replace("id: danger,", "id: danger, retired: true,")
    (told,) = advice(tmp_path, f'    answer: {{fr: "{PLAIN}"}}\n', retired)
    assert "aucune fiche n'est pour une personne en danger" in told


def test_a_retired_entry_is_advised_on_by_nobody(tmp_path: Path) -> None:
    assert advice(tmp_path, f'    retired: true\n    answer: {{fr: "{"a" * 601}"}}\n') == []
