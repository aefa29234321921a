"""The licence of the project, and what docs/third-party.md says of the packages that it needs."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = dict(
    re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", (ROOT / "docs/third-party.md").read_text("utf-8"), re.MULTILINE)
)
LOCKED = {
    name
    for file in ("runtime.txt", "postgresql.txt")
    for name in re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?==", (ROOT / "requirements" / file).read_text(), re.MULTILINE)
}


def stated(name):
    """The licence by the package's own metadata: its expression, else its classifiers, else its field."""
    package = metadata(name)
    classifiers = [
        line.rpartition(" :: ")[2] for line in package.get_all("Classifier", []) if line.startswith("License")
    ]
    return package["License-Expression"] or ", ".join(classifiers) or package["License"]


def test_the_licence_is_the_one_that_the_project_declares():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license"]
    assert (ROOT / "LICENSE").read_text("utf-8").startswith(f"{declared} License\n\nCopyright (c) 2026 ")


def test_every_package_that_is_needed_at_run_time_is_named():
    assert LOCKED - ROWS.keys() == set()


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_a_package_has_the_licence_that_its_metadata_states(name):
    try:
        assert ROWS[name] == stated(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is for another platform")
