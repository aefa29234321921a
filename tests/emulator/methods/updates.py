"""Getting updates: https://core.telegram.org/bots/api#getting-updates."""

import re
from typing import Any

from tests.emulator.errors import bad_request
from tests.emulator.methods.registry import method
from tests.emulator.parameters import Params
from tests.emulator.world import World

_LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)[:/]")


@method
async def get_updates(world: World, params: Params) -> list[dict[str, Any]]:
    """https://core.telegram.org/bots/api#getupdates."""
    limit = min(max(params.integer("limit", 100), 1), 100)
    timeout = min(max(params.integer("timeout"), 0), 50)
    world.queue.allow(params.tree("allowed_updates"))
    return await world.queue.poll(params.integer("offset"), limit, timeout)


@method
async def set_webhook(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#setwebhook. Plain HTTP is accepted for this machine only."""
    url = params.text("url")
    secret = params.text("secret_token")
    if url and not url.startswith("https://") and not _LOCAL.match(url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    world.queue.allow(params.tree("allowed_updates"))
    world.queue.interrupt("terminated by setWebhook request")
    if params.flag("drop_pending_updates"):
        world.queue.clear()
    if url:
        await world.webhook.start(url, secret, min(max(params.integer("max_connections", 40), 1), 100))
    else:
        await world.webhook.stop()
    return True


@method
async def delete_webhook(world: World, params: Params) -> bool:
    """https://core.telegram.org/bots/api#deletewebhook."""
    await world.webhook.stop()
    if params.flag("drop_pending_updates"):
        world.queue.clear()
    return True


@method
def get_webhook_info(world: World, _params: Params) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#getwebhookinfo."""
    return world.webhook.info()
