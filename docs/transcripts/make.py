"""Write docs/transcripts.md: five conversations, as the bot really answers them with the shipped knowledge.

make transcripts
"""

# ruff: noqa: INP001 - a script beside what it writes

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app import build_dialogue
from bot.dialogue.effects import Button, Effect, LogQuestion, OpenHandOver, RelayToCitizen, RelayToStaff, Say
from bot.dialogue.events import Agent, Asked, Command, Commanded, Event, Pressed, StaffClosed, StaffReplied, StaffTook
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation
from bot.knowledge.hours import LEGAL_TIME
from bot.settings import Settings
from bot.staff.texts import text
from bot.understanding import build_matcher, load_knowledge

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "transcripts.md"
MOMENT = Moment(datetime(2026, 11, 24, 10, tzinfo=LEGAL_TIME))
"""A Tuesday morning: what the bot says depends on the day."""
AGENT = Agent(1, "Claire")
HEAD = """# Cinq conversations

Telles que l'assistant les mène avec les fiches livrées, le 24 novembre 2026 à 10 h, sans modèle de sens.
Les personnes et ce qu'écrit l'agent sont inventés ; chaque phrase de l'assistant est la sienne. `make transcripts`
récrit cette page, un test vérifie qu'elle dit vrai. En gras : la personne. Entre crochets : les boutons.
"""


@dataclass(frozen=True, slots=True)
class Press:
    """A button, by its label or by what its label begins with."""

    label: str


@dataclass(frozen=True, slots=True)
class Staff:
    """What a person of the service writes; "" takes the request, None closes it."""

    words: str | None


Turn = str | Press | Staff

CONVERSATIONS: Sequence[tuple[str, str, Sequence[Turn]]] = (
    (
        "Une lycéenne dans le bus",
        "fr",
        (
            "slt g 17 ans et jveux aller en alemagne cet été",
            Press("Jeunes : partir en Allemagne"),
            Press("Chercher une offre"),
            Press("Allemagne"),
            Press("de 16 à 17 ans"),
            Press("Peu importe"),
            Press("Infos : "),
            "merci !",
        ),
    ),
    (
        "Le trésorier d'une association",
        "fr",
        (
            "Bonjour Madame, Monsieur. Quels sont les critères du fonds ? Notre association a un projet au Burkina.",
            Press("Vérifier si mon projet"),
            Press("Une association"),
            Press("Je ne sais pas"),
            "/humain",
            Staff(""),
            Staff("Bonjour, je regarde votre projet avec une collègue et je vous écris cette semaine."),
            "Merci beaucoup, bonne journée.",
            Staff(None),
        ),
    ),
    (
        "Un partenaire au Liban",
        "ar",
        ("مرحبا، ما هو التعاون مع كب الياس؟", "شكرا"),
    ),
    (
        "Un habitant en colère",
        "fr",
        (
            "C'est une honte de donner l'argent de nos impôts à l'étranger !!!",
            Press("Qui soutient la coopération"),
            "je veux parler à un responsable, pas à une machine",
            Staff("Bonjour Monsieur. Je comprends votre question ; je peux vous appeler demain si vous le souhaitez."),
        ),
    ),
    (
        "Ce n'est pas le bon endroit",
        "fr",
        ("Comment refaire ma carte grise ?", Press("Voir les sujets"), "/contact"),
    ),
)


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    settings = Settings(knowledge_dir=ROOT / "knowledge", semantic="off")
    matcher, _ = build_matcher(settings, load_knowledge(settings), lambda _done, _total: None)
    dialogue = build_dialogue(settings, matcher)
    parts = (["", f"## {title}", "", *played(dialogue, language, turns)] for title, language, turns in CONVERSATIONS)
    return HEAD + "\n".join(line for part in parts for line in part)


def played(dialogue: Dialogue, language: str, turns: Sequence[Turn]) -> Iterator[str]:
    conversation, shown = Conversation(), ()
    for number, turn in enumerate(turns):
        event = _event(turn, str(number), language, shown)
        conversation, effects = dialogue.step(conversation, event, MOMENT)
        if not isinstance(turn, Staff):
            yield from _quoted(turn if isinstance(turn, str) else f"[{_pressed(turn, shown).label}]", "**")
        for effect in effects:
            yield from _told(effect, turn)
        shown = tuple(button for effect in effects if isinstance(effect, Say) for button in effect.buttons) or shown


def _event(turn: Turn, ref: str, language: str, shown: Sequence[Button]) -> Event:
    match turn:
        case Staff(words=None):
            return StaffClosed(ref)
        case Staff(words=words):
            return StaffReplied(ref, AGENT) if words else StaffTook(ref, AGENT)
        case Press():
            return Pressed(ref, _pressed(turn, shown).action, language)
        case str() if turn.startswith("/"):
            return Commanded(ref, Command(turn[1:]), language)
        case _:
            return Asked(ref, turn, language)


def _pressed(press: Press, shown: Sequence[Button]) -> Button:
    found = next((button for button in shown if button.label.startswith(press.label)), None)
    if found is None:
        raise LookupError(f"no button {press.label!r} among {[button.label for button in shown]}")
    return found


def _told(effect: Effect, turn: Turn) -> Iterator[str]:
    match effect:
        case Say():
            sources = [f"[{citation.label}]({citation.url})" for citation in effect.citations]
            yield from _paragraphs(
                "\n\n".join([effect.text.strip(), *sources, *(f"*{note}*" for note in effect.notes)])
            )
            if effect.buttons:
                yield from (" ".join(f"\\[{button.label}\\]" for button in effect.buttons), "")
        case OpenHandOver():
            yield from (f"*→ groupe du service : {text(f'reason_{effect.reason}')}*", "")
            yield from (line for question, answer in effect.interview for line in (f"*→ {question} {answer}*", ""))
        case RelayToStaff():
            yield from ("*→ transmis au service*", "")
        case RelayToCitizen() if isinstance(turn, Staff) and turn.words:
            yield from _quoted(f"Claire, du service : {turn.words}", "*")
        case LogQuestion():
            pass


def _quoted(words: str, mark: str) -> Iterator[str]:
    yield from (f"> {mark}{words}{mark}", "")


def _paragraphs(words: str) -> Iterator[str]:
    """Lines of the bot stay lines."""
    for paragraph in words.split("\n\n"):
        yield from ("  \n".join(line.strip() for line in paragraph.strip().split("\n")), "")


if __name__ == "__main__":
    main()
