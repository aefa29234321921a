"""What the benchmarks share."""

from datetime import date
from pathlib import Path

from bot.encoding.cache import CachedEncoder, LearntFolder
from bot.encoding.e5 import E5
from bot.knowledge.loader import load
from bot.matching.matcher import Matcher

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 24)
CACHE = ROOT / ".cache/passerelle"


def matcher_of(folder: Path, *, semantic: bool) -> Matcher:
    """The matcher of a knowledge folder, as `ask` would build it."""
    knowledge, memory = load(folder, None), LearntFolder(CACHE)
    if not semantic:
        return Matcher.build(knowledge, None, memory=memory)
    encoder = E5()
    return Matcher.build(knowledge, encoder, CachedEncoder(encoder, CACHE), memory)
