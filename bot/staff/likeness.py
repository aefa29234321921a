"""Questions that ask the same, gathered as they come: by their words, and by their meaning where it can be computed.

By words as `bot.staff.questions`; by meaning only where the guessed topic is the same, too. Even so every second pair
of the development questions that are this near has another right answer (docs/matching.md): what is only near by
meaning stands in the group, and an agent decides on each wording whether an answer fits it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np

from bot.matching.model import Encoder, Matrix
from bot.staff.questions import form_of, nearest
from bot.storage.model import Question

_NEAR = 0.92
"""Scalar product of E5's vectors. Of pairs with the same guessed topic, 9 of 18 have the same right answer."""
_WORDS_LOOKED_AT = 4
"""The rarest words of a question: whoever is alike shares one of them."""
_BATCH = 16


@dataclass(slots=True)
class _Group:
    form: str
    topic: str | None
    vector: Matrix | None
    members: set[int] = field(default_factory=set)


class Likeness:
    """The groups of the questions that wait. `take_up` takes long and belongs in a thread; the rest does not."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._groups: dict[int, _Group] = {}
        self._of_form: dict[str, int] = {}
        self._of_word: dict[str, set[int]] = defaultdict(set)
        self._of_topic: dict[str | None, set[int]] = defaultdict(set)
        self._group_of: dict[int, int] = {}
        self._by_meaning: set[int] = set()
        self._made = 0

    def missing(self, questions: Iterable[Question]) -> list[Question]:
        """Those that stand in no group yet."""
        return [question for question in questions if question.id not in self._group_of]

    def take_up(self, questions: Sequence[Question], encoder: Encoder | None) -> None:
        """Find the group of each; with an encoder some 7 ms each, without far less."""
        for start in range(0, len(questions), _BATCH):
            batch = self.missing(questions[start : start + _BATCH])
            unknown = [question for question in batch if form_of(question) not in self._of_form]
            vectors = encoder.encode([question.text for question in unknown]) if encoder and unknown else None
            known = {question.id: vectors[row] for row, question in enumerate(unknown)} if vectors is not None else {}
            with self._lock:
                for question in batch:
                    self._place(question, known.get(question.id))

    def keep_only(self, ids: set[int]) -> None:
        """Forget all others: what nobody asks any more, or what was erased."""
        with self._lock:
            for gone in self._group_of.keys() - ids:
                self._drop(gone)

    def together(self, questions: Iterable[Question]) -> list[list[Question]]:
        """By group; who is in none yet stands alone. In a group as given, the group where its first one stands."""
        gathered: dict[object, list[Question]] = defaultdict(list)
        for question in questions:
            group = self._group_of.get(question.id)
            gathered[group if group is not None else f"alone {question.id}"].append(question)
        return list(gathered.values())

    def by_meaning(self, question: int) -> bool:
        """It stands in its group for what it means, not for its words."""
        return question in self._by_meaning

    def _place(self, question: Question, vector: Matrix | None) -> None:
        form, topic = form_of(question), question.topic
        number = self._of_form.get(form)
        if number is None:
            number = self._alike_by_words(form)
        if number is None and vector is not None:
            number = self._alike_by_meaning(topic, vector)
            if number is not None:
                self._by_meaning.add(question.id)
        if number is None:
            number = self._found(form, topic, vector)
        self._groups[number].members.add(question.id)
        self._group_of[question.id] = number

    def _alike_by_words(self, form: str) -> int | None:
        words = sorted(set(form.split()), key=lambda word: len(self._of_word.get(word, ())))[:_WORDS_LOOKED_AT]
        likely = sorted({number for word in words for number in self._of_word.get(word, ())})
        place = nearest(form, [self._groups[number].form for number in likely])
        return None if place is None else likely[place]

    def _alike_by_meaning(self, topic: str | None, vector: Matrix) -> int | None:
        likely = [number for number in sorted(self._of_topic[topic]) if self._groups[number].vector is not None]
        if not likely:
            return None
        products = np.stack([self._vector(number) for number in likely]) @ vector
        best = int(products.argmax())
        return likely[best] if products[best] >= _NEAR else None

    def _vector(self, number: int) -> Matrix:
        vector = self._groups[number].vector
        assert vector is not None  # noqa: S101 - only groups with one are asked for
        return vector

    def _found(self, form: str, topic: str | None, vector: Matrix | None) -> int:
        """A new group."""
        self._made += 1
        self._groups[self._made] = _Group(form, topic, vector)
        self._of_form[form] = self._made
        self._of_topic[topic].add(self._made)
        for word in set(form.split()):
            self._of_word[word].add(self._made)
        return self._made

    def _drop(self, question: int) -> None:
        self._by_meaning.discard(question)
        number = self._group_of.pop(question)
        group = self._groups[number]
        group.members.discard(question)
        if group.members:
            return
        del self._groups[number], self._of_form[group.form]
        self._of_topic[group.topic].discard(number)
        for word in set(group.form.split()):
            self._of_word[word].discard(number)
