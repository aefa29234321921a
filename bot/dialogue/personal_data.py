"""What citizens ask about their own data: to see it, to have it erased. Pure; answered whoever else is speaking.

The store is asked by an effect, and answers with an event in the same transaction::

    /mesdonnees ─► FindData ─► DataFound ─► two files
    /effacer ─► "really?" ─► EraseData ─► DataErased ─► a receipt, and the staff's copies are deleted
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any, Protocol

from bot.dialogue.effects import Button, DeleteCopies, Effect, EraseData, FindData, Say, SendFile
from bot.dialogue.events import Action, ActionKind, Command, Commanded, DataErased, DataEvent, DataFound, Pressed
from bot.dialogue.hand_over import Step
from bot.dialogue.moment import Moment
from bot.dialogue.state import Conversation
from bot.dialogue.voice import Voice
from bot.knowledge.hours import LEGAL_TIME

_TAG = re.compile(r"<[^>]+>")


class Text(Protocol):
    """A sentence of the knowledge's messages, its placeholders filled."""

    def __call__(self, key: str, **values: str) -> str: ...


def about_data(
    voice: Voice, conversation: Conversation, event: Commanded | Pressed | DataEvent, moment: Moment
) -> Step:
    """What a wish of the citizen asks of the store, or what the store's answer makes the bot say."""
    match event:
        case DataFound() | DataErased():
            return conversation, _reported(voice, event, moment)
        case Commanded(command=Command.MY_DATA):
            return conversation, (FindData(),)
        case Commanded():
            return conversation, (confirmation(voice),)
        case Pressed(action=Action(kind=ActionKind.ERASE)):
            # Only for the receipt: nothing of it is kept.
            return Conversation(language=conversation.language), (EraseData(),)
        case _:
            return conversation, (Say(voice.text("erase_kept"), buttons=(voice.menu_button,)),)


def _reported(voice: Voice, event: DataEvent, moment: Moment) -> tuple[Effect, ...]:
    match event:
        case DataFound(rows=rows):
            return (
                Say(voice.text("data_files")),
                SendFile("passerelle.txt", "\n".join(readable(voice.text, rows, moment.now)) + "\n"),
                SendFile("passerelle.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n"),
            )
        case DataErased():
            copies = (DeleteCopies(number, number == event.open_hand_over) for number in event.hand_overs)
            return Say("\n\n".join(_receipt(voice, event))), *copies


def confirmation(voice: Voice, said: str = "erase_confirm") -> Say:
    """Whether really everything is to be erased; `said` otherwise when it is asked again."""
    erase = Button(voice.text("button_erase"), Action(ActionKind.ERASE))
    keep = Button(voice.text("button_keep"), Action(ActionKind.KEEP))
    return Say(voice.text(said, button=erase.label), buttons=(erase, keep), asks=erase.action)


def _receipt(voice: Voice, erased: DataErased) -> Iterator[str]:
    """What is gone, what remains, and why."""
    numbers = {"questions": erased.questions, "messages": erased.messages, "hand_overs": len(erased.hand_overs)}
    yield voice.text("erased", **{name: str(number) for name, number in numbers.items()})
    if erased.open_hand_over is not None:
        yield voice.text("erased_open_hand_over")
    if erased.hand_overs:
        yield voice.text("erased_copies")
    if erased.old_copies:
        yield voice.text("erased_old_copies", count=str(erased.old_copies))
    if erased.subscriptions:
        yield voice.text("erased_subscriptions", count=str(erased.subscriptions))
    yield voice.text("erased_remains")


def readable(text: Text, rows: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """The rows of `DataFound` in lines for people, without what is there for programs only."""
    yield text("data_title", date=_said(now))
    yield text("data_chat", number=rows["chat"])
    yield from _part(text, "data_questions", ((row["asked_at"], _asked(text, row)) for row in rows["questions"]))
    yield from _part(text, "data_hand_overs", ((row["opened_at"], f"n° {row['id']}") for row in rows["hand_overs"]))
    for to in ("you", "staff"):
        sent = [row for row in rows["messages"] if row["to"] == to]
        yield from _part(text, f"data_messages_{to}", ((row["queued_at"], _words(text, row)) for row in sent))
    yield from _part(text, "data_updates", ((row["received_at"], text("data_no_text")) for row in rows["updates"]))
    asked = ((row["made_at"], row["subject"]) for row in rows.get("subscriptions", ()))
    yield from _part(text, "data_subscriptions", asked)
    told = ((row["sent_at"], f"{row['subject']}, {row['kind']}") for row in rows.get("notices", ()))
    yield from _part(text, "data_notices", told)
    state = json.dumps(rows["conversation"], ensure_ascii=False)
    yield from ("", text("data_conversation"), f"- {state}")


def _part(text: Text, title: str, lines: Iterator[tuple[str, str]]) -> Iterator[str]:
    said = [f"- {_said(datetime.fromisoformat(at))} : {' '.join(words.split())}" for at, words in lines]
    yield from ("", f"{text(title)} ({len(said)})", *said)


def _asked(text: Text, question: Mapping[str, Any]) -> str:
    """The question, and what the person said of each answer."""
    said = (text("button_helped" if helped else "button_not_mine") for helped in question["ratings"].values())
    return " – ".join((question["text"], *said))


def _words(text: Text, message: Mapping[str, Any]) -> str:
    params = message.get("params", {})
    words = str(params.get("text") or params.get("caption") or params.get("name") or text("data_no_text"))
    return unescape(_TAG.sub("", words)) if params.get("parse_mode") else words


def _said(moment: datetime) -> str:
    return f"{moment.astimezone(LEGAL_TIME):%d/%m/%Y %H:%M}"
