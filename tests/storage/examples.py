"""Values that the storage tests share; a test names only what it is about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.storage.model import HandOver, Outgoing, Question, RawUpdate
from bot.storage.store import Store

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOW + 60 * SECOND


def file_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def update(update_id: int, lane: str = "chat-1") -> RawUpdate:
    return RawUpdate(update_id, lane, f'{{"update_id": {update_id}}}')


def message(chat: str = "chat-1", text: str = "Bonjour", *, hand_over: int | None = None) -> Outgoing:
    return Outgoing(chat, "sendMessage", {"text": text}, hand_over)


def question(ref: str = "q1", text: str = "Où est la maison du Département ?", **changes: Any) -> Question:
    values: dict[str, Any] = {
        "id": 0,
        "ref": ref,
        "channel": "telegram",
        "chat": "chat-1",
        "text": text,
        "language": "fr",
        "candidates": (("house", 0.41), ("opening-hours", 0.3)),
        "decision": "hand_over",
        "reason": "too_low",
        "entry": None,
        "status": "open",
        "asked_at": NOW,
    }
    return Question(**values | changes)


async def enqueue(store: Store, *outgoing: Outgoing) -> None:
    async with store.work() as work:
        await work.enqueue(outgoing, NOW)


async def log(store: Store, *questions: Question) -> None:
    async with store.work() as work:
        for logged in questions:
            await work.log_question(logged)


async def open_hand_over(store: Store, chat: str = "chat-1", ref: str = "q1") -> HandOver:
    async with store.work() as work:
        return await work.open_hand_over("telegram", chat, ref, NOW)


async def waiting_updates(store: Store, busy: Sequence[str] = (), *, now: datetime = NOW) -> list[int]:
    return [taken.update_id for taken in await store.take_updates(busy_lanes=busy, limit=100, now=now)]


async def due_texts(store: Store, busy: Sequence[str] = (), *, now: datetime = NOW) -> list[str]:
    due = await store.due_messages(busy_chats=busy, limit=100, now=now)
    return [row.outgoing.params["text"] for row in due]


async def done(store: Store, seq: int, now: datetime = NOW) -> None:
    async with store.work() as work:
        await work.update_done(seq, now)
