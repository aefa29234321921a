"""The knowledge base once it is valid: immutable values, no I/O, no YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from bot.knowledge.eligibility import Interview
from bot.knowledge.hours import OpeningHours
from bot.knowledge.opportunities import Opportunities

LANGUAGES = ("fr", "de", "en", "sr", "ar")
"""The languages of the interface (ISO 639-1). Serbian is accepted in both scripts."""

DEFAULT_LANGUAGE = "fr"

Texts = Mapping[str, str]
"""Language code → text."""


class Kind(StrEnum):
    """What an entry speaks of."""

    FACT = "fact"
    """Something that a source says; at least one source is required."""
    BEHAVIOUR = "behaviour"
    """The bot itself (greeting, privacy…); no source is needed."""
    EMERGENCY = "emergency"
    """A fact for a person in danger: a call missed costs more than a false alarm."""


class Status(StrEnum):
    CONFIRMED = "confirmed"
    TO_CONFIRM = "to_confirm"
    """Old, contradicted or single-source: the answer says so."""


class HandOver(StrEnum):
    """Whether a person of the staff joins after the answer."""

    NEVER = "never"
    OFFER = "offer"
    """A button under the answer."""
    ALWAYS = "always"
    """The answer says what is known, then the question goes to staff."""


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: str
    url: str
    checked: date
    """The day on which a person last read it."""
    published: str | None = None
    """The date that the source itself bears, in words ("juin 2021", "sans date")."""


class AnswerPeriod(NamedTuple):
    """What is answered up to a day: before a call for projects opens, while it is open."""

    until: date
    """The last day on which it is answered."""
    answer: Texts


class Call(NamedTuple):
    """The dates of the call for projects that an entry speaks of; None: not published."""

    opens: date | None = None
    closes: date | None = None
    """The last day."""

    @property
    def published(self) -> bool:
        return self.opens is not None or self.closes is not None

    def over(self, day: date) -> bool:
        return self.closes is not None and self.closes < day


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that people ask about (an *intent* in the field's terms) and its answer."""

    id: str
    title: Texts
    utterances: Mapping[str, tuple[str, ...]]
    answer: Texts
    kind: Kind = Kind.FACT
    sources: tuple[str, ...] = ()
    status: Status = Status.CONFIRMED
    hand_over: HandOver = HandOver.OFFER
    valid_from: date | None = None
    valid_until: date | None = None
    follow_ups: tuple[str, ...] = ()
    unconfirmed_translations: frozenset[str] = frozenset()
    """Languages whose answer no person has confirmed yet; the answer says so."""
    frozen: bool = False
    """The answer is being corrected: its questions go to staff instead."""
    retired: bool = False
    """It is not used any more, whatever its dates; its words stay."""
    owner: str | None = None
    """Who keeps it up to date, in words."""
    periods: tuple[AnswerPeriod, ...] = ()
    """In the order of their days; `answer` is what is said after the last of them."""
    interview: str | None = None
    """The interview that is proposed under the answer."""
    must_match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language → questions that this entry must win. They guard it, and teach the matcher nothing."""
    must_not_match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language → questions that this entry must not answer; likewise."""
    call: Call | None = None
    """People may ask to be told of its dates."""

    def in_force(self, day: date) -> bool:
        """True when `day` lies within the validity of the entry, both ends included, and it is not retired."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until) and not self.retired

    def speaks_on(self, day: date) -> bool:
        """True when what it says may be told on `day`: it is in force, and its answer is not being corrected."""
        return self.in_force(day) and not self.frozen

    @property
    def is_courtesy(self) -> bool:
        """Thanks, a farewell: it leads nowhere, and nobody would choose it from a list."""
        return self.kind is Kind.BEHAVIOUR and self.hand_over is HandOver.NEVER and not self.follow_ups

    def answer_on(self, day: date) -> Texts:
        return next((period.answer for period in self.periods if day <= period.until), self.answer)

    def title_in(self, language: str) -> str:
        return text_in(self.title, language)[0]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How people write the words of the knowledge; all keys and values as in the YAML file."""

    abbreviations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language → written form → full form."""
    synonyms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language → variant → the word that the knowledge uses."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Proper name → variants, transcriptions and frequent misspellings."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The entries that the bot proposes by itself."""

    start: tuple[str, ...] = ()
    """Buttons of /start, beside the one that calls a person: two at most."""
    help: tuple[str, ...] = ()
    """Buttons of /aide."""
    contact: str | None = None
    """The entry that /contact shows."""


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    entries: Mapping[str, Entry]
    sources: Mapping[str, Source]
    messages: Mapping[str, Mapping[str, str]]
    """Language → message key → text with `{placeholders}`; every language has every key."""
    out_of_scope: Mapping[str, tuple[str, ...]]
    """Language → sentences that are not ours: the folder's own."""
    background: Mapping[str, tuple[str, ...]]
    """Language → sentences that are nobody's: the built-in generic set."""
    vocabulary: Vocabulary
    menu: Menu
    fingerprint: str
    """A digest of every byte that was read: equal fingerprints mean equal knowledge."""
    hours: OpeningHours | None = None
    """None: nothing is known of them, and nothing is said."""
    opportunities: Opportunities = field(default_factory=Opportunities)
    interviews: Mapping[str, Interview] = field(default_factory=dict)

    @property
    def in_use(self) -> Mapping[str, Entry]:
        """The entries that are not retired, whatever their dates."""
        return {name: entry for name, entry in self.entries.items() if not entry.retired}

    def message(self, language: str, key: str, **values: str) -> str:
        """The interface text `key` in `language` (French when we do not speak it), placeholders filled.

        Raises:
            KeyError: `key` is no message.
        """
        texts = self.messages.get(language) or self.messages[DEFAULT_LANGUAGE]
        return texts[key].format_map(values)


def text_in(texts: Texts, language: str) -> tuple[str, str]:
    """The text in `language`, else in French, else in the first language there is; with the language it is in.

    >>> text_in({"fr": "Bonjour", "de": "Guten Tag"}, "sr")
    ('Bonjour', 'fr')
    """
    for candidate in (language, DEFAULT_LANGUAGE):
        if candidate in texts:
            return texts[candidate], candidate
    first = next(iter(texts))
    return texts[first], first
