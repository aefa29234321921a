"""Validation of plain data against a form of `schema`, with the complaints in French. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from zoneinfo import available_timezones

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from bot.knowledge.eligibility_forms import MAX_ID, ChoiceForm, ConditionForm, QuestionForm, RuleForm
from bot.knowledge.hours import parts_of
from bot.knowledge.opportunities import country_codes
from bot.knowledge.opportunity_forms import AgeForm, DatesForm, DaysForm, LinkForm
from bot.knowledge.problems import Finding, Path, Place, field_name, quoted
from bot.knowledge.schema import (
    ID,
    LANGUAGE,
    PRINTABLE,
    AnswerPeriodForm,
    ClosureForm,
    EntryForm,
    Text,
    ValidityForm,
    WeekForm,
)
from bot.knowledge.yaml_text import Plain

_Form = TypeVar("_Form", bound=BaseModel)
_Said = tuple[str, str]
"""What is wrong, how to mend it."""

_NEAR_ENOUGH = 75
_GROUPS: Mapping[str, type[BaseModel]] = {
    "valid": ValidityForm,
    "call": ValidityForm,
    "periods": AnswerPeriodForm,
    "week": WeekForm,
    "closures": ClosureForm,
    "age": AgeForm,
    "days": DaysForm,
    "dates": DatesForm,
    "link": LinkForm,
    "only_if": ConditionForm,
    "requires": ConditionForm,
    "choices": ChoiceForm,
    "questions": QuestionForm,
    "rules": RuleForm,
}
"""Field of a form → the form of what stands in it."""
_FLAT_TEXTS = TypeAdapter(dict[str, Text])

_LABELS = {
    "title": ("le titre a", "Raccourcissez-le : c'est le texte d'un bouton."),
    "answer": ("la réponse a", "Raccourcissez-la : un message Telegram n'en contient pas plus."),
    "summary": ("le résumé a", "Raccourcissez-le : trois offres doivent tenir sur l'écran d'un téléphone."),
}
_OFFER_TEXTS = {"summary", "organiser", "where", "who", "when", "cost"}
_INTERVIEW_TEXTS = {"intro", "label", "ask", "unit", "clause"}
_GUARDS = {"must_match", "must_not_match"}
_IN_LANGUAGES = {"title", "utterances", "answer", "sentences", "why"} | _GUARDS | _OFFER_TEXTS | _INTERVIEW_TEXTS
_MAP_REMEDIES = {
    "title": 'Indiquez la langue : « title: {fr: "…"} ».',
    "utterances": 'Indiquez la langue : « utterances: {fr: ["…"]} ».',
    "answer": 'Indiquez la langue : « answer: {fr: "…"} ».',
    **{name: f'Indiquez la langue : « {name}: {{fr: ["…"]}} ».' for name in _GUARDS},
    "valid": "Écrivez : « valid: {from: 2026-01-01, until: 2026-12-31} ».",
    "periods": 'Écrivez : « - {until: 2027-01-14, answer: {fr: "…"}} ».',
    "sentences": 'Indiquez la langue : « sentences: {fr: ["…"]} ».',
    "week": 'Écrivez un jour par ligne : « lundi: ["09:00-12:00", "13:30-17:00"] ».',
    "closures": "Écrivez : « - {from: 2026-12-24, until: 2027-01-01} ».",
    "why": 'Indiquez la langue : « why: {fr: "…"} ».',
    **{name: f'Indiquez la langue : « {name}: {{fr: "…"}} ».' for name in _OFFER_TEXTS | _INTERVIEW_TEXTS},
    "only_if": "Écrivez : « only_if: {question: identifiant, is: [yes]} ».",
    "requires": "Écrivez : « requires: {question: identifiant, is: [yes]} ».",
    "choices": 'Écrivez : « - {id: identifiant, label: {fr: "…"}} ».',
    "questions": "Commencez chaque question par « - id: … ».",
    "rules": "Commencez chaque règle par « - id: … ».",
    "age": "Écrivez : « age: {from: 16, to: 25} ».",
    "days": "Écrivez : « days: {from: 5, to: 21} ».",
    "dates": "Écrivez : « dates: {from: 2027-07-05, until: 2027-07-16} ».",
    "link": "Écrivez : « link: {source: identifiant} ».",
}


def validate(form: type[_Form], data: Plain, place: Place, owner: str) -> _Form | list[Finding]:
    """The form that `data` fills, or everything that stands against it.

    Args:
        form: the model.
        data: what the file holds at `place`.
        place: where it stands.
        owner: what the field names of the findings begin with: the id of the entry.
    """
    try:
        return form.model_validate(data)
    except ValidationError as error:
        return _findings(error, form, place, owner)


def validate_texts(data: Plain, place: Place, owner: str) -> dict[str, str] | list[Finding]:
    """A flat map of texts: a file of messages."""
    try:
        return _FLAT_TEXTS.validate_python(data)
    except ValidationError as error:
        return _findings(error, BaseModel, place, owner)


def nearest(name: str, known: list[str], near_enough: int = _NEAR_ENOUGH) -> str | None:
    """The known name that the person most likely meant."""
    found = process.extractOne(name, known, scorer=fuzz.ratio, score_cutoff=near_enough)
    return found[0] if found else None


class Guess:
    """`nearest` for many names: answers from memory, and gives up when it has compared too much.

    A hundred thousand follow-ups that name nothing are one mistake, not as many spelling mistakes.
    """

    def __init__(self, known: Iterable[str], comparisons: int = 20_000_000) -> None:
        self._known = sorted(known)
        self._left = comparisons
        self._memory: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        if name not in self._memory and self._left > 0:
            self._left -= len(self._known)
            self._memory[name] = nearest(name, self._known)
        return self._memory.get(name)


def proposal(name: str, known: list[str]) -> str:
    """« Vouliez-vous écrire … ? », or the list of what may stand there."""
    near = nearest(name, known)
    return f"Vouliez-vous écrire « {near} » ?" if near else f"Écrivez l'un de : {', '.join(known)}."


def field_names(form: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in form.model_fields.items()]


def _findings(error: ValidationError, form: type[BaseModel], place: Place, owner: str) -> list[Finding]:
    findings = []
    for details in error.errors(include_url=False, include_context=True):
        path: Path = tuple(step for step in details["loc"] if step != "[key]")
        what, remedy = _explain(details, path, form)
        findings.append(Finding(Place(place.file, place.path + path), field_name(owner, path), (what,), remedy))
    return findings


def _explain(error: ErrorDetails, path: Path, form: type[BaseModel]) -> _Said:
    if error["input"] == "" and error["type"] != "extra_forbidden":
        return "ce champ est vide.", "Remplissez-le, ou supprimez la ligne s'il est facultatif."
    return _EXPLANATIONS.get(error["type"], _otherwise)(error, path, form)


def _otherwise(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    return f"la valeur ne convient pas ({error['type']}).", "Comparez avec une entrée qui marche."


def _missing(_error: ErrorDetails, path: Path, _form: type[BaseModel]) -> _Said:
    return f"il manque le champ « {path[-1]} ».", "Ajoutez-le : il est obligatoire."


def _extra(_error: ErrorDetails, path: Path, form: type[BaseModel]) -> _Said:
    known = field_names(_form_at(path, form))
    return f"le champ {quoted(str(path[-1]))} n'existe pas.", proposal(str(path[-1]), known)


def _too_long(error: ErrorDetails, path: Path, _form: type[BaseModel]) -> _Said:
    label, remedy = _LABELS.get(str(path[0]) if path else "", ("le texte a", "Raccourcissez-le."))
    return f"{label} {len(error['input'].strip())} caractères, {_context(error)['max_length']} au plus.", remedy


def _too_short(_error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    return "il n'y a rien ici.", "Ajoutez au moins un texte, ou supprimez le champ s'il est facultatif."


def _pattern(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    return {
        ID: (
            f"{quoted(error['input'])} n'est pas un identifiant.",
            "Utilisez seulement des lettres minuscules sans accent, des chiffres et des tirets, 48 caractères au plus.",
        ),
        LANGUAGE: (
            f"{quoted(error['input'])} n'est pas un code de langue.",
            "Écrivez deux ou trois lettres minuscules : fr, de, en, sr, ar…",
        ),
        PRINTABLE: ("le texte contient un caractère invisible.", "Effacez-le : retapez le texte à la main."),
    }[_context(error)["pattern"]]


def _form_at(path: Path, form: type[BaseModel]) -> type[BaseModel]:
    """The form that the last step of `path` is a field of."""
    return next((_GROUPS[step] for step in reversed(path[:-1]) if isinstance(step, str) and step in _GROUPS), form)


def _not_text(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    kind = "une liste" if isinstance(error["input"], list) else "un groupe de champs"
    return f"il faut un texte, et il y a {kind}.", "Mettez le texte entre guillemets, et vérifiez les retraits."


def _not_list(_error: ErrorDetails, path: Path, form: type[BaseModel]) -> _Said:
    name = next((step for step in reversed(path) if isinstance(step, str)), "champ")
    if name in {"entries", "sources", "opportunities", "interviews"} and len(path) == 1 and form is not EntryForm:
        return "il faut une liste.", "Commencez chaque élément par « - id: … »."
    if name in _GROUPS and name in _MAP_REMEDIES:
        return "il faut une liste.", _MAP_REMEDIES[name]
    return "il faut une liste.", f'Écrivez un élément par ligne après « - », ou : « {name}: ["…", "…"] ».'


def _not_map(_error: ErrorDetails, path: Path, _form: type[BaseModel]) -> _Said:
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    what = "ce texte n'indique pas sa langue." if name in _IN_LANGUAGES else "il faut ici un groupe de champs."
    return what, _MAP_REMEDIES.get(name, "Écrivez des lignes « champ: texte ».")


def _choice(error: ErrorDetails, path: Path, form: type[BaseModel]) -> _Said:
    choices: Any = _form_at(path, form).model_fields[str(path[-1])].annotation
    known = [choice.value for choice in choices]
    return f"{quoted(str(error['input']))} n'est pas possible ici.", f"Écrivez l'un de : {', '.join(known)}."


def _list_too_long(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    context = _context(error)
    return f"il y a {context['actual_length']} éléments, {context['max_length']} au plus.", "Enlevez les moins utiles."


def _day(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    given = quoted(error["input"]) if isinstance(error["input"], str) else "ceci"
    return f"{given} n'est pas une date du calendrier.", "Écrivez année-mois-jour, par exemple 2026-11-24."


def _opening_time(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    given = quoted(error["input"]) if isinstance(error["input"], str) else "ceci"
    return f"{given} n'est pas un horaire.", 'Écrivez deux heures entre guillemets : "09:00-12:00".'


def _opening_overlap(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    first, second = _context(error)["first"], _context(error)["second"]
    return f"« {first} » et « {second} » se chevauchent.", "Corrigez les heures, ou réunissez-les en un seul horaire."


def _time_zone(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    given = str(error["input"])
    near = nearest(given, sorted(available_timezones()))
    remedy = f"Vouliez-vous écrire « {near} » ?" if near else "Pour la France métropolitaine : Europe/Paris."
    return f"{quoted(given)} n'est pas un fuseau horaire.", remedy


def _holiday_area(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    given = error["input"]
    what = f"les jours fériés de {quoted(given)} ne sont pas connus."
    if not parts_of(given):
        return what, "Écrivez le code du pays en deux lettres majuscules : FR."
    country = given.partition("-")[0]
    return what, f"Écrivez {country}, ou {country}- suivi de l'un de : {', '.join(parts_of(given))}."


def _country(error: ErrorDetails, _path: Path, _form: type[BaseModel]) -> _Said:
    given = error["input"]
    remedy = "Écrivez le code en deux lettres majuscules (DE, BF…), EU pour l'Union européenne, ou world."
    if given.upper() in country_codes():
        remedy = f"Vouliez-vous écrire « {given.upper()} » ?"
    return f"{quoted(given)} n'est pas le code d'un pays.", remedy


def _context(error: ErrorDetails) -> dict[str, Any]:
    return error.get("ctx", {})


_EXPLANATIONS: Mapping[str, Callable[[ErrorDetails, Path, type[BaseModel]], _Said]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "string_too_long": _too_long,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "too_long": _list_too_long,
    "string_pattern_mismatch": _pattern,
    "string_type": _not_text,
    "list_type": _not_list,
    "dict_type": _not_map,
    "model_type": _not_map,
    "enum": _choice,
    "bool_parsing": lambda error, _path, _form: (
        f"{quoted(error['input'])} n'est pas possible ici.",
        "Écrivez true, ou supprimez la ligne.",
    ),
    "real_date": _day,
    "web_address": lambda error, _path, _form: (
        f"{quoted(error['input'])} n'est pas l'adresse d'une page web.",
        "Copiez l'adresse entière depuis le navigateur : elle commence par https://.",
    ),
    "opening_time": _opening_time,
    "opening_order": lambda error, _path, _form: (
        f"l'horaire {quoted(error['input'])} ne finit pas après son début.",
        "Échangez ou corrigez les deux heures ; après minuit (24:00), continuez au jour suivant.",
    ),
    "opening_overlap": _opening_overlap,
    "never_open": lambda _error, _path, _form: (
        "aucun jour n'a d'horaire.",
        "Écrivez les jours d'ouverture ; si vous ne les connaissez pas, supprimez le fichier.",
    ),
    "time_zone": _time_zone,
    "holiday_area": _holiday_area,
    "country": _country,
    "whole_number": lambda error, _path, _form: (
        f"{quoted(str(error['input']))} n'est pas un nombre entier.",
        "Écrivez seulement des chiffres.",
    ),
    "true_or_false": lambda error, _path, _form: (
        f"{quoted(str(error['input']))} n'est pas possible ici.",
        "Écrivez true pour oui, ou supprimez la ligne.",
    ),
    "span_empty": lambda _error, _path, _form: (
        "il n'y a ni début (from) ni fin (to).",
        "Écrivez l'un des deux, ou supprimez la ligne si la source ne le dit pas.",
    ),
    "span_order": lambda _error, _path, _form: (
        "le premier nombre (from) est plus grand que le dernier (to).",
        "Échangez ou corrigez les deux nombres.",
    ),
    "interview_id": lambda error, _path, _form: (
        f"l'identifiant a {len(error['input'])} caractères, {MAX_ID} au plus.",
        "Raccourcissez-le : il est dans chaque bouton de l'entretien.",
    ),
    "condition_kind": lambda _error, _path, _form: (
        "la condition doit avoir soit « is », soit « at_least » ou « at_most ».",
        "Écrivez « is: [yes] » pour un choix, « at_least: 2 » ou « at_most: 5000 » pour un nombre.",
    ),
    "condition_order": lambda _error, _path, _form: (
        "« at_least » est plus grand que « at_most ».",
        "Échangez ou corrigez les deux nombres.",
    ),
    "choices_missing": lambda _error, _path, _form: (
        "un choix (kind: choice) a au moins deux réponses.",
        "Écrivez-les dans « choices » ; pour oui ou non, « kind: yes_no ».",
    ),
    "choices_without_choice": lambda _error, _path, _form: (
        "seule une question « kind: choice » a des réponses à choisir.",
        "Écrivez « kind: choice », ou retirez « choices ».",
    ),
    "unit_without_number": lambda _error, _path, _form: (
        "seule une question « kind: number » a une unité.",
        "Écrivez « kind: number », ou retirez « unit ».",
    ),
    "refusal_without_source": lambda _error, _path, _form: (
        "une règle qui refuse (otherwise: not_eligible) doit avoir une source et une condition (requires).",
        "Ajoutez-les ; sans critère publié, c'est au service de décider : retirez « otherwise ».",
    ),
    "age": lambda _error, _path, _form: ("personne n'a cet âge.", "Écrivez l'âge en années."),
    "month": lambda _error, _path, _form: ("ce n'est pas un mois.", "Écrivez son numéro, de 1 à 12."),
    "open_without_end": lambda _error, _path, _form: (
        "une offre ouverte (status: open) doit avoir une fin.",
        "Écrivez « deadline » ou « dates » ; si elle revient sans cesse, « status: recurring ».",
    ),
    "periods_order": lambda error, _path, _form: (
        f"la période qui finit le {_context(error)['day']:%d/%m/%Y} n'est pas après celle d'avant.",
        "Écrivez les périodes dans l'ordre de leurs dates, chaque date une seule fois.",
    ),
    "date_order": lambda _error, _path, _form: (
        "la date de début (from) est après la date de fin (until).",
        "Échangez ou corrigez les deux dates.",
    ),
}
