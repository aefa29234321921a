"""What the matcher says about a question: immutable values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for a candidate: its name, its value, and for which utterance it was highest."""

    name: str
    value: float
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    entry: str
    confidence: float
    """Calibrated probability that this entry is the right one, 0 to 1."""
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries that may answer one question, best first."""

    question: str
    language: str
    candidates: tuple[Candidate, ...]
    out_of_scope: float = 0.0
    """Calibrated probability that no entry is right because the question is not ours, 0 to 1."""
    repaired: str = field(default="", compare=False)
    """The normal form that was matched, spelling repaired: for `ask --explain`."""


class Encoder(Protocol):
    """Turns sentences into vectors whose scalar product grows with likeness of meaning."""

    def identity(self) -> str:
        """Name and version of model and library: the key of any cache of its vectors."""

    def dimension(self) -> int:
        """Components of a vector."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One row of length 1 a text: shape (len(texts), dimension)."""
