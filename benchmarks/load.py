"""Questions a second from update to committed answer, on one core, beside two that do less.

python benchmarks/load.py [--semantic on] [--knowledge knowledge] [--updates 1000] [--rounds 5] [--profile]
python benchmarks/load.py --memory --updates 100000 --knowledge tests/end_to_end/knowledge

- stock: python-telegram-bot as it comes, polling, with a handler that does nothing;
- unstored: the bot's own poller, lanes and matcher, over dicts in place of a database;
- stored: the same over SQLite: inbox, conversation, question, outbox, one commit an answer.

Telegram is a process on core 1, the rest runs on core 0. The three take turns in each round: a machine that does other
things slows them alike, so that the ratios hold where the figures do not. The last column is processor time an update:
1000 / that is what a core does that has nothing else to do.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from telegram.ext import Application, MessageHandler, filters

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fake_telegram import CHATS, TOKEN, fake_telegram
from bot.channels.telegram.client import open_bot
from bot.channels.telegram.desk import Desk
from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.health import Health
from bot.channels.telegram.inline import InlineQueries
from bot.channels.telegram.lanes import Lanes
from bot.channels.telegram.poller import poll
from bot.dialogue.events import Asked
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation
from bot.privacy.pseudonyms import Pseudonyms
from bot.settings import Settings
from bot.storage.model import HandOver, HandOverStatus, RawUpdate, StoredConversation, StoredUpdate
from bot.storage.sql import open_store
from bot.understanding import build_dialogue, build_matcher, load_knowledge

_START = datetime(2026, 11, 24, 12).astimezone()
Progress = Callable[[int], None]


class Clock:
    """Seconds and seconds of processor time since it was made."""

    def __init__(self) -> None:
        self._real, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> "Cost":
        return Cost(time.perf_counter() - self._real, time.process_time() - self._cpu)


@dataclass(frozen=True)
class Cost:
    seconds: float
    processor: float


async def stock(url: str, updates: int) -> Cost:
    handled, done = 0, asyncio.Event()

    async def nothing(_update: object, _context: object) -> None:
        nonlocal handled
        handled += 1
        if handled == updates:
            done.set()

    application = Application.builder().token(TOKEN).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, nothing))
    async with application:
        assert application.updater is not None  # noqa: S101
        clock = Clock()
        await application.updater.start_polling()
        await application.start()
        await done.wait()
        cost = clock.read()
        await application.updater.stop()
        await application.stop()
    return cost


async def stored(url: str, updates: int, dialogue: Dialogue, progress: Progress | None = None) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{folder}/load.db", _START)
        cost = await _handled(url, updates, dialogue, store, progress)
        counts = await store.counts()
        await store.close()
    assert counts["inbox.done"] == updates, counts  # noqa: S101
    return cost


async def unstored(url: str, updates: int, dialogue: Dialogue) -> Cost:
    return await _handled(url, updates, dialogue, Unstored(), None)


async def _handled(url: str, updates: int, dialogue: Dialogue, store: Any, progress: Progress | None) -> Cost:  # noqa: ANN401 - a Store, or what stands in for one
    """Poll and answer until so many updates are settled; nothing is sent."""
    arrived, queued, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    health = Health()
    async with open_bot(TOKEN, url) as bot, asyncio.TaskGroup() as tasks:
        desk = Desk(bot, store, lambda: dialogue, StaffGroup(None), Pseudonyms(b"load"))
        clock = Clock()
        tasks.create_task(poll(bot, store, InlineQueries(bot, lambda: dialogue, health), arrived, stop, health))
        tasks.create_task(Lanes(desk, timedelta(), health, arrived, queued, stop).run())
        handled = 0
        while handled < updates:
            await queued.wait()
            queued.clear()
            handled = int(health.registry.get_sample_value("passerelle_updates_total", {"outcome": "handled"}) or 0)
            if progress:
                progress(handled)
        cost = clock.read()
        stop.set()
    return cost


class Unstored:
    """What the lanes ask of a store and of its transactions, in dicts."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[StoredUpdate]] = {}
        self._lane_of: dict[int, str] = {}
        self._conversations: dict[str, StoredConversation] = {}
        self._hand_overs: dict[str, HandOver] = {}
        self._questions: dict[str, object] = {}
        self._outbox: list[object] = []

    async def poll_leader(self, _now: datetime) -> bool:
        return True

    async def next_offset(self) -> int | None:
        return None

    async def receive(self, updates: Sequence[RawUpdate], now: datetime) -> int:
        for update in updates:
            seq = len(self._lane_of) + 1
            self._lane_of[seq] = update.lane
            stored = StoredUpdate(seq, update.update_id, update.lane, update.body, 0, now)
            self._waiting.setdefault(update.lane, []).append(stored)
        return len(updates)

    async def take_updates(self, *, busy_lanes: Collection[str], limit: int, **_: object) -> list[StoredUpdate]:
        free = self._waiting.keys() - set(busy_lanes)
        heads = [self._waiting[lane][0] for lane in free if self._waiting[lane]]
        return sorted(heads, key=lambda update: update.seq)[:limit]

    async def update_failed(self, seq: int, error: str, *_: object, **__: object) -> None:
        raise RuntimeError(f"update {seq}: {error}")

    @asynccontextmanager
    async def work(self) -> AsyncIterator["Unstored"]:
        yield self

    look = work

    async def conversation(self, _channel: str, chat: str) -> StoredConversation | None:
        return self._conversations.get(chat)

    async def save_conversation(
        self, _channel: str, chat: str, state: Mapping[str, Any], *, version: int, **_: object
    ) -> None:
        self._conversations[chat] = StoredConversation(state, version + 1)

    async def log_question(self, question: Any) -> None:  # noqa: ANN401
        self._questions[question.ref] = question

    async def settle_question(self, *_: object, **__: object) -> None:
        pass

    async def promise_answer(self, *_: object) -> None:
        pass

    async def hand_over_of_chat(self, _channel: str, chat: str) -> HandOver | None:
        return self._hand_overs.get(chat)

    async def open_hand_over(self, channel: str, chat: str, ref: str, now: datetime) -> HandOver:
        new = HandOver(len(self._hand_overs) + 1, channel, chat, ref, HandOverStatus.WAITING, None, now)
        return self._hand_overs.setdefault(chat, new)

    async def enqueue(self, outgoing: Sequence[object], _now: datetime) -> None:
        self._outbox += outgoing

    async def update_done(self, seq: int, _now: datetime) -> None:
        rows = self._waiting[self._lane_of[seq]]
        rows[:] = [update for update in rows if update.seq != seq]


