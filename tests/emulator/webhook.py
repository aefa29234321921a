"""The sender of updates to a webhook: https://core.telegram.org/bots/api#setwebhook."""

import asyncio
import json
import time
from typing import Any

import httpx

from tests.emulator.updates import Update, UpdateQueue


class WebhookSender:
    """POSTs each update until a 2xx answers; one in flight per chat, chats beside one another.

    The order per chat is that of WebhookActor.cpp (one request per queue_id); the delay between two tries is shorter
    than Telegram's so that tests are quick.
    """

    def __init__(self, queue: UpdateQueue, retry_delay: float) -> None:
        self.url = ""
        self.secret_token = ""
        self.max_connections = 40
        self.last_error_date: int | None = None
        self.last_error_message: str | None = None
        self.replies: list[dict[str, Any]] = []
        self._queue = queue
        self._retry_delay = retry_delay
        self._client: httpx.AsyncClient | None = None
        self._lanes: dict[int, asyncio.Task[None]] = {}
        queue.on_put = self._pump

    async def start(self, url: str, secret_token: str, max_connections: int) -> None:
        """Replaces the webhook; what is pending goes to the new one."""
        await self.stop()
        self.url, self.secret_token, self.max_connections = url, secret_token, max_connections
        self.last_error_date = self.last_error_message = None
        self._queue.webhook_url = url
        self._client = httpx.AsyncClient(verify=False, timeout=60)  # noqa: S501 - tests sign their own certificates
        self._pump()

    async def stop(self) -> None:
        tasks = list(self._lanes.values())
        self._lanes.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._client, self.url, self._queue.webhook_url = None, "", ""

    def info(self) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#webhookinfo."""
        body: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.pending),
        }
        if self.url:
            body |= {"max_connections": self.max_connections, "ip_address": "127.0.0.1"}
        if self.last_error_date is not None:
            body |= {"last_error_date": self.last_error_date, "last_error_message": self.last_error_message}
        if self._queue.allowed:
            body["allowed_updates"] = sorted(self._queue.allowed)
        return body

    def _pump(self) -> None:
        """Starts the first pending update of each chat that has none in flight."""
        if self._client is None:
            return
        for update in self._queue.pending:
            if len(self._lanes) >= self.max_connections:
                return
            if update.lane not in self._lanes:
                self._lanes[update.lane] = asyncio.create_task(self._deliver(self._client, update))

    async def _deliver(self, client: httpx.AsyncClient, update: Update) -> None:
        while not await self._accepted(client, update):
            await asyncio.sleep(self._retry_delay)
        self._queue.forget(update)
        self._lanes.pop(update.lane, None)
        self._pump()

    async def _accepted(self, client: httpx.AsyncClient, update: Update) -> bool:
        headers = {"Content-Type": "application/json"}
        if self.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret_token
        try:
            response = await client.post(self.url, content=json.dumps(update.json()), headers=headers)
        except httpx.HTTPError as error:
            return self._failed(f"Connection failed: {type(error).__name__}")
        if not response.is_success:
            return self._failed(
                f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}",
            )
        self._note_reply(response)
        return True

    def _failed(self, reason: str) -> bool:
        self.last_error_date, self.last_error_message = int(time.time()), reason
        return False

    def _note_reply(self, response: httpx.Response) -> None:
        """Calling a method in the answer is not emulated; server.py reports it as a gap."""
        if response.headers.get("content-type", "").startswith("application/json"):
            body = response.json()
            if isinstance(body, dict) and "method" in body:
                self.replies.append(body)
