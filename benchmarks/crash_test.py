"""Kill the bot with -9 at random moments while citizens ask: what is lost, what comes twice, what comes in disorder.

python benchmarks/crash_test.py [--postgresql] [--replicas 3] [--citizens 200] [--each 10] [--kills 30] [--seed 5]

Several replicas share one PostgreSQL and one webhook; one of them at a time is killed. The real bot runs as a process
against the emulator of the Bot API, which is slow to tell that a message has arrived: a kill in between leaves its
outcome unknown.
"""

import argparse
import asyncio
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.channels.telegram.waiting import any_of
from bot.storage.database import Database, create_engine
from bot.storage.tables import inbox, outbox, questions
from tests.emulator import BotApi, Citizen, StaffGroup
from tests.end_to_end.conftest import KNOWLEDGE, running_bot
from tests.storage.postgresql import new_database

_GROUP = -500
_ANSWERS = {
    "Comment demander une aide ?": "Écrivez au service",
    "Où êtes-vous ?": "place de la Révolution-française",
    "Jusqu'à quand demander une aide ?": "Aucune date",
}
"""Question, and a part of its answer that is the same in HTML."""
_DISPUTE, _DISPUTED = "Je conteste votre décision", "Un recours est possible"
"""Also goes to the staff: the last question of every 20th citizen."""
_LATENCY = 0.05
"""Seconds between the arrival of a message and the answer that says so."""


_STARTED = "répond sur Telegram"
"""In the log of a bot that has started."""
_PATIENCE = 120.0
"""Seconds for a start, on a machine that has much else to do."""


@dataclass(frozen=True)
class Plan:
    database: str
    citizens: int = 200
    each: int = 10
    """Questions of each citizen."""
    kills: int = 30
    replicas: int = 1
    seed: int = 5
    asked_a_second: float = 40.0
    """More than the 28 that leave: a backlog is there when the kills come."""
    longest: float = 3.0
    """Seconds between the first call of a bot and its end, at most."""
    patience: float = 300.0
    """Seconds after the last kill in which everything has to be answered."""


@dataclass
class Asker:
    citizen: Citizen
    questions: Sequence[str]
    refs: list[str] = field(default_factory=list)
    """Of the questions asked so far, as in the column of that name."""

    async def ask(self) -> None:
        """The next question."""
        message_id = await self.citizen.says(self.questions[len(self.refs)])
        self.refs.append(f"{self.citizen.chat_id}/{message_id}")

    @property
    def expected(self) -> list[str]:
        return [_ANSWERS.get(question, _DISPUTED) for question in self.questions]

    @property
    def received(self) -> list[tuple[str, int]]:
        """The answers in the order in which the citizen sees them, and how often each came in a row."""
        answers = filter(None, (_answer_in(message.text) for message in self.citizen.history))
        return [(answer, len(list(copies))) for answer, copies in groupby(answers)]


@dataclass
class Outcome:
    """What the citizens, the staff and the database say after all."""

    asked: int
    kills: int
    seconds: float = 0
    unanswered: int = 0
    """Questions without an answer in their citizen's chat."""
    disordered: int = 0
    """Citizens whose answers are not exactly those to their questions, in that order."""
    rows_wrong: int = 0
    """Questions that have not exactly one row in `questions`."""
    cards_missing: int = 0
    """Requests that the staff did not see."""
    unsettled: int = 0
    """Updates and messages that are still waiting."""
    doubled: int = 0
    """Messages that came more than once."""
    doubled_uncounted: int = 0
    """Of these, those not marked as interrupted, or with more copies than tries."""
    interrupted: int = 0
    """Messages marked as perhaps repeated."""
    flood_refusals: int = 0
    ended_by_itself: int = 0
    """Bots that were not there any more when they should be killed or stopped."""

    @property
    def kept(self) -> bool:
        """The promise is kept."""
        wrong = (self.unanswered, self.disordered, self.rows_wrong, self.cards_missing, self.unsettled)
        return not any((*wrong, self.doubled_uncounted, self.ended_by_itself))


@dataclass
class Replica:
    settings: Mapping[str, str]
    log: Path
    kill: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    starts: int = 0
    """Of the bots that are gone."""
    ended_by_itself: int = 0

    async def up(self) -> None:
        """Wait until the bot of this moment has started."""
        async with asyncio.timeout(_PATIENCE):
            while self.started() == self.starts:  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.05)

    def started(self) -> int:
        """How many times a bot has written that it is there."""
        return self.log.read_text("utf-8").count(_STARTED) if self.log.exists() else 0


