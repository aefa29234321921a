"""The methods that are compared, by name: the peers that are installed, and Passerelle without and with meaning."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.common import TODAY, matcher_for
from benchmarks.peers import makers
from bot.knowledge.model import KnowledgeBase

Rank = Callable[[str], list[tuple[str, float]]]
"""Question → entries with their scores, best first."""

_OURS = {"Passerelle, words only": False, "Passerelle": True}


def names(knowledge: KnowledgeBase) -> list[str]:
    return [*makers(knowledge), *_OURS]


def ranking_by(name: str, knowledge: KnowledgeBase, cache: Path) -> Rank:
    """The method, which has learnt `knowledge`."""
    if name not in _OURS:
        return makers(knowledge)[name]().rank
    matcher = matcher_for(knowledge, cache, semantic=_OURS[name])

    def rank(question: str) -> list[tuple[str, float]]:
        ranking = matcher.understand(question, day=TODAY)[0]
        return [(candidate.entry, candidate.confidence) for candidate in ranking.candidates]

    return rank
