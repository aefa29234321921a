"""`evaluate`: the decisions on labelled questions, their floors, and another knowledge beside."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import measured, shell
from bot.commands.curve import draw
from bot.dialogue.decision import Floors, decide
from bot.editing.gate import Change, GateResult, Reply, compare, told
from bot.knowledge.model import KnowledgeBase
from bot.matching.confusions import confusions, faults
from bot.matching.evaluation import Labelled, Outcome, figures, read_questions
from bot.matching.matcher import Matcher
from bot.matching.model import Ranking
from bot.matching.sweep import propose, sweep
from bot.settings import Settings
from bot.staff.texts import text


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: shell.JsonOption = False,
    knowledge: shell.KnowledgeOption = None,
    floors: Annotated[
        bool, typer.Option("--sweep", help="Ce que donne chaque seuil de réponse, et le seuil proposé.")
    ] = False,
    error_rate: Annotated[
        float, typer.Option(min=0, max=1, metavar="PART", help="Avec --sweep : part de réponses fausses acceptée.")
    ] = 0.02,
    curve: Annotated[
        Path | None, typer.Option(metavar="FICHIER.svg", help="Avec --sweep : la courbe, dans une image.")
    ] = None,
    compared: Annotated[
        Path | None,
        typer.Option("--compare", metavar="DIR", help="Les questions que cet autre dossier décide autrement."),
    ] = None,
) -> None:
    """Mesure les décisions sur des questions étiquetées (JSON, une par ligne).

    Exemple : python run_bot.py evaluate tests/data/questions-dev.jsonl --sweep --error-rate 0.01
    """
    settings = shell.settings()
    if curve and not floors:
        shell.stop(text("evaluate_curve_needs_sweep"), shell.USAGE_ERROR)
    questions = _questions(file)
    other_base = shell.knowledge(settings, compared) if compared else None
    version = _Remembering(shell.matcher(settings, knowledge))
    outcomes = _outcomes(version, questions)
    result = figures(outcomes)
    worst, points = (confusions(outcomes), faults(outcomes)), sweep(outcomes) if floors else []
    proposed = propose(points, error_rate)
    if curve:
        _write(curve, draw(points, proposed, error_rate))
    beside = _beside(settings, other_base, version, questions) if other_base else None
    if as_json:
        result["confusions"], result["faults"] = ([asdict(each) for each in found] for found in worst)
        if floors:
            result["sweep"] = [asdict(point) for point in points]
            result["proposed"] = {"error_rate": error_rate, "floor": proposed and proposed.floor}
        if beside:
            result["compare"] = {"figures": beside.figures, "changes": [_plain(each) for each in beside.gate.changes]}
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    measured.print_figures(result)
    measured.print_confusions(worst[0])
    measured.print_faults(worst[1])
    if floors:
        measured.print_sweep(points, proposed, error_rate)
    if curve:
        typer.echo(text("evaluate_curve_written", file=curve))
    if beside and other_base:
        changes = [_sentence(each, version.knowledge, other_base) for each in beside.gate.changes]
        measured.print_compared(result, beside.figures, beside.gate.summary(), changes)


@dataclass
class _Remembering:
    """A matcher that is asked each question once: for its figures, and beside another."""

    matcher: Matcher
    _known: dict[tuple[str, str | None], Sequence[Ranking]] = field(default_factory=dict)

    @property
    def knowledge(self) -> KnowledgeBase:
        return self.matcher.knowledge

    def understand(self, text: str, *, language: str | None = None, day: date) -> Sequence[Ranking]:
        if (text, language) not in self._known:
            self._known[text, language] = self.matcher.understand(text, language=language, day=day)
        return self._known[text, language]


@dataclass(frozen=True, slots=True)
class _Beside:
    """The other knowledge on the same questions."""

    figures: dict[str, Any]
    gate: GateResult


def _beside(settings: Settings, base: KnowledgeBase, version: _Remembering, questions: Sequence[Labelled]) -> _Beside:
    other = _Remembering(shell.matcher_of(settings, base))
    return _Beside(figures(_outcomes(other, questions)), compare(version, other, questions, (), day=shell.today()))


def _outcomes(version: _Remembering, questions: Sequence[Labelled]) -> list[Outcome]:
    outcomes = []
    with shell.progress("Mesure") as report:
        for question in questions:
            ranking = version.understand(question.text, day=shell.today())[0]
            verdict = decide(ranking, Floors())
            outcomes.append(Outcome(question, ranking, verdict.entry, verdict.offered))
            report(len(outcomes), len(questions))
    return outcomes


def _questions(file: Path) -> list[Labelled]:
    try:
        return read_questions(file.read_text(encoding="utf-8-sig").split("\n"))
    except OSError as error:
        shell.stop(text("file_unreadable", file=file, error=error.strerror), shell.USAGE_ERROR)
    except UnicodeDecodeError:
        shell.stop(text("file_not_utf8", file=file), shell.USAGE_ERROR)
    except ValueError as error:
        shell.stop(f"{file} : {error}", shell.USAGE_ERROR)


def _write(file: Path, picture: str) -> None:
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        shell.stop(text("questions_not_written", file=file, error=error.strerror), shell.USAGE_ERROR)


def _sentence(change: Change, before: KnowledgeBase, after: KnowledgeBase) -> str:
    return f"{text(f'evaluate_{change.shift}')} : {told(change, before, after)}"


def _plain(change: Change) -> dict[str, Any]:
    before, after = ([_plain_reply(reply) for reply in replies] for replies in (change.before, change.after))
    expected = list(change.expected or ())
    return {"text": change.question, "expected": expected, "shift": change.shift, "before": before, "after": after}


def _plain_reply(reply: Reply) -> dict[str, Any]:
    return {"decision": reply.decision, "entry": reply.entry, "offered": list(reply.offered)}
