"""Text is cut into the likeliest pieces."""

from hypothesis import given
from hypothesis import strategies as st

from bot.encoding.e5_file import Vocabulary
from bot.encoding.word_pieces import WordPieces

_PIECES = ["▁", "▁fonds", "▁fon", "ds", "d", "s", "a", "▁a"]
_NUMBERS = {piece: number for number, piece in enumerate(_PIECES)}
_UNKNOWN = len(_PIECES)
_SCORES = [-3.0, -4.0, -2.0, -1.5, -2.5, -2.0, -2.0, -1.0, 0.0]
VOCABULARY = Vocabulary(_NUMBERS, _SCORES, 100, 101, 102, _UNKNOWN, {"ﬁ": "fi", "\u00a0": " ", "A": "a"})


def cut(text: str) -> list[str]:
    return [[*_PIECES, "?"][number] for number in WordPieces(VOCABULARY)(text)]


def test_the_likeliest_pieces_are_taken_not_the_longest():
    assert cut("fonds") == ["▁fon", "ds"]  # -3.5, against -4 for the whole word


def test_several_spaces_are_one_and_none_stands_at_the_beginning():
    assert cut("a   a") == cut(" a a") == ["▁a", "▁a"]
    assert cut("a ") == ["▁a", "▁"]


def test_characters_are_normalised_before_they_are_cut():
    assert cut("A\u00a0a") == ["▁a", "▁a"]


def test_what_no_piece_holds_is_unknown_character_by_character():
    assert cut("a☃") == ["▁a", "?"]


@given(st.lists(st.text(st.characters(exclude_characters=" \u00a0"), min_size=1), min_size=1))
def test_any_text_is_cut_word_by_word(words: list[str]):
    assert cut(" ".join(words)) == [piece for word in words for piece in cut(word)]
