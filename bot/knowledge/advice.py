"""What would make answers easier to read: advice, where `checks.py` tells what must be mended. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.knowledge.contents import Contents, Placed
from bot.knowledge.model import DEFAULT_LANGUAGE, Entry, HandOver, Kind, Texts, text_in
from bot.knowledge.opportunities import ENDING, Opportunities, expiring
from bot.knowledge.problems import WHOLE_FILE, Finding, Path, Place, Problem, field_name
from bot.knowledge.readability import DIFFICULT, ease

PLACEHOLDER = "À REMPLACER"
LONG_ANSWER = 600
"""Characters that a phone shows without scrolling far."""


def advise(contents: Contents, today: date) -> Iterator[Finding]:
    """Offers that end soon; answers that are long, or hard to read in French (translations follow); no help."""
    yield from _ending(contents, today)
    if not any(placed.value.kind is Kind.EMERGENCY for placed in contents.in_use):
        what = "aucune fiche n'est pour une personne en danger : elle ne recevra pas les numéros d'urgence."
        remedy = "Écrivez-en une avec « kind: emergency », « hand_over: always » et les numéros, avec leur source."
        yield Finding(Place(contents.entries[0].place.file, ()), WHOLE_FILE, (what,), remedy)
    for placed in contents.in_use:
        if placed.value.kind is Kind.EMERGENCY and placed.value.hand_over is not HandOver.ALWAYS:
            what = "une personne en danger reçoit cette réponse, et le service ne le saura pas."
            yield _finding(placed, ("hand_over",), what, "Écrivez « hand_over: always ».")
        for path, text in _answers(placed):
            if len(text) > LONG_ANSWER:
                what = f"la réponse a {len(text)} caractères, {LONG_ANSWER} se lisent d'un coup d'œil."
                remedy = "Gardez l'essentiel, et mettez le reste dans une autre fiche proposée en « follow_ups »."
                yield _finding(placed, path, what, remedy)
            figure = ease(text) if path[-1] == DEFAULT_LANGUAGE else None
            if figure is not None and figure < DIFFICULT:
                what = f"la réponse est difficile à lire (indice {figure:.0f}, {DIFFICULT} au moins)."
                yield _finding(placed, path, what, "Coupez les longues phrases, et remplacez les mots longs.")


def placeholders(files: Mapping[str, bytes]) -> Iterator[Problem]:
    """What a template left to fill in; comments may speak of it."""
    for file, data in files.items():
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
            if PLACEHOLDER in line and not line.lstrip().startswith("#"):
                what = f"« {PLACEHOLDER} » est resté : les gens le liraient."
                yield Problem(file, number, WHOLE_FILE, what, "Écrivez votre texte, ou supprimez l'entrée.")


def _ending(contents: Contents, today: date) -> Iterator[Finding]:
    placed = {offer.value.id: offer for offer in contents.opportunities}
    offers = Opportunities({name: offer.value for name, offer in placed.items()})
    for offer, ends in expiring(offers, today, ENDING):
        path = ("deadline",) if offer.deadline else ("dates", "until")
        what = f"cette offre se termine le {ends:%d/%m/%Y}, et disparaîtra d'elle-même (à voir par : {offer.owner})."
        yield _finding(placed[offer.id], path, what, "Si elle revient, préparez ses nouvelles dates.")


def _answers(placed: Placed[Entry]) -> Iterator[tuple[Path, str]]:
    """One text for each answer: the French one, else the first."""
    entry = placed.value
    answers: list[tuple[Path, Texts]] = [(("answer",), entry.answer)]
    answers += [(("periods", number, "answer"), period.answer) for number, period in enumerate(entry.periods)]
    for path, texts in answers:
        text, language = text_in(texts, DEFAULT_LANGUAGE)
        yield (*path, language), text


def _finding(placed: Placed[Any], path: Path, what: str, remedy: str) -> Finding:
    return Finding(placed.at(*path), field_name(placed.owner, path), (what,), remedy)
