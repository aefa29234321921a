"""The knowledge folder of another authority, from a template: small, valid, and with everything to fill in marked."""

from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.operating.texts import OperatingError, text

_LONGEST = 100


def new_knowledge(folder: Path, name: str | None, today: date) -> list[Path]:
    """Write the template into a folder that is new or empty; what has been written.

    Args:
        folder: where.
        name: the authority's; None: to be filled in.
        today: for the sources.

    Raises:
        OperatingError: there is something already, or the name does not fit into a text.
        OSError: the folder cannot be written.
    """
    named = " ".join((name or text("begin_no_name")).split())
    if not named.isprintable() or not 0 < len(named) <= _LONGEST or {"{", "}"} & {*named}:
        raise OperatingError(text("begin_bad_name"))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OperatingError(text("begin_exists", folder=folder))
    written = []
    for path, contents in _template(resources.files(__package__) / "template", Path()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(contents.replace("{name}", named).replace("{today}", today.isoformat()), encoding="utf-8")
        written.append(target)
    return written


def _template(folder: Traversable, path: Path) -> list[tuple[Path, str]]:
    files = []
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            files += _template(part, path / part.name)
        else:
            files.append((path / part.name, part.read_text(encoding="utf-8")))
    return files
