"""What is wrong with a knowledge folder, told to the person who can mend it."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and 0-based indices from the top of a file."""


class Place(NamedTuple):
    """A place in a file whose line is looked up only when it is told to somebody."""

    file: str
    path: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before its lines are looked up."""

    place: Place
    field: str
    what: tuple[str | Place, ...]
    """The sentence in pieces; a place becomes ``file:line``."""
    remedy: str


MAX_QUOTED = 60
WHOLE_FILE = "fichier"
"""The field of a problem that concerns the file as a whole."""


def quoted(text: str) -> str:
    r"""What the person wrote, between quotes, on one line and not too long.

    >>> quoted("Bonjour\nà tous")
    '« Bonjour à tous »'
    """
    words = " ".join(text.split())
    return f"« {words if len(words) <= MAX_QUOTED else words[: MAX_QUOTED - 1] + '…'} »"


def field_name(owner: str, path: Path) -> str:
    """`owner` is the id of the entry; lists are counted from 1.

    >>> field_name("partner-lebanon", ("utterances", "fr", 0))
    'partner-lebanon.utterances.fr.1'
    """
    steps = (str(step + 1) if isinstance(step, int) else quoted(step)[2:-2] for step in path)
    return ".".join(filter(None, (owner, *steps))) or WHOLE_FILE


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend, in French: the agents of the authority read it."""

    file: str
    """Path as the person gave it, or relative to the knowledge folder."""
    line: int
    """1-based."""
    field: str
    """Where in the file, with ids in place of positions: ``partner-lebanon.answer.de``."""
    what: str
    """What is wrong: one sentence."""
    remedy: str
    """How to mend it: one sentence."""

    def __str__(self) -> str:
        """``file:line: field: what is wrong. how to mend it``."""
        return f"{self.file}:{self.line}: {self.field}: {self.what} {self.remedy}"


class KnowledgeError(Exception):
    """The folder cannot be served as it is; `problems` lists everything that stands against it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
