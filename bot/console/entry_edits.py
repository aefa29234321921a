"""From a form to a publication: the proposal with its lines, its problems, the questions it would change."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from starlette.responses import RedirectResponse, Response

from bot.console.editing import addressed, desk_of, folder_of, person, signature
from bot.console.entry_form import (
    EntryForm,
    check_new_wordings,
    form_of_fields,
    form_of_item,
    item_of_form,
    new_sources,
)
from bot.console.errors import RefusedError
from bot.console.membership import Role
from bot.console.pages import Visit, acting, reading
from bot.console.texts import text
from bot.editing.desk import Rehearsing
from bot.editing.edit import (
    Edit,
    Files,
    applied,
    diff,
    edit_entry,
    find_entry,
    new_entry,
    restored,
    retired,
    thawed,
    with_utterance,
)
from bot.editing.gate import Shift, told
from bot.editing.promote import free_entry_id, source_edits, spoken
from bot.editing.proposals import Proposal
from bot.editing.texts import EditError
from bot.editing.yaml_edit import Item
from bot.knowledge.contents import kind_of
from bot.knowledge.hours import LEGAL_TIME
from bot.knowledge.problems import KnowledgeError
from bot.storage.console import RepeatedActError

_RECENT = 200
"""Real questions that a rehearsal decides on."""
_CHANGES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class FormContext:
    form: EntryForm
    entry: str | None
    """None: it is a new one."""
    files: tuple[str, ...]
    """Those that a new entry can go into."""
    sources: tuple[tuple[str, str], ...]
    """Id and title of those that can be cited."""
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class ShownChange:
    shift: Shift
    text: str


@dataclass(frozen=True, slots=True)
class ProposalContext:
    now: datetime
    id: str
    author: str
    reason: str
    at: datetime
    base: str
    """The version that the lines are shown against."""
    lines: tuple[tuple[str, str], ...]
    """("add" | "drop" | "same" | "head", text)."""
    over: bool
    """The rehearsal has come to an end."""
    done: int
    total: int
    problems: tuple[str, ...]
    summary: str | None
    changes: tuple[ShownChange, ...]
    guards: tuple[str, ...]
    """What the questions that guard entries lose by it."""
    leaving: tuple[str, ...]
    """What entries that go out of force leave behind."""
    why_not: str | None
    """Why the visitor cannot publish it."""
    notice: str | None = None


async def new(visit: Visit) -> Response:
    """An empty form, or one that begins with a citizen's question."""
    return await _form(visit, await _begun(visit, {}))


async def change(visit: Visit) -> Response:
    """The entry as it is, or with a citizen's question as one more way to ask."""
    folder = await folder_of(visit)
    item = await _item(folder.version.files, addressed(visit))
    return await _form(visit, await _begun(visit, item), addressed(visit))


async def propose_new(visit: Visit) -> Response:
    form, files = form_of_fields(visit.form), (await folder_of(visit)).version.files
    try:
        titles = [said.title for said in form.spoken.values() if said.title]
        edits, cited = source_edits(files, new_sources(form, _today(visit)))
        item = item_of_form(form, {"id": free_entry_id(files, titles[0] if titles else "")})
        return await _propose(visit, files, [*edits, new_entry(form.file, _citing(item, cited))], {}, form.reason)
    except (EditError, KnowledgeError) as error:
        return await _form(visit, form, notice=str(error), status=422)


async def propose_change(visit: Visit) -> Response:
    form, files = form_of_fields(visit.form), (await folder_of(visit)).version.files
    before = await _item(files, addressed(visit))
    try:
        edits, cited = source_edits(files, new_sources(form, _today(visit)))
        edit = edit_entry(files, addressed(visit), _citing(item_of_form(form, before), cited))
        return await _propose(visit, files, [*edits, edit], before, form.reason)
    except (EditError, KnowledgeError) as error:
        return await _form(visit, form, addressed(visit), str(error), 422)


