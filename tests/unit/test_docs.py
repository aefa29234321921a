"""The pages that people read say what is so: their commands, files, settings and examples are those of the program."""

import re
import runpy
import tomllib
from datetime import date
from html import unescape
from pathlib import Path

import click
import pytest
import typer

from bot.cli import application
from bot.knowledge.loader import build, read_folder
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
GUIDE = (ROOT / "docs/guide-agents.md").read_text(encoding="utf-8")
DECISIONS = sorted(ROOT.glob("docs/decisions/[0-9]*.md"))
WRITTEN_ON = date(2026, 11, 24)
"""The guide's example has a validity: later it would count as expired."""

FAULTS = (
    *("429 for a chat", "429 for the bot", "500", "502", "no answer", "connection reset", "before the effect"),
    *("after the effect", "blocked", "deactivated", "`message thread not found`", "`TOPIC_DELETED`", "migrated"),
    *("bad entities", "too long", "409 conflict", "disk full", "database locked", "database away"),
    *("clock set back", "clock set forward", "SIGTERM"),
)
"""Those that the bot promises to bear."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INVOCATION = re.compile(r"(?:run_bot\.py|^passerelle|`passerelle) ([a-z][a-z-]*)([^`\n|]*)", re.MULTILINE)
_OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]*")
_TASK = re.compile(r"(?:`|^|\$ )make ([a-z]+)", re.MULTILINE)
_FILE = re.compile(r"`((?:bot|tests|docs|knowledge|benchmarks|requirements|deploy)/[\w./*-]*)`")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_SETTING = re.compile(r"PASSERELLE_([A-Z_]*[A-Z])")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@each_page
def test_every_command_named_in_a_page_exists_with_its_options(page: Path):
    commands = typer.main.get_command(application()).commands
    for name, rest in _INVOCATION.findall(read(page)):
        assert name in commands, f"run_bot.py {name}"
        options = {option for parameter in commands[name].params for option in _names(parameter)}
        assert set(_OPTION.findall(rest)) <= options | {"--help"}, f"run_bot.py {name}{rest}"


@each_page
def test_every_task_named_in_a_page_is_in_the_makefile(page: Path):
    tasks = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_TASK.findall(read(page))) <= tasks


@each_page
def test_every_file_named_in_a_page_exists(page: Path):
    assert [name for name in _FILE.findall(read(page)) if not list(ROOT.glob(name.rstrip("/")))] == []


@each_page
def test_every_test_named_in_a_page_exists(page: Path):
    named = _TEST.findall(read(page))
    assert [f"{file}::{test}" for file, test in named if f"def {test}(" not in _text_of(ROOT / file)] == []


def test_each_fault_has_a_row_with_what_people_see_and_the_test_that_proves_it():
    table = read(ROOT / "docs/reliability.md").partition("## When something fails")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert [row for row in rows if len(row) != 4 or not all(row) or not _TEST.search(row[3])] == []
    faults = "\n".join(row[0] for row in rows)
    assert [fault for fault in FAULTS if fault not in faults] == []


@each_page
def test_every_link_inside_the_project_leads_to_a_page_and_a_heading_that_exist(page: Path):
    for target, heading in _LINK.findall(read(page)):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not heading or heading in _anchors(path), f"{target}#{heading}"


@each_page
def test_every_setting_named_in_a_page_exists(page: Path):
    of_tests = {name for path in ROOT.glob("tests/storage/*.py") for name in _SETTING.findall(read(path))}
    assert set(_SETTING.findall(read(page))) <= {name.upper() for name in Settings.model_fields} | of_tests


def test_the_examples_of_the_guide_are_accepted_beside_the_shipped_knowledge():
    """Those of `sources.yaml` are added to the file, the others are files of their own, as the guide says."""
    files = read_folder(ROOT / "knowledge")
    examples = dict(map(_named, _examples()))
    assert examples.keys() >= {"entries/exemple.yaml", "sources.yaml", "vocabulary.yaml", "menu.yaml"}
    source = examples.pop("sources.yaml").partition("sources:\n")[2]
    files["sources.yaml"] += source.encode()
    files |= {name: text.encode() for name, text in examples.items()}
    knowledge = build(files, WRITTEN_ON)
    assert {"exemple-exposition", "exemple-atelier"} <= knowledge.entries.keys()


def test_the_example_of_the_guide_has_as_many_utterances_as_the_guide_asks_for():
    example = dict(map(_named, _examples()))["entries/exemple.yaml"]
    assert 20 <= example.count("        - ") <= 40


def test_the_messages_that_the_guide_explains_are_those_of_check():
    told = "\n".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("tests/unit/knowledge/broken/*/expected.txt")
    )
    table = GUIDE.partition("| `check` écrit |")[2].partition("\n\n")[0]
    explained = re.findall(r"^\| `(.+?)` \| [^|]+ \|$", table, re.MULTILINE)
    assert len(explained) >= 12
    assert [message for message in explained if message not in told] == []


def test_the_readme_asks_for_the_python_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["requires-python"].removeprefix(">=")
    assert set(re.findall(r"Python (\d\.\d+)", read(ROOT / "README.md"))) == {wanted}


def test_the_picture_shows_the_conversation_that_its_script_plays():
    picture = (ROOT / "docs/picture/conversation.svg").read_text(encoding="utf-8")
    shown = unescape(re.sub(r"<[^>]+>", "", picture)).replace("\N{NO-BREAK SPACE}", " ")
    typed = runpy.run_path(str(ROOT / "docs/picture/make.py"))["TYPED"]
    assert [line for line in typed if f"> {line}" not in shown] == []
    assert re.search(r"!\[.{40,}\]\(docs/picture/conversation\.svg\)", read(ROOT / "README.md"), re.DOTALL)


def test_decisions_are_numbered_without_a_gap_and_have_the_same_parts():
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        first, _, rest = read(path).partition("\n")
        assert re.fullmatch(rf"# {path.name[:4]} .+", first)
        assert re.match(r"\d{1,2} \w+ \d{4}\n", rest)
        headings = re.findall(r"^## (.+)$", rest, re.MULTILINE)
        assert headings == ["Context", "Decision", "Why", "Rejected", "Consequences"], path.name


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _names(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


def _examples() -> list[str]:
    return [text for language, text in _FENCE.findall(GUIDE) if language == "yaml"]


def _named(example: str) -> tuple[str, str]:
    """The path in the knowledge folder that the example's first line names, and the example."""
    first, _, _ = example.partition("\n")
    return first.removeprefix("# knowledge/"), example


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation dropped, spaces to hyphens."""
    text = _FENCE.sub("", read(page)) if page.suffix == ".md" else ""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-") for heading in headings}
