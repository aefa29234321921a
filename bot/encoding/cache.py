"""What costs time to compute, kept on disk (vectors, what was learnt, the network): may be deleted at any time."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bot.matching.model import Arrays, Encoder, Matrix

Progress = Callable[[int, int], None]
"""Called with (sentences done, sentences in all)."""

_BATCH = 512
"""Sentences: the encoder shares them out among the processors, which wait for one another at the end of each batch."""

_MAX_VECTORS = 50_000
"""Sentences of other folders are kept beside up to this many (77 MB); beyond it only those of the folder in use."""

_MAX_LEARNT = 6
"""Files of learnt coefficients kept, the latest used."""

_MAX_ENCODERS = 2
"""Files of vectors kept, the latest written: that of the encoder before, for who goes back a version."""

_DIGEST_BYTES = 32


class CachedEncoder:
    """An encoder that remembers, in one file per encoder identity, the vectors of the sentences it was built for.

    Vectors are never shipped: they may differ in the last digits between processors (docs/matching.md).
    """

    def __init__(self, encoder: Encoder, folder: Path, progress: Progress = lambda _done, _all: None) -> None:
        self._encoder = encoder
        self._file = folder / f"vectors-{digest(encoder.identity())[:16]}"
        self._progress = progress

    def identity(self) -> str:
        return self._encoder.identity()

    def dimension(self) -> int:
        return self._encoder.dimension()

    def encode(self, texts: Sequence[str]) -> Matrix:
        """The vectors of a whole knowledge base: those on disk, the others computed and written."""
        keys = [digest(text) for text in texts]
        known = self._read()
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known |= self._compute(missing)
            wanted = set(keys)
            kept = known if len(known) <= _MAX_VECTORS else {key: known[key] for key in wanted}
            write_arrays(self._file, {"keys": np.array(list(kept)), "vectors": np.stack(list(kept.values()))})
            _keep_latest(self._file.parent, "vectors-*", _MAX_ENCODERS)
        return np.stack([known[key] for key in keys]) if keys else self._encoder.encode([])

    def _compute(self, texts: Mapping[str, str]) -> dict[str, Matrix]:
        """Key → vector, in batches so that progress can be told."""
        # Of like length side by side: little is padded.
        keys, vectors = sorted(texts, key=lambda key: len(texts[key])), dict[str, Matrix]()
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            vectors |= zip(batch, self._encoder.encode([texts[key] for key in batch]), strict=True)
            self._progress(len(vectors), len(keys))
        return vectors

    def _read(self) -> dict[str, Matrix]:
        arrays = read_arrays(self._file)
        if arrays is None or arrays["vectors"].shape[1:] != (self.dimension(),):
            return {}
        return dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))


class LearntFolder:
    """The `Memory` of the matcher: one file a key, the least recently used deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, key: str) -> Arrays | None:
        file = self._file(key)
        arrays = read_arrays(file)
        if arrays is not None:
            with suppress(OSError):
                file.touch()
        return arrays

    def keep(self, key: str, arrays: Arrays) -> None:
        write_arrays(self._file(key), arrays)
        _keep_latest(self._folder, "learnt-*", _MAX_LEARNT)

    def _file(self, key: str) -> Path:
        return self._folder / f"learnt-{key[:32]}"


def _keep_latest(folder: Path, pattern: str, count: int) -> None:
    with suppress(OSError):
        for file in sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime)[:-count]:
            file.unlink()


def read_arrays(file: Path) -> dict[str, np.ndarray] | None:
    """The arrays that `write_arrays` put there; None if there are none, or if a single byte of the file has changed."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() != digest:
        return None
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        return dict(arrays)


def write_arrays(file: Path, arrays: Arrays) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **dict[str, Any](arrays))
    payload = buffer.getvalue()
    write_whole(file, hashlib.sha256(payload).digest() + payload)


def write_whole(file: Path, content: bytes) -> bool:
    """Whole or not at all: another process may read at any time. False: the folder cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as draft:
            try:
                draft.write(content)
                draft.close()
                Path(draft.name).replace(file)
            except OSError:
                Path(draft.name).unlink(missing_ok=True)
                return False
    except OSError:
        return False
    return True


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
