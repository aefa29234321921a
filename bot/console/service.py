"""The console as a part of a running process: it serves its pages, and invites people of the staff."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.serving import serve
from bot.console.access import LINK_GOOD_FOR, SignInError
from bot.console.app import application
from bot.console.membership import UnknownMembershipError
from bot.console.pages import Parts
from bot.console.texts import text


@dataclass(frozen=True, slots=True)
class ConsoleService:
    parts: Parts
    listen: str
    """Host and port, e.g. ``127.0.0.1:8090``."""

    async def serve(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, which must be the one of the parts.

        Raises:
            OSError: the address cannot be listened on.
        """
        await serve(application(self.parts), self.listen, stop)

    async def invitation(self, user_id: int) -> Mapping[str, Any] | None:
        """The message, as parameters of sendMessage, that lets a person of the staff in; None for anybody else.

        Not for the outbox: the link is a secret, and is stored nowhere.
        """
        try:
            secret = await self.parts.access.new_link(user_id)
        except SignInError as error:
            return {"text": text(f"entrance.{error.key}")}
        except UnknownMembershipError:
            return {"text": text("entrance.telegram_away")}
        if secret is None:
            return None
        minutes = int(LINK_GOOD_FOR.total_seconds() // 60)
        said = text("entrance.invitation", url=f"{self.parts.url}/entrer/{secret}", minutes=minutes)
        return {"text": said, "link_preview_options": {"is_disabled": True}, **self._mini_app()}

    def _mini_app(self) -> Mapping[str, Any]:
        """Telegram opens https only: https://core.telegram.org/bots/api#webappinfo."""
        if not self.parts.url.startswith("https:"):
            return {}
        button = {"text": text("entrance.open_here"), "web_app": {"url": f"{self.parts.url}/entrer/telegram"}}
        return {"reply_markup": {"inline_keyboard": [[button]]}}
