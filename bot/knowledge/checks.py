"""What must hold between entries, sources and menu once each is well-formed. Pure: the day is a parameter."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from bot.knowledge.contents import Contents, Placed
from bot.knowledge.model import Entry, Kind, Menu
from bot.knowledge.opportunities import Opportunity, OpportunityStatus
from bot.knowledge.problems import Finding, Path, Place, field_name, quoted
from bot.knowledge.schema_errors import Guess

# Combining marks of the scripts that people write to us in: Latin, Cyrillic, Hebrew, Arabic, and the general blocks.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_NOT_A_WORD = re.compile(r"[\W_]+")


class Names:
    """The ids that may be referred to."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.guess = Guess(known)


def check(contents: Contents, today: date | None) -> Iterator[Finding]:
    """Everything that stands against the folder as a whole; `today` None leaves out what depends on the day."""
    entry_ids = {placed.value.id for placed in contents.entries if placed.value.id}
    entry_names, source_names = Names(entry_ids), Names(contents.source_ids)
    yield from _same_id(contents)
    yield from _same_utterance(contents)
    for placed in contents.entries:
        yield from _languages(placed)
        yield from _sources(placed, source_names if contents.sources_known else None)
        yield from _follow_ups(placed, entry_names if contents.entries_known else None)
        yield from _expired(placed, today)
    if contents.menu and contents.entries_known:
        yield from _menu(contents.menu, entry_names)
    if contents.hours and contents.sources_known:
        yield from cited(contents.hours, ("source",), contents.hours.value.source, source_names)
    yield from _opportunities(contents, today, source_names)
    if contents.opportunity_topics and contents.entries_known:
        yield from _topics(contents.opportunity_topics, entry_names)


def comparable(text: str) -> str:
    """What two utterances that differ only by case, accents or punctuation have in common.

    >>> comparable("Où est Kab-Elias ?!")
    'ou est kab elias'
    """
    folded = text.casefold()
    if not folded.isascii():
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", folded))
    return _NOT_A_WORD.sub(" ", folded).strip() or text.strip()


def _same_id(contents: Contents) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for placed in contents.entries:
        other = first.setdefault(placed.value.id, placed.place)
        if placed.value.id and other != placed.place:
            what = ("cet identifiant est déjà pris, à ", other, ".")
            remedy = "Donnez à chaque entrée son identifiant, ou réunissez les deux entrées."
            yield finding(placed, ("id",), what, remedy)


def _same_utterance(contents: Contents) -> Iterator[Finding]:
    """The same words in two languages of one entry are fine (a name); not in two entries that are in use."""
    first: dict[str, tuple[int, str, int]] = {}
    for number, placed in enumerate(contents.entries):
        if placed.value.retired:
            continue
        for language, sentences in placed.value.utterances.items():
            for index, sentence in enumerate(sentences):
                if not sentence.strip():
                    continue  # told as an empty field
                here = (number, language, index)
                there = first.setdefault(comparable(sentence), here)
                if there is not here and (there[0] != number or there[1] == language):
                    yield _twice(contents, here, there, sentence)


def _twice(contents: Contents, here: tuple[int, str, int], there: tuple[int, str, int], sentence: str) -> Finding:
    placed, other = contents.entries[here[0]], contents.entries[there[0]]
    path = ("utterances", *here[1:])
    where = other.at("utterances", *there[1:])
    if placed is other:
        what = (f"la phrase {quoted(sentence)} est déjà dans cette entrée, à ", where, ".")
        return finding(placed, path, what, "Gardez-la une seule fois.")
    what = (f"la phrase {quoted(sentence)} est déjà dans l'entrée « {other.owner} », à ", where, ".")
    return finding(placed, path, what, "Gardez-la dans l'entrée qui répond le mieux, et supprimez-la de l'autre.")


def _languages(placed: Placed[Entry]) -> Iterator[Finding]:
    entry = placed.value
    for language in sorted(entry.unconfirmed_translations - entry.answer.keys()):
        what = (f"« {language} » est noté comme traduction à relire, mais la réponse n'existe pas dans cette langue.",)
        remedy = f"Ajoutez la réponse en « {language} », ou retirez « {language} » de cette liste."
        yield finding(placed, ("unconfirmed_translations",), what, remedy)


