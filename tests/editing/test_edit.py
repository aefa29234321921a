"""What agents change of entries: as plain data, then as files."""

import pytest

from bot.editing.edit import (
    Edit,
    applied,
    changed_files,
    diff,
    edit_entry,
    find_entry,
    frozen,
    new_entry,
    new_source,
    thawed,
    with_fields,
    with_utterance,
)
from bot.editing.texts import EditError

FILES = {
    "entries/mairie.yaml": b"""\
# Remarque
entries:
  - id: hours
    title: {fr: "Les horaires"}
    utterances:
      fr:
        - "Quand est-ce ouvert ?"
        - "horaires"
    answer:
      fr: |
        De 9 h \xc3\xa0 12 h.
    sources: [page]
""",
    "sources.yaml": b'sources:\n  - {id: page, title: "La page", url: "https://example.org", checked: 2026-11-24}\n',
}
HOURS = find_entry(FILES, "hours")[1]


def after(edit: Edit) -> str:
    return applied(FILES, [edit])[edit.file].decode()


def test_a_new_way_to_ask_is_one_more_line():
    edit = edit_entry(FILES, "hours", with_utterance(HOURS, "fr", "  c ouvert\nquand  "))
    assert diff(FILES, applied(FILES, [edit])).splitlines()[2:] == [
        "@@ -6,6 +6,7 @@",
        "       fr:",
        '         - "Quand est-ce ouvert ?"',
        '         - "horaires"',
        '+        - "c ouvert quand"',
        "     answer:",
        "       fr: |",
        "         De 9 h à 12 h.",
    ]


def test_the_first_way_to_ask_in_a_language_opens_its_list():
    edit = edit_entry(FILES, "hours", with_utterance(HOURS, "de", "Wann ist offen?"))
    assert '      de:\n        - "Wann ist offen?"\n    answer:' in after(edit)


@pytest.mark.parametrize("utterance", ["horaires", "HORAIRES !", "  quand est ce ouvert"])
def test_a_way_to_ask_that_differs_by_case_accents_or_punctuation_is_known(utterance: str):
    with pytest.raises(EditError, match="déjà"):
        with_utterance(HOURS, "fr", utterance)


def test_nothing_is_no_way_to_ask():
    with pytest.raises(EditError, match="pas de question"):
        with_utterance(HOURS, "fr", " \n")


def test_freezing_is_a_line_and_thawing_takes_it_back():
    freezing = edit_entry(FILES, "hours", frozen(HOURS))
    assert after(freezing).endswith("    sources: [page]\n    frozen: true\n")
    cold = applied(FILES, [freezing])
    assert applied(cold, [edit_entry(cold, "hours", thawed(frozen(HOURS)))]) == FILES


def test_fields_can_be_changed_added_and_taken_out():
    first = with_fields(HOURS, {"status": "to_confirm", "hand_over": "always"})
    files = applied(FILES, [edit_entry(FILES, "hours", first)])
    assert files["entries/mairie.yaml"].endswith(b"    status: to_confirm\n    hand_over: always\n")
    second = edit_entry(files, "hours", with_fields(first, {"status": None, "hand_over": "never"}))
    assert applied(files, [second])["entries/mairie.yaml"].endswith(b"    sources: [page]\n    hand_over: never\n")


def test_an_entry_and_its_source_are_written_together():
    entry = {"id": "parking", "title": {"fr": "Se garer"}, "utterances": {"fr": ["où se garer"]}, "sources": ["plan"]}
    source = {"id": "plan", "title": "Le plan", "url": "https://example.org/plan", "checked": "2026-11-24"}
    files = applied(FILES, [new_source(source), new_entry("entries/acces.yaml", entry)])
    assert files["sources.yaml"].endswith(
        b'  - {id: plan, title: "Le plan", url: "https://example.org/plan", checked: 2026-11-24}\n'
    )
    assert find_entry(files, "parking") == ("entries/acces.yaml", entry)
    assert changed_files(FILES, files).keys() == {"sources.yaml", "entries/acces.yaml"}


def test_an_edit_waits_while_other_entries_change():
    waiting = edit_entry(FILES, "hours", frozen(HOURS))
    entry = {"id": "parking", "title": {"fr": "Se garer"}}
    meanwhile = applied(FILES, [new_entry("entries/mairie.yaml", entry)])
    assert find_entry(applied(meanwhile, [waiting]), "hours")[1]["frozen"] == "true"


def test_an_edit_of_what_has_changed_meanwhile_is_refused():
    waiting = edit_entry(FILES, "hours", frozen(HOURS))
    meanwhile = applied(FILES, [edit_entry(FILES, "hours", with_utterance(HOURS, "fr", "ouvert ?"))])
    with pytest.raises(EditError, match="a changé"):
        applied(meanwhile, [waiting])


def test_an_id_that_is_taken_is_refused():
    with pytest.raises(EditError, match="déjà pris"):
        applied(FILES, [new_entry("entries/mairie.yaml", {"id": "hours", "title": {"fr": "Autre"}})])


@pytest.mark.parametrize("path", ["../a.yaml", "entries/../a.yaml", "entries/.a.yaml", "menu.yaml", "entries/a.yml"])
def test_an_entry_goes_into_a_file_of_entries_only(path: str):
    with pytest.raises(EditError, match="n'est pas un fichier de fiches"):
        applied(FILES, [new_entry(path, {"id": "a", "title": {"fr": "A"}})])


def test_an_entry_that_does_not_exist_is_told():
    with pytest.raises(EditError, match="« hour »"):
        find_entry(FILES, "hour")


def test_the_byte_order_mark_of_windows_editors_stays():
    files = {**FILES, "entries/mairie.yaml": b"\xef\xbb\xbf" + FILES["entries/mairie.yaml"]}
    edited = applied(files, [edit_entry(files, "hours", frozen(HOURS))])["entries/mairie.yaml"]
    assert edited.startswith(b"\xef\xbb\xbf# Remarque")
