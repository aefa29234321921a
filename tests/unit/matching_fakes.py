"""A small knowledge base and an encoder, both in memory: the real matcher runs on them."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from bot.knowledge.model import Entry, KnowledgeBase, Menu, Vocabulary
from bot.matching.model import Arrays, Matrix


def base(
    utterances: Mapping[str, Sequence[str]],
    *,
    language: str = "fr",
    out_of_scope: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
    **fields,
) -> KnowledgeBase:
    """Entry id → utterances, in one language; `fields` go to every entry."""
    entries = {
        name: Entry(
            id=name,
            title={language: name},
            utterances={language: tuple(texts)},
            answer={language: f"Answer of {name}."},
            **fields,
        )
        for name, texts in utterances.items()
    }
    return KnowledgeBase(
        entries=entries,
        sources={},
        messages={},
        out_of_scope={language: tuple(out_of_scope)},
        background={},
        vocabulary=vocabulary or Vocabulary(),
        menu=Menu(),
        fingerprint="",
    )


class CountingEncoder:
    """Random directions, the same for the same text; remembers what it was asked."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def identity(self) -> str:
        return "fake 1"

    def dimension(self) -> int:
        return 8

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.encoded.extend(texts)
        rows = [
            np.random.default_rng(int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)).normal(size=8)
            for text in texts
        ]
        vectors = np.array(rows).reshape(-1, 8)
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class DictMemory:
    """A memory that lasts as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[str, Arrays] = {}
        self.recalled = 0

    def recall(self, key: str) -> Arrays | None:
        self.recalled += key in self.kept
        return self.kept.get(key)

    def keep(self, key: str, arrays: Arrays) -> None:
        self.kept[key] = arrays
