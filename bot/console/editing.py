"""What all pages about knowledge share: the desk, the folder, the entry of the address, who signs."""

from bot.console.errors import RefusedError
from bot.console.pages import Visit
from bot.editing.desk import Desk, Folder
from bot.editing.publish import Person, Signature
from bot.knowledge.model import Entry, KnowledgeBase
from bot.knowledge.problems import KnowledgeError


def desk_of(visit: Visit) -> Desk:
    """Raises: RefusedError: this console edits no knowledge."""
    if visit.parts.desk is None:
        raise RefusedError(404, "not_found")
    return visit.parts.desk


async def folder_of(visit: Visit) -> Folder:
    """Raises: RefusedError: the folder cannot be read."""
    try:
        return await desk_of(visit).folder()
    except KnowledgeError:
        raise RefusedError(503, "no_folder") from None


def addressed(visit: Visit) -> str:
    """The id in the address, whatever it is: it is looked up, never opened."""
    entry: str = visit.request.path_params["entry"]
    return entry


def entry_of(visit: Visit, folder: Folder) -> tuple[KnowledgeBase, Entry]:
    """The entry of the address as it stands in the folder; in service, where the folder is not valid.

    Raises:
        RefusedError: there is none.
    """
    knowledge = folder.knowledge or visit.parts.dialogue().knowledge
    entry = knowledge.entries.get(addressed(visit))
    if entry is None:
        raise RefusedError(404, "no_entry")
    return knowledge, entry


def person(visit: Visit) -> Person:
    return Person(f"telegram:{visit.agent.id}", visit.agent.name)


def signature(visit: Visit, reason: str) -> Signature:
    return Signature(person(visit), reason.strip(), visit.now)
