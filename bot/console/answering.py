"""One answer to everybody who asked the same: each gets it once, and all of it is one transaction."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

from bot.channels.telegram.desk import CHANNEL
from bot.channels.telegram.formatting import MAX_UNITS, message_html, pack, paragraphs, shortened, units
from bot.channels.telegram.incoming import without_notes
from bot.channels.telegram.outgoing import Translator, say_to_citizen, to_staff
from bot.console.acts import _FromConsole as FromConsole
from bot.console.exchange import SIGN
from bot.console.pages import Visit
from bot.console.texts import text
from bot.conversation import handle, nothing_asked
from bot.dialogue.answers import person_button
from bot.dialogue.effects import Effect, QuestionStatus, Say
from bot.dialogue.events import StaffReplied
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Dialogue
from bot.knowledge.model import DEFAULT_LANGUAGE, LANGUAGES, KnowledgeBase
from bot.storage.console import Act, GroupWork
from bot.storage.model import HandOver, Outgoing, Question
from bot.storage.store import Transactions, Work

_QUOTED = 200
"""Characters of the question that stand above its answer."""
MOST = MAX_UNITS - _QUOTED - 300
"""UTF-16 units of an answer: with the question above it, it must be one message in every language."""


class NobodyWaitsError(Exception):
    """All have been answered, or have gone; nothing was kept."""


async def answer_group(visit: Visit, ids: Sequence[int], words: str) -> str:
    """Queue the answer for each asker of these questions who was promised one; the key of the group answer.

    The questions count as answered; those of people who were promised nothing are set aside.

    Raises:
        RepeatedActError: the same form came twice.
        NobodyWaitsError: no asker is left.
    """
    act = act_of(visit, ids, words)
    async with visit.parts.store.answering(act) as work:
        asked = await work.waiting_for_answer(CHANNEL, ids)
        if not asked:
            raise NobodyWaitsError
        number = await work.begin_group_answer(_key(act), visit.agent.id, asked[0].id, words, visit.now)
        askers = _by_chat(asked)
        for chat, questions in askers.items():
            await _answer(visit, work, number, words, chat, questions[0])
        answered = [question.id for question in asked]
        await work.change_questions(CHANNEL, answered, QuestionStatus.OPEN, QuestionStatus.ANSWERED, visit.now)
        await work.change_questions(CHANNEL, ids, QuestionStatus.OPEN, QuestionStatus.CLOSED, visit.now)
        told = text("questions.told_group", sign=SIGN, name=visit.agent.name, number=len(askers), text=words)
        # Of no hand-over, hence not found when one of them erases: kept no longer than until it has arrived.
        await work.enqueue([replace(to_staff(shortened(told, MAX_UNITS)), fleeting=True)], visit.now)
    visit.parts.queued.set()
    return _key(act)


def act_of(visit: Visit, ids: Sequence[int], words: str) -> Act:
    return visit.act("answer_group", f"question:{ids[0] if ids else 0}", words)


def preview(knowledge: KnowledgeBase, words: str, question: Question, *, handed_over: bool) -> list[str]:
    """The messages as the phone shows them, as Telegram's HTML."""
    if handed_over:
        return pack(paragraphs(without_notes(words)))
    return message_html(_said(knowledge, words, question, _known(question.language)))


def unfit(words: str) -> str | None:
    """Why it cannot be sent."""
    if not without_notes(words).strip():
        return text("questions.notice.empty")
    return text("questions.notice.too_long", most=MOST) if units(words) > MOST else None


async def _answer(visit: Visit, work: GroupWork, number: int, words: str, chat: str, question: Question) -> None:
    dialogue = visit.parts.dialogue()
    if hand_over := await work.hand_over_of_chat(CHANNEL, chat):
        await _in_conversation(visit, dialogue, work, number, words, hand_over)
        return
    conversation = await nothing_asked(work, CHANNEL, chat, visit.now)
    language = conversation.language if conversation else _known(question.language)
    say = _said(dialogue.knowledge, words, question, language)
    said = [replace(each, group_answer=number, author=visit.agent.id) for each in say_to_citizen(chat, say)]
    await work.enqueue(said, visit.now)


async def _in_conversation(
    visit: Visit, dialogue: Dialogue, work: GroupWork, number: int, words: str, hand_over: HandOver
) -> None:
    """As a reply in the open hand-over, with all that follows from one."""
    translator = Translator(dialogue.knowledge, None, hand_over.chat, hand_over)
    relays = FromConsole(translator, words, visit.agent, hand_over)

    def translate(effects: Sequence[Effect], concerned: HandOver | None) -> list[Outgoing]:
        return list(_marked(relays(effects, concerned), hand_over, number))

    await handle(
        _Within(work),
        dialogue,
        StaffReplied(f"group/{number}/{hand_over.id}", visit.agent),
        channel=CHANNEL,
        chat=hand_over.chat,
        moment=Moment(visit.now),
        translate=translate,
    )


def _marked(outgoing: Iterable[Outgoing], hand_over: HandOver, number: int) -> Iterable[Outgoing]:
    for each in outgoing:
        bears_it = each.chat == hand_over.chat and each.hand_over == hand_over.id
        yield replace(each, group_answer=number) if bears_it else each


def _said(knowledge: KnowledgeBase, words: str, question: Question, language: str) -> Say:
    asked = knowledge.message(language, "answer_later", question=shortened(question.text, _QUOTED))
    return Say(f"{asked}\n\n{without_notes(words)}", buttons=(person_button(knowledge, language),))


def _known(language: str) -> str:
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def _by_chat(asked: Iterable[Question]) -> Mapping[str, list[Question]]:
    chats: dict[str, list[Question]] = {}
    for question in asked:
        chats.setdefault(question.chat, []).append(question)
    return chats


def _key(act: Act) -> str:
    assert act.key is not None  # noqa: S101 - `Visit.act` gives every act one
    return act.key


@dataclass(frozen=True, slots=True)
class _Within(Transactions):
    """The transaction that is open already, for what would begin one of its own."""

    opened: Work

    def work(self) -> AbstractAsyncContextManager[Work]:
        return self._same()

    def look(self) -> AbstractAsyncContextManager[Work]:
        return self._same()

    @asynccontextmanager
    async def _same(self) -> AsyncIterator[Work]:
        yield self.opened
