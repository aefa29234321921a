"""May my project be helped? Questions one by one, a verdict with its criteria, the answers on a card. Pure.

A button holds all the answers given before it, so that an old one still works; the conversation keeps the last ones,
for a number that is written and for the card of a hand-over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.dialogue.answers import citations
from bot.dialogue.effects import Button, OpenHandOver, Reason, RelayToStaff, Say
from bot.dialogue.events import Action, ActionKind
from bot.dialogue.hand_over import Step, also_to_staff, announced, with_handed_over
from bot.dialogue.moment import Moment
from bot.dialogue.state import Conversation, Mode
from bot.dialogue.voice import Voice
from bot.eligibility.judge import UNKNOWN, Judgement, Verdict, judge
from bot.eligibility.sheet import Page, Sheet, read_number, tries_a_number
from bot.knowledge.checks import comparable
from bot.knowledge.eligibility import Interview, Question, QuestionKind, Rule, Texts
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase, text_in
from bot.language.times import said_day

_EXAMPLE = "12"


@dataclass(frozen=True, slots=True)
class Interviewing:
    voice: Voice
    conversation: Conversation
    moment: Moment

    def pressed(self, ref: str, argument: str) -> Step:
        """The next question, a page, or the answers on their way to staff."""
        name = argument.partition(".")[0]
        try:
            sheet = Sheet.unpack(argument, self._knowledge.interviews)
        except LookupError:
            return self.conversation, (self.voice.menu(self.moment.day),)
        except ValueError:
            return self._shown(Sheet.begin(self._knowledge.interviews[name]), self.voice.text("interview_changed"))
        return self._sent(sheet, ref) if sheet.at is Page.SEND else self._shown(sheet)

    def typed(self, ref: str, text: str) -> Step | None:
        """What a text does that answers the question under way; None: it does not."""
        sheet = kept(self._knowledge, self.conversation)
        if sheet is None or sheet.question is None or self.conversation.pending:
            return None
        answer = self._read(sheet.question, text)
        if answer is not None:
            conversation, effects = self._shown(sheet.answered(sheet.question, answer))
        elif sheet.question.kind is QuestionKind.NUMBER and tries_a_number(text):
            conversation, effects = self._shown(sheet, self.voice.text("interview_not_a_number"))
        else:
            return None
        return conversation, (*effects, *also_to_staff(conversation, ref))

    def _read(self, question: Question, text: str) -> str | None:
        labels = {comparable(label): answer for label, answer in self._options(question)}
        if (answer := labels.get(comparable(text))) is not None:
            return answer
        return read_number(text) if question.kind is QuestionKind.NUMBER and tries_a_number(text) else None

    def _shown(self, sheet: Sheet, before: str = "") -> Step:
        match sheet.at:
            case Page.CHANGE:
                say = self._which_to_change(sheet)
            case Page():
                say = self._summary(sheet)
            case number:
                say = self._question(sheet, sheet.interview.questions[number])
        say = replace(say, text=f"{before}\n\n{say.text}".strip())
        return replace(self.conversation, interview=sheet.pack(), pending=()), (say,)

    def _sent(self, sheet: Sheet, ref: str) -> Step:
        waiting = self.conversation.mode is Mode.WAITING
        if waiting and self.conversation.interview_sent == sheet.pack():
            return self.conversation, (self.voice.announcement("hand_over_already"),)
        conversation = replace(self.conversation, interview=sheet.pack(), interview_sent=sheet.pack())
        answers = for_staff(self._knowledge, conversation)
        if waiting:
            said = self.voice.announcement("hand_over_added")
            return with_handed_over(conversation, ref), (RelayToStaff(ref, interview=answers), said)
        title = text_in(sheet.interview.title, DEFAULT_LANGUAGE)[0]
        card = OpenHandOver(ref, title, conversation.language, Reason.INTERVIEW, interview=answers)
        return announced(self.voice, conversation, card, self.moment)

    # Pages

    def _question(self, sheet: Sheet, question: Question) -> Say:
        parts = [] if sheet.answers else [self._own(sheet.interview.intro)]
        parts.append(self._own(question.ask))
        if question.kind is QuestionKind.NUMBER:
            example = f"{_EXAMPLE} {self._own(question.unit) if question.unit else ''}".strip()
            parts.append(self.voice.text("interview_number", example=example))
        if question.id in sheet.answers:
            parts.append(self.voice.text("interview_current", answer=self._answer(question, sheet)))
        buttons = [self._to(label, sheet.answered(question, answer)) for label, answer in self._options(question)]
        if back := sheet.back():
            buttons.append(self._to(self.voice.text("button_back"), back))
        notes = () if sheet.answers else self._notes(sheet.interview)
        return Say("\n\n".join(parts), notes=tuple(notes), buttons=tuple(buttons))

    def _which_to_change(self, sheet: Sheet) -> Say:
        buttons = [self._to(self._own(question.label), sheet.to(question)) for question in sheet.asked]
        buttons.append(self._to(self.voice.text("button_back"), sheet.onward()))
        return Say(self.voice.text("interview_which"), buttons=tuple(buttons))

    def _summary(self, sheet: Sheet) -> Say:
        """The answers, what follows from them, and why: to be kept."""
        judgement = judge(sheet.interview, sheet.answers, self.moment.day)
        day = said_day(self.moment.day, self.voice.language)
        answers = [self.voice.text("interview_summary", title=self._own(sheet.interview.title), day=day)]
        for question in sheet.asked:
            label, answer = self._own(question.label), self._answer(question, sheet)
            answers.append(self.voice.text("interview_answer", question=label, answer=answer))
        verdict = self.voice.text(f"interview_{judgement.verdict}")
        reasons = [verdict, *self._reasons(sheet.interview, judgement)]
        return Say(
            "\n\n".join(("\n".join(answers), "\n".join(reasons), self.voice.text("interview_keep"))),
            citations=citations(self._knowledge, _sources(judgement), self.voice.language),
            notes=tuple(self._notes(sheet.interview)),
            buttons=(
                self._to(self.voice.text("button_send_answers"), sheet.turned(Page.SEND)),
                self._to(self.voice.text("button_change_answer"), sheet.turned(Page.CHANGE)),
                self.voice.menu_button,
            ),
        )

    def _reasons(self, interview: Interview, judgement: Judgement) -> Iterator[str]:
        """The criteria that the verdict rests on, in the words of their source, and what is not known."""
        if judgement.verdict is not Verdict.NOT_ELIGIBLE:
            yield from (self._criterion("met", rule) for rule in judgement.met)
        yield from (self._criterion("broken", rule) for rule in judgement.broken)
        if judgement.verdict is not Verdict.STAFF_DECIDES:
            return
        for rule in judgement.undecided:
            yield self._criterion("undecided" if rule.source else "unpublished", rule)
        if judgement.unknown:
            unknown = ", ".join(self._own(question.label) for question in judgement.unknown)
            yield self.voice.text("interview_unknown", questions=unknown)
        if not judgement.in_force:
            yield self.voice.text("interview_out_of_date")
        elif not interview.complete:
            yield self.voice.text("interview_incomplete")

    def _criterion(self, key: str, rule: Rule) -> str:
        return self.voice.text(f"interview_{key}", clause=self._own(rule.clause))

    def _notes(self, interview: Interview) -> Iterator[str]:
        written_in = text_in(interview.title, self.voice.language)[1]
        if written_in != self.voice.language:
            yield self.voice.text("note_not_translated")
        elif written_in in interview.unconfirmed_translations:
            yield self.voice.text("note_unconfirmed_translation")

    # Words

    def _options(self, question: Question) -> Iterator[tuple[str, str]]:
        """Label and answer of each button; « Je ne sais pas » is always one."""
        for choice in question.choices:
            yield _label(self.voice, question, choice.id), choice.id
        yield self.voice.text("answer_unknown"), UNKNOWN

    def _answer(self, question: Question, sheet: Sheet) -> str:
        return _label(self.voice, question, sheet.answers.get(question.id, UNKNOWN))

    def _own(self, texts: Texts) -> str:
        return text_in(texts, self.voice.language)[0].strip()

    @staticmethod
    def _to(label: str, sheet: Sheet) -> Button:
        return Button(label, Action(ActionKind.INTERVIEW, sheet.pack()))

    @property
    def _knowledge(self) -> KnowledgeBase:
        return self.voice.knowledge


def kept(knowledge: KnowledgeBase, conversation: Conversation) -> Sheet | None:
    """The last answers of the citizen; None: there are none, or the questions have changed."""
    try:
        return Sheet.unpack(conversation.interview, knowledge.interviews)
    except (LookupError, ValueError):
        return None


def for_staff(knowledge: KnowledgeBase, conversation: Conversation) -> tuple[tuple[str, str], ...]:
    """Question and answer of each that was given, in French."""
    sheet = kept(knowledge, conversation)
    if sheet is None:
        return ()
    voice = Voice(knowledge, DEFAULT_LANGUAGE)
    given = [(question, sheet.answers[question.id]) for question in sheet.asked if question.id in sheet.answers]
    return tuple(
        (text_in(question.label, DEFAULT_LANGUAGE)[0], _label(voice, question, answer)) for question, answer in given
    )


def _label(voice: Voice, question: Question, answer: str) -> str:
    """An answer in words."""
    if answer == UNKNOWN:
        return voice.text("answer_unknown")
    if question.kind is QuestionKind.YES_NO:
        return voice.text(f"answer_{answer}")
    if question.kind is QuestionKind.NUMBER:
        return f"{answer} {text_in(question.unit, voice.language)[0] if question.unit else ''}".strip()
    return next(text_in(choice.label, voice.language)[0] for choice in question.choices if choice.id == answer)


def _sources(judgement: Judgement) -> list[str]:
    """Of every criterion that is quoted, in their order."""
    others = () if judgement.verdict is Verdict.NOT_ELIGIBLE else (*judgement.met, *judgement.undecided)
    return list(dict.fromkeys(rule.source for rule in (*judgement.broken, *others) if rule.source))
