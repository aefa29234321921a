"""An edit says what was asked for, and changes the lines of nothing else."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.editing.texts import EditError
from bot.editing.yaml_edit import items_of, rewrite, stripped

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
SHIPPED = {
    path.relative_to(KNOWLEDGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(KNOWLEDGE.glob("entries/*.yaml"))
}
ENTRIES = [(path, item["id"]) for path, source in SHIPPED.items() for item in items_of(source, "entries")]

Item = dict[str, Any]


def changes(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came in their place: from the first that differs to the last."""
    before, after = old.split("\n"), new.split("\n")
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    same = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(before), len(after)) if same is None else same
    return before[start:], after[start:]


def edited(source: str, name: str, change: Callable[[Item], object]) -> str:
    """The text after `change`, of which it is made sure that it says just that."""
    wanted = copy.deepcopy(items_of(source, "entries"))
    item = next(item for item in wanted if item["id"] == name)
    change(item)
    result = rewrite(source, "entries", name, item)
    assert stripped(items_of(result, "entries")) == stripped(wanted)
    return result


@pytest.mark.parametrize(("path", "name"), ENTRIES)
def test_in_every_shipped_entry_an_edit_changes_its_own_lines_only(path: str, name: str):
    source = SHIPPED[path]
    entry = next(item for item in items_of(source, "entries") if item["id"] == name)
    answer = entry["answer"]["fr"].strip().split("\n")

    def lines(change: Callable[[Item], object]) -> tuple[int, int]:
        """How many went and how many came."""
        gone, come = changes(source, edited(source, name, change))
        return len(gone), len(come)

    first, *_, last = [*entry["utterances"].items()] * 2
    for language, texts in (first, last):
        assert lines(lambda item, spoken=language: item["utterances"][spoken].append("Ma question : n° 1 ?")) == (0, 1)
        for place in (0, -1) if len(texts) > 1 else ():
            assert lines(lambda item, spoken=language, at=place: item["utterances"][spoken].pop(at)) == (1, 0)
    assert lines(lambda item: item.update(frozen="true")) == (0, 1)
    assert lines(lambda item: item.update(status="unheard")) == (int("status" in entry), 1)
    assert lines(lambda item: item.update(follow_ups=["a", "b"])) == (int("follow_ups" in entry), 1)
    assert lines(lambda item: item.update(valid={"from": "2026-01-01", "until": "2026-12-31"})) == (0, 1)
    assert lines(lambda item: item["title"].update(fr="Autre titre")) == (1, 1)
    assert lines(lambda item: item["title"].update(it="Un titolo")) == (0, 1)
    assert lines(lambda item: item["answer"].update(fr="Une autre : # la voici.")) == (len(answer), 1)
    assert lines(lambda item: item["answer"].update(it="Una risposta.")) == (0, 2)


@pytest.mark.parametrize("path", SHIPPED)
def test_a_new_entry_comes_at_the_end_and_looks_like_the_others(path: str):
    source = SHIPPED[path]
    new = {
        "id": "new",
        "title": {"fr": "T"},
        "utterances": {"fr": ["q ?"]},
        "answer": {"fr": "R."},
        "sources": ["page"],
    }
    result = rewrite(source, "entries", "new", new)
    assert (
        result
        == source.rstrip("\n")
        + """

  - id: new
    title:
      fr: "T"
    utterances:
      fr:
        - "q ?"
    answer:
      fr: |
        R.
    sources: [page]
"""
    )


def test_a_source_keeps_its_line():
    source = (KNOWLEDGE / "sources.yaml").read_text(encoding="utf-8")
    for item in items_of(source, "sources")[:5]:
        gone, come = changes(source, rewrite(source, "sources", item["id"], {**item, "checked": "2027-01-02"}))
        assert come == [gone[0].replace(item["checked"], "2027-01-02", 1)]


def test_a_new_source_is_one_line_like_the_others():
    source = 'sources:\n  - {id: a, title: "A", url: "https://a.fr", checked: 2026-01-01}\n'
    new = {"id": "b", "title": "B", "url": "https://b.fr", "checked": "2026-01-02"}
    assert (
        rewrite(source, "sources", "b", new)
        == source
        + source.splitlines()[1]
        .replace("A", "B")
        .replace("id: a", "id: b")
        .replace("a.fr", "b.fr")
        .replace("-01-01", "-01-02")
        + "\n"
    )


AWKWARD = """\
# En tête
entries:
# avant
- title: {fr: 'Un titre'}   # un titre
  id: one
  utterances:
    fr:
    # les salutations
    - bonjour            # le matin
    # le soir
    - "bonsoir"
    # la fin
    de: [ 'guten Tag',
          "hallo" ]
  answer:
    fr: >
      Une réponse
      repliée.

    de: "Eine
      Antwort"
  valid: {from: 2026-01-01}  # à revoir
# avant deux

- id: two
  title: {fr: "Deux"}
  utterances: {fr: [un, "deux"], de: [eins]}
  answer: {fr: "# Non, pas une remarque"}

# à la fin
"""


