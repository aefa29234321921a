"""`poster`: a QR code that opens the bot at an offer or an entry."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from telegram.error import TelegramError

from bot.channels.telegram.client import open_bot
from bot.commands import shell
from bot.knowledge.schema_errors import nearest
from bot.settings import Settings
from bot.staff.poster import bot_link, qr_code, targets
from bot.staff.texts import text


def poster(
    target: Annotated[str, typer.Argument(metavar="topic-ID|opp-ID")],
    bot: Annotated[str | None, typer.Option(metavar="NAME", help="Le nom de l'assistant sur Telegram.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Écrit dans ce fichier.")] = None,
    knowledge: shell.KnowledgeOption = None,
) -> None:
    """Un code QR pour une affiche : il ouvre l'assistant sur une offre ou une fiche.

    Exemple : python run_bot.py poster opp-ofaj-voltaire --bot nom_de_l_assistant_bot
    """
    settings = shell.settings()
    known = targets(shell.knowledge(settings, knowledge))
    if target not in known:
        near = nearest(target, list(known))
        remedy = text("poster_perhaps", target=near) if near else text("poster_targets")
        shell.stop(f"{text('poster_unknown', target=target)} {remedy}", shell.USAGE_ERROR)
    try:
        link = bot_link(bot or _own_name(settings), target)
    except ValueError as error:
        shell.stop(text("poster_bad_name", name=error), shell.USAGE_ERROR)
    file = output or Path(f"{target}.svg")
    try:
        file.write_bytes(qr_code(link, known[target]))
    except OSError as error:
        shell.stop(text("poster_not_written", file=file, error=error.strerror), shell.USAGE_ERROR)
    typer.echo(text("poster_written", file=file, link=link))


def _own_name(settings: Settings) -> str:
    """What Telegram calls the bot of the settings."""
    token = settings.bot_token
    if token is None:
        shell.stop(text("poster_no_name"), shell.USAGE_ERROR)

    async def ask() -> str:
        async with open_bot(token.get_secret_value().strip(), settings.api_url) as bot:
            return bot.username

    try:
        return asyncio.run(ask())
    except TelegramError as error:
        shell.stop(text("poster_not_asked", error=error), shell.USAGE_ERROR)
