"""Why a file is no YAML that we read, in plain French: what the writer sees, and what to do about it. Pure."""

import codecs
import re
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that stands against a file as text."""

    line: int
    what: str
    remedy: str


_SAVE_AS_UTF8 = "Dans votre éditeur, choisissez « Enregistrer avec l'encodage », puis « UTF-8 »."
# UTF-32 first: its little-endian mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

# What YAML 1.2.2 §5.1 does not call printable, and three that libyaml takes for line ends as in YAML 1.1 (NEL, LS, PS):
# they would change the text in silence, and the lines of an editor would not be ours.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile(r"^(?:(<{7})(?: .*)?|={7}|(?:>{7}|\|{7})(?: .*)?)\r?$", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")
_INDENTED_BY_TAB = re.compile(r" *\t")
_ESCAPED_OR_COMMENT = re.compile(r"\\.|^\s*#.*")

_QUOTE = (
    "un guillemet \" ou ' est ouvert et n'est jamais fermé.",
    "Ajoutez le guillemet qui manque à la fin du texte ; un guillemet à l'intérieur du texte s'écrit \\\".",
)
_QUOTE_HERE = (
    "il manque un guillemet, ou il y en a un de trop, sur cette ligne.",
    "Le texte va entre deux guillemets \" ; un guillemet à l'intérieur du texte s'écrit \\\".",
)
_ALIGNMENT = (
    "cette ligne n'est pas alignée comme ses voisines, ou il reste du texte après un guillemet fermant.",
    "Alignez-la, avec des espaces, sur la ligne de même niveau qui précède, et vérifiez les guillemets.",
)
_COLON = (
    "il y a un « : » dans un texte sans guillemets, un mauvais retrait, ou il manque un « : » à la ligne qui précède.",
    "Mettez le texte entre guillemets, et comparez la ligne et son retrait avec une entrée qui marche.",
)
_TAB = (
    "la ligne commence par une tabulation.",
    "Remplacez-la par des espaces : YAML n'accepte pas les tabulations pour le retrait.",
)
_BRACKET = (
    "un crochet « [ » est ouvert et n'est pas fermé, ou il manque une virgule dans la liste.",
    "Ajoutez « ] » à la fin de la liste, et une virgule entre deux éléments.",
)
_BRACE = (
    "une accolade « { » est ouverte et n'est pas fermée, ou il manque une virgule dans le groupe.",
    "Ajoutez « } » à la fin du groupe, et une virgule entre deux champs.",
)
_TEXT_IN_BRACKETS = (
    "il y a du texte après « ] » ou « } ».",
    "Mettez tout le texte entre guillemets : { } et [ ] ont un sens en YAML.",
)
_OTHERWISE = (
    "la ligne ne suit pas les règles du format YAML.",
    "Comparez-la avec une entrée qui marche : retrait, « : » suivi d'une espace, guillemets par paires.",
)

# A part of libyaml's `context` or `problem` (scanner.c, parser.c) or of PyYAML's own → what we say.
# Order matters: the first that matches.
_SENTENCES: tuple[tuple[str, tuple[str, str]], ...] = (
    ("quoted scalar|unexpected end of stream", _QUOTE),
    ("quoted scalar|document", _QUOTE),
    (
        "quoted scalar|",
        (
            "une barre oblique inverse « \\ » est suivie d'un caractère qu'elle ne peut pas précéder.",
            "Écrivez « \\\\ » pour une barre oblique inverse, ou mettez le texte entre guillemets simples '.",
        ),
    ),
    ("|mapping values are not allowed", _COLON),
    (
        "simple key|",
        (
            "il manque « : » après le nom du champ, ou la suite d'un texte n'est pas en retrait.",
            "Écrivez « champ: texte », ou mettez le texte entre guillemets.",
        ),
    ),
    ("|or ']'", _BRACKET),
    ("|or '}'", _BRACE),
    (
        "|cannot start any token",
        (
            "un texte sans guillemets commence par un caractère réservé (@, `, % ou une tabulation).",
            "Mettez le texte entre guillemets.",
        ),
    ),
    (
        "alias|",
        (
            "un texte sans guillemets commence par une étoile « * ».",
            "Mettez le texte entre guillemets ; pour une liste dans une réponse, utilisez « • ».",
        ),
    ),
    ("anchor|", ("un texte sans guillemets commence par « & ».", "Mettez le texte entre guillemets.")),
    ("tag|", ("un texte sans guillemets commence par « ! ».", "Mettez le texte entre guillemets.")),
    ("|tag handle", ("un texte sans guillemets commence par « ! ».", "Mettez le texte entre guillemets.")),
    (
        "block scalar|",
        (
            "il y a du texte sur la même ligne que « | » ou « > », ou le texte qui suit n'est pas en retrait.",
            "Commencez le texte à la ligne suivante, avec deux espaces de plus que le champ.",
        ),
    ),
    ("|block sequence entries", ("un tiret « - » n'est pas à sa place.", "Mettez-le au début d'une ligne, aligné.")),
    (
        "|expected node content",
        ("il manque un texte entre deux signes.", "Complétez-le, ou supprimez la virgule de trop."),
    ),
    (
        "|document start",
        (
            "il y a encore du texte après la fin du document.",
            "Alignez la ligne au même niveau que le début du fichier, ou supprimez-la.",
        ),
    ),
    ("directive|", ("la ligne commence par « % ».", "Supprimez-la, ou mettez le texte entre guillemets.")),
    ("block mapping|", _ALIGNMENT),
    ("block collection|", _ALIGNMENT),
    ("|block end", _ALIGNMENT),
)


def decode(data: bytes) -> str | Fault:
    """The text of a UTF-8 file, without byte order mark; otherwise the encoding that it seems to have."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Fault(1, f"le fichier est en {name}, il faut UTF-8.", _SAVE_AS_UTF8)
    if b"\0" in data[:4]:
        return Fault(
            1, "le fichier est en UTF-16, ou ce n'est pas un texte ; il faut un texte en UTF-8.", _SAVE_AS_UTF8
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start : error.start + 1]
        what = f"le fichier est sans doute en Latin-1 (« {byte.decode('cp1252', 'replace')} »), il faut UTF-8."
        return Fault(line, what, _SAVE_AS_UTF8)


