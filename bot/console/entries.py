"""The entries: which there are and how they fare, each with its history; frozen, thawed and corrected from here."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import RedirectResponse, Response

from bot.channels.telegram.desk import CHANNEL
from bot.channels.telegram.outgoing import say_to_citizen
from bot.console import entry_edits, publications
from bot.console.editing import addressed, desk_of, entry_of, folder_of, signature
from bot.console.membership import Role
from bot.console.pages import Page, Visit, acting, reading
from bot.console.publications import PublicationRow
from bot.console.texts import text
from bot.editing.correct import Correction, correct
from bot.editing.desk import Folder
from bot.editing.proposals import Proposal
from bot.editing.publish import Publication
from bot.editing.texts import EditError
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.model import DEFAULT_LANGUAGE, Entry, KnowledgeBase, Source, Status
from bot.knowledge.problems import KnowledgeError
from bot.storage.console import EntryFigures, RepeatedActError
from bot.storage.review import fold

SINCE = timedelta(days=90)
"""What the figures of an entry count."""
_MOST_DAYS = 90
_NONE = EntryFigures(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in the list."""

    id: str
    title: str
    frozen: bool
    to_confirm: bool
    in_force: bool
    retired: bool
    since: date | None
    until: date | None
    owner: str | None
    languages: tuple[str, ...]
    """Their codes, of the answer."""
    sources: int
    utterances: int
    figures: EntryFigures


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that nobody has published yet."""

    id: str
    author: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EntriesContext:
    now: datetime
    rows: tuple[Row, ...]
    sought: str
    waiting: tuple[Waiting, ...]
    problems: tuple[str, ...]
    """Why the folder as it stands is not in service."""
    days: int


@dataclass(frozen=True, slots=True)
class EntryContext:
    now: datetime
    row: Row
    entry: Entry
    sources: tuple[Source, ...]
    follow_ups: Mapping[str, str]
    """Id → title."""
    history: tuple[PublicationRow, ...]
    editor: bool
    in_service: bool
    """False for a moment after a publication."""
    notice: str | None = None
    done: str | None = None


async def index(visit: Visit) -> Response:
    folder = await folder_of(visit)
    figures = await visit.parts.store.entry_figures(visit.now - SINCE)
    knowledge, sought = folder.knowledge, visit.request.query_params.get("q", "")
    rows = (
        [_row(entry, visit, figures) for entry in knowledge.entries.values() if _matches(entry, sought)]
        if knowledge
        else []
    )
    waiting = await asyncio.to_thread(desk_of(visit).proposals.waiting)
    context = EntriesContext(
        visit.now, tuple(rows), sought, tuple(map(_waiting, waiting)), tuple(map(str, folder.problems)), SINCE.days
    )
    return visit.show("fiches", context)


async def one(visit: Visit) -> Response:
    return await _shown(visit)


async def freeze(visit: Visit) -> Response:
    """At once, whoever else has to approve other things."""
    entry, desk = addressed(visit), desk_of(visit)
    reason = visit.form.get("reason", "") or text("fiches.freeze_reason")
    try:
        await asyncio.to_thread(desk.publisher.freeze, entry, signature(visit, reason))
    except (EditError, KnowledgeError) as error:
        return await _shown(visit, notice=str(error), status=409)
    with suppress(RepeatedActError):
        await visit.parts.store.log_act(visit.act("freeze", f"entry:{entry}"))
    return RedirectResponse(f"/fiches/id/{entry}", 303)


async def send_correction(visit: Visit) -> Response:
    """To those who got the answer in the last days, up to the publication that put an end to it."""
    entry, days = addressed(visit), visit.form.get("days", "")
    if not days.isdecimal() or not 0 < int(days) <= _MOST_DAYS:
        return await _shown(visit, notice=text("fiches.correct_days", most=_MOST_DAYS), status=422)
    folder = await folder_of(visit)
    if folder.knowledge is None:
        return await _shown(visit, notice=text("fiches.not_valid"), status=409)
    act = visit.act("correct", f"entry:{entry}", visit.form.get("until", ""))
    until = _end_of(visit.form.get("until", ""), await asyncio.to_thread(desk_of(visit).publisher.history), visit.now)
    correction = Correction(act.key or "", entry, visit.now - timedelta(days=int(days)), until)
    try:
        store = visit.parts.store.acting(act)
        told = await correct(store, folder.knowledge, correction, CHANNEL, say_to_citizen, visit.now)
    except RepeatedActError:
        told = None
    visit.parts.queued.set()
    done = text("fiches.corrected_before") if told is None else text("fiches.corrected", number=told)
    return await _shown(visit, done=done)


PAGE = Page(
    "fiches",
    (
        *reversed(reading("/fiches", index)),
        *entry_edits.ROUTES,
        *publications.ROUTES,
        *reversed(reading("/fiches/id/{entry}", one)),
        acting("/fiches/id/{entry}/geler", freeze, least=Role.EDITOR),
        acting("/fiches/id/{entry}/rectifier", send_correction, least=Role.EDITOR),
    ),
)


async def _shown(visit: Visit, notice: str | None = None, done: str | None = None, status: int = 200) -> Response:
    folder = await folder_of(visit)
    knowledge, entry = entry_of(visit, folder)
    figures = await visit.parts.store.entry_figures(visit.now - SINCE)
    history = await asyncio.to_thread(desk_of(visit).publisher.history)
    context = EntryContext(
        now=visit.now,
        row=_row(entry, visit, figures),
        entry=entry,
        sources=tuple(knowledge.sources[name] for name in entry.sources),
        follow_ups={name: knowledge.entries[name].title_in(DEFAULT_LANGUAGE) for name in entry.follow_ups},
        history=tuple(publications.row(each, history) for each in history if entry.id in each.entries),
        editor=visit.role.may(Role.EDITOR),
        in_service=_in_service(visit, folder, knowledge),
        notice=notice,
        done=done,
    )
    return visit.show("fiche", context, status)


def _in_service(visit: Visit, folder: Folder, knowledge: KnowledgeBase) -> bool:
    return bool(folder.knowledge) and visit.parts.dialogue().knowledge.fingerprint == knowledge.fingerprint


def _end_of(number: str, history: Sequence[Publication], now: datetime) -> datetime:
    return next((done.signed.at for done in history if done.id == number), now)


def _row(entry: Entry, visit: Visit, figures: Mapping[str, EntryFigures]) -> Row:
    return Row(
        id=entry.id,
        title=entry.title_in(DEFAULT_LANGUAGE),
        frozen=entry.frozen,
        to_confirm=entry.status is Status.TO_CONFIRM,
        in_force=entry.in_force(visit.now.astimezone(LEGAL_TIME).date()),
        retired=entry.retired,
        since=entry.valid_from,
        until=entry.valid_until,
        owner=entry.owner,
        languages=tuple(entry.answer),
        sources=len(entry.sources),
        utterances=sum(map(len, entry.utterances.values())),
        figures=figures.get(entry.id, _NONE),
    )


def _waiting(proposal: Proposal) -> Waiting:
    signed = proposal.signed
    return Waiting(proposal.id, signed.author.name, signed.reason, signed.at)


def _matches(entry: Entry, sought: str) -> bool:
    words = [
        entry.id,
        *entry.title.values(),
        entry.owner or "",
        *(each for texts in entry.utterances.values() for each in texts),
    ]
    return not sought.strip() or any(fold(sought.strip()) in fold(word) for word in words)
