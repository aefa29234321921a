"""A QR code for a poster: it opens the bot at an offer or an entry."""

import io
import re

import segno

from bot.dialogue.opportunities import OFFER_LINK, TOPIC_LINK
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase, text_in

_NAME = re.compile(r"(?:@|(?:https://)?t\.me/)?(\w{5,32})/?", re.ASCII)
"""https://core.telegram.org/method/account.checkUsername"""
_SCALE = 10
_BORDER = 4
"""Modules of white around the code: the standard asks for four."""


def bot_link(name: str, target: str) -> str:
    """The address that opens the bot `name` (with or without @ or t.me/) at `target`.

    Raises:
        ValueError: no name of a bot.
    """
    parts = _NAME.fullmatch(name.strip())
    if parts is None:
        raise ValueError(name)
    return f"https://t.me/{parts[1]}?start={target}"


def targets(knowledge: KnowledgeBase) -> dict[str, str]:
    """What a link may lead to → its French title."""
    titles = {f"{OFFER_LINK}{offer.id}": offer.title for offer in knowledge.opportunities.records.values()}
    titles |= {f"{TOPIC_LINK}{entry.id}": entry.title for entry in knowledge.in_use.values()}
    return {target: text_in(title, DEFAULT_LANGUAGE)[0] for target, title in titles.items()}


def qr_code(link: str, title: str) -> bytes:
    """An SVG of the link; a quarter of it may be dirty or torn. `title` is for who cannot see it."""
    svg = io.BytesIO()
    segno.make(link, error="q", micro=False).save(
        svg, kind="svg", scale=_SCALE, border=_BORDER, light="white", title=title, desc=link
    )
    return svg.getvalue()
