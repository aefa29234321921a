"""What entries that go out of force leave behind: help, guards, and places that name them. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from bot.editing.guards import guards
from bot.editing.texts import text
from bot.knowledge.model import DEFAULT_LANGUAGE, Entry, Kind, KnowledgeBase


def left_behind(before: KnowledgeBase, after: KnowledgeBase, day: date) -> tuple[str, ...]:
    """Sentences for agents, the gravest first: no rule forbids these, and no question tells of them."""
    was, remain = _in_force(before, day), _in_force(after, day)
    gone = [entry for name, entry in was.items() if name not in remain]
    guarded = [guard.entry for guard in guards(before, day)]
    dangers = any(entry.kind is Kind.EMERGENCY for entry in remain.values())
    found: list[str] = []
    for entry in gone:
        title = entry.title_in(DEFAULT_LANGUAGE)
        if entry.kind is Kind.EMERGENCY and not dangers:
            found.insert(0, text("leaving_emergency", title=title))
        if names := tuple(_naming(entry.id, after, remain)):
            found.append(text("leaving_named", title=title, names=", ".join(names)))
        if count := guarded.count(entry.id):
            found.append(text("leaving_guards", title=title, count=count))
    return tuple(found)


def _in_force(knowledge: KnowledgeBase, day: date) -> Mapping[str, Entry]:
    return {name: entry for name, entry in knowledge.entries.items() if entry.in_force(day)}


def _naming(name: str, knowledge: KnowledgeBase, remain: Mapping[str, Entry]) -> Iterator[str]:
    """What would show a button to the entry, and shows none."""
    menu = knowledge.menu
    places = (("start", name in menu.start), ("help", name in menu.help), ("contact", name == menu.contact))
    yield from (text(f"leaving_{place}") for place, names in places if names)
    yield from (f"« {each.title_in(DEFAULT_LANGUAGE)} »" for each in remain.values() if name in each.follow_ups)
