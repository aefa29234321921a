"""What the matcher says about a question: immutable values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

Rows = NDArray[np.int64]
"""Numbers of sentences of the corpus."""

Arrays = Mapping[str, NDArray[Any]]
"""Named arrays: what is kept of a learnt model."""


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
    frozen: bool = False
    """It is not to be answered for now; whoever asks for it gets a person."""
    emergency: bool = False
    """It is for a person in danger."""
    courtesy: bool = False
    """It may be answered, and is never offered."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries that may answer one question, best first."""

    question: str
    language: str
    candidates: tuple[Candidate, ...]
    out_of_scope: float = 0.0
    """The background's share of the model's softmax, 0 to 1: more or less, not calibrated as a confidence is."""
    asks_more: bool = False
    """The message asks something else beside, which none of its rankings answers."""
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


class Memory(Protocol):
    """Keeps what was learnt from one start to the next."""

    def recall(self, key: str) -> Arrays | None:
        """What was kept under `key`, unchanged to the byte; None if there is nothing."""

    def keep(self, key: str, arrays: Arrays) -> None: ...
