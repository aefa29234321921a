"""Draw docs/picture/conversation.svg: a conversation in the terminal with the shipped knowledge, as it really goes.

make picture
"""

# ruff: noqa: INP001 - a script beside what it draws

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot.app import build_dialogue
from bot.channels.terminal import converse
from bot.settings import Settings
from bot.storage.sql import open_store
from bot.understanding import build_matcher, load_knowledge

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_name("conversation.svg")
TYPED = (
    "c koi le fond de solidaritee internasional",
    "Prêtez-vous des tentes pour notre fête ?",
    "Wie lautet Ihre Adresse?",
    "les subventions",
    "2",
)
_WIDTH = 88
"""Columns: legible in the width that GitHub gives a README."""
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), highlight=False)
    asyncio.run(_play(console))
    svg = console.export_svg(title="make chat", unique_id="passerelle")
    # A picture in a README fetches nothing: the reader's own monospaced font is as good.
    PICTURE.write_text(_WEB_FONT.sub("", svg), encoding="utf-8")


async def _play(console: Console) -> None:
    settings = Settings(knowledge_dir=ROOT / "knowledge")
    knowledge = load_knowledge(settings)
    matcher, _ = build_matcher(settings, knowledge, lambda _done, _total: None)
    store = await open_store("sqlite+aiosqlite:///:memory:", datetime.now(UTC))
    try:
        await converse(build_dialogue(settings, matcher), store, _lines(), console, echo=True)
    finally:
        await store.close()


async def _lines() -> AsyncIterator[str]:
    for line in TYPED:
        yield line


if __name__ == "__main__":
    main()
