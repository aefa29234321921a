"""`doctor`: is everything in place?"""

import asyncio
import json
import logging
from datetime import UTC, datetime

import typer
from rich.console import Console

from bot.commands import shell
from bot.doctor import Check, as_text, examine, unusable
from bot.settings import SettingsError, read_settings


def doctor(as_json: shell.JsonOption = False) -> None:
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
        raise typer.Exit(shell.USAGE_ERROR) from None
    if not asyncio.run(run()):
        raise typer.Exit(shell.CHECK_FAILED)
