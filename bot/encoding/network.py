"""The network of an encoder, ready to run: drawn once, and kept on disk."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import onnxruntime

from bot.encoding.cache import digest, write_whole
from bot.encoding.e5_file import ModelFile


def session_of(model: ModelFile, folder: Path | None, identity: str) -> onnxruntime.InferenceSession:
    """On one thread.

    By its path ONNX Runtime takes 35 MB, half of what it takes with a copy at hand. The name holds the digest of the
    content: a damaged file is not read, and whatever else is wrong with what was kept costs time only.

    Args:
        model: what is drawn.
        folder: where it is kept; None: nowhere.
        identity: that of the encoder: another one has another network.

    Raises:
        ImportError: `onnx` is missing, and nothing was kept.
    """
    name = f"network-{digest(identity)[:16]}"
    for before in _undamaged(folder, name) if folder else ():
        with suppress(Exception):  # deleted meanwhile, say
            return _session(str(before))

    from bot.encoding.e5_graph import graph_of  # noqa: PLC0415 - takes time to import, and only the first time

    drawn = graph_of(model)
    if folder is None:
        return _session(drawn)
    kept = folder / f"{name}-{_digest(drawn)}.onnx"
    if not write_whole(kept, drawn):
        return _session(drawn)
    for other in set(folder.glob("network-*.onnx")) - {kept}:  # of another version, or damaged: 22 MB each
        with suppress(OSError):
            other.unlink()
    return _session(str(kept))


def _undamaged(folder: Path, name: str) -> Iterator[Path]:
    for kept in sorted(folder.glob(f"{name}-*.onnx")):
        with suppress(OSError):
            if kept.stem == f"{name}-{_digest(kept.read_bytes())}":
                yield kept


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content).hexdigest()[:32]


def _session(network: str | bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # two take longer for a question, and batches have a thread each
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(network, options, ["CPUExecutionProvider"])
