"""The knowledge in service: the last good version of a folder that people edit while the bot runs.

A changed folder is read and validated, its matcher built in a thread, and the whole swapped in with one assignment.
A broken folder never replaces a good one: staff are told why, each problem once, and once when it is mended.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.dialogue.policy import Dialogue
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.problems import KnowledgeError, Problem
from bot.staff.texts import text

log = logging.getLogger(__name__)

_PAUSE = 2
"""Seconds between two looks: a saved file is in service after two of them and the building of its matcher."""
_SHOWN = 5
"""Problems told in one message; `check` shows all."""


@dataclass(frozen=True, slots=True)
class Served:
    """The folder as it stands now is in service."""

    entries: int
    mended: bool
    """It was refused before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The folder has problems: the version before stays in service."""

    problems: tuple[Problem, ...]
    """Those that were not told yet."""


Reload = Served | Refused


class LiveDialogue:
    """`dialogue` is the one to use now. Read it once for each event: the next may find another."""

    def __init__(
        self,
        dialogue: Dialogue,
        load: Callable[[], KnowledgeBase],
        build: Callable[[KnowledgeBase], Dialogue],
        state: Callable[[], object],
    ) -> None:
        """All three are called in a thread.

        Args:
            dialogue: in service from the start.
            load: reads and validates the folder; raises KnowledgeError.
            build: the dialogue over a valid knowledge: takes seconds.
            state: another value whenever the folder changed, without reading it whole; see `folder_state`.
        """
        self.dialogue = dialogue
        self._load, self._build, self._state = load, build, state
        self._seen: object = None
        self._judged: object = None
        self._told: frozenset[object] = frozenset()

    async def look(self) -> Reload | None:
        """Bring what has changed into service; None when there is nothing to tell.

        A folder is judged when two looks in a row find it the same: an editor may be half-way through saving.
        """
        before, self._seen = self._seen, await asyncio.to_thread(self._state)
        if self._seen != before or self._seen == self._judged:
            return None
        self._judged = self._seen
        try:
            knowledge = await asyncio.to_thread(self._load)
        except KnowledgeError as error:
            return self._refuse(error.problems) if await self._unchanged() else None
        return await self._serve(knowledge) if await self._unchanged() else None

    async def _unchanged(self) -> bool:
        """False when somebody saved while we read: what was read is then nobody's version, and is read again."""
        return await asyncio.to_thread(self._state) == self._seen

    def _refuse(self, problems: Sequence[Problem]) -> Refused | None:
        known, self._told = self._told, frozenset(map(_identity, problems))
        fresh = tuple(problem for problem in problems if _identity(problem) not in known)
        return Refused(fresh) if fresh else None

    async def _serve(self, knowledge: KnowledgeBase) -> Served | None:
        new = knowledge.fingerprint != self.dialogue.knowledge.fingerprint
        if new:
            self.dialogue = await asyncio.to_thread(self._build, knowledge)
        mended, self._told = bool(self._told), frozenset()
        return Served(len(knowledge.entries), mended) if new or mended else None


async def pause_between_looks(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), _PAUSE)


async def watch(
    live: LiveDialogue,
    tell: Callable[[str], Awaitable[object]],
    stop: asyncio.Event,
    pause: Callable[[asyncio.Event], Awaitable[object]] = pause_between_looks,
) -> None:
    """Look, tell staff what happened, pause; until `stop` is set. What could not be told is told after a pause.

    A matcher that is being built when `stop` is set is finished first: a thread cannot be interrupted.
    """
    untold: list[str] = []
    while not stop.is_set():
        untold += await _news(live)
        try:
            while untold:
                await tell(untold[0])
                del untold[0]
        except Exception:
            log.exception("staff could not be told about the knowledge")
        await pause(stop)


def folder_state(folder: Path) -> tuple[object, ...]:
    """Differs whenever the knowledge of `folder` may differ: names, sizes and times of change, no contents.

    Takes in every file that the loader reads and some that it does not: those only cost a reading.
    """
    state: list[object] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        state.append((parent, *folders))
        state += [_file_state(Path(parent, name)) for name in sorted(names) if name.lower().endswith((".yaml", ".yml"))]
    return tuple(state)


async def _news(live: LiveDialogue) -> list[str]:
    """At most one sentence."""
    try:
        reload = await live.look()
    except Exception:  # whatever it is, the knowledge in service goes on answering
        log.exception("the changed knowledge could not be put into service")
        return [text("knowledge_failed")]
    if reload is None:
        return []
    _note(reload)
    return [_sentence(reload)]


def _sentence(reload: Reload) -> str:
    match reload:
        case Served(entries, mended):
            return text("knowledge_mended" if mended else "knowledge_replaced", entries=entries)
        case Refused(problems):
            lines = [f"• {problem}" for problem in problems[:_SHOWN]]
            if len(problems) > _SHOWN:
                lines.append(text("knowledge_more_problems", count=len(problems) - _SHOWN))
            return text("knowledge_refused", problems="\n".join(lines))


def _note(reload: Reload) -> None:
    match reload:
        case Served(entries, mended):
            log.info("knowledge in service: %d entries%s", entries, ", mended" if mended else "")
        case Refused(problems):
            log.warning("knowledge refused, the version before stays:\n%s", "\n".join(map(str, problems)))


def _identity(problem: Problem) -> object:
    """A line added above moves a problem, and makes no other of it."""
    return problem.file, problem.field, problem.what, problem.remedy


def _file_state(path: Path) -> object:
    try:
        found = path.stat()
    except OSError as error:
        return path, error.errno
    return path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