async def propose_thaw(visit: Visit) -> Response:
    return await _propose_as(visit, thawed, text("fiches.thaw_reason"))


async def propose_retirement(visit: Visit) -> Response:
    """The entry ends, with the reason that the agent gives; its words stay, and it can come back."""
    reason = visit.form.get("reason", "").strip()
    return await _propose_as(visit, retired, text("fiches.retire_reason", reason=reason) if reason else "")


async def propose_return(visit: Visit) -> Response:
    return await _propose_as(visit, restored, text("fiches.restore_reason"))


async def show_proposal(visit: Visit) -> Response:
    return await _shown(visit)


async def publish(visit: Visit) -> Response:
    proposal, desk = await _proposal(visit), desk_of(visit)
    base = visit.form.get("base", "")
    try:
        done = await asyncio.to_thread(desk.proposals.publish, proposal.id, person(visit), base, visit.now)
    except (EditError, KnowledgeError) as error:
        return await _shown(visit, str(error), 409)
    with suppress(RepeatedActError):
        await visit.parts.store.log_act(visit.act("publish", f"publication:{done.publication.id}"))
    return RedirectResponse("/fiches/historique", 303)


async def withdraw(visit: Visit) -> Response:
    proposal = await _proposal(visit)
    if proposal.signed.author.id != person(visit).id and not visit.role.may(Role.EDITOR):
        raise RefusedError(403, "not_allowed")
    await asyncio.to_thread(desk_of(visit).proposals.withdraw, proposal.id)
    with suppress(RepeatedActError):
        await visit.parts.store.log_act(visit.act("withdraw", f"publication:{proposal.id}"))
    return RedirectResponse("/fiches", 303)


ROUTES = (
    *reversed(reading("/fiches/nouvelle", new)),
    acting("/fiches/nouvelle", propose_new),
    *reversed(reading("/fiches/id/{entry}/modifier", change)),
    acting("/fiches/id/{entry}/modifier", propose_change),
    acting("/fiches/id/{entry}/degeler", propose_thaw),
    acting("/fiches/id/{entry}/retirer", propose_retirement),
    acting("/fiches/id/{entry}/remettre", propose_return),
    *reversed(reading("/fiches/propositions/{proposal}", show_proposal)),
    acting("/fiches/propositions/{proposal}/publier", publish, least=Role.EDITOR),
    acting("/fiches/propositions/{proposal}/retirer", withdraw),
)


async def _propose_as(visit: Visit, change: Callable[[Item], Item], reason: str) -> Response:
    """The entry of the address with one change; what cannot be proposed is told above its form."""
    files = (await folder_of(visit)).version.files
    before = await _item(files, addressed(visit))
    try:
        edit = edit_entry(files, addressed(visit), change(before))
        return await _propose(visit, files, [edit], before, reason)
    except (EditError, KnowledgeError) as error:
        return await _form(visit, form_of_item(before, reason=reason), addressed(visit), str(error), 422)


def _today(visit: Visit) -> date:
    return visit.now.astimezone(LEGAL_TIME).date()


