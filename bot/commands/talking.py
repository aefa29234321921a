"""`chat` and `telegram`: the bot at work."""

import asyncio
import sys

from rich.console import Console

from bot import logs
from bot.app import live_dialogue, telegram_service, warm_up
from bot.channels.terminal import converse, typed
from bot.commands import running, shell
from bot.understanding import build_dialogue


def chat(knowledge: shell.KnowledgeOption = None) -> None:
    """Une conversation dans le terminal, sans compte ni jeton : un numéro appuie sur un bouton.

    Exemple : python run_bot.py chat
    """
    settings = shell.settings()
    matcher = shell.matcher(settings, knowledge)
    dialogue = build_dialogue(settings, matcher)

    async def run() -> None:
        async with running.store(settings) as store:
            echo = not sys.stdin.isatty()
            await converse(dialogue, store, typed(sys.stdin), Console(highlight=False, emoji=False), echo=echo)

    running.run(run())


def telegram() -> None:
    """Fait répondre l'assistant sur Telegram, jusqu'à Ctrl-C ; par webhook si PASSERELLE_WEBHOOK_URL est écrit.

    Exemple : PASSERELLE_BOT_TOKEN=123456789:AAE… python run_bot.py telegram
    """
    settings = shell.settings()
    token = shell.token(settings)
    matcher = shell.matcher(settings, None)
    logs.set_up(as_json=settings.log == "json")

    async def run() -> None:
        stop = shell.stopped_by_signals()
        dialogue = build_dialogue(settings, matcher)
        await asyncio.to_thread(warm_up, dialogue)
        live = live_dialogue(settings, dialogue)
        async with running.store(settings, recover=True) as store:
            await telegram_service(settings, token, store, live).run(stop)

    running.serve(run())
