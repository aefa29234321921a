"""A folder of YAML → a KnowledgeBase, or every problem that stands against it.

`read_folder` reads (the shell), `build` decides (pure); `load` is both.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from bot.knowledge.advice import advise, placeholders
from bot.knowledge.checks import check
from bot.knowledge.checks import finding as found
from bot.knowledge.contents import Contents, kind_of, lose, read_contents
from bot.knowledge.eligibility_checks import check_interviews
from bot.knowledge.guard_checks import check_guards, guards_nothing
from bot.knowledge.messages import Messages, check_messages, overlay
from bot.knowledge.model import KnowledgeBase, Menu
from bot.knowledge.neighbours import advise_neighbours
from bot.knowledge.opportunities import Opportunities
from bot.knowledge.problems import WHOLE_FILE, Finding, KnowledgeError, Place, Problem
from bot.knowledge.problems import Path as FieldPath
from bot.knowledge.yaml_errors import decode
from bot.knowledge.yaml_text import MAX_FILE_BYTES, locate_all

_BUILTIN = Path(__file__).with_name("builtin")
_LEFTOVERS = (".", "~", "#")
"""How hidden files and the locks of editors (Office, Emacs) begin."""

_NO_LINK = "Remplacez le lien par le fichier lui-même."
_REASONS: Mapping[type[Exception], str] = {
    PermissionError: "accès refusé",
    FileNotFoundError: "il a disparu, ou le lien ne mène nulle part",
    RuntimeError: "le lien tourne en rond",
}


@dataclass(frozen=True, slots=True)
class Builtin:
    """What is the same for every authority; part of the program."""

    messages: Messages
    background: Mapping[str, tuple[str, ...]]
    files: Mapping[str, bytes]


def load(folder: Path, today: date | None) -> KnowledgeBase:
    """The knowledge of `folder`.

    Args:
        folder: as the person gave it: problems repeat it, so that an editor can jump to the line.
        today: entries that have expired by then are problems. None: they are not, and `Entry.in_force` keeps them from
            being answered. A bot that starts again must not stay silent because a date went by in the night.

    Raises:
        KnowledgeError: with all problems of all files, sorted by file and line.
    """
    files, unreadable = _scan(folder)
    return _assemble(files, read_contents(files), today, builtin(), f"{folder}/", unreadable)


@dataclass(frozen=True)
class Examined:
    """A valid folder, with the places of what it says."""

    knowledge: KnowledgeBase
    advice: tuple[Problem, ...]
    """What could be better, without standing against the folder."""
    _contents: Contents
    _files: Mapping[str, bytes]
    _prefix: str

    def problems(self, told: Mapping[tuple[str, FieldPath], tuple[str, str]]) -> tuple[Problem, ...]:
        """What was found only when the knowledge was tried: (entry, field) → (what is wrong, how to mend it)."""
        placed = {each.value.id: each for each in self._contents.entries}
        findings = (found(placed[entry], path, (what,), remedy) for (entry, path), (what, remedy) in told.items())
        return _sorted(_located(findings, self._files, self._prefix), self._prefix)


def examine(folder: Path, today: date) -> Examined:
    """The knowledge of `folder` and what could be better in it.

    Raises:
        KnowledgeError: as for `load`.
    """
    files, unreadable = _scan(folder)
    contents, prefix = read_contents(files), f"{folder}/"
    knowledge = _assemble(files, contents, today, builtin(), prefix, unreadable)
    findings = [*advise(contents, today), *guards_nothing(contents), *advise_neighbours(contents)]
    advice = [*_located(findings, files, prefix), *placeholders(files)]
    return Examined(knowledge, _sorted(advice, prefix), contents, files, prefix)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Relative path → bytes of each YAML file, without interpretation.

    Raises:
        KnowledgeError: the folder, or a file in it, cannot be read.
    """
    files, unreadable = _scan(folder)
    if unreadable:
        raise KnowledgeError(_sorted(unreadable, f"{folder}/"))
    return files


def build(files: Mapping[str, bytes], today: date | None) -> KnowledgeBase:
    """The knowledge that `files` (relative path → bytes) hold; see `load`. The same files give the same knowledge.

    Raises:
        KnowledgeError: with all problems of all files, sorted by file and line.
    """
    return _assemble(files, read_contents(files), today, builtin(), "", ())


@cache
def builtin() -> Builtin:
    """The texts that come with the program, read once."""
    files, unreadable = _scan(_BUILTIN)
    contents = read_contents(files)
    problems = [*unreadable, *contents.problems, *_located(contents.findings, files, "")]
    if problems:
        raise KnowledgeError(_sorted(problems, f"{_BUILTIN}/"))
    messages = {placed.owner: placed.value for placed in contents.messages}
    return Builtin(overlay(messages, ()), contents.out_of_scope, files)


def fingerprint(files: Mapping[str, bytes]) -> str:
    """A digest of paths and bytes; lengths go before them, so that no two sets of files can run together alike."""
    digest = sha256()
    for path in sorted(files):
        name = path.encode("utf-8", "surrogateescape")
        digest.update(b"%d %d " % (len(name), len(files[path])) + name)
        digest.update(files[path])
    return digest.hexdigest()