async def crash_test(plan: Plan, folder: Path) -> Outcome:
    """Ask, kill, wait until all is answered, and look at what came of it; logs and caches go to `folder`."""
    chance = random.Random(plan.seed)  # noqa: S311 - no secret
    started = time.monotonic()
    async with BotApi(flood_limits=True) as api, _intakes(plan.replicas) as intakes:
        group = api.group(_GROUP, "Service", members=["Alice"], bot_rights=None)
        api.delay("sendMessage", _LATENCY, before_effect=False)
        askers = [_asker(api, plan, number, chance) for number in range(plan.citizens)]
        settings = _settings(plan, api, folder)
        replicas = [Replica(settings | intake, folder / f"log-{n}") for n, intake in enumerate(intakes)]
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for replica in replicas:
                tasks.create_task(_keep_running(replica, over))
            asking = tasks.create_task(_ask(askers, plan, chance))
            await _kill(replicas, plan, chance)
            await asking
            with suppress(AssertionError):  # what is missing is counted below
                await api.until(_all_answered(askers, group), timeout=plan.patience)
            over.set()
        outcome = await _judged(plan, askers, group)
        outcome.flood_refusals = sum(call.status == 429 for call in api.calls)
    outcome.ended_by_itself = sum(replica.ended_by_itself for replica in replicas)
    outcome.seconds = round(time.monotonic() - started, 1)
    return outcome


def _asker(api: BotApi, plan: Plan, number: int, chance: random.Random) -> Asker:
    """Two questions in a row differ: an answer that comes twice is seen, and so is one that is missing."""
    asked: list[str] = []
    for _ in range(plan.each):
        asked.append(chance.choice([question for question in _ANSWERS if question not in asked[-1:]]))
    if number % 20 == 0:
        asked[-1] = _DISPUTE
    return Asker(api.private_chat(1000 + number, f"Citizen {number}"), asked)


def _answer_in(text: str) -> str | None:
    return next((answer for answer in (*_ANSWERS.values(), _DISPUTED) if answer in text), None)


# What happens


async def _ask(askers: Sequence[Asker], plan: Plan, chance: random.Random) -> None:
    """All citizens' questions mixed, each citizen's in order."""
    order = [asker for asker in askers for _ in asker.questions]
    chance.shuffle(order)
    for asker in order:
        await asker.ask()
        await asyncio.sleep(chance.expovariate(plan.asked_a_second))


async def _kill(replicas: Sequence[Replica], plan: Plan, chance: random.Random) -> None:
    """One at a time, some seconds after it has started; every fifth perhaps while it starts."""
    for number in range(plan.kills):
        replica = chance.choice(replicas)
        if number % 5:
            await replica.up()
        await asyncio.sleep(chance.uniform(0, plan.longest))
        replica.gone.clear()
        replica.kill.set()
        await replica.gone.wait()


async def _keep_running(replica: Replica, over: asyncio.Event) -> None:
    """Start the bot again whenever it was killed."""
    while not over.is_set():
        async with running_bot(replica.settings, replica.log) as bot:
            await any_of(replica.kill, over, seconds=3600)
            status = await (bot.stops() if over.is_set() else bot.dies())
            replica.ended_by_itself += status not in {0, -signal.SIGKILL}
            replica.starts = replica.started()
            replica.kill.clear()
            replica.gone.set()


def _all_answered(askers: Sequence[Asker], group: StaffGroup) -> Callable[[], bool]:
    """Cheap to ask again and again: who has all answers is not looked at any more."""
    waiting = list(askers)

    def answered() -> bool:
        while waiting and len(waiting[-1].received) >= len(waiting[-1].questions):
            waiting.pop()
        return not waiting and len(_cards(group)) >= _requests(askers)

    return answered


def _requests(askers: Sequence[Asker]) -> int:
    return sum(asker.questions[-1] == _DISPUTE for asker in askers)


def _cards(group: StaffGroup) -> Counter[str]:
    """How often each came, by its title."""
    return Counter(message.text.partition("\n")[0] for message in group.messages if _DISPUTE in message.text)


# The bot's surroundings