# What is measured


def _throughput(url: str, options: argparse.Namespace, dialogue: Dialogue) -> None:
    """The three, interleaved."""
    updates = options.updates
    runs: Mapping[str, Callable[[], Coroutine[Any, Any, Cost]]] = {
        "stock": lambda: stock(url, updates),
        "unstored": lambda: unstored(url, updates, dialogue),
        "stored": lambda: stored(url, updates, dialogue),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            costs[name].append(asyncio.run(run()))
    rates = {name: [updates / cost.seconds for cost in each] for name, each in costs.items()}
    for name, figures in rates.items():
        processor = statistics.median(cost.processor for cost in costs[name]) / updates * 1000
        low, high = min(figures), max(figures)
        print(f"{name:>9}  {statistics.median(figures):6.0f} /s  ({low:.0f}-{high:.0f})  {processor:6.2f} ms")
    for name in ("stock", "unstored"):
        ratios = [one / other for one, other in zip(rates["stored"], rates[name], strict=True)]
        print(f"stored / {name}: {statistics.median(ratios):.2f}  ({min(ratios):.2f}-{max(ratios):.2f})")


def _memory(url: str, options: argparse.Namespace, dialogue: Dialogue) -> None:
    """The resident set, ten times on the way."""
    step, seen = options.updates // 10, 0

    def progress(handled: int) -> None:
        nonlocal seen
        if handled // step > seen:
            seen = handled // step
            print(f"{handled:>8} updates  {_resident():6.1f} MiB", flush=True)

    cost = asyncio.run(stored(url, options.updates, dialogue, progress))
    print(f"{options.updates / cost.seconds:.0f} /s, {cost.processor / options.updates * 1000:.2f} ms an update")


def _resident() -> float:
    """Of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _profiled(url: str, options: argparse.Namespace, dialogue: Dialogue) -> None:
    profile = cProfile.Profile()
    profile.enable()
    asyncio.run(stored(url, options.updates, dialogue))
    profile.disable()
    pstats.Stats(profile).sort_stats(pstats.SortKey.TIME).print_stats(40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--semantic", choices=("on", "off"), default="off")
    parser.add_argument("--knowledge", type=Path, default=Path("knowledge"))
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    os.sched_setaffinity(0, {0})
    settings = Settings(_env_file=None, semantic=options.semantic, knowledge_dir=options.knowledge)
    knowledge = load_knowledge(settings)
    matcher, _ = build_matcher(settings, knowledge, lambda _done, _total: None)
    dialogue = build_dialogue(settings, matcher)
    dialogue.step(
        Conversation(), Asked("first", "Bonjour à tous et merci", "fr"), Moment(_START)
    )  # loads what it needs
    print(f"{len(knowledge.entries)} entries, semantic {options.semantic}, {CHATS} chats, {date.today()}")  # noqa: DTZ011
    measure = _memory if options.memory else _profiled if options.profile else _throughput
    with fake_telegram(options.updates, core=1) as url:
        measure(url, options, dialogue)


if __name__ == "__main__":
    main()
