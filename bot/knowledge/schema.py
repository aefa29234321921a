"""What each file of a knowledge folder may hold: pydantic models, and their refusals in French."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from rapidfuzz import process

from bot.knowledge.model import HandOver, Kind, Status

MAX_TITLE = 40
MAX_ANSWER = 4000

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,48}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ANSWER)]
_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _web_address(value: str) -> str:
    try:
        _URL.validate_python(value)
    except ValidationError:
        raise PydanticCustomError("web_address", "not a web address") from None
    return value


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "not a day")


Day = Annotated[date, BeforeValidator(_day)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Validity(_Model):
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None


class EntryModel(_Model):
    id: Id
    title: dict[Language, Title] = Field(min_length=1)
    utterances: dict[Language, list[Text]] = Field(default_factory=dict)
    answer: dict[Language, Answer] = Field(min_length=1)
    kind: Kind = Kind.FACT
    sources: list[Id] = Field(default_factory=list)
    status: Status = Status.CONFIRMED
    hand_over: HandOver = HandOver.OFFER
    valid: Validity = Validity()
    follow_ups: list[Id] = Field(default_factory=list)
    unconfirmed_translations: list[Language] = Field(default_factory=list)


class SourceModel(_Model):
    id: Id
    title: Text
    url: Annotated[str, AfterValidator(_web_address)]
    checked: Day
    published: Text | None = None


class EntriesFile(_Model):
    entries: list[dict[str, Any]]


class SourcesFile(_Model):
    sources: list[SourceModel]


class OutOfScopeFile(_Model):
    sentences: dict[Language, list[Text]]


class VocabularyFile(_Model):
    abbreviations: dict[Language, dict[str, Text]] = Field(default_factory=dict)
    synonyms: dict[Language, dict[str, Text]] = Field(default_factory=dict)
    names: dict[str, list[Text]] = Field(default_factory=dict)


class MenuFile(_Model):
    start: list[Id] = Field(default_factory=list, max_length=2)
    help: list[Id] = Field(default_factory=list)
    contact: Id | None = None


def explain(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong and how to mend it, for one refusal of pydantic."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_field(str(error["loc"][-1]), model)
    if kind == "string_too_long":
        length, limit = len(str(error["input"]).strip()), context["max_length"]
        return f"le texte a {length} caractères, {limit} au plus.", "Raccourcissez-le."
    if kind in {"enum", "literal_error"}:
        return f"« {error['input']} » n'est pas une valeur connue.", f"Écrivez l'une de : {context['expected']}."
    if kind == "string_pattern_mismatch":
        if "a-z0-9-" in str(context["pattern"]):
            return (
                f"« {error['input']} » n'est pas un identifiant.",
                "Employez des minuscules sans accent, chiffres et tirets, 48 au plus.",
            )
        return f"« {error['input']} » n'est pas un code de langue.", "Écrivez deux lettres : fr, de, en, sr, ar."
    return _EXPLANATIONS.get(kind, (f"la valeur est refusée ({error['msg']}).", "Comparez avec une entrée voisine."))


def _unknown_field(name: str, model: type[BaseModel]) -> tuple[str, str]:
    known = [field.alias or key for key, field in model.model_fields.items()]
    nearest = process.extractOne(name, known, score_cutoff=60)
    remedy = (
        f"Vouliez-vous écrire « {nearest[0]} » ?" if nearest else f"Les champs possibles sont : {', '.join(known)}."
    )
    return f"le champ « {name} » n'existe pas.", remedy


_EXPLANATIONS = {
    "missing": ("ce champ manque.", "Ajoutez-le."),
    "string_too_short": ("le texte est vide.", "Écrivez le texte, ou supprimez la ligne."),
    "too_short": ("il faut au moins une langue.", "Ajoutez par exemple « fr: \"…\" »."),
    "too_long": ("il y a trop d'éléments.", "Gardez les deux plus utiles."),
    "string_type": ("un texte est attendu ici.", "Écrivez un texte entre guillemets doubles."),
    "dict_type": ("des champs « nom: valeur » sont attendus ici.", "Écrivez par exemple « fr: \"…\" » sur une ligne en retrait."),
    "model_type": ("des champs « nom: valeur » sont attendus ici.", "Comparez avec un fichier voisin."),
    "list_type": ("une liste est attendue ici.", "Commencez chaque élément par « - », ou écrivez [un, deux]."),
    "web_address": ("ce n'est pas une adresse de site.", "Écrivez l'adresse entière, avec https:// au début."),
    "day": ("ce n'est pas une date.", "Écrivez année-mois-jour, par exemple 2026-11-24."),
}  # fmt: skip
