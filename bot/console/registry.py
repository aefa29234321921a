"""The pages, in the order of the navigation: a new one is its module, its template, and a line here."""

from bot.console import conversations, entries, figures, questions, team

PAGES = (conversations.PAGE, questions.PAGE, entries.PAGE, figures.PAGE, team.PAGE)
