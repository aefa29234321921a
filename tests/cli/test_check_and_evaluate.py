"""`check` and `evaluate`: what a person gets for a good file, and for one that is not."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import KNOWLEDGE, ROOT, Command
from tests.unit.knowledge.test_broken_folders import BROKEN

FIGURES = {"top1", "resolved", "answered_right", "wrong_answers", "false_answers", "auroc", "ece"}


def test_the_shipped_folder_has_no_problem(passerelle: Command) -> None:
    learnt = str(ROOT / ".cache" / "passerelle")  # learning takes a minute: once, not in each run
    ran = passerelle("check", str(ROOT / "knowledge"), PASSERELLE_CACHE_DIR=learnt)
    assert ran.status == 0
    assert ran.out.startswith("Aucun problème : ")


def test_advice_follows_on_stderr_and_fails_nothing(passerelle: Command, tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    page = "sources: [{id: p, title: P, url: https://example.org, checked: 2026-11-24}]\n"
    (tmp_path / "sources.yaml").write_text(page, encoding="utf-8")
    kind = "kind: emergency, hand_over: always, sources: [p]"
    entry = f"entries: [{{id: a, {kind}, title: {{fr: A}}, utterances: {{fr: [a]}}, answer: {{fr: %s}}}}]"
    (tmp_path / "entries/all.yaml").write_text(entry % "Oui.", encoding="utf-8")
    assert passerelle("check", str(tmp_path)).err == ""
    (tmp_path / "entries/all.yaml").write_text(entry % ("Oui. " * 121), encoding="utf-8")
    ran = passerelle("check", str(tmp_path))
    assert (ran.status, ran.out) == (0, "Aucun problème : 1 fiches, 1 questions, 1 sources.\n")
    told, advice = ran.err.splitlines()
    assert told == "Conseils (1), qui n'empêchent rien :"
    assert advice.startswith(f"{tmp_path}/entries/all.yaml:1: a.answer.fr: la réponse a 604 caractères, 600 se lisent")


def guarded(folder: Path, must: str) -> str:
    """The tests' folder, with guards of its first entry; what expired is taken out."""
    shutil.copytree(KNOWLEDGE, folder / "knowledge")
    file = next((folder / "knowledge/entries").glob("*.yaml"))
    entries = file.read_text("utf-8").replace("    valid: {until: 2025-12-24}\n", "")
    file.write_text(entries.replace("    follow_ups: [library]\n", f"    {must}\n", 1), encoding="utf-8")
    return str(folder / "knowledge")


def test_questions_that_guard_an_entry_are_tried_with_the_real_matcher(passerelle: Command, tmp_path: Path) -> None:
    ran = passerelle("check", guarded(tmp_path, "must_match: {fr: [la piscine est ouverte à quelle heure]}"))
    assert ran.status == 0
    assert ran.out.splitlines()[1] == (
        "Questions qui gardent les fiches : 1 relues, par les mots seuls, sans le signal sémantique."
    )


def test_a_guard_that_does_not_hold_fails_the_check_and_names_the_thief(passerelle: Command, tmp_path: Path) -> None:
    guards = "must_match: {fr: [la piscine ?, combien de livres à emprunter]}"
    folder = guarded(tmp_path, guards)
    ran = passerelle("check", folder)
    told, pair, count = (line for line in ran.err.splitlines() if not line.startswith("Sans le signal"))
    assert (ran.status, ran.out) == (1, "")
    assert told.startswith(f"{folder}/entries/mairie.yaml:14: swimming-pool.must_match.fr.2: la question « combien de")
    assert "va à la fiche « library » (" in told
    assert "qui a « Combien de livres puis-je emprunter ? »" in told
    assert pair == "« library » prend à « swimming-pool » des questions qui sont les siennes : 1."
    assert count.startswith("1 sur 2 questions qui gardent les fiches ne tiennent pas (par les mots seuls")


