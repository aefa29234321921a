"""The cache of sentence vectors, beyond `test_cache.py`: what is computed, told, kept and cleared away."""

import numpy as np
import pytest

from bot.encoding import cache
from bot.encoding.cache import CachedEncoder, read_arrays, write_arrays
from tests.unit.matching_fakes import CountingEncoder


class OtherEncoder(CountingEncoder):
    """Another version of the model: other vectors of another length."""

    def identity(self):
        """Not that of CountingEncoder."""
        return "fake 2"


class WiderEncoder(CountingEncoder):
    """The same name, another length of vector: a library that forgot to change its version."""

    def dimension(self):
        """Not that of CountingEncoder."""
        return 9

    def encode(self, texts):
        """One component more."""
        return np.pad(super().encode(texts), ((0, 0), (0, 1)))


def test_a_sentence_written_twice_is_encoded_once(tmp_path):
    encoder = CountingEncoder()
    vectors = CachedEncoder(encoder, tmp_path).encode(["un", "deux", "un"])
    assert encoder.encoded == ["un", "deux"]
    assert np.array_equal(vectors[0], vectors[2])


def test_no_sentence_gives_no_vector_of_the_right_length(tmp_path):
    assert CachedEncoder(CountingEncoder(), tmp_path).encode([]).shape == (0, 8)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_what_is_computed_up_to_all_of_it(tmp_path, monkeypatch):
    told = []
    CachedEncoder(CountingEncoder(), tmp_path).encode(["0", "1"])
    monkeypatch.setattr("bot.encoding.cache._BATCH", 64)
    CachedEncoder(CountingEncoder(), tmp_path, lambda *done: told.append(done)).encode([str(n) for n in range(132)])
    assert told == [(64, 130), (128, 130), (130, 130)]


def test_nothing_is_told_when_all_is_known(tmp_path):
    told = []
    for _ in range(2):
        told.clear()
        CachedEncoder(CountingEncoder(), tmp_path, lambda *done: told.append(done)).encode(["un"])
    assert told == []


def test_another_encoder_never_gets_these_vectors(tmp_path):
    CachedEncoder(CountingEncoder(), tmp_path).encode(["un"])
    other = OtherEncoder()
    CachedEncoder(other, tmp_path).encode(["un"])
    assert other.encoded == ["un"]
    assert len(list(tmp_path.iterdir())) == 2


def test_vectors_of_another_length_are_computed_anew(tmp_path):
    CachedEncoder(CountingEncoder(), tmp_path).encode(["un"])
    wider = WiderEncoder()
    assert CachedEncoder(wider, tmp_path).encode(["un"]).shape == (1, 9)
    assert wider.encoded == ["un"]


def test_beyond_the_limit_only_the_sentences_in_use_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "_MAX_VECTORS", 3)
    encoder = CountingEncoder()
    for texts in (["un", "deux"], ["trois", "quatre"], ["trois"], ["un"]):
        CachedEncoder(encoder, tmp_path).encode(texts)
    assert encoder.encoded == ["un", "deux", "trois", "quatre", "un"]


def test_a_folder_that_cannot_be_written_still_gives_vectors(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert CachedEncoder(CountingEncoder(), tmp_path / "file").encode(["un"]).shape == (1, 8)


@pytest.mark.parametrize("place", ["file", "missing/folder/file"])
def test_no_draft_is_left_behind(tmp_path, place):
    write_arrays(tmp_path / place, {"a": np.arange(3)})
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["file"]


def test_a_draft_that_cannot_take_its_place_is_removed(tmp_path):
    (tmp_path / "taken" / "full").mkdir(parents=True)
    write_arrays(tmp_path / "taken", {"a": np.arange(3)})
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_file_with_a_digest_of_something_else_is_none(tmp_path):
    for name in "ab":
        write_arrays(tmp_path / name, {"a": np.arange(3 if name == "a" else 4)})
    mixed = (tmp_path / "a").read_bytes()[:32] + (tmp_path / "b").read_bytes()[32:]
    (tmp_path / "a").write_bytes(mixed)
    assert read_arrays(tmp_path / "a") is None


def test_vectors_of_encoders_long_gone_are_deleted(tmp_path):
    for version in range(4):
        encoder = CountingEncoder()
        encoder.identity = f"version {version}".__str__
        CachedEncoder(encoder, tmp_path).encode(["un"])
    assert len(list(tmp_path.iterdir())) == 2
    CachedEncoder(encoder, tmp_path).encode(["un"])
    assert encoder.encoded == ["un"]
