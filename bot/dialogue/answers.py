"""An entry of the knowledge → the message that a citizen reads."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.dialogue.effects import Button, Citation, Say
from bot.dialogue.events import Action, ActionKind
from bot.knowledge.model import Entry, HandOver, KnowledgeBase, Source, Status, text_in
from bot.knowledge.opportunities import Opportunity
from bot.language.times import said_day
from bot.opportunities.subscriptions import About, Topic


def answer(knowledge: KnowledgeBase, entry: Entry, language: str, day: date) -> Say:
    """The answer of `day`: its sources and their dates, what must be said of its certainty, and the next steps."""
    text, written_in = text_in(entry.answer_on(day), language)
    return Say(
        text=text.strip(),
        citations=citations(knowledge, entry.sources, language),
        notes=_notes(knowledge, entry, language, written_in),
        buttons=(
            *_interview(knowledge, entry, language),
            *_call(knowledge, entry, language, day),
            *show_buttons(knowledge, entry.follow_ups, language, day),
            *_search(knowledge, entry, language),
            *_person(knowledge, entry, language),
        ),
        entry=entry.id,
    )


def show_buttons(knowledge: KnowledgeBase, entries: Iterable[str], language: str, day: date) -> tuple[Button, ...]:
    """A button for each of the entries that is in force on `day`."""
    in_force = (name for name in entries if knowledge.entries[name].in_force(day))
    return tuple(show_button(knowledge, name, language) for name in in_force)


def show_button(knowledge: KnowledgeBase, entry: str, language: str, kind: ActionKind = ActionKind.SHOW) -> Button:
    """The button that leads to an entry, under the entry's title."""
    return Button(knowledge.entries[entry].title_in(language), Action(kind, entry))


def person_button(knowledge: KnowledgeBase, language: str) -> Button:
    return Button(knowledge.message(language, "button_person"), Action(ActionKind.PERSON))


def search_button(knowledge: KnowledgeBase, language: str) -> Button:
    """The button that begins the guided search of an offer."""
    return Button(knowledge.message(language, "button_offers"), Action(ActionKind.SEARCH))


def _search(knowledge: KnowledgeBase, entry: Entry, language: str) -> tuple[Button, ...]:
    offers = knowledge.opportunities
    return (search_button(knowledge, language),) if offers.records and entry.id in offers.topics else ()


def _interview(knowledge: KnowledgeBase, entry: Entry, language: str) -> tuple[Button, ...]:
    if entry.interview is None:
        return ()
    return (Button(knowledge.message(language, "button_interview"), Action(ActionKind.INTERVIEW, entry.interview)),)


def _call(knowledge: KnowledgeBase, entry: Entry, language: str, day: date) -> tuple[Button, ...]:
    """Be told of the next date of a call for projects, known or not yet."""
    call = entry.call
    if call is None:
        return ()
    if not call.published:
        key = "button_call_published"
    elif call.over(day):
        key = "button_call_next"
    else:
        key = "button_call_opens" if call.opens and day < call.opens else "button_call_closes"
    remind = Button(knowledge.message(language, key), Action(ActionKind.SUBSCRIBE, About(Topic.CALL, entry.id).pack()))
    return (remind, *call_calendar(knowledge, entry, language, day))


def call_calendar(knowledge: KnowledgeBase, entry: Entry, language: str, day: date) -> tuple[Button, ...]:
    """The dates of a call that are still to come, as a file."""
    call = entry.call
    if call is None or not call.published or max(filter(None, call)) < day:
        return ()
    file = Action(ActionKind.CALENDAR, About(Topic.CALL, entry.id).pack())
    return (Button(knowledge.message(language, "button_calendar"), file),)


def _person(knowledge: KnowledgeBase, entry: Entry, language: str) -> tuple[Button, ...]:
    return (person_button(knowledge, language),) if entry.hand_over is HandOver.OFFER else ()


def offer_citations(knowledge: KnowledgeBase, offers: Iterable[Opportunity], language: str) -> tuple[Citation, ...]:
    """Every source of these offers, once."""
    return citations(knowledge, (source for offer in offers for source in offer.sources), language)


def citations(knowledge: KnowledgeBase, sources: Iterable[str], language: str) -> tuple[Citation, ...]:
    """Every one of the sources, once; several are numbered, for on a phone each takes more than one line."""
    said = [citation(knowledge, knowledge.sources[source], language) for source in dict.fromkeys(sources)]
    if len(said) == 1:
        return tuple(said)
    return tuple(replace(each, label=f"{number}. {each.label}") for number, each in enumerate(said, start=1))


def citation(knowledge: KnowledgeBase, source: Source, language: str) -> Citation:
    """A source with the day it was checked, and its own date if it bears one."""
    key = "citation_dated" if source.published else "citation"
    checked = said_day(source.checked, language)
    label = knowledge.message(language, key, title=source.title, published=source.published or "", checked=checked)
    return Citation(label, source.url)


def _notes(knowledge: KnowledgeBase, entry: Entry, language: str, written_in: str) -> tuple[str, ...]:
    keys = []
    if entry.status is Status.TO_CONFIRM:
        keys.append("note_to_confirm")
    if written_in != language:
        keys.append("note_not_translated")
    elif written_in in entry.unconfirmed_translations:
        keys.append("note_unconfirmed_translation")
    return tuple(knowledge.message(language, key) for key in keys)