def _settings(plan: Plan, api: BotApi, folder: Path) -> dict[str, str]:
    return {
        "PASSERELLE_BOT_TOKEN": api.token,
        "PASSERELLE_API_URL": api.url,
        "PASSERELLE_STAFF_CHAT_ID": str(_GROUP),
        "PASSERELLE_DATABASE_URL": plan.database,
        "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE),
        "PASSERELLE_CACHE_DIR": str(folder / "cache"),
        "PASSERELLE_SEMANTIC": "off",
        "PASSERELLE_BURST_SECONDS": "0",
    }


@asynccontextmanager
async def _intakes(replicas: int) -> AsyncIterator[list[dict[str, str]]]:
    """What each replica has to be told: nothing for one, which polls; for several a webhook behind a balancer."""
    if replicas == 1:
        yield [{}]
        return
    ports = [_free_port() for _ in range(replicas)]
    async with await asyncio.start_server(partial(_balance, ports), "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield [{"PASSERELLE_WEBHOOK_URL": url, "PASSERELLE_WEBHOOK_LISTEN": f"127.0.0.1:{port}"} for port in ports]


async def _balance(ports: Sequence[int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand a connection to one of the replicas that live; without any it is closed, and Telegram tries again."""
    for port in random.sample(ports, len(ports)):
        with suppress(OSError):
            from_replica, to_replica = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_pipe(reader, to_replica), _pipe(from_replica, writer))
            break
    writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
    writer.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


# What came of it


async def _judged(plan: Plan, askers: Sequence[Asker], group: StaffGroup) -> Outcome:
    database = Database(create_engine(plan.database))
    async with database.reading() as connection:
        refs = Counter((await connection.scalars(select(questions.c.ref))).all())
        rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
        waiting = await connection.scalar(select(func.count()).select_from(inbox).where(inbox.c.state != "done"))
    await database.close()
    asked = Counter(ref for asker in askers for ref in asker.refs)
    copies = [*_copies_of_answers(askers, rows), *_copies_of_cards(group, rows)]
    return Outcome(
        asked=asked.total(),
        kills=plan.kills,
        unanswered=sum(_missing(asker) for asker in askers),
        disordered=sum([answer for answer, _ in asker.received] != asker.expected for asker in askers),
        rows_wrong=((asked - refs) + (refs - asked)).total(),
        cards_missing=_requests(askers) - len(_cards(group)),
        unsettled=(waiting or 0) + sum(row.status not in {"sent", "failed"} for row in rows),
        doubled=sum(number > 1 for _, number in copies),
        doubled_uncounted=sum(
            number > 1 and not (row.interrupted and number <= row.attempts) for row, number in copies
        ),
        interrupted=sum(row.interrupted for row in rows),
    )


def _missing(asker: Asker) -> int:
    return (Counter(asker.expected) - Counter(answer for answer, _ in asker.received)).total()


def _copies_of_answers(askers: Sequence[Asker], rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], int]]:
    """Rows of the outbox, and how often the citizen sees each; of those whose answers came as expected."""
    answers: dict[str, list[Row[Any]]] = {}
    for row in rows:
        if _answer_in(row.params.get("text", "")):
            answers.setdefault(row.chat, []).append(row)
    for asker in askers:
        queued = answers.get(str(asker.citizen.chat_id), [])
        if [answer for answer, _ in asker.received] == asker.expected:
            yield from ((row, number) for row, (_, number) in zip(queued, asker.received, strict=True))


def _copies_of_cards(group: StaffGroup, rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], int]]:
    cards = _cards(group)
    for row in rows:
        if row.chat == "staff" and _DISPUTE in row.params.get("text", ""):
            yield row, cards[f"Demande n° {row.hand_over}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    for name in ("citizens", "each", "kills", "replicas", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Plan, name))
    options = vars(parser.parse_args())
    folder = Path(tempfile.mkdtemp(prefix="crash-test-"))
    sqlite = nullcontext(f"sqlite+aiosqlite:///{folder}/passerelle.db")
    with new_database() if options.pop("postgresql") else sqlite as database:
        outcome = asyncio.run(crash_test(Plan(database, **options), folder))
    for name, value in asdict(outcome).items():
        print(f"{name:>18}  {value}")
    print("the promise is kept" if outcome.kept else f"THE PROMISE IS BROKEN; the logs are in {folder}")
    return not outcome.kept


if __name__ == "__main__":
    sys.exit(main())
