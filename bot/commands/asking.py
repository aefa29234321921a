"""`check` and `ask`: the knowledge, and what the bot makes of a question."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.channels.terminal import show
from bot.commands import shell
from bot.commands.stream import answers
from bot.dialogue.answers import answer
from bot.dialogue.decision import Floors, Verdict, decide
from bot.dialogue.effects import Decision
from bot.dialogue.events import Asked
from bot.dialogue.moment import Moment
from bot.dialogue.state import Conversation
from bot.editing.guards import GuardResult, has_guards, try_guards
from bot.editing.texts import text as editing_text
from bot.knowledge.loader import Examined, examine
from bot.knowledge.problems import KnowledgeError
from bot.matching.matcher import Matcher
from bot.matching.model import Ranking, Signal
from bot.staff.texts import text
from bot.understanding import build_dialogue

_EXPLAINED_WIDTH, _BAR = 110, 6


def check(folder: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None) -> None:
    """Vérifie un dossier de fiches : chaque problème, avec le fichier, la ligne et le remède ; puis des conseils.

    Exemple : python run_bot.py check knowledge
    """
    try:
        examined = examine(folder or shell.settings().knowledge_dir, shell.today())
    except KnowledgeError as error:
        shell.stop(str(error), shell.CHECK_FAILED)
    knowledge, advice = examined.knowledge, examined.advice
    result, signals = _tried(examined) if has_guards(knowledge) else (None, "")
    utterances = sum(len(texts) for entry in knowledge.entries.values() for texts in entry.utterances.values())
    typer.echo(
        f"Aucun problème : {len(knowledge.entries)} fiches, {utterances} questions, {len(knowledge.sources)} sources."
    )
    if result:
        typer.echo(editing_text("guards_tried", tried=result.tried, signals=signals))
    if advice:
        shell.errors.print(text("check_advice", count=len(advice), advice="\n".join(map(str, advice))), markup=False)


def _tried(examined: Examined) -> tuple[GuardResult, str]:
    """The guards, all of which hold, and with which signals; otherwise the command fails."""
    matcher = shell.matcher_of(shell.settings(), examined.knowledge)
    with shell.progress("Relecture des questions") as report:
        result = try_guards(matcher, day=shell.today(), progress=report)
    signals = editing_text("guards_with_meaning" if matcher.encoder else "guards_by_words")
    if result.broken:
        problems = examined.problems({each.place: (each.what(), each.remedy()) for each in result.broken})
        count = editing_text("guards_broken", broken=len(result.broken), tried=result.tried, signals=signals)
        shell.stop("\n".join((*map(str, problems), *result.pairs(), count)), shell.CHECK_FAILED)
    return result, signals


def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    as_json: shell.JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Montre pourquoi.")] = False,
    knowledge: shell.KnowledgeOption = None,
) -> None:
    """Montre ce que verrait la personne ; avec --json et sans question, décide de chaque ligne de l'entrée standard.

    Exemple : python run_bot.py ask "Que faites-vous au Liban ?"
    """
    settings = shell.settings()
    if not (question or "").strip() and (question is not None or not as_json):
        shell.stop("Écrivez une question entre guillemets, ou --json pour lire l'entrée standard.", shell.USAGE_ERROR)
    matcher = shell.matcher(settings, knowledge)
    if question is None:
        for group in answers(matcher, sys.stdin.buffer, _decided):
            typer.echo("\n".join(json.dumps(row, ensure_ascii=False) for row in group))
        return
    question = os.fsencode(question).decode("utf-8", "replace")  # a terminal may write another encoding
    if as_json:
        typer.echo(json.dumps(_decided(matcher, question, None), ensure_ascii=False))
        return
    _, effects = build_dialogue(settings, matcher).step(
        Conversation(informed=True), Asked("ask", question), Moment(datetime.now(UTC))
    )
    show(effects, Console(highlight=False, emoji=False, soft_wrap=True))
    if explain:
        _explain(matcher, question)


def _decided(matcher: Matcher, text: str, language: str | None) -> dict[str, Any]:
    rankings = matcher.understand(text, language=language, day=shell.today())
    shapes = [_shape(matcher, ranking, decide(ranking, Floors())) for ranking in rankings]
    whole = {**shapes[0], "text": text}
    return {**whole, "parts": shapes} if len(shapes) > 1 else whole


def _shape(matcher: Matcher, ranking: Ranking, verdict: Verdict) -> dict[str, Any]:
    entry = matcher.knowledge.entries[verdict.entry] if verdict.entry else None
    return {
        "text": ranking.question,
        "decision": str(verdict.decision),
        "entry": verdict.entry,
        "candidates": [{"entry": c.entry, "confidence": round(c.confidence, 4)} for c in ranking.candidates],
        "language": ranking.language,
        "answer": answer(matcher.knowledge, entry, ranking.language, shell.today()).text
        if entry and verdict.decision is Decision.ANSWER
        else None,
    }


def _explain(matcher: Matcher, question: str) -> None:
    console = Console(width=_EXPLAINED_WIDTH, highlight=False)
    for ranking in matcher.understand(question, day=shell.today()):
        said = text(f"explain_{decide(ranking, Floors()).decision}")
        console.print(f"\n{text('explain_read', text=ranking.repaired)}\n{said}", markup=False)
        console.print(text("explain_strange", share=_percent(ranking.out_of_scope)), markup=False)
        table = Table(*text("explain_columns").split("|"))
        for candidate in ranking.candidates:
            signals = {signal.name: signal for signal in candidate.signals}
            table.add_row(
                candidate.entry,
                _percent(candidate.confidence),
                *(_bar(signals.get(name)) for name in ("words", "meaning")),
                signals["likeness"].nearest,
            )
        console.print(table)
    if matcher.encoder is None:
        console.print(text("explain_by_words"))


def _bar(signal: Signal | None) -> str:
    """How alike, 0 to 1, as a bar that grows with it."""
    if signal is None:
        return "–"
    share = min(max(signal.value, 0.0), 1.0)
    return f"{share:.2f} {'█' * round(share * _BAR)}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
