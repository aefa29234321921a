"""Settings → the knowledge, and the matcher over it: all that deciding takes, without channels, console or database."""

from functools import cache
from pathlib import Path
from threading import Thread

from bot.dialogue.policy import Dialogue
from bot.encoding.cache import CachedEncoder, LearntFolder, Progress
from bot.encoding.e5 import E5, EncoderUnavailableError
from bot.knowledge.loader import load
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase
from bot.language.detection import detect
from bot.matching.matcher import Matcher
from bot.settings import Settings


def load_knowledge(settings: Settings, folder: Path | None = None) -> KnowledgeBase:
    """The knowledge of `folder`, else of the settings; an entry that has expired is no problem, and is not answered.

    Raises:
        KnowledgeError: the folder has problems.
    """
    return load(folder or settings.knowledge_dir, None)


def build_matcher(settings: Settings, knowledge: KnowledgeBase, progress: Progress) -> tuple[Matcher, str | None]:
    """The matcher, and why the semantic signal is missing if it is."""
    # Unpacking the languages takes half a second of the first question, and lets go of the interpreter meanwhile.
    Thread(target=detect, args=("bonjour",), kwargs={"fallback": DEFAULT_LANGUAGE}, daemon=True).start()
    memory = LearntFolder(settings.cache_dir)
    if settings.semantic == "off":
        return Matcher.build(knowledge, None, memory=memory), "PASSERELLE_SEMANTIC vaut « off »"
    try:
        encoder = _encoder(settings.cache_dir)
    except EncoderUnavailableError as error:
        return Matcher.build(knowledge, None, memory=memory), str(error)
    return Matcher.build(knowledge, encoder, CachedEncoder(encoder, settings.cache_dir, progress), memory), None


def build_dialogue(settings: Settings, matcher: Matcher) -> Dialogue:
    return Dialogue(matcher.knowledge, matcher, days_kept=settings.retention_days)


@cache
def _encoder(folder: Path) -> E5:
    """One for the process: each change of the knowledge builds a matcher anew.

    Raises:
        EncoderUnavailableError: not on this machine.
    """
    return E5(folder)
