"""What must hold in `eligibility.yaml`, and between it and the rest of the folder. Pure."""

from collections.abc import Iterator
from typing import Any

from bot.knowledge.checks import Names, cited, finding
from bot.knowledge.contents import Contents, Placed
from bot.knowledge.eligibility import MAX_DIGITS, Condition, Interview, Question, QuestionKind
from bot.knowledge.problems import Finding, Path, Place, quoted

MAX_PACKED = 62
"""Bytes for the answers in a button of Telegram (64 in all)."""


def check_interviews(contents: Contents) -> Iterator[Finding]:
    sources = Names(contents.source_ids)
    yield from _same_id(contents)
    for placed in contents.interviews:
        interview = placed.value
        yield from _same_names(placed)
        for number, question in enumerate(interview.questions):
            if question.only_if:
                path = ("questions", number, "only_if")
                yield from _condition(placed, path, question.only_if, interview.questions[:number])
        for number, rule in enumerate(interview.rules):
            if rule.requires:
                yield from _condition(placed, ("rules", number, "requires"), rule.requires, interview.questions)
            if rule.source and contents.sources_known:
                yield from cited(placed, ("rules", number, "source"), rule.source, sources)
        yield from _fits(placed)
        yield from _complete(placed)
        yield from _untranslated(placed)
    if contents.interviews_known:
        names = Names({named.value for named in contents.interview_ids})
        for entry in contents.entries:
            if entry.value.interview and entry.value.interview not in names.known:
                yield from _unknown(entry, ("interview",), "aucun entretien", entry.value.interview, names)


def packed_size(interview: Interview) -> int:
    """Bytes of the longest argument of a button, as `bot.eligibility.sheet` writes it."""
    codes = (
        MAX_DIGITS if question.kind is QuestionKind.NUMBER else len(str(len(question.choices) - 1))
        for question in interview.questions
    )
    return len(interview.id) + len(interview.mark) + 4 + sum(code + 1 for code in codes)


def _same_id(contents: Contents) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for named in contents.interview_ids:
        other = first.setdefault(named.value, named.place)
        if other != named.place:
            what = ("cet identifiant est déjà pris, à ", other, ".")
            yield finding(named, ("id",), what, "Donnez à chaque entretien son identifiant.")


def _same_names(placed: Placed[Interview]) -> Iterator[Finding]:
    interview = placed.value
    lists: list[tuple[Path, list[str]]] = [
        (("questions",), [question.id for question in interview.questions]),
        (("rules",), [rule.id for rule in interview.rules]),
    ]
    for number, question in enumerate(interview.questions):
        lists.append((("questions", number, "choices"), [choice.id for choice in question.choices]))
    for path, ids in lists:
        for index, name in enumerate(ids):
            if name in ids[:index]:
                what = ("cet identifiant est déjà pris, à ", placed.at(*path, ids.index(name), "id"), ".")
                yield finding(placed, (*path, index, "id"), what, "Donnez un identifiant à chaque élément de la liste.")


def _condition(
    placed: Placed[Interview], path: Path, condition: Condition, questions: tuple[Question, ...]
) -> Iterator[Finding]:
    """`questions` are those that it may be about."""
    question = next((each for each in questions if each.id == condition.question), None)
    if question is None:
        names = Names({each.id for each in questions})
        whose = "aucune question d'avant" if path[-1] == "only_if" else "aucune question"
        yield from _unknown(placed, (*path, "question"), whose, condition.question, names)
    elif (question.kind is QuestionKind.NUMBER) != (not condition.choices):
        what = (f"la condition ne va pas avec la question « {question.id} ».",)
        remedy = "Écrivez « at_least » ou « at_most » pour un nombre, « is » pour un choix (yes, no pour oui, non)."
        yield finding(placed, path, what, remedy)
    else:
        names = Names({choice.id for choice in question.choices})
        for index, name in enumerate(condition.choices):
            if name not in names.known:
                yield from _unknown(placed, (*path, "is", index), "aucun choix", name, names)


def _fits(placed: Placed[Interview]) -> Iterator[Finding]:
    size = packed_size(placed.value)
    if size > MAX_PACKED:
        what = (f"les réponses ne tiennent pas dans un bouton de Telegram ({size} octets, {MAX_PACKED} au plus).",)
        yield finding(placed, ("questions",), what, "Enlevez des questions, ou choisissez un identifiant plus court.")


def _complete(placed: Placed[Interview]) -> Iterator[Finding]:
    interview = placed.value
    if interview.complete and not interview.rules:
        what = ("« complete: true », mais il n'y a aucune règle.",)
        yield finding(placed, ("complete",), what, "Écrivez les règles, ou retirez « complete ».")
    for number, rule in enumerate(interview.rules):
        if interview.complete and (rule.source is None or rule.requires is None):
            what = ("« complete: true », mais cette règle ne peut jamais être remplie.",)
            remedy = "Donnez-lui une source et une condition (requires), ou retirez « complete »."
            yield finding(placed, ("rules", number), what, remedy)


def _untranslated(placed: Placed[Interview]) -> Iterator[Finding]:
    interview = placed.value
    for language in sorted(interview.unconfirmed_translations - interview.title.keys()):
        what = (f"« {language} » est noté comme traduction à relire, mais le titre n'existe pas dans cette langue.",)
        remedy = f"Ajoutez la traduction en « {language} », ou retirez « {language} » de cette liste."
        yield finding(placed, ("unconfirmed_translations",), what, remedy)


def _unknown(placed: Placed[Any], path: Path, none: str, name: str, names: Names) -> Iterator[Finding]:
    near = names.guess(name)
    remedy = f"Vouliez-vous écrire « {near} » ?" if near else "Corrigez l'identifiant, ou retirez-le."
    yield finding(placed, path, (f"{none} ne s'appelle {quoted(name)}.",), remedy)
