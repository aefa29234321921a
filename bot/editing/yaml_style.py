"""Plain data → lines of YAML as the shipped knowledge is written; ruamel.yaml keeps what is there. Pure."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, ScalarString

from bot.knowledge.yaml_text import Plain

Path = tuple[str | int, ...]
"""Keys and indices inside an entry or a source; it begins with the index of the item."""

_BARE = {
    "id",
    "kind",
    "sources",
    "status",
    "hand_over",
    "valid",
    "follow_ups",
    "unconfirmed_translations",
    "frozen",
    "retired",
    "until",
    "checked",
}
"""Fields whose values are names, dates and choices: written without quotes, lists on one line."""
_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


class _FailsafeResolver(VersionedResolver):
    """Every scalar is text, as for the reader of the knowledge: `2026` or `no` go out as they came in."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:  # noqa: ANN401 - ruamel's signature
        return super().resolve(kind, value, (False, False) if kind is ScalarNode else implicit)


def written(
    value: Mapping[str, Any] | Sequence[Any], column: int, within: Path = (), *, one_line: bool = False
) -> list[str]:
    """The lines of new keys, or of new items of a list, that stand at `column` under `within`.

    `one_line`: each item between braces.
    """
    styled = _styled(value, within, flow=False)
    if one_line:
        styled = CommentedSeq(_styled(item, (*within, 0), flow=True) for item in value)
    return [" " * column + line if line else line for line in _dumped(styled)]


def on_one_line(value: Plain, path: Path) -> str:
    """`value` as it stands between the brackets of a list at `path`."""
    (line,) = _dumped(_styled([value], path, flow=True))
    return line.removeprefix("[").removesuffix("]")


def replaced(lines: Sequence[str], where: tuple[str | int | None, ...], new: Any, within: Path = ()) -> list[str]:  # noqa: ANN401 - plain data
    """`lines` with `new` at `where`, in the style that stood there.

    None as the last step adds to a list; None as `new` removes.
    """
    data = _yaml().load("\n".join(lines))
    holder: Any = data
    for step in where[:-1]:
        holder = holder[step]
    last = where[-1]
    if last is None:
        holder.append(_styled(new, within, flow=False))
    elif new is None:
        del holder[last]
    else:
        _assign(holder, last, new, (*within, last))
    result = _dumped(data)
    return result if lines[-1:] != [""] else [*result, ""]


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Resolver = _FailsafeResolver
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(data: Any) -> list[str]:  # noqa: ANN401 - ruamel's own
    """A list at the top stands two columns in, which is taken back."""
    out = StringIO()
    _yaml().dump(data, out)
    lines = out.getvalue().rstrip("\n").split("\n")
    return [line.removeprefix("  ") for line in lines] if isinstance(data, list) else lines


def _assign(holder: Any, key: Any, new: Plain | Mapping[str, Any], path: Path) -> None:  # noqa: ANN401 - ruamel's own
    old = holder[key]
    if isinstance(old, CommentedMap) and isinstance(new, Mapping):
        for lost in [name for name in old if name not in new]:
            del old[lost]
        for name, value in new.items():
            if name in old:
                _assign(old, name, value, (*path, name))
            else:
                old[name] = _styled(value, (*path, name), flow=bool(old.fa.flow_style()))
    elif isinstance(old, CommentedSeq) and isinstance(new, list):
        if list(old) != new:
            flow, kept = bool(old.fa.flow_style()), {each: each for each in old if isinstance(each, str)}
            del old[:]
            for number, value in enumerate(new):
                known = kept.get(value) if isinstance(value, str) else None
                old.append(known or _styled(value, (*path, number), flow=flow))
    elif isinstance(old, str) and isinstance(new, str):
        if old.strip() != new.strip():
            holder[key] = _like(old, new, path)
    else:
        holder[key] = _styled(new, path, flow=False)


def _like(old: str, new: str, path: Path) -> str:
    """`new` in the style of `old`, as far as it bears it."""
    if isinstance(old, LiteralScalarString):
        return _literal(new)
    quoted = isinstance(old, ScalarString) or not _NEEDS_NO_QUOTES.fullmatch(new)
    return _text(new, path, flow=False) if quoted else new


def _styled(value: Any, path: Path, *, flow: bool) -> Any:  # noqa: ANN401 - plain data
    """`value` with the style of the shipped knowledge; `flow`: on one line."""
    if isinstance(value, str):
        return _text(value, path, flow=flow)
    flow = flow or _bare(path)
    collection: Any
    if isinstance(value, Mapping):
        collection = CommentedMap({name: _styled(each, (*path, name), flow=flow) for name, each in value.items()})
    else:
        collection = CommentedSeq(_styled(each, (*path, number), flow=flow) for number, each in enumerate(value))
    if flow:
        collection.fa.set_flow_style()
    return collection


def _text(value: str, path: Path, *, flow: bool) -> str:
    value = value.strip()
    if not flow and ("\n" in value or path[1:2] == ("answer",)):
        return _literal(value)
    return value if _bare(path) and _NEEDS_NO_QUOTES.fullmatch(value) else DoubleQuotedScalarString(value)


def _literal(value: str) -> str:
    literal: str = LiteralScalarString(value.strip().replace("\r\n", "\n") + "\n")
    return literal


def _bare(path: Path) -> bool:
    return path[1:2] != () and path[1] in _BARE
