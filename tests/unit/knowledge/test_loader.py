"""A valid folder becomes frozen values; a folder that cannot be read is told like any other problem."""

import os
import random
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path
from typing import IO

import pytest

from bot.knowledge import loader, yaml_text
from bot.knowledge.loader import build, builtin, fingerprint, load, read_folder
from bot.knowledge.messages import placeholders
from bot.knowledge.model import LANGUAGES, HandOver, Kind, KnowledgeBase, Menu, Source, Status
from bot.knowledge.problems import KnowledgeError
from bot.knowledge.schema_errors import Guess

VALID = Path(__file__).with_name("valid")
TODAY = date(2026, 11, 24)
SOURCES = b'sources:\n  - {id: site, title: "Le site", url: "https://example.org", checked: 2026-11-24}\n'
ENTRY = b"entries:\n  - {id: a, title: {en: A}, utterances: {en: [a]}, answer: {en: A}, sources: [site]}\n"
MINIMAL = {"entries/all.yaml": ENTRY, "sources.yaml": SOURCES}


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load(VALID, TODAY)


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(folder, TODAY)
    return [str(problem).replace(str(folder), "DIR") for problem in caught.value.problems]


def test_every_field_of_an_entry_is_read(knowledge: KnowledgeBase) -> None:
    entry = knowledge.entries["partner-lebanon"]
    assert entry.title == {"fr": "Kab Elias, au Liban", "de": "Kab Elias im Libanon"}
    assert entry.utterances["fr"] == ("Que faites-vous au Liban ?", "kab elias")
    assert entry.answer["fr"] == "Le Département a un partenaire au Liban.\n\n• Kab Elias, dans la Bekaa"
    assert (entry.kind, entry.status, entry.hand_over) == (Kind.FACT, Status.TO_CONFIRM, HandOver.ALWAYS)
    assert (entry.sources, entry.follow_ups) == (("site",), ("no",))
    assert (entry.valid_from, entry.valid_until) == (date(2026, 1, 1), date(2026, 11, 24))
    assert entry.unconfirmed_translations == {"de"}


def test_words_that_yaml_would_convert_stay_words(knowledge: KnowledgeBase) -> None:
    entry = knowledge.entries["no"]
    assert (entry.title["en"], entry.utterances["en"], entry.answer["en"]) == ("on", ("12:30", "1e3", "yes"), "null")


def test_every_other_file_is_read(knowledge: KnowledgeBase) -> None:
    assert knowledge.sources["site"] == Source(
        "site", "Le site", "https://example.org/page?a=1", date(2026, 11, 24), "juin 2021"
    )
    assert knowledge.menu == Menu(start=("no",), help=("partner-lebanon", "no"), contact="partner-lebanon")
    assert knowledge.out_of_scope == {"fr": ("Ma carte grise ?",)}
    assert knowledge.vocabulary.names == {"Kab Elias": ("cab elias", "قب الياس")}
    assert knowledge.vocabulary.abbreviations["fr"] == {"svp": "s'il vous plaît"}


def test_own_message_replaces_the_built_in_one_alone(knowledge: KnowledgeBase) -> None:
    assert knowledge.messages["fr"]["citation"] == "D'après {title}, le {checked}"
    assert knowledge.messages["fr"]["welcome"] == builtin().messages["fr"]["welcome"]
    assert knowledge.messages["de"] == builtin().messages["de"]


def test_knowledge_cannot_be_changed(knowledge: KnowledgeBase) -> None:
    entry = knowledge.entries["no"]
    for mapping in (knowledge.entries, knowledge.messages["fr"], entry.title, entry.utterances, knowledge.background):
        with pytest.raises(TypeError):
            mapping["x"] = "y"  # type: ignore[index]  # that is the point
    with pytest.raises(FrozenInstanceError):
        entry.id = "other"  # type: ignore[misc]  # that is the point


def test_entries_and_sources_are_enough() -> None:
    knowledge = build(MINIMAL, TODAY)
    assert list(knowledge.entries) == ["a"]
    assert knowledge.messages == builtin().messages
    assert knowledge.menu == Menu()


def test_one_file_of_any_language_is_enough_for_another_authority() -> None:
    files = MINIMAL | {"entries/all.yaml": ENTRY.replace(b"en:", b"bzh:")}
    assert build(files, TODAY).entries["a"].title == {"bzh": "A"}


def test_expired_entry_is_no_problem_without_a_day() -> None:
    files = {
        path: data.replace(b"sources: [site]}", b"sources: [site], valid: {until: 2020-01-01}}")
        for path, data in MINIMAL.items()
    }
    with pytest.raises(KnowledgeError, match="n'était valable que jusqu'au 01/01/2020"):
        build(files, TODAY)
    assert not build(files, None).entries["a"].in_force(TODAY)


def test_title_need_not_be_in_every_language_of_the_answer() -> None:
    files = MINIMAL | {"entries/all.yaml": ENTRY.replace(b"answer: {en: A}", b"answer: {en: A, de: B}")}
    assert build(files, TODAY).entries["a"].title_in("de") == "A"


def test_last_day_of_validity_is_valid() -> None:
    files = {
        path: data.replace(b"sources: [site]}", b"sources: [site], valid: {until: 2026-11-24}}")
        for path, data in MINIMAL.items()
    }
    assert build(files, TODAY).entries["a"].in_force(TODAY)


