"""ChatterBot as a peer: each sentence of the knowledge is a conversation of two lines, the second is the entry's name.

Its own matching (BestMatch by LevenshteinDistance, over SQLite in memory), with its tagger that writes in lower case.
The default tagger needs a spaCy model, which its makers do not publish on PyPI. A tagger only chooses what is compared:
here the sentences in which a word of the question stands.
"""

from collections.abc import Iterable

from chatterbot import ChatBot
from chatterbot.tagging import LowercaseTagger
from chatterbot.trainers import ListTrainer

from bot.language.normal_form import normalise


class ChatterBot:
    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Learn from (sentence in normal form, entry)."""
        self._bot = ChatBot(
            "peer",
            database_uri=None,  # SQLite in memory
            tagger=LowercaseTagger,
            read_only=True,  # else it learns from the questions
            default_response="",  # else a random sentence when nothing is like the question
        )
        trainer = ListTrainer(self._bot, show_training_progress=False)
        for pair in pairs:
            trainer.train(list(pair))

    def rank(self, question: str) -> list[tuple[str, float]]:
        """The one answer that it gives, or none."""
        answer = self._bot.get_response(normalise(question))
        return [(answer.text, float(answer.confidence))] if answer.text else []
