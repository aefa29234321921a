"""Vectors kept on disk, so that only sentences that are new cost time at the start."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.matching.model import Encoder, Matrix

Progress = Callable[[int, int], None]
"""Called with (sentences done, sentences in all)."""

_BATCH = 64


class CachedEncoder:
    """An encoder that remembers, in one file per encoder identity, the vectors of the sentences it was built for.

    Vectors are never shipped: they differ by up to 2e-3 between builds of the library (docs/matching.md).
    """

    def __init__(self, encoder: Encoder, folder: Path, progress: Progress = lambda _done, _all: None) -> None:
        self._encoder = encoder
        self._file = folder / f"vectors-{_digest(encoder.identity())[:16]}.npz"
        self._progress = progress

    def identity(self) -> str:
        return self._encoder.identity()

    def dimension(self) -> int:
        return self._encoder.dimension()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """The vectors of a whole knowledge base: those on disk, the others computed and written."""
        keys = [_digest(text) for text in texts]
        known = self._read()
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        fresh, done = list(missing.items()), 0
        while done < len(fresh):
            batch = fresh[done : done + _BATCH]
            vectors = self._encoder.encode([text for _, text in batch])
            known |= {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
            done += len(batch)
            self._progress(done, len(fresh))
        if fresh:
            self._write({key: known[key] for key in keys})
        return np.stack([known[key] for key in keys]) if keys else self._encoder.encode([])

    def _read(self) -> dict[str, Matrix]:
        try:
            with np.load(self._file, allow_pickle=False) as file:
                return dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}  # no cache yet, or a file cut off by a crash: it is computed anew

    def _write(self, known: dict[str, Matrix]) -> None:
        """Whole or not at all: another process may read at any time. An unwritable folder costs time only."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._file.parent, suffix=".tmp", delete=False) as file:
                np.savez(file, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
            Path(file.name).replace(self._file)
        except OSError:
            return


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
