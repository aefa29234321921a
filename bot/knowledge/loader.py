"""A knowledge folder → a valid `KnowledgeBase`, or every problem that stands against it in one list."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.knowledge import checks, schema
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES, Entry, KnowledgeBase, Menu, Source, Vocabulary
from bot.knowledge.problems import KnowledgeError, Problem
from bot.knowledge.yaml_text import YamlError, decode, locate, parse

_BUILTIN = Path(__file__).parent / "builtin"

M = TypeVar("M", bound=BaseModel)

Files = Mapping[str, bytes]
"""Path inside the folder, with slashes → content."""


def load(folder: Path, today: date) -> KnowledgeBase:
    """Read and validate a folder.

    Raises:
        KnowledgeError: with all problems of all files.
    """
    return build(read_folder(folder), today, prefix=str(folder))


def read_folder(folder: Path) -> dict[str, bytes]:
    """The YAML files of a folder; hidden files and editors' leftovers are passed over.

    Raises:
        KnowledgeError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise KnowledgeError((Problem(str(folder), 1, "dossier", "ce dossier n'existe pas.", "Vérifiez le chemin."),))
    paths = sorted(
        p for p in folder.rglob("*.y*ml") if not any(part.startswith(".") for part in p.relative_to(folder).parts)
    )
    if not paths:
        remedy = "Il faut au moins entries/ et sources.yaml."
        raise KnowledgeError(
            (Problem(str(folder), 1, "dossier", "ce dossier ne contient aucun fichier .yaml.", remedy),)
        )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def build(files: Files, today: date, *, prefix: str = "") -> KnowledgeBase:
    """Validate the content of a folder. Pure.

    Args:
        today: entries whose validity has ended before it are problems.
        prefix: put before file names in problems, so that an editor can jump to them.

    Raises:
        KnowledgeError: with all problems, sorted by file and line.
    """
    reader = _Reader(files, prefix)
    entries, places = reader.entries()
    sources = {source.id: Source(**source.model_dump()) for source in reader.sources()}
    out_of_scope = reader.file("out_of_scope.yaml", schema.OutOfScopeFile)
    vocabulary = reader.file("vocabulary.yaml", schema.VocabularyFile)
    menu = reader.file("menu.yaml", schema.MenuFile)
    messages = reader.messages()
    if not reader.problems:
        for finding in checks.all_findings(entries, sources, menu, today):
            file, path = places.get(finding.entry, ("menu.yaml", ()))
            reader.add(file, (*path, *finding.path), finding.field, finding.what, finding.remedy)
    if reader.problems:
        raise KnowledgeError(tuple(sorted(set(reader.problems))))
    return KnowledgeBase(
        entries={entry.id: entry for entry, _ in entries},
        sources=sources,
        messages=messages,
        out_of_scope=_tuples(out_of_scope.sentences if out_of_scope else {}),
        background=_tuples(_builtin("out_of_scope.yaml")["sentences"]),
        vocabulary=Vocabulary(vocabulary.abbreviations, vocabulary.synonyms, _tuples(vocabulary.names))
        if vocabulary
        else Vocabulary(),
        menu=Menu(tuple(menu.start), tuple(menu.help), menu.contact) if menu else Menu(),
        fingerprint=_fingerprint(files),
    )


