"""The page of questions with many that wait: seconds until all are grouped, milliseconds of the page after that.

    PYTHONPATH=. .venv/bin/python benchmarks/inbox.py 10000

By words only: with the encoder, add what its vectors take (docs/matching.md). Synthetic questions, mostly different.
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

import httpx

from bot.console.app import application
from bot.console.demo import demo_parts
from bot.dialogue.policy import Dialogue
from bot.storage.model import Question
from bot.storage.sql import open_store
from tests.unit.dialogue_fakes import KNOWLEDGE, FakeMatcher

WORDS = (
    *("aide", "voyage", "dossier", "commune", "jeunes", "date", "projet", "partenaire"),
    *("école", "lycée", "bourse", "stage", "Liban", "Burkina", "subvention"),
)
PAGES = ("/questions", "/questions?mots=liban", "/questions?page=20")


def questions(number: int, now: datetime) -> list[Question]:
    draw = random.Random(7)  # noqa: S311 - no secret
    made = []
    for n in range(number):
        text = " ".join(draw.choices(WORDS, k=draw.randint(3, 9))) + f" {draw.randint(1, number)}"
        likely = (("grant", 0.2),)
        at = now - timedelta(minutes=n)
        made.append(
            Question(
                0,
                f"{n}/1/1",
                "telegram",
                str(n % (number // 2)),
                text,
                "fr",
                likely,
                "hand_over",
                "too_low",
                None,
                "open",
                at,
            )
        )
    return made


async def main(number: int) -> None:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{Path(folder) / 'inbox.db'}", now)
        async with store.work() as work:
            for question in questions(number, now):
                await work.log_question(question)
        parts = demo_parts(store, Dialogue(KNOWLEDGE, FakeMatcher()), "127.0.0.1:8090", asyncio.Event())
        secret = await parts.access.enter(1, None)
        transport = httpx.ASGITransport(application(parts))
        async with httpx.AsyncClient(
            transport=transport, base_url=parts.url, cookies={"passerelle": secret}
        ) as browser:
            begun = time.perf_counter()
            first = await timed(browser, "/questions")
            while not parts.groups.complete:
                await timed(browser, "/questions")
            print(f"first page {first:.0f} ms, all grouped after {time.perf_counter() - begun:.1f} s")
            groups = (await browser.get("/questions.json")).json()["all_groups"]
            print(f"{number} questions in {groups} groups")
            for page in PAGES:
                taken = [await timed(browser, page) for _ in range(40)]
                print(f"{page}: median {median(taken):.0f} ms, p95 {quantiles(taken, n=20)[-1]:.0f} ms")
        await store.close()


async def timed(browser: httpx.AsyncClient, page: str) -> float:
    begun = time.perf_counter()
    assert (await browser.get(page)).status_code == 200  # noqa: S101 - a benchmark
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
