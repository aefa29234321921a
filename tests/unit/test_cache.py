"""What is kept on disk saves time and can never do harm."""

import numpy as np
import pytest

from bot.encoding.cache import CachedEncoder, LearntFolder
from tests.unit.matching_fakes import CountingEncoder

ARRAYS = {"coefficients": np.arange(6, dtype=np.float32).reshape(2, 3)}


def test_what_was_kept_comes_back(tmp_path):
    LearntFolder(tmp_path).keep("key", ARRAYS)
    assert np.array_equal(LearntFolder(tmp_path).recall("key")["coefficients"], ARRAYS["coefficients"])


def test_another_key_finds_nothing(tmp_path):
    LearntFolder(tmp_path).keep("key", ARRAYS)
    assert LearntFolder(tmp_path).recall("other") is None


@pytest.mark.parametrize("harm", [lambda b: b[: len(b) // 2], lambda b: b[:-1] + b"!", lambda _: b"", lambda b: b[9:]])
def test_a_damaged_file_counts_as_none(tmp_path, harm):
    folder = LearntFolder(tmp_path)
    folder.keep("key", ARRAYS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(harm(file.read_bytes()))
    assert folder.recall("key") is None


def test_only_the_latest_models_are_kept(tmp_path):
    folder = LearntFolder(tmp_path)
    for number in range(20):
        folder.keep(f"{number:032}", ARRAYS)
    assert len(list(tmp_path.iterdir())) < 10


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    LearntFolder(tmp_path / "file").keep("key", ARRAYS)
    assert LearntFolder(tmp_path / "file").recall("key") is None


def test_only_new_sentences_are_encoded(tmp_path):
    encoder = CountingEncoder()
    CachedEncoder(encoder, tmp_path).encode(["un", "deux"])
    vectors = CachedEncoder(encoder, tmp_path).encode(["deux", "trois", "un"])
    assert encoder.encoded == ["un", "deux", "trois"]
    assert np.array_equal(vectors, CountingEncoder().encode(["deux", "trois", "un"]))


def test_a_damaged_vector_file_is_computed_anew(tmp_path):
    encoder = CountingEncoder()
    CachedEncoder(encoder, tmp_path).encode(["un"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"damaged")
    CachedEncoder(encoder, tmp_path).encode(["un"])
    assert encoder.encoded == ["un", "un"]


def test_the_sentences_of_another_folder_are_kept_beside(tmp_path):
    encoder = CountingEncoder()
    for texts in (["un"], ["deux"], ["un"]):
        CachedEncoder(encoder, tmp_path).encode(texts)
    assert encoder.encoded == ["un", "deux"]
