"""What must hold between the questions that guard entries and what entries are learnt from. Pure."""

from collections.abc import Iterator, Mapping

from bot.knowledge.checks import comparable, finding
from bot.knowledge.contents import Contents, Placed
from bot.knowledge.model import Entry
from bot.knowledge.problems import Finding, Path, quoted

MUST, MUST_NOT = "must_match", "must_not_match"

_Where = tuple[Placed[Entry], Path]
_Known = Mapping[str, list[_Where]]
"""Comparable sentence → where it stands."""


def check_guards(contents: Contents) -> Iterator[Finding]:
    """Guards that contradict the utterances or one another: no matcher could hold them."""
    must, must_not = _known(contents, MUST), _known(contents, MUST_NOT)
    if not (must or must_not):
        return
    utterances = _known(contents, "utterances")
    for sentence, wheres in must.items():
        for here in wheres:
            yield from _elsewhere(here, [*utterances.get(sentence, ()), *wheres[: wheres.index(here)]])
            yield from _refused(here, must_not.get(sentence, ()), "Retirez-la de l'une des deux listes.")
    for sentence, wheres in must_not.items():
        for here in wheres:
            remedy = "Retirez-la de « utterances », ou de « must_not_match » si la fiche y répond."
            yield from _refused(here, utterances.get(sentence, ()), remedy)


def guards_nothing(contents: Contents) -> Iterator[Finding]:
    """Advice: questions that hold whatever happens, since the entry is learnt from them."""
    must = _known(contents, MUST)
    learnt = _known(contents, "utterances") if must else {}
    for sentence, wheres in must.items():
        for placed, path in wheres:
            if any(other is placed for other, _ in learnt.get(sentence, ())):
                what = ("cette question est aussi dans « utterances » : elle ne vérifie rien.",)
                yield finding(placed, path, what, "Écrivez-la ici en d'autres mots, ou retirez-la d'ici.")


def _known(contents: Contents, field: str) -> dict[str, list[_Where]]:
    found: dict[str, list[_Where]] = {}
    for placed in contents.in_use:
        texts: Mapping[str, tuple[str, ...]] = getattr(placed.value, field)
        for language, sentences in texts.items():
            for index, sentence in enumerate(sentences):
                if sentence.strip():  # told as an empty field
                    found.setdefault(comparable(sentence), []).append((placed, (field, language, index)))
    return found


def _elsewhere(here: _Where, others: list[_Where]) -> Iterator[Finding]:
    """The first place that gives the same question to another entry."""
    placed, path = here
    for other, there in others:
        if other is not placed:
            said = quoted(_sentence(here))
            what = (f"la question {said} est déjà dans l'entrée « {other.owner} », à ", other.at(*there), ".")
            yield finding(placed, path, what, "Gardez-la dans l'entrée qui répond le mieux.")
            return


def _refused(here: _Where, others: "list[_Where] | tuple[()]", remedy: str) -> Iterator[Finding]:
    """The same entry wants the question and refuses it."""
    placed, path = here
    for other, there in others:
        if other is placed:
            said = quoted(_sentence(here))
            what = (f"la question {said} est à la fois voulue et refusée, voir ", other.at(*there), ".")
            yield finding(placed, path, what, remedy)
            return


def _sentence(where: _Where) -> str:
    placed, (field, language, index) = where
    texts: Mapping[object, tuple[str, ...]] = getattr(placed.value, str(field))
    return texts[language][int(index)]
