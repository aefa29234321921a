"""Offers as cards that anybody can share in any chat: what a few typed words bring up. Pure; nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue.answers import citations
from bot.dialogue.effects import Citation, Say
from bot.dialogue.opportunities import OFFER_LINK
from bot.dialogue.voice import Voice
from bot.knowledge.opportunities import Opportunity
from bot.language.normal_form import normalise
from bot.opportunities.lookup import Found, look_up
from bot.opportunities.understanding import understand
from bot.opportunities.wish import Wish
from bot.opportunities.wording import Wording

_LONGEST = 200
"""Characters of the words that are looked at; Telegram sends up to 256."""


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    """Of the offer."""
    title: str
    description: str
    """Where and for which age; or, of an offer that is only near, what is wrong with it."""
    say: Say
    """What is shared."""
    link: str
    """The argument of a link to the bot that leads to the offer."""


def cards(voice: Voice, words: str, day: date) -> tuple[Card, ...]:
    """The offers that suit `words`, best first: a wish ("allemagne 17"), or a part of a name ("sauz"); all for none."""
    words = words[:_LONGEST].strip()
    offers, wording = voice.knowledge.opportunities.shown_on(day), Wording(voice.knowledge, voice.language)
    wish = understand(words, day, terse=True)
    found = look_up(offers, wish) if wish.said or not words else Found(_named(offers, wording, words, day))
    return tuple(_card(voice, wording, offer, found, wish, day) for offer in found.offers)


def _named(offers: Sequence[Opportunity], wording: Wording, words: str, day: date) -> tuple[Opportunity, ...]:
    """Those of whose own words some begin with each of `words`."""
    wanted = normalise(words).split()
    said = ((offer, normalise(wording.details(offer, day)).split()) for offer in offers)
    return tuple(offer for offer, own in said if all(any(word.startswith(part) for word in own) for part in wanted))


def _card(voice: Voice, wording: Wording, offer: Opportunity, found: Found, wish: Wish, day: date) -> Card:
    text = wording.card(offer, day)
    title, place, *_ = text.split("\n")
    near = voice.text("inline_nearest", lacking=wording.lacking(found.lacking)) if found.lacking else place
    guardians = (voice.text("inline_guardians"),) if wish.guarded else ()
    say = Say(
        f"{text}\n\n{voice.text('offers_check')}",
        citations=(
            Citation(voice.text("offer_link"), wording.link(offer)),
            *citations(voice.knowledge, offer.sources, voice.language),
        ),
        notes=(*wording.notes(offer), *guardians),
    )
    return Card(offer.id, title, near, say, f"{OFFER_LINK}{offer.id}")
