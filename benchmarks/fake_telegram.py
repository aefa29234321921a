"""Telegram as a process of its own that costs little: it has so many updates, and accepts everything.

python benchmarks/fake_telegram.py UPDATES    # says its address, and serves until it is killed
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

TOKEN = "123456:LOAD"  # noqa: S105 - of a bot that does not exist
CHATS = 500
_QUESTIONS = Path(__file__).resolve().parents[1] / "tests/data/questions-dev.jsonl"
_EMPTY_AFTER = 1.0
"""Seconds that `getUpdates` waits when there is nothing."""
_BOT = {"id": 123456, "is_bot": True, "first_name": "Load", "username": "load_bot"}


@contextmanager
def fake_telegram(updates: int, core: int) -> Iterator[str]:
    """Its address, while it runs on that core."""
    command = [sys.executable, __file__, str(updates), str(core)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        assert process.stdout is not None  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


class FakeTelegram(asyncio.Protocol):
    """Just enough of HTTP and of the Bot API, one request after the other."""

    def __init__(self, updates: int, questions: Sequence[str]) -> None:
        self._updates, self._questions = updates, questions
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        length = _content_length(head)
        if not separator or len(rest) < length:
            return
        self._buffer = rest[length:]
        result = self._result(head.split(b" ", 2)[1].rpartition(b"/")[2].lower(), rest[:length])
        body = json.dumps({"ok": True, "result": result}).encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(body),
            body,
        )
        delay = _EMPTY_AFTER if result == [] else 0
        asyncio.get_running_loop().call_later(delay, self._transport.write, answer)

    def _result(self, method: bytes, body: bytes) -> object:
        match method:
            case b"getme":
                return _BOT
            case b"getupdates":
                first = int(parse_qs(body.decode()).get("offset", ["1"])[0])
                return [self._update(number) for number in range(first, min(first + 100, self._updates + 1))]
            case b"sendmessage":
                return {"message_id": 1}
            case _:
                return True

    def _update(self, number: int) -> Mapping[str, Any]:
        person = {"id": 1000 + number % CHATS, "first_name": "Awa"}
        message = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {**person, "type": "private"},
            "from": {**person, "is_bot": False, "language_code": "fr"},
            "text": self._questions[number % len(self._questions)],
        }
        return {"update_id": number, "message": message}


def _content_length(head: bytes) -> int:
    name = b"content-length:"
    return next((int(line[len(name) :]) for line in head.lower().split(b"\r\n") if line.startswith(name)), 0)


async def main(updates: int, core: int) -> None:
    os.sched_setaffinity(0, {core})
    questions = [json.loads(line)["text"] for line in _QUESTIONS.read_text("utf-8").splitlines()]
    server = await asyncio.get_running_loop().create_server(lambda: FakeTelegram(updates, questions), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
