"""A folder of one entry, and a matcher that knows it word for word."""

from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.model import KnowledgeBase
from bot.matching.model import Candidate, Ranking

ENTRIES = """\
entries:
  # Relue en mai
  - id: hours
    title: {fr: "Les horaires"}
    utterances:
      fr:
        - "horaires"
    answer:
      fr: |
        De 9 h à 12 h.
    sources: [page]
    owner: "Accueil"
"""
SOURCES = 'sources:\n  - {id: page, title: "La page", url: "https://example.org", checked: 2026-11-24}\n'


def written(folder: Path) -> Path:
    """The folder, with its files."""
    (folder / "entries").mkdir(parents=True)
    (folder / "entries/mairie.yaml").write_text(ENTRIES, encoding="utf-8")
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return folder


@dataclass
class KnowsByHeart:
    """Sure of what is written word for word."""

    knowledge: KnowledgeBase

    def understand(self, text, *, day, language=None):  # noqa: ARG002 - the protocol's
        found = [name for name, entry in self.knowledge.entries.items() if text in entry.utterances.get("fr", ())]
        return (Ranking(text, "fr", tuple(Candidate(name, 0.99) for name in found)),)
