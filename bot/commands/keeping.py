"""`backup`, `restore`, `move-database`: what the bot has, kept and brought elsewhere."""

from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import running, shell
from bot.editing.texts import EditError
from bot.knowledge.hours import LEGAL_TIME
from bot.operating import archive
from bot.operating import backup as backups
from bot.operating import restore as restoring
from bot.operating.backup import Place
from bot.operating.texts import OperatingError, text
from bot.settings import Settings


class Part(StrEnum):
    DATABASE = "database"
    KNOWLEDGE = "knowledge"


ForceOption = Annotated[bool, typer.Option("--force", help="Remplace ce qui est déjà là.")]


def backup(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]")] = None,
    force: ForceOption = False,
) -> None:
    """Sauvegarde la base de données et les fiches dans un fichier .tar.gz, même pendant que l'assistant répond.

    Sans FILE, ou avec un dossier, le fichier porte la date et va dans ce dossier (PASSERELLE_BACKUP_DIR).

    Exemple : python run_bot.py backup /var/backups/passerelle/
    """
    settings, now = shell.settings(), datetime.now(UTC)
    given = file or settings.backup_dir
    if given is None:
        shell.stop(text("backup_where"), shell.USAGE_ERROR)
    target = archive.dated(given, now) if file is None or given.is_dir() else given
    # A folder of the settings is made at the first backup; one that was typed may be a slip.
    if file is not None and not target.parent.is_dir():
        shell.stop(text("backup_no_folder", folder=target.parent), shell.USAGE_ERROR)

    async def run() -> None:
        manifest = await backups.back_up(_place(settings), target, now, replace=force)
        size = f"{target.stat().st_size / 1e6:.1f}".replace(".", ",")
        typer.echo(text("backup_done", file=target, size=size, files=len(manifest.files) - 1))

    _run(run())


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: ForceOption = False,
    only: Annotated[Part | None, typer.Option("--only", help="La base de données seule, ou les fiches seules.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Vérifie la sauvegarde, sans rien changer.")] = False,
) -> None:
    """Remet en place une sauvegarde, l'assistant étant arrêté.

    Les fichiers qui étaient là sont gardés à côté ; d'une base PostgreSQL, --force supprime le contenu.

    Exemple : python run_bot.py restore /var/backups/passerelle/passerelle-20261124T020000Z.tar.gz
    """
    settings, now = shell.settings(), datetime.now(UTC)

    async def run() -> None:
        if check:
            typer.echo(text("backup_sound", file=file, made_at=_local(backups.check(file).made_at)))
            return
        wanted = {"database": only is not Part.KNOWLEDGE, "knowledge": only is not Part.DATABASE}
        done = await restoring.restore(_place(settings), file, now, force=force, **wanted)
        typer.echo(text("restore_done", made_at=_local(done.manifest.made_at)))
        for path in done.set_aside:
            typer.echo(text("restore_aside", path=path))
        if done.repository:
            typer.echo(text("restore_repository"))
        typer.echo(text("restore_then"))

    _run(run())


def move_database(target: Annotated[str, typer.Argument(metavar="URL")]) -> None:
    """Copie tout dans une autre base de données, vide, et compare ; l'assistant étant arrêté.

    Exemple : python run_bot.py move-database postgresql+asyncpg://passerelle@127.0.0.1/passerelle
    """
    settings = shell.settings()

    async def run() -> None:
        rows = await backups.move_database(settings.database_url, target)
        typer.echo(text("move_done", rows=sum(rows.values()), tables=len(rows)))
        typer.echo(text("move_then"))

    _run(run())


def _place(settings: Settings) -> Place:
    return Place(settings.database_url, settings.knowledge_dir)


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        running.run(work)
    except (OperatingError, EditError) as error:
        shell.stop(str(error), shell.USAGE_ERROR)
    except OSError as error:
        told = ", ".join(str(part) for part in (error.filename, error.strerror) if part)
        shell.stop(text("backup_file_error", error=told or error), shell.USAGE_ERROR)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LEGAL_TIME):%d/%m/%Y à %H:%M}"