class _Reader:
    """Reads file after file and gathers the problems instead of stopping at the first."""

    def __init__(self, files: Files, prefix: str) -> None:
        self.problems: list[Problem] = []
        self._files = files
        self._prefix = f"{prefix}/" if prefix else ""
        self._texts: dict[str, str] = {}

    def add(self, file: str, path: tuple[str | int, ...], field: str, what: str, remedy: str) -> None:
        line = locate(self._texts[file], path) if file in self._texts else 1
        self.problems.append(Problem(self._prefix + file, line, field, what, remedy))

    def data(self, file: str) -> Any:
        """The content of one file, None when it cannot be read as YAML."""
        try:
            self._texts[file] = decode(self._files[file])
            return parse(self._texts[file])
        except YamlError as error:
            self._texts.pop(file, None)
            flaw = error.flaw
            self.problems.append(Problem(self._prefix + file, flaw.line, "fichier", flaw.what, flaw.remedy))
            return None

    def validate(
        self, file: str, data: Any, model: type[M], *, path: tuple[str | int, ...] = (), name: str = ""
    ) -> M | None:
        try:
            return model.model_validate(data)
        except ValidationError as refusal:
            for error in refusal.errors(include_url=False):
                location = tuple(step for step in error["loc"] if step != "[key]")
                what, remedy = schema.explain(error, model)
                self.add(
                    file,
                    (*path, *location),
                    ".".join(map(str, (name, *location) if name else location)) or "fichier",
                    what,
                    remedy,
                )
            return None

    def file(self, file: str, model: type[M]) -> M | None:
        if file not in self._files or (data := self.data(file)) is None:
            return None
        return self.validate(file, data, model)

    def sources(self) -> list[schema.SourceModel]:
        if "sources.yaml" not in self._files:
            self.add(
                "sources.yaml", (), "fichier", "ce fichier manque.", "Créez-le : il liste les sources des réponses."
            )
            return []
        found = self.file("sources.yaml", schema.SourcesFile)
        seen: set[str] = set()
        for number, source in enumerate(found.sources if found else []):
            if source.id in seen:
                self.add(
                    "sources.yaml",
                    ("sources", number),
                    source.id,
                    "cet identifiant sert deux fois.",
                    "Renommez l'une des deux sources.",
                )
            seen.add(source.id)
        return found.sources if found else []

    def entries(self) -> tuple[list[tuple[Entry, str]], dict[str, tuple[str, tuple[str | int, ...]]]]:
        """Entries with their file, and where each id stands."""
        entries: list[tuple[Entry, str]] = []
        places: dict[str, tuple[str, tuple[str | int, ...]]] = {}
        names = [name for name in self._files if name.startswith("entries/")]
        if not names:
            self.add("entries", (), "dossier", "ce dossier manque ou est vide.", "Ajoutez un fichier entries/….yaml.")
        for file in names:
            content = self.file(file, schema.EntriesFile)
            for number, raw in enumerate(content.entries if content else []):
                place: tuple[str | int, ...] = ("entries", number)
                name = raw.get("id") or f"entries.{number + 1}"
                entry = self.validate(file, raw, schema.EntryModel, path=place, name=str(name))
                if entry is None:
                    continue
                if entry.id in places:
                    self.add(
                        file,
                        place,
                        entry.id,
                        f"cet identifiant sert déjà dans {places[entry.id][0]}.",
                        "Renommez l'une des deux entrées.",
                    )
                    continue
                places[entry.id] = (file, place)
                entries.append((_entry(entry), file))
        return entries, places

    def messages(self) -> dict[str, dict[str, str]]:
        """The built-in messages, replaced one by one by the folder's own."""
        messages = {language: dict(_builtin(f"messages/{language}.yaml")) for language in LANGUAGES}
        for file in (name for name in self._files if name.startswith("messages/")):
            language = Path(file).stem
            own = self.data(file)
            if not isinstance(own, dict) or language not in messages:
                self.add(
                    file,
                    (),
                    "fichier",
                    "ce n'est pas un fichier de messages.",
                    f"Nommez-le d'après une langue : {', '.join(LANGUAGES)}.",
                )
                continue
            for key, text in own.items():
                problem = checks.message_problem(messages[DEFAULT_LANGUAGE].get(key), text)
                if problem:
                    self.add(file, (key,), key, *problem)
                else:
                    messages[language][key] = text
        return {language: {key: text.strip() for key, text in texts.items()} for language, texts in messages.items()}


def _entry(model: schema.EntryModel) -> Entry:
    values = model.model_dump(exclude={"valid", "utterances", "sources", "follow_ups", "unconfirmed_translations"})
    return Entry(
        **values,
        utterances=_tuples(model.utterances),
        sources=tuple(model.sources),
        follow_ups=tuple(model.follow_ups),
        valid_from=model.valid.from_,
        valid_until=model.valid.until,
        unconfirmed_translations=frozenset(model.unconfirmed_translations),
    )


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in lists.items()}


def _builtin(name: str) -> Any:
    return parse(decode((_BUILTIN / name).read_bytes()))


def _fingerprint(files: Files) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
