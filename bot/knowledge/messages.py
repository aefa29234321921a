"""The words of the interface: the built-in texts, overridden key by key by the folder's own. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from types import MappingProxyType

from bot.knowledge.contents import Placed
from bot.knowledge.problems import Finding, field_name, quoted
from bot.knowledge.schema_errors import nearest

Messages = Mapping[str, Mapping[str, str]]


def overlay(builtin: Messages, own: Sequence[Placed[dict[str, str]]]) -> Messages:
    """`builtin` with the texts of `own` in place of its own."""
    texts = {language: dict(messages) for language, messages in builtin.items()}
    for placed in own:
        texts[placed.owner] |= placed.value
    return MappingProxyType({language: MappingProxyType(messages) for language, messages in texts.items()})


def check_messages(builtin: Messages, own: Sequence[Placed[dict[str, str]]]) -> Iterator[Finding]:
    """Unknown keys, and placeholders that are not those of the built-in text."""
    for placed in own:
        known = builtin[placed.owner]
        for key, text in placed.value.items():
            said = _differs(text, known[key]) if key in known else _unknown(key, known)
            if said:
                yield Finding(placed.at(key), field_name("messages", (key,)), (said[0],), said[1])


def placeholders(text: str) -> set[str]:
    """The names between braces, with whatever Python would do to them: ``{title}`` gives ``title``.

    Raises:
        ValueError: a brace stands alone.
    """
    return {
        f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    }


def _unknown(key: str, known: Mapping[str, str]) -> tuple[str, str]:
    near = nearest(key, list(known))
    remedy = f"Vouliez-vous écrire « {near} » ?" if near else "Retirez-le, ou comparez avec les textes fournis."
    return f"l'assistant n'a pas de texte {quoted(key)}.", remedy


def _differs(text: str, builtin: str) -> tuple[str, str] | None:
    wanted = placeholders(builtin)
    try:
        given = placeholders(text)
    except ValueError:
        return "une accolade { ou } est seule.", "Écrivez {{ ou }} pour une accolade qui doit se lire."
    names = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "aucun"
    remedy = f"Les mots entre accolades de ce texte : {names}."
    if extra := sorted(given - wanted):
        return f"l'assistant ne sait pas remplir {{{extra[0]}}} ici.", remedy
    if lacking := sorted(wanted - given):
        return f"il manque {{{lacking[0]}}} dans ce texte.", remedy
    return None
