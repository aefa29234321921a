"""An entry as the fields of a form, and the form as an entry. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.editing.edit import Files, with_fields
from bot.editing.promote import NewSource, check_wording
from bot.editing.yaml_edit import Item
from bot.knowledge.model import LANGUAGES

_DEFAULTS = {"status": "confirmed", "hand_over": "offer"}
"""What an entry without the field is."""
_LISTS = ("sources", "follow_ups")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an entry says in one language."""

    title: str = ""
    utterances: str = ""
    """One a line."""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class EntryForm:
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    """Every language of the interface."""
    status: str = "confirmed"
    hand_over: str = "offer"
    owner: str = ""
    valid_from: str = ""
    valid_until: str = ""
    sources: str = ""
    """Ids, with commas."""
    follow_ups: str = ""
    reason: str = ""
    """Why it is changed: for the history."""
    file: str = ""
    """Of a new entry."""
    source_title: str = ""
    """Of a source that is cited here for the first time."""
    source_url: str = ""


def form_of_item(item: Item, **fields: str) -> EntryForm:
    validity = _map(item, "valid")
    return EntryForm(
        spoken={language: _spoken(item, language) for language in LANGUAGES},
        **{name: str(item.get(name, default)) for name, default in _DEFAULTS.items()},
        owner=str(item.get("owner", "")),
        valid_from=str(validity.get("from", "")),
        valid_until=str(validity.get("until", "")),
        **{name: ", ".join(item.get(name, ())) for name in _LISTS},
        **fields,
    )


def form_of_fields(fields: Mapping[str, str]) -> EntryForm:
    """What a browser has sent."""

    def given(name: str) -> str:
        return fields.get(name, "").replace("\r\n", "\n").strip()

    spoken = {
        language: Spoken(given(f"title_{language}"), given(f"utterances_{language}"), given(f"answer_{language}"))
        for language in LANGUAGES
    }
    names = [name for name in EntryForm.__dataclass_fields__ if name != "spoken"]
    return EntryForm(spoken, **{name: given(name) for name in names})


def item_of_form(form: EntryForm, before: Item) -> dict[str, Any]:
    """`before` with what the form says; what no form shows stays."""
    fields: dict[str, Any] = {
        "title": _texts(before, "title", {name: said.title for name, said in form.spoken.items()}),
        "utterances": _texts(before, "utterances", {name: _lines(said) for name, said in form.spoken.items()}),
        "answer": _texts(before, "answer", {name: said.answer for name, said in form.spoken.items()}),
        "owner": form.owner or None,
        "valid": {name: day for name, day in (("from", form.valid_from), ("until", form.valid_until)) if day} or None,
        **{name: re.findall(r"[^\s,;]+", getattr(form, name)) or None for name in _LISTS},
    }
    for name, default in _DEFAULTS.items():
        chosen = getattr(form, name) or default
        fields[name] = None if chosen == default and name not in before else chosen
    return dict(with_fields(before, fields))


def new_sources(form: EntryForm, day: date) -> list[NewSource]:
    return [NewSource(form.source_title, form.source_url, day)] if form.source_title or form.source_url else []


def check_new_wordings(files: Files, before: Item, after: Item) -> None:
    """Raises: EditError: a new way to ask holds personal data, or another entry has it."""
    known = {each for texts in _map(before, "utterances").values() for each in texts}
    for texts in _map(after, "utterances").values():
        for wording in texts:
            if wording not in known:
                check_wording(files, wording, but=str(after.get("id", "")))


def _spoken(item: Item, language: str) -> Spoken:
    title, answer = (str(_map(item, name).get(language, "")).strip() for name in ("title", "answer"))
    return Spoken(title, "\n".join(_map(item, "utterances").get(language, ())), answer)


def _lines(said: Spoken) -> list[str]:
    return [" ".join(line.split()) for line in said.utterances.split("\n") if line.strip()]


def _texts(before: Item, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """In the order of `before`; without the languages that were emptied."""
    kept = {language: given.get(language, text) for language, text in _map(before, name).items()}
    return {language: text for language, text in {**kept, **given}.items() if text}


def _map(item: Item, name: str) -> dict[str, Any]:
    value = item.get(name)
    return dict(value) if isinstance(value, Mapping) else {}