async def _begun(visit: Visit, item: Item) -> EntryForm:
    """The form of the entry, with the wording of the question that the address names."""
    asked = visit.request.query_params.get("question", "")
    question = await visit.parts.store.question(int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if question is None:
        return form_of_item(item)
    with suppress(EditError):  # the entry knows the wording: the form shows it
        item = with_utterance(item, spoken(question.language), question.text)
    return form_of_item(item, reason=text("fiches.asked_reason", number=question.id))


async def _item(files: Files, entry: str) -> Item:
    try:
        return (await asyncio.to_thread(find_entry, files, entry))[1]
    except EditError:
        raise RefusedError(404, "no_entry") from None


def _citing(item: Item, more: list[str]) -> Item:
    return {**item, "sources": [*item.get("sources", ()), *more]} if more else item


async def _propose(visit: Visit, files: Files, edits: list[Edit], before: Item, reason: str) -> Response:
    """Keep the edits, once they can be carried out.

    Raises:
        EditError: they cannot, or change nothing.
    """
    if not reason.strip():
        raise EditError(text("fiches.reason_missing"))

    def keep() -> Proposal:
        for edit in edits:
            if edit.after is not None:
                check_new_wordings(files, before, edit.after)
        if applied(files, edits) == dict(files):
            raise EditError(text("fiches.nothing_changed"))
        return desk_of(visit).proposals.propose(edits, signature(visit, reason))

    proposal = await asyncio.to_thread(keep)
    with suppress(RepeatedActError):
        await visit.parts.store.log_act(visit.act("propose", f"publication:{proposal.id}"))
    return RedirectResponse(f"/fiches/propositions/{proposal.id}", 303)


async def _proposal(visit: Visit) -> Proposal:
    """Raises: RefusedError: it waits no longer."""
    number: str = visit.request.path_params["proposal"]
    try:
        return await asyncio.to_thread(desk_of(visit).proposals.find, number)
    except EditError:
        raise RefusedError(404, "no_proposal") from None


async def _form(
    visit: Visit, form: EntryForm, entry: str | None = None, notice: str | None = None, status: int = 200
) -> Response:
    folder = await folder_of(visit)
    files = tuple(path for path in sorted(folder.version.files) if kind_of(path) == "entries")
    knowledge = folder.knowledge or visit.parts.dialogue().knowledge
    sources = tuple((source.id, source.title) for source in knowledge.sources.values())
    return visit.show("fiche_modifier", FormContext(form, entry, files, sources, notice), status)


async def _shown(visit: Visit, notice: str | None = None, status: int = 200) -> Response:
    proposal, folder, desk = await _proposal(visit), await folder_of(visit), desk_of(visit)
    try:
        lines = _lines(await asyncio.to_thread(_diff, folder.version.files, proposal.edits))
        recent = await visit.parts.store.recent_questions(_RECENT)
        rehearsing = desk.rehearsal(proposal, folder.version, recent, _today(visit))
    except EditError as error:
        lines, rehearsing = (), Rehearsing(failed=str(error))
    result = rehearsing.result
    gate = result.gate if result else None
    changes = gate.changes[:_CHANGES_SHOWN] if gate else ()
    before, after = (result.before, result.after) if result else (None, None)
    context = ProposalContext(
        now=visit.now,
        id=proposal.id,
        author=proposal.signed.author.name,
        reason=proposal.signed.reason,
        at=proposal.signed.at,
        base=folder.version.fingerprint,
        lines=lines,
        over=rehearsing.over,
        done=rehearsing.done,
        total=rehearsing.total,
        problems=tuple(map(str, result.problems)) if result else (),
        summary=gate.summary() if gate else rehearsing.failed,
        changes=tuple(ShownChange(each.shift, told(each, before, after)) for each in changes if before and after),
        guards=result.guards[:_CHANGES_SHOWN] if result else (),
        leaving=result.leaving[:_CHANGES_SHOWN] if result else (),
        why_not=text("fiches.not_publishable") if rehearsing.failed else _why_not(visit, proposal),
        notice=notice,
    )
    return visit.show("proposition", context, status)


def _diff(files: Files, edits: tuple[Edit, ...]) -> str:
    return diff(files, applied(files, edits))


def _lines(shown: str) -> tuple[tuple[str, str], ...]:
    kinds = {"+": "add", "-": "drop", "@": "head"}
    return tuple(
        ("head" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same"), line)
        for line in shown.splitlines()
    )


def _why_not(visit: Visit, proposal: Proposal) -> str | None:
    if not visit.role.may(Role.EDITOR):
        return text("fiches.editors_publish")
    if desk_of(visit).publisher.two_persons and proposal.signed.author.id == person(visit).id:
        return text("fiches.somebody_else")
    return None
