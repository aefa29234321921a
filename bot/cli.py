"""The command line: each command in plain words; errors are a sentence on stderr."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from typer.exceptions import TyperException

from bot.app import build_dialogue, build_matcher, live_dialogue, load_knowledge, telegram_service
from bot.channels.telegram.poller import TokenRefusedError
from bot.channels.terminal import converse, typed
from bot.dialogue.answers import answer
from bot.dialogue.decision import Floors, Verdict, decide
from bot.dialogue.effects import Decision
from bot.doctor import Check, as_text, examine, unusable
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError
from bot.matching.evaluation import Labelled, Outcome, figures, read_questions
from bot.matching.matcher import Matcher
from bot.matching.model import Ranking
from bot.settings import Settings, SettingsError, read_settings
from bot.staff import questions as review
from bot.staff.texts import text
from bot.storage.model import Question
from bot.storage.sql import open_store
from bot.storage.store import StorageError, Store
from bot.usage import sentence

USAGE_ERROR, CHECK_FAILED = 2, 1

app = typer.Typer(
    help="Passerelle : un assistant qui répond à partir de fiches vérifiées, et passe la main à une personne.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

KnowledgeOption = Annotated[Path | None, typer.Option("--knowledge", metavar="DIR", help="Un autre dossier de fiches.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON par ligne, rien d'autre.")]


def main() -> None:
    """Run the command of this process."""
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as refusal:
        if wrong := sentence(refusal):
            errors.print(wrong, markup=False)
        sys.exit(USAGE_ERROR)


@app.command()
def chat(knowledge: KnowledgeOption = None) -> None:
    """Une conversation dans le terminal, sans compte ni jeton : un numéro appuie sur un bouton.

    Exemple : python run_bot.py chat
    """
    settings = _settings()
    matcher = _matcher(settings, knowledge)
    dialogue = build_dialogue(matcher.knowledge, matcher)

    async def run() -> None:
        async with _store(settings) as store:
            echo = not sys.stdin.isatty()
            await converse(dialogue, store, typed(sys.stdin), Console(highlight=False, emoji=False), echo=echo)

    _run(run())


@app.command()
def telegram() -> None:
    """Fait répondre l'assistant sur Telegram, jusqu'à Ctrl-C ; par webhook si PASSERELLE_WEBHOOK_URL est écrit.

    Exemple : PASSERELLE_BOT_TOKEN=123456789:AAE… python run_bot.py telegram
    """
    settings = _settings()
    if settings.bot_token is None:
        _stop(text("no_token"), USAGE_ERROR)
    token = settings.bot_token.get_secret_value().strip()
    matcher = _matcher(settings, None)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    for chatty in ("alembic", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        live = live_dialogue(settings, build_dialogue(matcher.knowledge, matcher))
        async with _store(settings, recover=True) as store:
            await telegram_service(settings, token, store, live).run(stop)

    try:
        _run(run())
    except TokenRefusedError as error:
        _stop(str(error), USAGE_ERROR)
    except OSError as error:
        _stop(text("cannot_listen", error=error.strerror), USAGE_ERROR)


@app.command()
def questions(  # noqa: PLR0913, PLR0917 - one option a filter
    status: Annotated[str, typer.Option(metavar="S", help="open, answered, closed ou all.")] = "open",
    output_format: Annotated[
        str | None, typer.Option("--format", metavar="F", help="table (par défaut), csv, xlsx ou json.")
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Écrit dans ce fichier.")] = None,
    language: Annotated[str | None, typer.Option(metavar="L", help="Une langue : fr, de, en, sr, ar.")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Depuis une date, ou 7d : sept jours.")] = None,
    containing: Annotated[str | None, typer.Option(metavar="MOT", help="Un mot de la question.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="ID", help="La fiche la plus probable.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Les N plus récentes seulement.")] = None,
    close: Annotated[
        list[str] | None, typer.Option(metavar="N", help="Met de côté une question, ou plusieurs : 12,15.")
    ] = None,
) -> None:
    """Les questions restées sans réponse, les semblables ensemble.

    Exemple : python run_bot.py questions --since 7d --output questions.xlsx
    """
    now = datetime.now(LEGAL_TIME)
    try:
        wanted = review.output_format(output_format, output, to_terminal=sys.stdout.isatty())
        selection = review.Selection(status, language, review.since(since, now) if since else None, containing, topic)
        closing = review.numbers(close) if close else []
    except ValueError as error:
        _stop(str(error), USAGE_ERROR)
    settings = _settings()

    async def run() -> None:
        async with _store(settings) as store:
            if closing:
                await _close_questions(store, closing, now)
                return
            chosen = (await selection.of(store))[:limit]
        if not chosen:
            errors.print(selection.nothing(), markup=False)
        _show_questions(chosen, wanted, output)

    _run(run())


async def _close_questions(store: Store, numbers: Sequence[int], now: datetime) -> None:
    still_open = {question.id for question in await store.questions(status="open")}
    await store.close_questions(numbers, now)
    if closed := [str(number) for number in numbers if number in still_open]:
        typer.echo(text("questions_closed", numbers=", ".join(closed)))
    if unknown := [str(number) for number in numbers if number not in still_open]:
        _stop(text("questions_not_open", numbers=", ".join(unknown)), USAGE_ERROR)


def _show_questions(chosen: Sequence[Question], wanted: str, output: Path | None) -> None:
    if wanted == "table":
        if chosen:
            Console(highlight=False).print(review.as_table(chosen), text("questions_how_to_close"))
        return
    data = review.EXPORTS[wanted](chosen)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        _stop(text("questions_not_written", file=output, error=error.strerror), USAGE_ERROR)
    errors.print(text("questions_written", count=len(chosen), file=output), markup=False)


@app.command()
def check(folder: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None) -> None:
    """Vérifie un dossier de fiches : chaque problème, avec le fichier, la ligne et le remède.

    Exemple : python run_bot.py check knowledge
    """
    knowledge = _knowledge(_settings(), folder, today=_today())
    utterances = sum(len(texts) for entry in knowledge.entries.values() for texts in entry.utterances.values())
    typer.echo(
        f"Aucun problème : {len(knowledge.entries)} fiches, {utterances} questions, {len(knowledge.sources)} sources."
    )


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument()] = None,
    as_json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Montre pourquoi.")] = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Décide d'une question ; avec --json et sans question, de chaque ligne de l'entrée standard.

    Exemple : python run_bot.py ask "Que faites-vous au Liban ?"
    """
    settings = _settings()
    if not (question or "").strip() and (question is not None or not as_json):
        _stop("Écrivez une question entre guillemets, ou --json pour lire l'entrée standard.", USAGE_ERROR)
    matcher = _matcher(settings, knowledge)
    if question is None:
        for number, line in enumerate(sys.stdin.buffer, start=1):
            typer.echo(json.dumps(_decide_line(matcher, line, number), ensure_ascii=False))
        return
    question = os.fsencode(question).decode("utf-8", "replace")  # a terminal may write another encoding
    decided = _decided(matcher, question, None)
    if as_json:
        typer.echo(json.dumps(decided, ensure_ascii=False))
        return
    typer.echo(decided["answer"] or f"({decided['decision']})")
    if explain:
        _explain(matcher, question)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Mesure les décisions sur des questions étiquetées (JSON, une par ligne).

    Exemple : python run_bot.py evaluate tests/data/questions-dev.jsonl
    """
    settings = _settings()
    try:
        questions = read_questions(file.read_text(encoding="utf-8-sig").split("\n"))
    except OSError as error:
        _stop(text("file_unreadable", file=file, error=error.strerror), USAGE_ERROR)
    except UnicodeDecodeError:
        _stop(text("file_not_utf8", file=file), USAGE_ERROR)
    except ValueError as error:
        _stop(f"{file} : {error}", USAGE_ERROR)
    matcher = _matcher(settings, knowledge)
    outcomes = []
    with _progress("Mesure") as report:
        for question in questions:
            outcomes.append(_outcome(matcher, question))
            report(len(outcomes), len(questions))
    result = figures(outcomes)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    _print_figures(result)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Vérifie l'installation : réglages, base de données, fiches, Telegram et droits dans le groupe du service.

    Exemple : python run_bot.py doctor
    """
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # what goes wrong there is a finding

    def show(check: Check) -> None:
        if as_json:
            typer.echo(json.dumps(check.as_json(), ensure_ascii=False))
        else:
            Console(highlight=False, soft_wrap=True).print(as_text(check))

    async def run() -> bool:
        works = True
        async for check in examine(settings, datetime.now(UTC)):
            show(check)
            works = works and check.works
        return works

    try:
        settings = read_settings()
    except SettingsError as error:
        for check in unusable(error):
            show(check)
        raise typer.Exit(USAGE_ERROR) from None
    if not asyncio.run(run()):
        raise typer.Exit(CHECK_FAILED)