def _sources(placed: Placed[Entry], names: Names | None) -> Iterator[Finding]:
    entry = placed.value
    if entry.kind is not Kind.BEHAVIOUR and not entry.sources:
        what = ("cette entrée n'a pas de source.",)
        remedy = "Ajoutez « sources: [identifiant] » ; si elle ne parle que de l'assistant, « kind: behaviour »."
        yield finding(placed, ("sources",), what, remedy)
    for index, name in enumerate(entry.sources):
        if names and name:
            yield from cited(placed, ("sources", index), name, names)


def cited(placed: Placed[Any], path: Path, name: str, names: Names) -> Iterator[Finding]:
    """What stands against citing the source `name`."""
    if name not in names.known:
        near = names.guess(name)
        remedy = f"Vouliez-vous écrire « {near} » ?" if near else "Ajoutez-la à sources.yaml."
        yield finding(placed, path, (f"la source {quoted(name)} n'est pas dans sources.yaml.",), remedy)


def _follow_ups(placed: Placed[Entry], names: Names | None) -> Iterator[Finding]:
    entry = placed.value
    for index, name in enumerate(entry.follow_ups):
        if name == entry.id:
            what = ("l'entrée se propose elle-même comme suite.",)
            yield finding(placed, ("follow_ups", index), what, "Retirez-la de la liste.")
        elif names and name and name not in names.known:
            yield finding(placed, ("follow_ups", index), *_unknown_entry(name, names))


def _expired(placed: Placed[Entry], today: date | None) -> Iterator[Finding]:
    until = placed.value.valid_until
    if today and until and until < today and not placed.value.retired:
        what = (f"cette entrée n'était valable que jusqu'au {until:%d/%m/%Y}.",)
        remedy = "Vérifiez la réponse et reportez la date « until », ou supprimez l'entrée."
        yield finding(placed, ("valid", "until"), what, remedy)


def _menu(placed: Placed[Menu], names: Names) -> Iterator[Finding]:
    menu = placed.value
    named: list[tuple[Path, str]] = [(("start", index), name) for index, name in enumerate(menu.start)]
    named += [(("help", index), name) for index, name in enumerate(menu.help)]
    named += [(("contact",), menu.contact)] if menu.contact else []
    for path, name in named:
        if name not in names.known:
            yield finding(placed, path, *_unknown_entry(name, names))


def _opportunities(contents: Contents, today: date | None, source_names: Names) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for named in contents.opportunity_ids:
        other = first.setdefault(named.value, named.place)
        if other != named.place:
            what = ("cet identifiant est déjà pris, à ", other, ".")
            yield finding(named, ("id",), what, "Donnez à chaque offre son identifiant.")
    for placed in contents.opportunities:
        offer = placed.value
        mentioned: list[tuple[Path, str]] = [(("sources", index), name) for index, name in enumerate(offer.sources)]
        for path, name in [*mentioned, (("link", "source"), offer.link.source)]:
            if contents.sources_known:
                yield from cited(placed, path, name, source_names)
        yield from _untranslated(placed)
        if today and offer.status is OpportunityStatus.OPEN and not offer.shown_on(today):
            over = (f"cette offre n'était ouverte que jusqu'au {offer.ends:%d/%m/%Y}.",)
            remedy = "Écrivez « status: closed », ou les nouvelles dates si elle revient."
            yield finding(placed, ("status",), over, remedy)


def _untranslated(placed: Placed[Opportunity]) -> Iterator[Finding]:
    offer = placed.value
    for language in sorted(offer.unconfirmed_translations - offer.summary.keys()):
        what = (f"« {language} » est noté comme traduction à relire, mais le résumé n'existe pas dans cette langue.",)
        remedy = f"Ajoutez « summary » en « {language} », ou retirez « {language} » de cette liste."
        yield finding(placed, ("unconfirmed_translations",), what, remedy)


def _topics(placed: Placed[tuple[str, ...]], names: Names) -> Iterator[Finding]:
    for index, name in enumerate(placed.value):
        if name not in names.known:
            yield finding(placed, ("topics", index), *_unknown_entry(name, names))


def _unknown_entry(name: str, names: Names) -> tuple[tuple[str | Place, ...], str]:
    near = names.guess(name)
    remedy = f"Vouliez-vous écrire « {near} » ?" if near else "Corrigez l'identifiant, ou retirez-le."
    return (f"aucune entrée ne s'appelle {quoted(name)}.",), remedy


def finding(placed: Placed[Any], path: Path, what: tuple[str | Place, ...], remedy: str) -> Finding:
    return Finding(placed.at(*path), field_name(placed.owner, path), what, remedy)
