"""How long the others wait for their answers while one citizen sends 1,000 messages a minute.

python benchmarks/flood.py [--rounds 3] [--seconds 30] [--burst 1.2]

The real bot as a process against the emulator of the Bot API. Quiet and flood take turns: a machine that does other
things slows both alike. Each of the others asks one question; the time is from there until the bot's call arrives.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, select

from bot.storage.database import Database, create_engine
from bot.storage.tables import inbox, questions
from tests.emulator import BotApi, Citizen
from tests.end_to_end.conftest import KNOWLEDGE, running_bot

_QUESTION, _ANSWER = "Comment demander une aide ?", "Écrivez au service"
_A_MINUTE = 1000
_OTHERS_A_SECOND = 5
_FLOODER = 10
_NOTICE = "je les traite un par un"


async def main(options: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="flood-"))
    database = f"sqlite+aiosqlite:///{folder}/passerelle.db"
    chance = random.Random(options.seed)  # noqa: S311 - no secret
    waits: dict[str, list[float]] = {"quiet": [], "flood": []}
    texts: list[str] = []
    async with BotApi() as api:
        flooder = api.private_chat(_FLOODER, "Max")
        async with running_bot(_settings(api, folder, database, options.burst), folder / "log") as bot:
            await flooder.says(_QUESTION)  # the first one loads what is loaded late
            await api.until(lambda: api.called("sendMessage"), timeout=120)
            for number in range(options.rounds):
                waits["quiet"] += await _others(api, options.seconds, chance, first=1000 * (2 * number + 1))
                flood = asyncio.create_task(_flood(flooder, texts))
                waits["flood"] += await _others(api, options.seconds, chance, first=1000 * (2 * number + 2))
                flood.cancel()
            kept = await _kept(database)
            await bot.stops()
        notices = sum(_NOTICE in message.text for message in flooder.messages)
    for name, figures in waits.items():
        print(f"{name:>6}: p50 {_quantile(figures, 0.5):.3f} s, p99 {_quantile(figures, 0.99):.3f} s, n {len(figures)}")
    print(f"p99 flood / quiet: {_quantile(waits['flood'], 0.99) / _quantile(waits['quiet'], 0.99):.2f}")
    print(f"the flooder sent {len(texts)} texts, {len(set(texts) - kept)} of them are lost; told {notices} times")


def _settings(api: BotApi, folder: Path, database: str, burst: float) -> dict[str, str]:
    return {
        "PASSERELLE_BOT_TOKEN": api.token,
        "PASSERELLE_API_URL": api.url,
        "PASSERELLE_DATABASE_URL": database,
        "PASSERELLE_KNOWLEDGE_DIR": str(KNOWLEDGE),
        "PASSERELLE_CACHE_DIR": str(folder / "cache"),
        "PASSERELLE_SEMANTIC": "off",
        "PASSERELLE_BURST_SECONDS": str(burst),
    }


async def _flood(flooder: Citizen, texts: list[str]) -> None:
    while True:
        texts.append(f"{_QUESTION} Essai {len(texts)}")
        await flooder.says(texts[-1])
        await asyncio.sleep(60 / _A_MINUTE)


async def _others(api: BotApi, seconds: float, chance: random.Random, first: int) -> list[float]:
    """Citizens who ask one question each, at random moments: how long each waited."""
    asked: dict[int, float] = {}
    before = len(api.called("sendMessage"))
    end = time.time() + seconds
    while time.time() < end:
        citizen = api.private_chat(first + len(asked), "Awa")
        asked[citizen.chat_id] = time.time()
        await citizen.says(_QUESTION)
        await asyncio.sleep(chance.expovariate(_OTHERS_A_SECOND))
    answered: dict[int, float] = {}

    def all_answered() -> bool:
        answered.update({int(call.params["chat_id"]): call.time for call in api.called("sendMessage")[before:]})
        return asked.keys() <= answered.keys()

    await api.until(all_answered, timeout=60)
    return [answered[chat] - when for chat, when in asked.items()]


async def _kept(database: str) -> set[str]:
    """The flooder's texts that are in `questions`, once nothing waits in the inbox."""
    stored = Database(create_engine(database))
    waiting = select(func.count()).select_from(inbox).where(inbox.c.state == "waiting")
    of_flooder = select(questions.c.text).where(questions.c.chat == str(_FLOODER))
    try:
        while True:
            async with stored.reading() as connection:
                if not await connection.scalar(waiting):
                    return {line for text in await connection.scalars(of_flooder) for line in text.splitlines()}
            await asyncio.sleep(1)
    finally:
        await stored.close()


def _quantile(figures: list[float], share: float) -> float:
    return sorted(figures)[min(len(figures) - 1, round(share * len(figures)))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--burst", type=float, default=1.2)
    parser.add_argument("--seed", type=int, default=5)
    asyncio.run(main(parser.parse_args()))