def _outcome(matcher: Matcher, question: Labelled) -> Outcome:
    ranking = matcher.understand(question.text, day=_today())[0]
    verdict = decide(ranking, Floors())
    return Outcome(question, ranking, verdict.entry, verdict.offered)


def _decide_line(matcher: Matcher, line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
        asked, language = row["text"], row.get("lang")
        f"{asked}{language}".encode()  # JSON can hold half a character, which nothing can print
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        asked, language = None, None
    if not isinstance(asked, str) or not asked.strip() or not isinstance(language, str | None):
        return {"error": text("ask_bad_line"), "line": number}
    return _decided(matcher, asked, language)


def _decided(matcher: Matcher, text: str, language: str | None) -> dict[str, Any]:
    rankings = matcher.understand(text, language=language, day=_today())
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
        "answer": answer(matcher.knowledge, entry, ranking.language).text
        if entry and verdict.decision is Decision.ANSWER
        else None,
    }


def _explain(matcher: Matcher, question: str) -> None:
    for ranking in matcher.understand(question, day=_today()):
        table = Table(title=f"{ranking.repaired}  (hors sujet : {ranking.out_of_scope:.2f})")
        for column in ("fiche", "confiance", "logit", "ressemblance", "question la plus proche"):
            table.add_column(column)
        for candidate in ranking.candidates:
            logit, likeness = candidate.signals
            table.add_row(
                candidate.entry,
                f"{candidate.confidence:.3f}",
                f"{logit.value:.2f}",
                f"{likeness.value:.2f}",
                likeness.nearest,
            )
        Console().print(table)