def merge_conflicts(text: str) -> tuple[Fault, ...]:
    """One fault for each conflict that git left in the file, else for the first stray marker."""
    marks = (
        list(_CONFLICT.finditer(text)) if "\n======" in f"\n{text}" or "<<<<<<<" in text or ">>>>>>>" in text else []
    )
    starts = [mark for mark in marks if mark[1]] or marks[:1]
    what = "deux versions du fichier sont mêlées (marques <<<<<<<, =======, >>>>>>> de git)."
    remedy = "Gardez la bonne version et supprimez les lignes de marques."
    return tuple(Fault(_line_at(text, mark.start()), what, remedy) for mark in starts)


def forbidden_character(text: str) -> tuple[Fault, ...]:
    """The first character that YAML does not allow."""
    found = _FORBIDDEN.search(text)
    if not found:
        return ()
    what = f"la ligne contient un caractère invisible (U+{ord(found[0]):04X}) que YAML n'accepte pas."
    return (Fault(_line_at(text, found.start()), what, "Effacez-le : retapez le mot à la main."),)


def syntax_fault(error: Exception, text: str) -> Fault:
    """The words of the parser put in French, with the line to look at."""
    lines = _LINE_END.split(text.rstrip())
    line, what, remedy = _told(error, lines)
    return Fault(min(line, len(lines)), what, remedy)  # the parser calls the end of the file a line


def _told(error: Exception, lines: list[str]) -> Fault:
    problem, context = getattr(error, "problem", None) or "", getattr(error, "context", None) or ""
    end, column = _position(getattr(error, "problem_mark", None), (1, 0))
    start, _ = _position(getattr(error, "context_mark", None), (end, 0))
    near = range(max(start, end - 1), end + 1)
    tabbed = next((line for line in near if _INDENTED_BY_TAB.match(_nth(lines, line))), None)
    if tabbed is not None:
        return Fault(tabbed, *_TAB)
    sentence = _sentence(context, problem)
    if sentence is _QUOTE:
        return Fault(start, *_QUOTE)
    odd = next((line for line in range(max(1, end - 1), end + 1) if _odd_quotes(_nth(lines, line))), None)
    if odd is not None and sentence is not _COLON:
        return Fault(odd, *_QUOTE_HERE)
    nothing_left = not _nth(lines, end)[column:].strip() and end >= len(lines)
    if nothing_left and "node content" in problem:
        return Fault(min(start, end), *_BRACKET)
    better = _after(_nth(lines, end), column)
    if better:
        return Fault(end, *better)
    return Fault(start if sentence in {_BRACKET, _BRACE} else end, *sentence)


def _after(line: str, column: int) -> tuple[str, str] | None:
    """What stands just before the place where the parser gave up says more than the parser."""
    before, rest = line[:column].rstrip(), line[column:]
    if not rest or rest[0] in "\"'[]{},:#":
        return None
    if before.endswith(('"', "'")):
        return _QUOTE_HERE
    return _TEXT_IN_BRACKETS if before.endswith(("]", "}")) else None


def _sentence(context: str, problem: str) -> tuple[str, str]:
    for parts, sentence in _SENTENCES:
        in_context, _, in_problem = parts.partition("|")
        if in_context in context and in_problem in problem:
            return sentence
    return _OTHERWISE


def _position(mark: object, default: tuple[int, int]) -> tuple[int, int]:
    """1-based line, 0-based column."""
    line, column = getattr(mark, "line", None), getattr(mark, "column", 0)
    return default if line is None else (int(line) + 1, int(column))


def _nth(lines: list[str], line: int) -> str:
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _odd_quotes(line: str) -> bool:
    return _ESCAPED_OR_COMMENT.sub("", line).count('"') % 2 == 1


def _line_at(text: str, offset: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, 0, offset)) + 1