@pytest.mark.parametrize(
    ("name", "change", "gone", "come"),
    [
        ("one", lambda item: item["utterances"]["fr"].append("salut"), [], ['    - "salut"']),
        (
            "one",
            lambda item: item["utterances"]["de"].append("na, du"),
            ['          "hallo" ]'],
            ['          "hallo",', '          "na, du" ]'],
        ),
        ("one", lambda item: item["utterances"]["fr"].remove("bonsoir"), ['    - "bonsoir"'], []),
        ("one", lambda item: item["utterances"]["fr"].remove("bonjour"), ["    - bonjour            # le matin"], []),
        (
            "one",
            lambda item: item.update(valid={"from": "2026-02-01"}),
            ["  valid: {from: 2026-01-01}  # à revoir"],
            ["  valid: {from: 2026-02-01}  # à revoir"],
        ),
        ("one", lambda item: item.pop("valid"), ["  valid: {from: 2026-01-01}  # à revoir"], []),
        (
            "one",
            lambda item: item["title"].update(fr="Titre"),
            ["- title: {fr: 'Un titre'}   # un titre"],
            ['- title: {fr: "Titre"}      # un titre'],
        ),
        ("one", lambda item: item["answer"].pop("de"), ['    de: "Eine', '      Antwort"'], []),
        (
            "two",
            lambda item: item["utterances"]["fr"].append("trois"),
            ['  utterances: {fr: [un, "deux"], de: [eins]}'],
            ['  utterances: {fr: [un, "deux", "trois"], de: [eins]}'],
        ),
        ("two", lambda item: item.update(frozen="true"), [], ["  frozen: true"]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_remarks_styles_and_line_ends_of_the_agents_stay(name, change, gone, come, end):
    source = AWKWARD.replace("\n", end)
    left, arrived = changes(source, edited(source, name, change))
    assert ([line.rstrip("\r") for line in left], [line.rstrip("\r") for line in arrived]) == (gone, come)
    assert all(line.endswith(end[:-1]) for line in arrived)


def test_an_entry_is_taken_out_with_its_lines_and_leaves_the_remarks_of_the_others():
    gone, come = changes(AWKWARD, rewrite(AWKWARD, "entries", "two", None))
    assert come == []
    assert [line for line in gone if line] == AWKWARD.splitlines()[-6:-2]


def test_the_first_entry_of_an_empty_file_is_written_below_its_remarks():
    result = rewrite("# Le fonds\nentries: []\n", "entries", "a", {"id": "a", "title": {"fr": "A"}})
    assert result.startswith("# Le fonds\nentries:")
    assert items_of(result, "entries") == [{"id": "a", "title": {"fr": "A"}}]


@pytest.mark.parametrize("source", ["entries: {", "entries: a", "- a", "", "entries: [a]", "entries:\r- id: a\r"])
def test_a_file_that_cannot_be_read_is_not_edited(source: str):
    with pytest.raises(EditError, match="lu tel qu'il est"):
        rewrite(source, "entries", "a", {"id": "a"})


def test_nothing_is_written_when_nothing_changes_but_white_space():
    item = copy.deepcopy(items_of(AWKWARD, "entries")[0])
    item["answer"]["fr"] = f"  {item['answer']['fr'].strip()}\n\n"
    assert rewrite(AWKWARD, "entries", "one", item) == AWKWARD


words = (
    st.text(
        st.characters(
            codec="utf-8",
            exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Cn", "Co"],
            include_characters="\n#:'\"-{}[],&*!|>%@`",
        ),
        min_size=1,
        max_size=40,
    )
    .map(str.strip)
    .filter(lambda text: text and "=======" not in text)
)
languages = st.sampled_from(["fr", "de", "sr"])
fields = st.fixed_dictionaries(
    {
        "title": st.dictionaries(languages, words, min_size=1),
        "utterances": st.dictionaries(languages, st.lists(words, min_size=1, max_size=4), min_size=1),
        "answer": st.dictionaries(languages, words, min_size=1),
    },
    optional={
        "sources": st.lists(st.sampled_from(["page", "guide", "no", "2026"]), min_size=1, max_size=3),
        "status": st.sampled_from(["confirmed", "to_confirm"]),
        "valid": st.dictionaries(st.sampled_from(["from", "until"]), st.just("2026-01-01"), min_size=1),
    },
)


@settings(max_examples=60)
@given(
    entries=st.lists(fields, min_size=1, max_size=4),
    new=fields,
    place=st.integers(0, 4),
    flow=st.sampled_from([True, False, None]),
    style=st.sampled_from([None, '"', "'", "|", ">"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_however_a_file_is_laid_out_an_edit_says_what_was_asked_for_and_leaves_the_other_entries(
    entries, new, place, flow, style, end
):
    items = [{"id": f"e{number}", **item} for number, item in enumerate(entries)]
    laid_out = yaml.dump(
        {"entries": items}, allow_unicode=True, sort_keys=False, default_flow_style=flow, default_style=style
    )
    source = laid_out.replace("\n", end)
    try:
        read = items_of(source, "entries")
    except EditError:
        return  # tags and the like, which the reader refuses
    name = f"e{place}"
    result = rewrite(source, "entries", name, {"id": name, **new})
    wanted = [item for item in read if item["id"] != name]
    assert stripped([item for item in items_of(result, "entries") if item["id"] != name]) == stripped(wanted)
    assert stripped(next(item for item in items_of(result, "entries") if item["id"] == name)) == stripped(
        {"id": name, **new}
    )
