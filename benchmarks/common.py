"""What the benchmarks share."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.encoding.cache import CachedEncoder, LearntFolder
from bot.encoding.e5 import E5
from bot.knowledge.loader import load
from bot.knowledge.model import KnowledgeBase
from bot.matching.matcher import Matcher

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
CACHE = Path(os.environ.get("PASSERELLE_CACHE_DIR") or ROOT / ".cache/passerelle")


def write_folder(folder: Path, entries: list[dict[str, Any]], source: dict[str, str]) -> None:
    """A knowledge folder of these entries, all from one source."""
    (folder / "entries").mkdir(parents=True, exist_ok=True)
    for path, content in (("entries/all.yaml", {"entries": entries}), ("sources.yaml", {"sources": [source]})):
        (folder / path).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def matcher_of(folder: Path, *, semantic: bool) -> Matcher:
    """The matcher of a knowledge folder, as `ask` would build it."""
    return matcher_for(load(folder, None), CACHE, semantic=semantic)


def matcher_for(knowledge: KnowledgeBase, cache: Path, *, semantic: bool) -> Matcher:
    memory = LearntFolder(cache)
    if not semantic:
        return Matcher.build(knowledge, None, memory=memory)
    encoder = E5(cache)
    return Matcher.build(knowledge, encoder, CachedEncoder(encoder, cache), memory)
