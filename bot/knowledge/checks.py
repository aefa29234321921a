"""What no single entry can know of itself: references, doubles, validity. Pure; the day is an argument."""

import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bot.knowledge.model import Entry, Kind, Source
from bot.knowledge.schema import MenuFile

_FORMATTER = string.Formatter()


class Finding(NamedTuple):
    entry: str
    """Id of the entry; "" for the menu."""
    path: tuple[str | int, ...]
    """Below the entry."""
    field: str
    what: str
    remedy: str


def all_findings(
    entries: Sequence[tuple[Entry, str]], sources: Mapping[str, Source], menu: MenuFile | None, today: date
) -> Iterator[Finding]:
    """Every problem between the entries; `entries` come with the file of each."""
    known = {entry.id for entry, _ in entries}
    for entry, _ in entries:
        yield from _sources(entry, sources)
        yield from _follow_ups(entry, known)
        yield from _validity(entry, today)
        yield from _translations(entry)
    yield from _doubles(entries)
    for name in (*menu.start, *menu.help, *([menu.contact] if menu.contact else ())) if menu else ():
        if name not in known:
            yield Finding("", (), f"menu.{name}", f"l'entrée « {name} » n'existe pas.", "Corrigez l'identifiant.")


def message_problem(built_in: str | None, text: object) -> tuple[str, str] | None:
    """What is wrong with a message of the folder that replaces `built_in`."""
    if built_in is None:
        return "ce message n'existe pas.", "Reprenez un nom de bot/knowledge/builtin/messages/fr.yaml."
    if not isinstance(text, str) or not text.strip():
        return "le texte est vide.", "Écrivez le texte, ou supprimez la ligne."
    try:
        wanted, found = _placeholders(built_in), _placeholders(text)
    except ValueError:
        return "une accolade n'est pas fermée.", "Écrivez {mot}, ou doublez l'accolade."
    if wanted != found:
        return (
            "les mots entre accolades ne sont pas les bons.",
            f"Employez exactement : {', '.join(sorted(wanted)) or 'aucun'}.",
        )
    return None


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in _FORMATTER.parse(text) if name is not None}


def _sources(entry: Entry, sources: Mapping[str, Source]) -> Iterator[Finding]:
    if entry.kind is Kind.FACT and not entry.sources:
        yield Finding(
            entry.id, (), f"{entry.id}.sources", "aucune source n'est citée.", "Ajoutez « sources: [identifiant] »."
        )
    for source in entry.sources:
        if source not in sources:
            yield Finding(
                entry.id,
                ("sources",),
                f"{entry.id}.sources",
                f"la source « {source} » n'existe pas.",
                "Ajoutez-la à sources.yaml ou corrigez-la.",
            )


def _follow_ups(entry: Entry, known: set[str]) -> Iterator[Finding]:
    for name in entry.follow_ups:
        if name not in known or name == entry.id:
            reason = "est l'entrée elle-même." if name == entry.id else "n'existe pas."
            yield Finding(
                entry.id,
                ("follow_ups",),
                f"{entry.id}.follow_ups",
                f"« {name} » {reason}",
                "Corrigez ou retirez l'identifiant.",
            )


def _validity(entry: Entry, today: date) -> Iterator[Finding]:
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        yield Finding(
            entry.id, ("valid",), f"{entry.id}.valid", "la fin vient avant le début.", "Échangez les deux dates."
        )
    elif entry.valid_until and entry.valid_until < today:
        yield Finding(
            entry.id, ("valid", "until"), f"{entry.id}.valid.until", f"l'entrée n'est plus valable depuis le {entry.valid_until:%d/%m/%Y}.",
            "Repoussez la date si l'information tient encore, sinon supprimez l'entrée.",
        )  # fmt: skip


def _translations(entry: Entry) -> Iterator[Finding]:
    for language in sorted(entry.unconfirmed_translations - entry.answer.keys()):
        yield Finding(
            entry.id, ("unconfirmed_translations",), f"{entry.id}.unconfirmed_translations", f"il n'y a pas de réponse en « {language} ».",
            "Ajoutez la traduction ou retirez la langue.",
        )  # fmt: skip


def _doubles(entries: Sequence[tuple[Entry, str]]) -> Iterator[Finding]:
    """The same utterance twice: compared as the eye does, without case, accents' form and punctuation."""
    seen: dict[str, str] = {}
    for entry, _ in entries:
        for language, texts in entry.utterances.items():
            for number, text in enumerate(texts):
                key = " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split()) or text
                other = seen.setdefault(key, entry.id)
                if other != entry.id:
                    yield Finding(
                        entry.id, ("utterances", language, number), f"{entry.id}.utterances.{language}",
                        f"« {text} » est aussi une question de « {other} ».", "Gardez-la dans l'entrée qui y répond.",
                    )  # fmt: skip
