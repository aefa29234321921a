"""`promote`: a question that was not answered becomes one more way to ask for an entry."""

import getpass
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.commands import running, shell
from bot.editing.edit import Edit
from bot.editing.gate import Version, told
from bot.editing.promote import utterance_edit
from bot.editing.proposals import Proposals
from bot.editing.publish import Person, Publisher, Signature
from bot.editing.rehearsal import Rehearsal, labelled_questions, rehearse
from bot.editing.texts import EditError, text
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError
from bot.settings import Settings
from bot.storage.model import Question
from bot.understanding import build_matcher

_RECENT = 200
"""Real questions that the gate decides on: about as many as the labelled ones, some seconds."""
_SHOWN = 20


def promote(
    number: Annotated[int, typer.Argument(metavar="QUESTION_ID", help="Le numéro que montre « questions ».")],
    entry: Annotated[str, typer.Option("--entry", metavar="ID", help="La fiche qui répond à cette question.")],
    wording: Annotated[
        str | None, typer.Option(metavar="TEXTE", help="La question en d'autres mots, par exemple sans un nom.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Publie sans demander.")] = False,
) -> None:
    """Ajoute une question reçue aux questions d'une fiche : montre ce qui change, demande, puis publie.

    Exemple : python run_bot.py promote 12 --entry fund-overview
    """
    settings = shell.settings()
    publisher = Publisher(settings.knowledge_dir, two_persons=settings.two_persons)

    async def run() -> None:
        async with running.store(settings) as store:
            asked = await store.questions()
            question = next((each for each in asked if each.id == number), None)
            if question is None:
                shell.stop(text("promote_no_question", number=number), shell.USAGE_ERROR)
            _promote(settings, publisher, question, [each.text for each in asked[:_RECENT]], entry, wording, yes=yes)
            if await store.close_questions([number], datetime.now(UTC)):
                typer.echo(text("promote_closed", number=number))

    try:
        running.run(run())
    except (EditError, KnowledgeError) as error:
        shell.stop(str(error), shell.CHECK_FAILED)
    except OSError as error:
        shell.stop(text("publish_not_written", error=error.strerror or error), shell.CHECK_FAILED)


def _promote(
    settings: Settings,
    publisher: Publisher,
    question: Question,
    recent: Sequence[str],
    entry: str,
    wording: str | None,
    *,
    yes: bool,
) -> None:
    version = publisher.version()
    edit = utterance_edit(version.files, entry, wording or question.text, question.language)
    rehearsal = _rehearsed(settings, version.files, edit, recent)
    _show(rehearsal)
    if rehearsal.problems:
        raise typer.Exit(shell.CHECK_FAILED)
    if not yes and not _agreed():
        raise typer.Exit(0)
    user = getpass.getuser()
    signed = Signature(Person(f"local:{user}", user), text("promote_reason", number=question.id), datetime.now(UTC))
    if publisher.two_persons:
        typer.echo(text("promote_proposed", id=Proposals(publisher).propose([edit], signed).id))
        return
    done = publisher.publish([edit], version.fingerprint, signed)
    typer.echo(text("promote_published", id=done.publication.id))
    if done.commit.why_not:
        shell.errors.print(done.commit.why_not, markup=False)


def _rehearsed(settings: Settings, files: Mapping[str, bytes], edit: Edit, recent: Sequence[str]) -> Rehearsal:
    def ready(knowledge: KnowledgeBase) -> Version:
        return build_matcher(settings, knowledge, lambda _done, _all: None)[0]

    labelled = labelled_questions(settings.knowledge_dir)
    with shell.progress(text("promote_rehearsing")) as report:
        return rehearse(files, [edit], ready, labelled, recent, day=shell.today(), progress=report)


def _show(rehearsal: Rehearsal) -> None:
    typer.echo(rehearsal.diff)
    for problem in rehearsal.problems:
        shell.errors.print(str(problem), markup=False)
    if rehearsal.gate and rehearsal.before and rehearsal.after:
        typer.echo(rehearsal.gate.summary())
        for change in rehearsal.gate.changes[:_SHOWN]:
            typer.echo(f"• {told(change, rehearsal.before, rehearsal.after)}")
    if rehearsal.guards:
        typer.echo(text("guards_lost", count=len(rehearsal.guards)))
        typer.echo("\n".join(f"• {sentence}" for sentence in rehearsal.guards[:_SHOWN]))


def _agreed() -> bool:
    typer.echo(text("promote_ask"), nl=False)
    answer = sys.stdin.readline()
    return answer.strip().casefold() in {"o", "oui"}
