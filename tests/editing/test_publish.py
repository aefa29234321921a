"""Publications: whole or not at all, signed, against the version that was seen, taken back at a click."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.editing.edit import Edit, edit_entry, find_entry, frozen, new_entry, new_source, with_fields, with_utterance
from bot.editing.proposals import Proposals
from bot.editing.publish import OvertakenError, Person, Published, Publisher, Signature
from bot.editing.texts import EditError
from bot.knowledge.loader import load
from bot.knowledge.problems import KnowledgeError

ALICE, BOB = Person("1", "Alice"), Person("2", "Bob")
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SIGNED = Signature(ALICE, "Les horaires ont changé", NOW)

MAIRIE = """\
entries:
  # Remarque
  - id: hours
    title: {fr: "Les horaires"}
    utterances: {fr: ["horaires"]}
    answer: {fr: "De 9 h à 12 h."}
    sources: [page]
"""
SOURCES = 'sources:\n  - {id: page, title: "La page", url: "https://example.org", checked: 2026-11-24}\n'
PLAN = {"id": "plan", "title": "Le plan", "url": "https://example.org/plan", "checked": "2026-11-24"}
PARKING = {
    "id": "parking",
    "title": {"fr": "Se garer"},
    "utterances": {"fr": ["parking"]},
    "answer": {"fr": "Devant."},
    "sources": ["page"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    (folder / "entries").mkdir(parents=True)
    (folder / "entries/mairie.yaml").write_text(MAIRIE, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return folder


@pytest.fixture
def publisher(folder: Path) -> Publisher:
    return Publisher(folder)


def more(publisher: Publisher, utterance: str = "ouvert ?") -> Edit:
    files = publisher.version().files
    return edit_entry(files, "hours", with_utterance(find_entry(files, "hours")[1], "fr", utterance))


def publish(publisher: Publisher, *edits: Edit, signed: Signature = SIGNED) -> Published:
    return publisher.publish(edits or [more(publisher)], publisher.version().fingerprint, signed)


def written(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")}


def test_what_is_published_is_in_the_folder_and_in_the_history(folder: Path, publisher: Publisher):
    done = publish(publisher).publication
    assert load(folder, None).entries["hours"].utterances["fr"] == ("horaires", "ouvert ?")
    assert (done.signed, done.entries, list(done.files)) == (SIGNED, ("hours",), ["entries/mairie.yaml"])
    assert publisher.history() == [done]


def test_the_history_shows_what_each_file_held(publisher: Publisher):
    before, after = publish(publisher).publication.files["entries/mairie.yaml"]
    assert publisher.contents(before).decode() == MAIRIE
    assert publisher.contents(after).decode() == MAIRIE.replace('["horaires"]', '["horaires", "ouvert ?"]')


def test_the_history_is_newest_first_and_survives_a_new_start(folder: Path, publisher: Publisher):
    publish(publisher, more(publisher, "un"))
    publish(publisher, more(publisher, "deux"), signed=Signature(BOB, "", NOW))
    assert [done.signed.author for done in Publisher(folder).history()] == [BOB, ALICE]


def test_an_edit_begun_before_the_folder_changed_is_refused(folder: Path, publisher: Publisher):
    edit, base = more(publisher), publisher.version().fingerprint
    (folder / "sources.yaml").write_text(SOURCES + "# relu\n", encoding="utf-8")
    with pytest.raises(OvertakenError, match="ont changé"):
        publisher.publish([edit], base, SIGNED)
    assert written(folder)["entries/mairie.yaml"] == MAIRIE


def test_of_two_who_publish_at_once_one_is_refused(folder: Path, publisher: Publisher):
    edit, base = more(publisher), publisher.version().fingerprint

    def attempt(_number: int) -> bool:
        try:
            Publisher(folder).publish([edit], base, SIGNED)
        except OvertakenError:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]
    assert len(publisher.history()) == 1


def test_what_is_not_valid_is_not_written(folder: Path, publisher: Publisher):
    files = publisher.version().files
    wrong = edit_entry(files, "hours", with_fields(find_entry(files, "hours")[1], {"sources": ["nowhere"]}))
    with pytest.raises(KnowledgeError, match="nowhere"):
        publish(publisher, wrong)
    assert (written(folder)["entries/mairie.yaml"], publisher.history()) == (MAIRIE, [])


def test_a_publication_that_changes_nothing_is_refused(publisher: Publisher):
    entry = find_entry(publisher.version().files, "hours")[1]
    with pytest.raises(EditError, match="rien à publier"):
        publish(publisher, edit_entry(publisher.version().files, "hours", entry))


def test_a_file_keeps_its_rights(folder: Path, publisher: Publisher):
    (folder / "entries/mairie.yaml").chmod(0o640)
    publish(publisher)
    assert (folder / "entries/mairie.yaml").stat().st_mode & 0o777 == 0o640


def test_a_link_inside_the_folder_stays_a_link(folder: Path, publisher: Publisher):
    (folder / "entries/mairie.yaml").rename(folder / "mairie.txt")
    (folder / "entries/mairie.yaml").symlink_to("../mairie.txt")
    publish(publisher)
    assert (folder / "entries/mairie.yaml").is_symlink()
    assert "ouvert ?" in (folder / "mairie.txt").read_text(encoding="utf-8")


# Two people


def test_where_two_people_are_asked_for_one_is_not_enough(folder: Path):
    careful = Publisher(folder, two_persons=True)
    with pytest.raises(EditError, match="attend l'accord"):
        publish(careful)


def test_nobody_approves_what_they_wrote(folder: Path):
    careful = Publisher(folder, two_persons=True)
    with pytest.raises(EditError, match="elle-même"):
        publish(careful, signed=Signature(ALICE, "", NOW, approved_by=Person("1", "Alice, autrement")))


def test_a_proposal_is_published_in_both_names(folder: Path):
    careful = Publisher(folder, two_persons=True)
    proposal = Proposals(careful).propose([more(careful)], SIGNED)
    proposals = Proposals(Publisher(folder, two_persons=True))
    assert proposals.waiting() == [proposal]
    done = proposals.publish(proposal.id, BOB, careful.version().fingerprint, NOW).publication
    assert (done.id, done.signed.author, done.signed.approved_by) == (proposal.id, ALICE, BOB)
    assert proposals.waiting() == []


def test_the_proposer_cannot_approve(folder: Path):
    careful = Publisher(folder, two_persons=True)
    proposal = Proposals(careful).propose([more(careful)], SIGNED)
    with pytest.raises(EditError, match="elle-même"):
        Proposals(careful).publish(proposal.id, ALICE, careful.version().fingerprint, NOW)
    assert Proposals(careful).waiting() == [proposal]


def test_where_one_is_enough_who_wrote_a_proposal_publishes_it(publisher: Publisher):
    proposals = Proposals(publisher)
    proposal = proposals.propose([more(publisher)], SIGNED)
    done = proposals.publish(proposal.id, ALICE, publisher.version().fingerprint, NOW).publication
    assert (done.signed.author, done.signed.approved_by) == (ALICE, None)


def test_a_proposal_waits_while_other_entries_change(folder: Path):
    careful = Publisher(folder, two_persons=True)
    proposals = Proposals(careful)
    first = proposals.propose([more(careful)], SIGNED)
    second = proposals.propose([new_entry("entries/mairie.yaml", PARKING)], SIGNED)
    for proposal in (second, first):
        proposals.publish(proposal.id, BOB, careful.version().fingerprint, NOW)
    assert load(folder, None).entries.keys() == {"hours", "parking"}


def test_a_proposal_can_be_withdrawn(publisher: Publisher):
    proposals = Proposals(publisher)
    proposal = proposals.propose([more(publisher)], SIGNED)
    proposals.withdraw(proposal.id)
    assert proposals.waiting() == []
    with pytest.raises(EditError, match="n'attend plus"):
        proposals.publish(proposal.id, BOB, publisher.version().fingerprint, NOW)


@pytest.mark.parametrize("number", ["../../sources", "", "/etc/passwd"])
def test_a_forged_number_names_no_proposal(publisher: Publisher, number: str):
    with pytest.raises(EditError, match="n'attend plus"):
        Proposals(publisher).withdraw(number)


# At once, and back


def test_freezing_needs_nobody_else(folder: Path):
    careful = Publisher(folder, two_persons=True)
    careful.freeze("hours", SIGNED)
    assert load(folder, None).entries["hours"].frozen


def test_roll_back_writes_the_files_as_they_were_as_a_new_publication(folder: Path):
    careful = Publisher(folder, two_persons=True)
    frozen_at = careful.freeze("hours", SIGNED).publication
    back = careful.roll_back(frozen_at.id, Signature(BOB, "Elle était juste", NOW)).publication
    assert written(folder)["entries/mairie.yaml"] == MAIRIE
    assert (back.undoes, back.signed.author, len(careful.history())) == (frozen_at.id, BOB, 2)


def test_roll_back_of_a_new_file_removes_it(folder: Path, publisher: Publisher):
    done = publish(publisher, new_source(PLAN), new_entry("entries/acces.yaml", PARKING)).publication
    assert set(written(folder)) == {"entries/acces.yaml", "entries/mairie.yaml", "sources.yaml"}
    publisher.roll_back(done.id, SIGNED)
    assert written(folder) == {"entries/mairie.yaml": MAIRIE, "sources.yaml": SOURCES}


def test_roll_back_is_refused_once_the_file_has_changed_again(publisher: Publisher):
    first = publish(publisher, more(publisher, "un")).publication
    publish(publisher, more(publisher, "deux"))
    with pytest.raises(OvertakenError, match="encore changé"):
        publisher.roll_back(first.id, SIGNED)


def test_roll_back_that_would_break_the_knowledge_is_refused(folder: Path, publisher: Publisher):
    first = publish(publisher, new_source(PLAN)).publication
    files = publisher.version().files
    cites = edit_entry(files, "hours", with_fields(find_entry(files, "hours")[1], {"sources": ["plan"]}))
    publish(publisher, cites)
    with pytest.raises(KnowledgeError, match="plan"):
        publisher.roll_back(first.id, SIGNED)


def test_an_unknown_publication_cannot_be_rolled_back(publisher: Publisher):
    with pytest.raises(EditError, match="numéro x"):
        publisher.roll_back("x", SIGNED)


# Crashes


class Crash(BaseException):
    """As if the process were killed: nothing more can be written."""


class Killer:
    """Lets a number of file operations through, then none."""

    _EVENTS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree")

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None or not (event in self._EVENTS or (event == "open" and _writes(arguments))):
            return
        if self.left == 0:
            raise Crash
        self.left -= 1


def _writes(arguments: tuple[object, ...]) -> bool:
    _, mode, flags = arguments
    return bool(mode and set(str(mode)) & set("wax+")) or bool(isinstance(flags, int) and flags & 3)


KILLER = Killer()
"""One for the session: an audit hook cannot be taken away."""


def test_whatever_crashes_all_files_are_written_or_none(tmp_path: Path, folder: Path):
    """The process dies before its first, second, … last change of the disk; the next start puts things right."""
    outcomes = []
    for steps in range(1000):
        copy = shutil.copytree(folder, tmp_path / f"try-{steps}")
        files = Publisher(copy).version().files
        cites = edit_entry(files, "hours", with_fields(find_entry(files, "hours")[1], {"sources": ["plan"]}))
        KILLER.left = steps
        try:
            publish(Publisher(copy), new_source(PLAN), cites)
            ended = True
        except Crash:
            ended = False
        finally:
            KILLER.left = None
        publisher = Publisher(copy)
        publisher.repair()
        now = written(copy)
        done = ("id: plan" in now["sources.yaml"], "[plan]" in now["entries/mairie.yaml"], len(publisher.history()))
        assert done in {(False, False, 0), (True, True, 1)}, steps
        outcomes.append(done[0])
        publish(publisher, more(publisher))
        if ended:
            break
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {False, True}


def test_a_line_of_the_history_that_was_cut_off_is_passed_over(publisher: Publisher):
    first = publish(publisher, more(publisher, "un")).publication
    with (publisher.home / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write('{"id": "x", "sign')
    second = publish(publisher, more(publisher, "deux")).publication
    assert publisher.history() == [second, first]


def test_there_is_nothing_to_repair_at_first(folder: Path, publisher: Publisher):
    assert publisher.repair() is False
    assert not publisher.home.exists()


# Git


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()


@pytest.fixture
def checkout(folder: Path) -> Path:
    git(folder.parent, "init", "--quiet")
    git(folder.parent, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "first")
    git(folder.parent, "add", "--all")
    git(folder.parent, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "knowledge")
    return folder


def test_in_a_checkout_each_publication_is_a_commit_of_its_files(checkout: Path):
    (checkout.parent / "other.txt").write_text("staged by somebody", encoding="utf-8")
    git(checkout.parent, "add", "other.txt")
    done = publish(Publisher(checkout), signed=Signature(ALICE, "Horaires d'hiver", NOW, approved_by=BOB))
    assert done.commit.digest == git(checkout, "rev-parse", "HEAD")
    assert git(checkout, "show", "--format=%an%n%B", "--name-only").splitlines() == [
        "Alice",
        "Horaires d'hiver",
        "",
        "Approuvé par Bob",
        "",
        f"Publication: {done.publication.id}",
        "",
        "",
        "knowledge/entries/mairie.yaml",
    ]
    assert git(checkout, "status", "--porcelain", "--untracked-files=all") == "A  other.txt"


def test_a_new_file_and_its_removal_are_commits_too(checkout: Path):
    publisher = Publisher(checkout)
    done = publish(publisher, new_entry("entries/acces.yaml", PARKING))
    back = publisher.roll_back(done.publication.id, SIGNED)
    assert git(checkout, "show", "--format=", "--name-status").split("\t")[0] == "D"
    assert None not in {done.commit.digest, back.commit.digest}


def test_no_hook_of_the_repository_is_run(checkout: Path):
    hook = checkout.parent / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    assert publish(Publisher(checkout)).commit.digest


def test_a_name_cannot_forge_an_option_or_another_author(checkout: Path):
    publish(Publisher(checkout), signed=Signature(Person("3", "--amend <x@y>\nEve"), "--amend\n-m x", NOW))
    assert git(checkout, "show", "-s", "--format=%an|%ae") == "--amend x@yEve|passerelle@localhost"
    assert git(checkout, "rev-list", "--count", "HEAD") == "3"


def test_a_commit_that_git_refuses_does_not_undo_the_publication(checkout: Path):
    (checkout.parent / ".git/index.lock").touch()
    done = publish(Publisher(checkout))
    assert (done.commit.digest, "index.lock" in done.commit.why_not) == (None, True)
    assert "ouvert ?" in written(checkout)["entries/mairie.yaml"]


def test_outside_a_checkout_there_is_no_commit_and_nothing_to_say(publisher: Publisher):
    assert (publish(publisher).commit.digest, publish(publisher, more(publisher, "b")).commit.why_not) == (None, None)


def test_freezing_twice_is_told(publisher: Publisher):
    publisher.freeze("hours", SIGNED)
    with pytest.raises(EditError, match="rien à publier"):
        publisher.freeze("hours", SIGNED)
    assert frozen(find_entry(publisher.version().files, "hours")[1])["frozen"] == "true"


# Forgetting


def aged(folder: Path, days: int) -> None:
    """All that was kept was kept so many days ago."""
    at = (NOW - timedelta(days=days)).timestamp()
    for file in (folder / ".passerelle/contents").iterdir():
        os.utime(file, (at, at))


def test_what_files_held_before_old_publications_is_forgotten_and_the_history_stays(folder: Path, publisher: Publisher):
    old = publish(publisher, more(publisher)).publication
    aged(folder, 200)
    later = replace(SIGNED, at=NOW + timedelta(days=170))
    new = publisher.publish([more(publisher, "fermé ?")], publisher.version().fingerprint, later).publication
    assert publisher.forget(NOW + timedelta(seconds=1)) == 1  # what stood there at the very first
    assert [done.id for done in publisher.history()] == [new.id, old.id]
    assert [publisher.keeps(done) for done in (new, old)] == [True, False]
    publisher.roll_back(new.id, replace(later, reason="Retour"))
    with pytest.raises(EditError, match="trop ancienne"):
        publisher.roll_back(old.id, replace(later, reason="Retour"))


def test_what_no_publication_names_is_forgotten_once_it_is_old(folder: Path, publisher: Publisher):
    publish(publisher, more(publisher))
    (folder / ".passerelle/contents/left-by-a-crash").write_text("x", encoding="utf-8")
    aged(folder, 1)
    assert publisher.forget(NOW - timedelta(days=2)) == 0
    assert publisher.forget(NOW) == 1
    assert not (folder / ".passerelle/contents/left-by-a-crash").exists()


def test_where_nothing_was_published_nothing_is_forgotten_and_nothing_made(folder: Path, publisher: Publisher):
    assert publisher.forget(NOW) == 0
    assert not (folder / ".passerelle").exists()
