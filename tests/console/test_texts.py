"""The sentences of the console stand in one file: each that is asked for is there, each that is there is asked for."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import bot.console
from bot.console.entrance import DEMO_PEOPLE
from bot.console.exchange import Speaker
from bot.console.membership import Role
from bot.console.registry import PAGES
from bot.console.texts import TEXTS, counted, text
from bot.knowledge.model import LANGUAGES
from bot.storage.model import Delivery

FOLDER = Path(bot.console.__file__).parent
CODE = {path.name: path.read_text("utf-8") for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]}


def keys(tree: dict, path: str = "") -> Iterator[str]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from keys(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


EXISTING = set(keys(dict(TEXTS)))


def test_each_sentence_is_named_somewhere():
    """By itself, or by the group and the value that chooses within it."""
    code = "\n".join(CODE.values()) + (FOLDER.parent / "commands" / "serving.py").read_text("utf-8")
    chosen = (
        *("roles.", "languages.", "fate.", "acts.", "entrance.", "errors.", "conversations.speakers."),
        *("fiches.shift.", "fiches.status.", "fiches.hand_over.", "labels.decision.", "labels.given."),
        *(
            "questions.states.",
            "questions.kinds.",
            "questions.keys.",
            "feedback.keys.",
            "labels.keys.",
            "chiffres.decision.",
            "chiffres.column.",
            "chiffres.by_",
            "chiffres.waiting_",
        ),
        *("chiffres.questions", "chiffres.people", "chiffres.answered", "chiffres.clarified", "chiffres.handed_over"),
    )
    unnamed = {
        key
        for key in EXISTING
        if key not in code and not key.startswith(chosen) and not key.endswith((".one", ".many", ".tab"))
    }
    assert {key for key in unnamed if not re.search(r"(close|give_back|make_editor)(_how)?$", key)} == set()


def test_each_sentence_that_a_page_names_exists():
    named = {
        match for code in CODE.values() for match in re.findall(r"""\bt(?:ext)?\("([a-z_.]+\.[a-z_.]+)"[,)]""", code)
    }
    assert len(named) > 40
    assert named - EXISTING == set()


def test_each_counted_sentence_has_both_forms():
    named = {match for code in CODE.values() for match in re.findall(r"""\bcounted\("([a-z_.]+)\"""", code)}
    assert named
    for key in named:
        assert counted(key, 1) != counted(key, 2)


def test_each_value_of_a_closed_set_has_its_sentence():
    sets = {
        "roles": set(Role),
        "languages": set(LANGUAGES),
        "conversations.speakers": set(Speaker),
        "fate": set(Delivery),
    }
    for group, values in sets.items():
        assert {f"{group}.{value}" for value in values} <= EXISTING
    assert {f"entrance.demo_{number}" for number in DEMO_PEOPLE} <= EXISTING
    assert {f"{page.name}.tab" for page in PAGES} <= EXISTING


def test_each_act_and_each_error_has_its_sentence():
    code = "\n".join(CODE.values()) + Path(resources.files("bot.storage") / "console_sql.py").read_text("utf-8")
    acts = set(re.findall(r'\.act\(\s*"(\w+)"', code)) | set(re.findall(r'\bAct\([^"]*"(\w+)"', code))
    assert {f"acts.{act}" for act in acts} | {"acts.make_editor", "acts.unmake_editor"} <= EXISTING
    assert len(acts) >= 6
    refusals = set(re.findall(r'RefusedError\(\s*\d+,\s*"(\w+)"', code)) | set(
        re.findall(r'SignInError\("(\w+)"', code)
    )
    assert {f"{'errors' if f'errors.{key}' in EXISTING else 'entrance'}.{key}" for key in refusals} <= EXISTING


def test_a_sentence_is_filled_and_nothing_counts_as_one():
    assert text("conversations.number", number=3) == "n° 3"
    assert counted("conversations.summary", 0).startswith("0 personne attend")


def test_each_page_has_a_template_of_its_name():
    for page in PAGES:
        assert f"{page.name}.html" in CODE


def test_nothing_is_shown_unescaped_but_what_the_bot_itself_formats():
    """Every other value of a template is escaped by Jinja."""
    trusted = re.compile(r"\|\s*safe\b|autoescape|Markup\(")
    found = [(name, line.strip()) for name, code in CODE.items() for line in code.splitlines() if trusted.search(line)]
    assert found == [
        ("rendering.py", "autoescape=True,"),
        ("question.html", '<div class="phone words" dir="auto">{{ html|safe }}</div>'),
    ]
