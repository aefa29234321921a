"""One decision per question: answer, clarify or hand over. What is not clearly an answer goes to a person."""

from dataclasses import dataclass

from bot.dialogue.effects import Decision, LogQuestion, QuestionStatus, Reason
from bot.matching.model import Candidate, Ranking
from bot.privacy.masking import mask

MAX_OFFERED = 3


@dataclass(frozen=True, slots=True)
class Floors:
    """The confidences from which the bot dares; measured on labelled questions (docs/matching.md), never guessed."""

    answer: float = 0.85
    """Confidence of the best entry from which it is answered."""
    clarify: float = 0.35
    """Confidence of the three best entries together from which they are offered."""
    offer: float = 0.02
    """Confidence that an entry needs to be offered at all."""
    out_of_scope: float = 0.5
    """Probability from which a question is said not to be ours."""
    emergency: float = 0.5
    """Confidence from which the numbers for emergencies are given."""
    perhaps_emergency: float = 0.05
    """Confidence from which they are offered, before anything else."""


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    reason: Reason
    entry: str | None = None
    """With ANSWER."""
    offered: tuple[str, ...] = ()
    """With CLARIFY: one to three entries, best first."""


def decide(ranking: Ranking, floors: Floors) -> Verdict:
    """What to do with a ranked question; the last line hands over."""
    best = ranking.candidates[:MAX_OFFERED]
    urgent = [candidate for candidate in best if candidate.emergency]
    danger = sum(candidate.confidence for candidate in urgent)
    if urgent and danger >= floors.emergency:
        return _sure(urgent[0])
    offered = likely(ranking, floors)[:MAX_OFFERED]
    enough = sum(candidate.confidence for candidate in best) >= floors.clarify
    # After a courtesy there may be nothing to choose from, and nothing to call a person for either.
    if best and (best[0].confidence >= floors.answer or (best[0].courtesy and enough and not offered)):
        return _sure(best[0])
    if danger >= floors.perhaps_emergency:
        first = tuple(candidate.entry for candidate in urgent)
        return Verdict(Decision.CLARIFY, Reason.TOO_CLOSE, offered=tuple(dict.fromkeys(first + offered)))
    if offered and enough:
        return Verdict(Decision.CLARIFY, Reason.TOO_CLOSE, offered=offered)
    if ranking.out_of_scope >= floors.out_of_scope:
        return Verdict(Decision.HAND_OVER, Reason.OUT_OF_SCOPE)
    return Verdict(Decision.HAND_OVER, Reason.TOO_LOW)


def likely(ranking: Ranking, floors: Floors) -> tuple[str, ...]:
    """The entries that may be meant and can be chosen, best first."""
    return tuple(
        candidate.entry
        for candidate in ranking.candidates
        if candidate.confidence >= floors.offer and not candidate.courtesy
    )


def _sure(candidate: Candidate) -> Verdict:
    if candidate.frozen:
        return Verdict(Decision.HAND_OVER, Reason.ENTRY_FROZEN)
    return Verdict(Decision.ANSWER, Reason.CONFIDENT, entry=candidate.entry)


def logged(ref: str, text: str, ranking: Ranking, verdict: Verdict, status: QuestionStatus) -> LogQuestion:
    """What is kept of a question and of the decision on it."""
    return LogQuestion(
        ref=ref,
        text=mask(text),
        language=ranking.language,
        decision=verdict.decision,
        reason=verdict.reason,
        status=status,
        candidates=ranking.candidates,
        entry=verdict.entry,
    )
