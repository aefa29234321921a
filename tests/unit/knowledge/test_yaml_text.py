"""The reader: text stays text, whatever the bytes nothing but faults come out, lines are found."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.knowledge import yaml_text
from bot.knowledge.loader import build
from bot.knowledge.problems import KnowledgeError
from bot.knowledge.yaml_text import MAX_DEPTH, Plain, locate_all, read

BROKEN = Path(__file__).with_name("broken")
TEXT = """\
entries:
  - id: a
    title: {fr: A,
      de: B}
    utterances:
      fr:
        - "un"
        - |
          deux
          lignes
        - ["dans", "une liste"]
  - id: b
"""

# What YAML can write at all (YAML 1.2.2 §5.1): no surrogates.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
plain = st.recursive(
    any_text, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3), max_leaves=6
)
yaml_like = st.text(st.sampled_from("ab:-[]{}\"'|>&*!%@#?,\n\t \\é\x00\u2028"), max_size=40)


@given(plain)
@settings(max_examples=60)
def test_quoted_data_comes_back_unchanged(data: Plain) -> None:
    dumped = yaml.safe_dump(data, default_style='"', allow_unicode=False)
    assert read(dumped.encode())[:2] == (data, ())


@given(any_text)
@settings(max_examples=100)
def test_quoted_text_comes_back_unchanged_from_readable_yaml(text: str) -> None:
    dumped = yaml.safe_dump({"fr": text}, default_style='"', allow_unicode=True, width=20)
    reading = read(dumped.encode())
    assert reading.value == {"fr": text} or "invisible" in reading.faults[0].what


@given(st.binary(max_size=60) | yaml_like.map(str.encode) | yaml_like.map(lambda text: text.encode("utf-16")))
@example(b"a: \xe9")
@example(b'a: "\\U99999999"')
@example(b'a: "\\ud800"')
@settings(max_examples=150)
def test_any_bytes_give_data_or_faults(data: bytes) -> None:
    reading = read(data)
    assert reading.value is not None or reading.faults
    if reading.value is None and reading.text:
        last = len(re.split("\r\n?|\n", reading.text))
        assert all(1 <= fault.line <= last for fault in reading.faults)


@given(st.binary(max_size=60) | yaml_like.map(str.encode))
@settings(max_examples=100)
def test_any_bytes_raise_nothing_but_our_error(data: bytes) -> None:
    with pytest.raises(KnowledgeError):
        build({"entries/a.yaml": data, "sources.yaml": data, "messages/fr.yaml": data, "vocabulary.yaml": data}, None)


@pytest.mark.parametrize(
    "word",
    ["no", "oui", "y", "true", "null", "~", "2026-01-01", "1e3", "12:30", "0x1f", "007", "1_000", ".inf", "=", "<<"],
)
def test_scalars_never_change_type(word: str) -> None:
    assert read(f"- {word}\n- {{{word}: {word}}}\n".encode()).value == [word, {word: word}]


@pytest.mark.parametrize("text", ["a:", "a: ", "a: ''", 'a: ""', "{a: }", "? a"])
def test_empty_scalar_is_empty_text(text: str) -> None:
    assert read(text.encode()).value == {"a": ""}


@pytest.mark.parametrize("data", [b"", b"# rien", b"---\n", b"\n\n", b"\xef\xbb\xbf"])
def test_empty_file_is_empty_text(data: bytes) -> None:
    assert read(data)[:2] == ("", ())


def test_byte_order_mark_is_accepted() -> None:
    assert read("\ufeffa: é".encode()).value == {"a": "é"}


def test_windows_line_ends_are_accepted() -> None:
    assert read(b"a: |\r\n  b\r\n  c\r\nd: e\r\n").value == {"a": "b\nc\n", "d": "e"}


def test_depth_up_to_the_limit_is_read() -> None:
    assert not read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH).faults
    assert read(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)).faults


def test_duplicate_key_keeps_the_first_value_and_reads_on() -> None:
    reading = read(b"a: {x: 1,\n  x: {y: [2, {x: 3}]},\n  z: 4}\na: 5\nb: 6\n")
    assert reading.value == {"a": {"x": "1", "z": "4"}, "b": "6"}
    assert [(fault.line, fault.what) for fault in reading.faults] == [
        (2, "« x » est déjà écrit à la ligne 1, au même endroit."),
        (4, "« a » est déjà écrit à la ligne 1, au même endroit."),
    ]


def test_bomb_is_told_once_and_not_unfolded() -> None:
    bomb = "a: &a [x]\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(1000))
    (fault,) = read(bomb.encode()).faults
    assert fault.line == 1
    assert "renvois YAML" in fault.what


def test_star_before_a_word_is_that_text_and_hides_nothing() -> None:
    reading = read(b"a: [*x, *x, y]\n")
    assert reading.value == {"a": ["*x", "*x", "y"]}
    assert len(reading.faults) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("entries",), 1),
        (("entries", 0), 2),
        (("entries", 0, "id"), 2),
        (("entries", 0, "title", "fr"), 3),
        (("entries", 0, "title", "de"), 4),
        (("entries", 0, "utterances", "fr", 0), 7),
        (("entries", 0, "utterances", "fr", 1), 8),
        (("entries", 0, "utterances", "fr", 2, 1), 11),
        (("entries", 1), 12),
        (("entries", 1, "answer", "fr"), 12),
        (("nothing",), 1),
    ],
)
def test_locate_gives_the_line_of_the_key_or_of_what_is_around_it(path: tuple[str | int, ...], line: int) -> None:
    assert locate_all(TEXT, [path]) == {path: line}


def test_lines_of_many_paths_are_found_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[str] = []
    real = yaml_text._events

    def counted(text: str) -> Iterator[yaml.Event]:
        passes.append(text)
        return real(text)

    monkeypatch.setattr(yaml_text, "_events", counted)
    text = "entries:\n" + "".join(f"  - id: e{number}\n" for number in range(1000))
    paths = [("entries", number, "id") for number in range(1000)]
    lines = locate_all(text, paths)
    assert [lines[path] for path in paths] == list(range(2, 1002))
    assert len(passes) == 1


@pytest.mark.parametrize("file", sorted(BROKEN.glob("*/entries/a.yaml")), ids=lambda file: file.parts[-3])
def test_without_libyaml_the_same_files_are_read_and_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_libyaml = read(file.read_bytes())
    monkeypatch.setattr(yaml_text, "SafeLoader", yaml.SafeLoader)
    without = read(file.read_bytes())
    assert without.value == with_libyaml.value
    assert [fault.line for fault in without.faults] == [fault.line for fault in with_libyaml.faults]
