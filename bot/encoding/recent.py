"""The vectors of the sentences met last, so that many can be computed at once and none twice."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from bot.matching.model import Encoder, Matrix

_KEPT = 4096
"""Sentences: 6 MB."""


class RecentEncoder:
    """An encoder that remembers its last sentences. Encoding a batch ahead makes the same sentences free, one by one.

    Not for several threads at once.
    """

    def __init__(self, encoder: Encoder, kept: int = _KEPT) -> None:
        self._encoder, self._kept = encoder, kept
        self._vectors: OrderedDict[str, Matrix] = OrderedDict()

    def identity(self) -> str:
        return self._encoder.identity()

    def dimension(self) -> int:
        return self._encoder.dimension()

    def encode(self, texts: Sequence[str]) -> Matrix:
        missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        found = {text: self._vectors[text] for text in texts if text in self._vectors}
        if missing:
            found |= zip(missing, self._encoder.encode(missing), strict=True)
        for text, vector in found.items():
            self._vectors[text] = vector
            self._vectors.move_to_end(text)
        while len(self._vectors) > self._kept:
            self._vectors.popitem(last=False)
        return np.stack([found[text] for text in texts]) if texts else self._encoder.encode([])
