"""What the bot says of itself and offers, in one language; what it knows of the world is in `answers.py`."""

from dataclasses import dataclass, replace
from datetime import date

from bot.dialogue.answers import person_button, show_buttons
from bot.dialogue.effects import Button, Say
from bot.dialogue.events import Action, ActionKind
from bot.dialogue.moment import Moment
from bot.knowledge.model import LANGUAGES, KnowledgeBase
from bot.language.times import said_duration, said_when
from bot.matching.model import Ranking
from bot.privacy.terms import DAYS_KEPT


@dataclass(frozen=True, slots=True)
class Voice:
    knowledge: KnowledgeBase
    language: str
    days_kept: int = DAYS_KEPT

    def text(self, key: str, **values: str) -> str:
        """The sentence `key` of the knowledge's messages."""
        return self.knowledge.message(self.language, key, **values)

    def announcement(self, key: str, *more: str) -> Say:
        """Sentences about a hand-over that the citizen may still cancel."""
        return Say(" ".join((self.text(key), *more)), buttons=(self.cancel_button,))

    def completed(self, say: Say, ranking: Ranking) -> Say:
        """An answer with the note that the message asks something else, if it does."""
        return replace(say, notes=(*say.notes, self.text("asks_more"))) if ranking.asks_more else say

    def patience(self, moment: Moment) -> tuple[str, ...]:
        """When the service opens if it is closed, else the usual wait if it was measured; nothing that is not known."""
        hours = self.knowledge.hours
        if hours and not hours.is_open(moment.now):
            opening = hours.next_opening(moment.now)
            return (self.text("closed_until", when=said_when(opening, moment.now, self.language)),) if opening else ()
        if moment.usual_wait is None:
            return ()
        return (self.text("usual_wait", duration=said_duration(moment.usual_wait, self.language)),)

    def welcome(self, day: date) -> Say:
        """Who speaks, what becomes of the data, and what can be asked."""
        return Say(f"{self.text('welcome').strip()}\n\n{self.notice}", buttons=self.start_buttons(day))

    def menu(self, day: date) -> Say:
        shortcuts = show_buttons(self.knowledge, self.knowledge.menu.help, self.language, day)
        return Say(self.text("help"), buttons=(*shortcuts, self.person_button))

    def language_choice(self) -> Say:
        """Each language under its own name."""
        buttons = (
            Button(self.knowledge.message(language, "language_name"), Action(ActionKind.LANGUAGE, language))
            for language in LANGUAGES
        )
        return Say(self.text("language_choose"), buttons=tuple(buttons), asks=Action(ActionKind.LANGUAGE))

    def start_buttons(self, day: date) -> tuple[Button, ...]:
        shortcuts = show_buttons(self.knowledge, self.knowledge.menu.start, self.language, day)
        return (*shortcuts, self.person_button)

    @property
    def not_ours(self) -> Say:
        """To a question about another subject: would a person do?"""
        person = self.person_button
        return Say(self.text("out_of_scope"), buttons=(person, self.menu_button), asks=person.action)

    @property
    def notice(self) -> str:
        """What is kept of a person, for how long, and how to see and erase it."""
        return self.text("privacy_notice", days=str(self.days_kept))

    @property
    def person_button(self) -> Button:
        return person_button(self.knowledge, self.language)

    @property
    def menu_button(self) -> Button:
        return Button(self.text("button_menu"), Action(ActionKind.MENU))

    @property
    def cancel_button(self) -> Button:
        return Button(self.text("button_cancel_person"), Action(ActionKind.CANCEL_PERSON))
