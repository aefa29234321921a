"""Settings → the parts of the bot: the only place that chooses concrete ones."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from telegram import Bot

from bot.channels.telegram.group import StaffGroup
from bot.channels.telegram.service import Service
from bot.channels.telegram.webhook import Webhook
from bot.console.access import Access
from bot.console.membership import TelegramMembership
from bot.console.pages import Parts
from bot.console.registry import PAGES
from bot.console.service import ConsoleService
from bot.dialogue.events import Asked
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.dialogue.state import Conversation
from bot.editing.desk import Desk
from bot.editing.publish import Publisher
from bot.editing.rehearsal import labelled_questions
from bot.editing.texts import EditError
from bot.knowledge.model import KnowledgeBase
from bot.live import LiveDialogue, folder_state, watch
from bot.matching.matcher import Matcher
from bot.opportunities.subscriptions import CivilHours
from bot.settings import Settings
from bot.storage.console_sql import SqlConsole
from bot.storage.sql import SqlStore
from bot.understanding import build_dialogue, build_matcher, load_knowledge

log = logging.getLogger(__name__)


def warm_up(dialogue: Dialogue) -> None:
    """Load what is loaded at the first question, some seconds on a small machine: nobody shall wait for it."""
    question = Asked("warm-up", "Comment partir en mission à l'étranger à 17 ans cet été ?")
    dialogue.step(Conversation(), question, Moment(datetime.now(UTC)))


def live_dialogue(settings: Settings, dialogue: Dialogue) -> LiveDialogue:
    """The dialogue that follows the knowledge folder while the bot runs.

    A publication that a crash interrupted is finished first, where the folder can be written.
    """
    with suppress(OSError, EditError, ValueError, KeyError):
        Publisher(settings.knowledge_dir).repair()

    def build(knowledge: KnowledgeBase) -> Dialogue:
        matcher, _ = build_matcher(settings, knowledge, lambda _done, _total: None)
        built = build_dialogue(settings, matcher)
        warm_up(built)
        return built

    return LiveDialogue(
        dialogue, partial(load_knowledge, settings), build, partial(folder_state, settings.knowledge_dir)
    )


def telegram_service(settings: Settings, token: str, store: SqlStore, live: LiveDialogue) -> Service:
    """The bot on Telegram, by long polling unless a webhook address is set."""

    async def watch_knowledge(tell: Callable[[str], Awaitable[None]], stop: asyncio.Event) -> None:
        await watch(live, tell, stop)

    return Service(
        token=token,
        api_url=settings.api_url,
        staff_chat=settings.staff_chat_id,
        webhook=_webhook(settings, token),
        burst=timedelta(seconds=settings.burst_seconds),
        store=store,
        dialogue=lambda: live.dialogue,
        watch=watch_knowledge,
        alarm_after=timedelta(minutes=settings.alarm_minutes),
        kept=timedelta(days=settings.retention_days),
        hash_key=settings.hash_key.get_secret_value().encode() if settings.hash_key else None,
        health_listen=settings.health_listen,
        notice_hours=CivilHours(*map(int, settings.notice_hours.split("-"))),
        forget=partial(forget_versions, settings),
        console=partial(console_service, settings, token, store, live) if settings.console_url else None,
    )


def forget_versions(settings: Settings, before: datetime) -> int:
    """Delete what entries were before publications of that age: how many files; where the folder can be written.

    Of a history that cannot be read nothing is deleted: which contents it still needs is not known.
    """
    try:
        return Publisher(settings.knowledge_dir).forget(before)
    except (OSError, EditError):
        return 0
    except (ValueError, KeyError) as error:
        log.error("the history of the knowledge cannot be read: %s", type(error).__name__)  # noqa: TRY400 - it quotes
        return 0


def console_service(
    settings: Settings,
    token: str,
    store: SqlStore,
    live: LiveDialogue,
    bot: Bot,
    group: StaffGroup,
    queued: asyncio.Event,
    stop: asyncio.Event,
) -> ConsoleService:
    """The staff console over this bot; `queued` is set when messages wait for the sender."""
    console = SqlConsole(store)
    clock = partial(datetime.now, UTC)
    parts = Parts(
        store=console,
        access=Access(console, TelegramMembership(bot, group), token, clock),
        dialogue=lambda: live.dialogue,
        clock=clock,
        url=settings.console_url or f"http://{settings.console_listen}",
        pages=PAGES,
        queued=queued,
        stop=stop,
        desk=editing_desk(settings),
    )
    return ConsoleService(parts, settings.console_listen)


def editing_desk(settings: Settings) -> Desk:
    """Where the knowledge folder is edited. It may not be writable here: then publishing says so."""
    publisher = Publisher(settings.knowledge_dir, two_persons=settings.two_persons)

    def ready(knowledge: KnowledgeBase) -> Matcher:
        return build_matcher(settings, knowledge, lambda _done, _total: None)[0]

    return Desk(publisher, ready, partial(labelled_questions, settings.knowledge_dir))


def _webhook(settings: Settings, token: str) -> Webhook | None:
    if settings.webhook_url is None:
        return None
    # Derived from the token, the secret is the same in every replica and needs no setting.
    derived = hmac.new(token.encode(), b"passerelle webhook", hashlib.sha256).hexdigest()
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else derived
    return Webhook(settings.webhook_url, secret, settings.webhook_listen)
