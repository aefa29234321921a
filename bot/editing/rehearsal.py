"""What a publication would do, before it is published: its lines, its problems, the questions it would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.editing.edit import Edit, applied, diff
from bot.editing.gate import GateResult, Progress, Version, compare
from bot.editing.guards import told, try_guards
from bot.editing.leaving import left_behind
from bot.editing.texts import EditError, text
from bot.knowledge.loader import build
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError, Problem
from bot.matching.evaluation import Labelled, read_questions

QUESTIONS = "questions.jsonl"
"""Questions that staff have labelled, beside the entries; one JSON object a line, as for `evaluate`."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    diff: str
    problems: tuple[Problem, ...]
    """What stands against publishing it; then nothing was compared."""
    before: KnowledgeBase | None
    after: KnowledgeBase | None
    gate: GateResult | None
    guards: tuple[str, ...] = ()
    """Sentences on the questions that guard entries and that the proposed knowledge loses."""
    leaving: tuple[str, ...] = ()
    """Sentences on what the entries that go out of force leave behind."""


def rehearse(
    files: Mapping[str, bytes],
    edits: Sequence[Edit],
    ready: Callable[[KnowledgeBase], Version],
    labelled: Sequence[Labelled],
    recent: Sequence[str],
    *,
    day: date,
    progress: Progress = lambda _done, _all: None,
) -> Rehearsal:
    """The edits carried out in memory. Learning the proposed knowledge takes most of the time.

    Args:
        files: the folder now.
        edits: what an agent has changed.
        ready: makes the matcher of a knowledge.
        labelled: questions with the right entry.
        recent: real questions.
        day: entries that are not in force on it are left out.
        progress: told after each question.

    Raises:
        EditError: an edit cannot be carried out.
        KnowledgeError: the folder is not valid as it is.
    """
    proposed = applied(files, edits)
    lines = diff(files, proposed)
    before = build(files, None)
    try:
        after = build(proposed, None)
    except KnowledgeError as error:
        return Rehearsal(lines, error.problems, before, None, None)
    versions = ready(before), ready(after)
    was, will_be = (try_guards(version, day=day) for version in versions)
    result = compare(*versions, labelled, recent, day=day, progress=progress)
    return Rehearsal(lines, (), before, after, result, told(will_be, was, after), left_behind(before, after, day))


def labelled_questions(folder: Path) -> list[Labelled]:
    """Those of the folder; none when there is no such file.

    Raises:
        EditError: the file is there, and a line of it is no labelled question.
    """
    try:
        return read_questions((folder / QUESTIONS).read_text(encoding="utf-8-sig").split("\n"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise EditError(text("rehearsal_bad_questions", file=QUESTIONS, error=error)) from None
