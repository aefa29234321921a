"""Why the bot decided as it did on a question, for staff who do not program. Pure."""

from collections.abc import Iterator, Sequence

from bot.dialogue.decision import Floors, decide
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.knowledge.problems import quoted
from bot.matching.model import Candidate, Ranking
from bot.staff.texts import text

_SHOWN = 3


def why(rankings: Sequence[Ranking], knowledge: KnowledgeBase) -> str:
    """The likeliest entries of each part of the question, each with its signals and its nearest utterance."""
    return "\n\n".join("\n".join(_part(ranking, knowledge)) for ranking in rankings)


def _part(ranking: Ranking, knowledge: KnowledgeBase) -> Iterator[str]:
    yield text("why_question", question=quoted(ranking.question))
    yield text(f"explain_{decide(ranking, Floors()).decision}")
    yield from (_candidate(each, knowledge) for each in ranking.candidates[:_SHOWN])
    yield text("explain_strange", share=_percent(ranking.out_of_scope))


def _candidate(candidate: Candidate, knowledge: KnowledgeBase) -> str:
    signals = {signal.name: signal for signal in candidate.signals}
    parts = [
        text(f"why_{name}", value=f"{signals[name].value:.2f}") for name in ("words", "meaning") if name in signals
    ]
    nearest = next((signal.nearest for signal in candidate.signals if signal.nearest), None)
    parts += [text("why_nearest", sentence=quoted(nearest))] if nearest else []
    title = knowledge.entries[candidate.entry].title_in(DEFAULT_LANGUAGE)
    return f"• {title} : {' ; '.join([_percent(candidate.confidence), *parts])}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