def _print_figures(result: dict[str, Any]) -> None:
    names = [name for name in result if not name.startswith("by_")]
    table = Table()
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    rows = {"total": result, **result["by_lang"], **result["by_kind"]}
    for title, row in rows.items():
        table.add_row(title, *("–" if row[name] is None else f"{row[name]:g}" for name in names))
    Console(width=140).print(table)


@asynccontextmanager
async def _store(settings: Settings, *, recover: bool = False) -> AsyncIterator[Store]:
    """The store; a command that may run beside the bot leaves alone what the bot is sending at this moment."""
    store = await open_store(settings.database_url, datetime.now(UTC), recover=recover)
    try:
        yield store
    finally:
        await store.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except StorageError as error:
        _stop(str(error), USAGE_ERROR)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _matcher(settings: Settings, folder: Path | None) -> Matcher:
    knowledge = _knowledge(settings, folder)
    with _progress("Lecture des fiches") as report:
        matcher, missing = build_matcher(settings, knowledge, report)
    if missing:
        errors.print(f"Sans le signal sémantique : {missing}.")
    return matcher


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    """A bar on stderr when it is a terminal."""
    with Progress(console=errors, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _knowledge(settings: Settings, folder: Path | None, *, today: date | None = None) -> KnowledgeBase:
    try:
        return load_knowledge(settings, folder, today=today)
    except KnowledgeError as error:
        _stop(str(error), CHECK_FAILED)


def _settings() -> Settings:
    try:
        return read_settings()
    except SettingsError as error:
        _stop(str(error), USAGE_ERROR)


def _today() -> date:
    return datetime.now(LEGAL_TIME).date()


def _stop(message: str, status: int) -> NoReturn:
    errors.print(message, markup=False)
    raise typer.Exit(status)