def _assemble(
    files: Mapping[str, bytes],
    contents: Contents,
    today: date | None,
    base: Builtin,
    prefix: str,
    unreadable: Iterable[Problem],
) -> KnowledgeBase:
    problems = [*unreadable, *contents.problems]
    for problem in unreadable:
        for kind in ("entries", "sources.yaml") if problem.file == "." else (kind_of(problem.file) or problem.file,):
            lose(contents, kind)
    problems += _missing(files, contents, problems)
    findings = [*contents.findings, *check(contents, today), *check_interviews(contents), *check_guards(contents)]
    findings += check_messages(base.messages, contents.messages)
    problems += _located(findings, files, prefix)
    if problems:
        raise KnowledgeError(_sorted(problems, prefix))
    return KnowledgeBase(
        entries=MappingProxyType({placed.value.id: placed.value for placed in contents.entries}),
        sources=MappingProxyType({placed.value.id: placed.value for placed in contents.sources if placed.value}),
        messages=overlay(base.messages, contents.messages),
        out_of_scope=contents.out_of_scope,
        background=base.background,
        vocabulary=contents.vocabulary,
        menu=contents.menu.value if contents.menu else Menu(),
        hours=contents.hours.value if contents.hours else None,
        opportunities=_opportunities(contents),
        interviews=MappingProxyType({placed.value.id: placed.value for placed in contents.interviews}),
        fingerprint=fingerprint({**files, **{f"builtin:{path}": data for path, data in base.files.items()}}),
    )


def _opportunities(contents: Contents) -> Opportunities:
    topics = contents.opportunity_topics.value if contents.opportunity_topics else ()
    records = {placed.value.id: placed.value for placed in contents.opportunities}
    return Opportunities(MappingProxyType(records), frozenset(topics))


def _missing(files: Mapping[str, bytes], contents: Contents, problems: list[Problem]) -> Iterator[Problem]:
    if not files and not problems:
        yield Problem("", 1, WHOLE_FILE, "le dossier est vide.", "Il faut au moins entries/ et sources.yaml.")
        return
    if contents.entries_known and not any(kind_of(path) == "entries" for path in files):
        what = "il n'y a pas de fichier d'entrées."
        yield Problem("entries", 1, WHOLE_FILE, what, "Créez entries/ avec au moins un fichier .yaml.")
    elif contents.entries_known and not contents.entries:
        yield Problem("entries", 1, WHOLE_FILE, "il n'y a aucune entrée.", "Écrivez au moins une entrée.")
    if contents.sources_known and "sources.yaml" not in files:
        what = "il n'y a pas de fichier de sources."
        yield Problem("sources.yaml", 1, WHOLE_FILE, what, "Créez-le : « sources: » puis une source par ligne.")
        lose(contents, "sources.yaml")


def _located(findings: Iterable[Finding], files: Mapping[str, bytes], prefix: str) -> list[Problem]:
    """Looks up the lines: each file once, however many problems it has."""
    findings = list(findings)
    lines = _lines(findings, files)
    return [
        Problem(
            finding.place.file,
            lines[finding.place],
            finding.field,
            "".join(p if isinstance(p, str) else f"{prefix}{p.file}:{lines[p]}" for p in finding.what),
            finding.remedy,
        )
        for finding in findings
    ]


def _lines(findings: list[Finding], files: Mapping[str, bytes]) -> dict[Place, int]:
    paths: dict[str, set[tuple[str | int, ...]]] = {}
    for finding in findings:
        for place in (finding.place, *(piece for piece in finding.what if isinstance(piece, Place))):
            paths.setdefault(place.file, set()).add(place.path)
    lines: dict[Place, int] = {}
    for file, wanted in paths.items():
        text = decode(files[file])
        if isinstance(text, str):
            lines |= {Place(file, path): line for path, line in locate_all(text, wanted).items()}
    return lines


def _sorted(problems: Iterable[Problem], prefix: str) -> tuple[Problem, ...]:
    named = (
        Problem(f"{prefix}{problem.file}".rstrip("/") or ".", problem.line, problem.field, problem.what, problem.remedy)
        for problem in problems
    )
    return tuple(sorted(set(named)))


def _scan(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Every YAML file below `folder`, and what could not be read."""
    if not folder.is_dir():
        what = "ce n'est pas un dossier." if folder.exists() else "ce dossier n'existe pas."
        problem = Problem(str(folder), 1, "dossier", what, "Vérifiez le chemin (réglage PASSERELLE_KNOWLEDGE_DIR).")
        raise KnowledgeError((problem,))
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    root = folder.resolve()
    for path in _yaml_files(folder, problems):
        name = path.relative_to(folder).as_posix()
        data = _read(path, name, root)
        if isinstance(data, Problem):
            problems.append(data)
        else:
            files[name] = data
    return files, problems


def _yaml_files(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(folder).as_posix()
        problems.append(_unreadable(name, error))

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith(_LEFTOVERS))
        problems.extend(
            _link(Path(parent, name).relative_to(folder)) for name in folders if Path(parent, name).is_symlink()
        )
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in {".yaml", ".yml"} and not name.startswith(_LEFTOVERS):
                yield path


def _read(path: Path, name: str, root: Path) -> bytes | Problem:
    try:
        if not path.resolve(strict=True).is_relative_to(root):
            return Problem(name, 1, WHOLE_FILE, "ce lien mène hors du dossier de connaissances.", _NO_LINK)
        if not path.is_file():
            return Problem(name, 1, WHOLE_FILE, "ce n'est pas un fichier ordinaire.", "Renommez-le ou déplacez-le.")
        if kind_of(name) is None:
            return b""  # its place is the problem, whatever it holds
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, RuntimeError) as error:
        return _unreadable(name, error)


def _link(path: Path) -> Problem:
    what = "les liens vers des dossiers ne sont pas suivis."
    return Problem(path.as_posix(), 1, WHOLE_FILE, what, "Remplacez le lien par le dossier lui-même.")


def _unreadable(name: str, error: Exception) -> Problem:
    reason = next((said for kind, said in _REASONS.items() if isinstance(error, kind)), str(error))
    what = f"le fichier ne peut pas être lu ({reason})."
    return Problem(name, 1, WHOLE_FILE, what, "Vérifiez qu'il existe et que l'assistant a le droit de le lire.")
