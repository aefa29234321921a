"""What is wrong with a knowledge folder, told to the person who can mend it."""

from dataclasses import dataclass


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
