"""A small knowledge base and a matcher that knows its questions by heart, for the tests of the dialogue."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

import bot.knowledge
from bot.knowledge.model import LANGUAGES, Entry, HandOver, Kind, KnowledgeBase, Menu, Source, Status, Vocabulary
from bot.matching.model import Candidate, Ranking

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
_MESSAGES = Path(bot.knowledge.__file__).parent / "builtin" / "messages"

MESSAGES = {
    language: yaml.load((_MESSAGES / f"{language}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - our own file
    for language in LANGUAGES
}

ENTRIES = (
    Entry(
        id="grant",
        title={"fr": "Demander une aide", "de": "Förderung"},
        utterances={"fr": ("comment demander une aide",)},
        answer={"fr": "Écrivez au service.", "de": "Schreiben Sie uns."},
        sources=("guide", "page"),
        status=Status.TO_CONFIRM,
        follow_ups=("office",),
        unconfirmed_translations=frozenset({"de"}),
    ),
    Entry(
        id="dispute",
        title={"fr": "Contester une décision"},
        utterances={"fr": ("je conteste",)},
        answer={"fr": "Un recours est possible."},
        sources=("guide",),
        hand_over=HandOver.ALWAYS,
    ),
    Entry(
        id="office",
        title={"fr": "Où sommes-nous ?"},
        utterances={"fr": ("où êtes-vous",)},
        answer={"fr": "Au 4, square Castan."},
        sources=("page",),
        hand_over=HandOver.NEVER,
        valid_until=date(2026, 12, 31),
    ),
    Entry(
        id="greeting",
        title={"fr": "Bonjour"},
        utterances={"fr": ("bonjour",)},
        answer={"fr": "Bonjour !"},
        kind=Kind.BEHAVIOUR,
        hand_over=HandOver.NEVER,
    ),
)

SOURCES = (
    Source("guide", "Guide des aides", "https://example.org/guide", date(2026, 1, 5), published="juin 2021"),
    Source("page", "Page du service", "https://example.org/page", date(2026, 2, 7)),
)

KNOWLEDGE = KnowledgeBase(
    entries={entry.id: entry for entry in ENTRIES},
    sources={source.id: source for source in SOURCES},
    messages=MESSAGES,
    out_of_scope={},
    background={},
    vocabulary=Vocabulary(),
    menu=Menu(start=("grant", "office"), help=("grant", "dispute"), contact="office"),
    fingerprint="test",
)


def ranked(text, out_of_scope=0.0, **confidences):
    """A ranking of `text`: entries with their confidence, best first."""
    candidates = tuple(Candidate(entry, confidence) for entry, confidence in confidences.items())
    return Ranking(text, "fr", candidates, out_of_scope)


GRANT, DISPUTE, OFFICE, HELLO = "aide ?", "je conteste", "où ?", "bonjour"
CLOSE, LOW, FOREIGN, BOTH, GERMAN = "aide ou lieu ?", "xyz", "la météo ?", "aide ? où ?", "Förderung?"

FOLLOW_UP = "et pour un lycée ?"
CLOSE_TWICE = "aide ou lieu ? aide ou lieu ?"
WITH_ANOTHER = "aide ? comment avoir un visa ?"

KNOWN = {
    GRANT: (ranked(GRANT, grant=0.9),),
    DISPUTE: (ranked(DISPUTE, dispute=0.9),),
    OFFICE: (ranked(OFFICE, office=0.9),),
    HELLO: (ranked(HELLO, greeting=0.9),),
    CLOSE: (ranked(CLOSE, grant=0.3, dispute=0.2, greeting=0.01),),
    LOW: (ranked(LOW, grant=0.1),),
    FOREIGN: (ranked(FOREIGN, 0.9, grant=0.1),),
    CLOSE_TWICE: (ranked(CLOSE, grant=0.3, dispute=0.2), ranked(CLOSE, grant=0.3, dispute=0.2)),
    WITH_ANOTHER: (replace(ranked(WITH_ANOTHER, grant=0.9), asks_more=True),),
    BOTH: (ranked(GRANT, grant=0.9), ranked(OFFICE, office=0.9)),
    GERMAN: (ranked(GERMAN, grant=0.9),),
    "aide ? xyz": (ranked(GRANT, grant=0.9), ranked(LOW, grant=0.1)),
    "xyz xyz": (ranked(LOW, grant=0.1), ranked(LOW, grant=0.1)),
}


@dataclass
class FakeMatcher:
    """Knows the questions of KNOWN; German is what is in GERMAN."""

    def understand(self, text, *, last_entry, **_):
        """The rankings of a known question, in its own words; a follow-up keeps the entry answered before."""
        if text == FOLLOW_UP and last_entry:
            return (ranked(text, **{last_entry: 0.9}),)
        return KNOWN.get(text, (ranked(text),))

    def language_of(self, text, *, fallback):
        """German for the German question, else the fallback."""
        return "de" if text == GERMAN else fallback