def test_without_guards_nothing_is_learnt(passerelle: Command, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a matcher would fail to write here", encoding="utf-8")
    ran = passerelle("check", guarded(tmp_path, "hand_over: offer"), PASSERELLE_CACHE_DIR=str(tmp_path / "cache"))
    assert ran.status == 0
    assert len(ran.out.splitlines()) == 1


def test_every_problem_is_a_line_on_stderr(passerelle: Command) -> None:
    folder = BROKEN / "everything_in_one_run"
    ran = passerelle("check", str(folder), COLUMNS="40")
    assert (ran.status, ran.out) == (1, "")
    told = ran.err.replace(f"{folder}/", "")
    # That golden file was written on the day of the tests: what has expired by then has expired now.
    assert set((folder / "expected.txt").read_text("utf-8").splitlines()) <= set(told.splitlines())


def test_check_alone_tells_what_has_expired(passerelle: Command) -> None:
    ran = passerelle("check")
    assert ran.status == 1
    assert "market.valid.until: cette entrée n'était valable que jusqu'au 24/12/2025." in ran.err
    assert passerelle("ask", "Où est la piscine ?").status == 0


def test_a_folder_that_is_not_there_is_told(passerelle: Command) -> None:
    ran = passerelle("check", "nulle-part")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("nulle-part:1: dossier: ce dossier n'existe pas.")


def question_set(folder: Path, data: bytes) -> str:
    file = folder / "set.jsonl"
    file.write_bytes(data)
    return str(file)


GOOD = """\
{"text": "Où est la piscine ?", "expected": "swimming-pool", "lang": "fr", "kind": "plain"}
{"text": "أين المسبح؟", "expected": ["library", "swimming-pool"], "lang": "ar", "kind": "plain"}

{"text": "Quel temps\u2028fera-t-il demain ?", "expected": null, "lang": "fr", "kind": "off"}
"""


def test_the_figures_are_one_object_and_nothing_else(passerelle: Command, tmp_path: Path) -> None:
    ran = passerelle("evaluate", question_set(tmp_path, GOOD.encode()), "--json")
    (result,) = map(json.loads, ran.out.splitlines())
    assert ran.status == 0
    assert set(result) > FIGURES
    assert (result["questions"], result["in_scope"], result["answered_right"], result["false_answers"]) == (3, 2, 1, 0)
    assert set(result["by_lang"]) == {"fr", "ar"}
    assert set(result["by_kind"]) == {"plain", "off"}
    assert all(set(part) > FIGURES for part in [*result["by_lang"].values(), *result["by_kind"].values()])


def test_the_figures_are_a_table_for_a_person(passerelle: Command, tmp_path: Path) -> None:
    ran = passerelle("evaluate", question_set(tmp_path, GOOD.encode("utf-8-sig")))
    assert ran.status == 0
    assert "answered_right" in ran.out


WRONG = (
    '{"text": "Combien de livres puis-je emprunter ?", "expected": "swimming-pool", "lang": "fr", "kind": "plain"}\n'
)


def test_the_report_names_the_worst_confusions_and_questions(passerelle: Command, tmp_path: Path) -> None:
    file = question_set(tmp_path, (GOOD + WRONG).encode())
    ran = passerelle("evaluate", file)
    assert "Fiches prises l'une pour l'autre (1 sur 1) :" in ran.out
    assert "répond library" in ran.out
    assert "95 %" in ran.out
    (result,) = map(json.loads, passerelle("evaluate", file, "--json").out.splitlines())
    (confusion,) = result["confusions"]
    assert (confusion["expected"], confusion["taken_for"], confusion["questions"]) == ("swimming-pool", "library", 1)
    assert [fault["text"] for fault in result["faults"]] == ["Combien de livres puis-je emprunter ?"]


def test_a_floor_is_proposed_for_the_error_rate_that_is_asked_for(passerelle: Command, tmp_path: Path) -> None:
    file, picture = question_set(tmp_path, (GOOD + WRONG).encode()), tmp_path / "courbe.svg"
    proposed = {}
    for rate in ("0", "0.5"):
        ran = passerelle("evaluate", file, "--sweep", "--error-rate", rate, "--json")
        proposed[rate] = json.loads(ran.out)["proposed"]
        assert len(json.loads(ran.out)["sweep"]) == 20
    assert proposed["0.5"] == {"error_rate": 0.5, "floor": 0.5}
    assert proposed["0"]["floor"] is None or proposed["0"]["floor"] > 0.5
    ran = passerelle("evaluate", file, "--sweep", "--error-rate", "0.5", "--curve", str(picture))
    assert "Au plus 0.5 : seuil 0.5 (" in ran.out
    assert f"Courbe écrite dans {picture}." in ran.out
    assert picture.read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize("options", [["--curve", "a.svg"], ["--sweep", "--curve", "nulle/part.svg"]])
def test_a_curve_that_cannot_be_drawn_is_told_in_a_sentence(
    passerelle: Command, tmp_path: Path, options: list[str]
) -> None:
    ran = passerelle("evaluate", question_set(tmp_path, GOOD.encode()), *options)
    assert (ran.status, ran.out) == (2, "")
    assert "--sweep" in ran.err or "ne peut pas être écrit" in ran.err


def test_what_another_folder_decides_otherwise_is_listed(passerelle: Command, tmp_path: Path) -> None:
    file = question_set(tmp_path, GOOD.encode())
    other = guarded(tmp_path, "frozen: true")
    ran = passerelle("evaluate", file, "--compare", other)
    assert "Moins bien : « Où est la piscine ? » : répond avec « La piscine » → passe la main" in ran.out
    (result,) = map(json.loads, passerelle("evaluate", file, "--compare", other, "--json").out.splitlines())
    assert result["compare"]["figures"]["answered_right"] < result["answered_right"]
    change = next(each for each in result["compare"]["changes"] if each["text"] == "Où est la piscine ?")
    assert (change["shift"], change["expected"]) == ("worse", ["swimming-pool"])
    assert change["before"] == [{"decision": "answer", "entry": "swimming-pool", "offered": []}]
    same = passerelle("evaluate", file, "--compare", str(KNOWLEDGE), "--json")
    assert json.loads(same.out)["compare"]["changes"] == []


def test_another_folder_with_a_problem_is_told(passerelle: Command, tmp_path: Path) -> None:
    broken = str(BROKEN / "unknown_source")
    ran = passerelle("evaluate", question_set(tmp_path, GOOD.encode()), "--compare", broken)
    assert (ran.status, ran.out) == (1, "")
    assert "n'est pas dans sources.yaml" in ran.err


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n", b"nope", b"[", b"[]", b'{"text": "a"}', b'{"expected": "a"}', b'{"text": 5, "expected": "a"}',
        b'{"text": " ", "expected": "a"}', b'{"text": "a", "expected": 5}', b'{"text": "a", "expected": {"a": 1}}',
        b'{"text": "a", "expected": [1]}', b'{"text": "a", "expected": "a", "lang": 5}',
        b'{"text": "\\ud800", "expected": "a"}',
        b'{"text": "\xf9", "expected": "a"}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_bad_set_is_told_in_a_sentence(passerelle: Command, tmp_path: Path, data: bytes) -> None:
    ran = passerelle("evaluate", question_set(tmp_path, data), "--json")
    assert (ran.status, ran.out) == (2, "")
    (sentence,) = ran.err.splitlines()
    assert "set.jsonl" in sentence


@pytest.mark.parametrize("name", ["nulle-part.jsonl", str(KNOWLEDGE)])
def test_a_set_that_cannot_be_read_is_told_in_a_sentence(passerelle: Command, name: str) -> None:
    ran = passerelle("evaluate", name)
    assert (ran.status, ran.out) == (2, "")
    assert "ne peut pas être lu" in ran.err
