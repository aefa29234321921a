"""docs/transcripts.md is what its script writes from the shipped knowledge."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "transcripts.md"


@pytest.fixture(scope="module")
def written():
    return runpy.run_path(str(ROOT / "docs" / "transcripts" / "make.py"))["page"]()


def test_the_page_is_what_make_transcripts_writes(written):
    assert PAGE.read_text(encoding="utf-8") == written


def test_there_are_five_conversations_each_with_an_answer_that_has_a_source_or_a_way_to_a_person(written):
    conversations = written.split("\n## ")[1:]
    assert len(conversations) == 5
    assert all("](http" in each or "Parler à une personne" in each for each in conversations)