def test_a_retired_entry_takes_no_question_from_its_successor() -> None:
    entry = "  - {id: ID, title: {fr: A}, utterances: {fr: [allô]}, answer: {fr: A}, kind: behaviour, FIELD}\n"
    old, new = entry.replace("ID", "old"), entry.replace("ID", "new").replace("FIELD", "hand_over: never")
    retired = f"entries:\n{old.replace('FIELD', 'retired: true, must_match: {fr: [Allô !]}')}{new}"
    sources = {"sources.yaml": b"sources: []\n"}
    assert list(build({"entries/a.yaml": retired.encode(), **sources}, TODAY).in_use) == ["new"]
    with pytest.raises(KnowledgeError, match="déjà dans l'entrée « old »"):
        build({"entries/a.yaml": retired.replace("retired: true, ", "").encode(), **sources}, TODAY)


def test_what_is_retired_is_not_used_and_its_dates_are_nobodys_concern() -> None:
    retired = b"sources: [site], valid: {until: 2020-01-01}, retired: true}"
    files = {path: data.replace(b"sources: [site]}", retired) for path, data in MINIMAL.items()}
    entry = build(files, TODAY).entries["a"]
    assert entry.retired
    assert not entry.in_force(date(2019, 1, 1))


def test_an_answer_changes_by_its_periods() -> None:
    periods = b"""sources: [site], periods: [
      {until: 2027-01-14, answer: {en: before}}, {until: 2027-03-01, answer: {en: open, de: offen}}]}"""
    files = MINIMAL | {"entries/all.yaml": ENTRY.replace(b"sources: [site]}", periods)}
    entry = build(files, TODAY).entries["a"]
    days = {date(2027, 1, 14): "before", date(2027, 1, 15): "open", date(2027, 3, 1): "open", date(2027, 3, 2): "A"}
    assert {day: entry.answer_on(day)["en"] for day in days} == days
    assert entry.answer_on(date(2027, 3, 1))["de"] == "offen"


def test_order_of_files_changes_nothing() -> None:
    files = read_folder(VALID)
    shuffled = list(files.items())
    random.Random(1).shuffle(shuffled)  # noqa: S311
    assert build(dict(shuffled), TODAY) == build(files, TODAY)


def test_fingerprint_changes_with_any_byte_or_path() -> None:
    prints = {
        fingerprint(files)
        for files in ({"a": b"b"}, {"a": b"c"}, {"ab": b""}, {"a": b"b", "c": b""}, {"a": b"", "b": b""}, {})
    }
    assert len(prints) == 6


def test_missing_folder(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "no") == [
        "DIR:1: dossier: ce dossier n'existe pas. Vérifiez le chemin (réglage PASSERELLE_KNOWLEDGE_DIR)."
    ]


def test_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "ce n'est pas un dossier" in problems_of(tmp_path / "file")[0]


def test_empty_folder(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == ["DIR:1: fichier: le dossier est vide. Il faut au moins entries/ et sources.yaml."]


def test_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sources.yaml")
    assert "DIR/sources.yaml:1: fichier: ce n'est pas un fichier ordinaire." in problems_of(tmp_path)[-1]


def test_refused_access_is_told_without_follow_up_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "all.yaml").write_bytes(ENTRY)
    (tmp_path / "sources.yaml").write_bytes(SOURCES)
    real = Path.open

    def refuse(path: Path, mode: str = "r") -> IO[bytes]:
        if path.name == "sources.yaml":
            raise PermissionError(13, "Permission denied")
        return real(path, mode)

    monkeypatch.setattr(Path, "open", refuse)
    (told,) = problems_of(tmp_path)
    assert told.startswith("DIR/sources.yaml:1: fichier: le fichier ne peut pas être lu (accès refusé).")


def test_read_folder_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").symlink_to("nowhere")
    with pytest.raises(KnowledgeError, match="le lien ne mène nulle part"):
        read_folder(tmp_path)


def test_file_over_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in (loader, yaml_text):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", 2**20)
    (tmp_path / "sources.yaml").write_bytes(SOURCES)
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "all.yaml").write_bytes(ENTRY + b"#" * 2**20)
    (told,) = problems_of(tmp_path)
    assert told == (
        "DIR/entries/all.yaml:1: fichier: le fichier pèse plus de 1 Mo, la limite. "
        "Partagez-le en plusieurs fichiers, un par thème."
    )


def test_built_in_languages_have_the_same_messages_and_placeholders() -> None:
    french = builtin().messages["fr"]
    assert set(builtin().messages) == set(LANGUAGES)
    for texts in builtin().messages.values():
        assert {key: placeholders(text) for key, text in texts.items()} == {
            key: placeholders(text) for key, text in french.items()
        }


def test_built_in_background_speaks_every_language() -> None:
    background = builtin().background
    sentences = [sentence for texts in background.values() for sentence in texts]
    assert {language: len(texts) >= 15 for language, texts in background.items()} == dict.fromkeys(LANGUAGES, True)
    assert len(sentences) == len(set(sentences))


def test_guessing_gives_up_after_enough_comparisons() -> None:
    guess = Guess([f"entry-{number}" for number in range(10)], comparisons=25)
    assert [guess(f"entri-{number}") for number in (1, 2, 1, 3, 4, 1)] == [
        "entry-1", "entry-2", "entry-1", "entry-3", None, "entry-1",
    ]  # fmt: skip
