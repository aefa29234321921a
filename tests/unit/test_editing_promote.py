"""A question becomes knowledge: one more way to ask, or a new entry with its source."""

from datetime import date

import pytest

from bot.editing.edit import applied, find_entry
from bot.editing.promote import Draft, NewSource, entry_edits, utterance_edit
from bot.editing.texts import EditError
from bot.knowledge.loader import build

FILES = {
    "entries/mairie.yaml": """\
entries:
  - id: hours
    title: {fr: "Les horaires"}
    utterances: {fr: ["horaires"]}
    answer: {fr: "De 9 h à 12 h."}
    sources: [page]
""".encode(),
    "sources.yaml": b'sources:\n  - {id: page, title: "La page", url: "https://example.org", checked: 2026-11-24}\n',
}
DAY = date(2026, 11, 24)


def knowledge(*edits):
    return build(applied(FILES, edits), DAY)


def test_the_wording_of_the_asker_becomes_a_way_to_ask():
    edit = utterance_edit(FILES, "hours", "C ouvert quand la mairie svp ??", "fr")
    assert knowledge(edit).entries["hours"].utterances["fr"] == ("horaires", "C ouvert quand la mairie svp ??")


@pytest.mark.parametrize(("language", "kept_under"), [("de", "de"), ("pt", "fr"), ("", "fr")])
def test_it_is_kept_under_its_language_if_we_speak_it(language, kept_under):
    edit = utterance_edit(FILES, "hours", "Wann?", language)
    assert knowledge(edit).entries["hours"].utterances[kept_under][-1] == "Wann?"


def test_a_retired_entry_takes_no_wording_and_keeps_none_from_others():
    retired = FILES["entries/mairie.yaml"].replace(b"  - id: hours\n", b"  - id: hours\n    retired: true\n")
    files = {**FILES, "entries/mairie.yaml": retired}
    with pytest.raises(EditError, match="« hours » est retirée"):
        utterance_edit(files, "hours", "ouvert ?", "fr")
    edits = entry_edits(files, "entries/mairie.yaml", Draft("Heures", "De 10 h.", ("page",)), "Horaires ?", "fr")
    assert build(applied(files, edits), DAY).entries["heures"].utterances["fr"] == ("Horaires ?",)


def test_a_new_entry_is_asked_for_by_that_wording_and_cites_a_new_source():
    draft = Draft(
        "Où se garer ?",
        "Devant l'Hôtel du Département.\nC'est gratuit.",
        sources=("page",),
        new_sources=(NewSource("Plan d'accès", "https://example.org/plan", DAY),),
        fields={"owner": "Accueil", "hand_over": "never"},
    )
    made = knowledge(*entry_edits(FILES, "entries/mairie.yaml", draft, "parking svp", "fr"))
    entry = made.entries["ou-se-garer"]
    assert (entry.title["fr"], entry.utterances["fr"]) == ("Où se garer ?", ("parking svp",))
    assert entry.answer["fr"].strip() == draft.answer
    assert (entry.owner, entry.hand_over, entry.sources) == ("Accueil", "never", ("page", "plan-d-acces"))
    assert made.sources["plan-d-acces"].checked == DAY


def test_a_question_in_another_language_may_get_a_french_answer():
    draft = Draft("Se garer", "Devant.", sources=("page",))
    entry = knowledge(*entry_edits(FILES, "entries/acces.yaml", draft, "Wo parken?", "de")).entries["se-garer"]
    assert (list(entry.utterances), list(entry.answer)) == (["de"], ["fr"])


@pytest.mark.parametrize(
    ("title", "name"), [("Hours", "hours-2"), ("???", "fiche"), ("صندوق", "fiche"), ("é" * 60, "e" * 44)]
)
def test_an_id_is_made_of_the_title_and_is_free(title, name):
    (edit,) = entry_edits(FILES, "entries/mairie.yaml", Draft(title, "R.", sources=("page",)), "q", "fr")
    assert edit.id == name


def test_a_wording_that_another_entry_has_is_refused_with_its_name():
    files = applied(FILES, entry_edits(FILES, "entries/a.yaml", Draft("Se garer", "D.", ("page",)), "parking", "fr"))
    with pytest.raises(EditError, match="« se-garer » contient déjà"):
        utterance_edit(files, "hours", "Parking ?", "fr")
    with pytest.raises(EditError, match="« hours » contient déjà"):
        entry_edits(files, "entries/a.yaml", Draft("T", "R."), "HORAIRES", "fr")


@pytest.mark.parametrize("wording", ["appelez-moi au 06 12 34 56 78", "mon mail [e-mail] svp"])
def test_what_identifies_a_person_does_not_become_knowledge(wording):
    with pytest.raises(EditError, match="n'a pas sa place"):
        utterance_edit(FILES, "hours", wording, "fr")


def test_the_entry_is_found_in_whichever_file_it_stands():
    assert find_entry(FILES, utterance_edit(FILES, "hours", "quand ?", "fr").id)[0] == "entries/mairie.yaml"
