"""Which questions an agent wants to see: the filters of the list, in its address. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from bot.dialogue.effects import Decision, QuestionStatus
from bot.storage.model import Question
from bot.storage.review import fold

PERIODS = (1, 7, 30)
"""Days to choose from."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the filters say; "" means everything."""

    state: str = QuestionStatus.OPEN
    days: str = ""
    language: str = ""
    topic: str = ""
    kind: str = ""
    """A decision: `clarify` shows what was offered entries and chose none."""
    words: str = ""
    page: int = 1

    def admits(self, question: Question, now: datetime) -> bool:
        return (
            self.language in {"", question.language}
            and self.topic in {"", question.topic}
            and self.kind in {"", question.decision}
            and (not self.days or question.asked_at >= now - timedelta(days=int(self.days)))
            and (not self.words or fold(self.words) in fold(question.text))
        )

    def query(self, page: int) -> str:
        named = {"etat": self.state, "jours": self.days, "langue": self.language, "fiche": self.topic}
        named |= {"genre": self.kind, "mots": self.words, "page": str(page) if page > 1 else ""}
        return urlencode({name: value for name, value in named.items() if value})


def wanted_by(asked: Mapping[str, str]) -> Wanted:
    """What the address asks for; what means nothing is left out."""
    state, days = asked.get("etat", ""), asked.get("jours", "")
    return Wanted(
        state=state if state in set(QuestionStatus) else QuestionStatus.OPEN,
        days=days if days in {str(period) for period in PERIODS} else "",
        language=asked.get("langue", ""),
        topic=asked.get("fiche", ""),
        kind=asked.get("genre", "") if asked.get("genre") in set(Decision) else "",
        words=asked.get("mots", "").strip()[:200],
        page=page_in(asked),
    )


def page_in(asked: Mapping[str, str]) -> int:
    """The page of a list that the address asks for, from 1 on."""
    page = asked.get("page", "1")
    return max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1
