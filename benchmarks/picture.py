"""The plots that the benchmarks write into docs/: SVG that says in words what it shows."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

_COLOURS = (
    "#0b5cad",
    "#b3261e",
    "#1b6e3c",
    "#7a3e9d",
    "#8a5a00",
    "#00707a",
    "#a3195b",
    "#444444",
    "#5a6a00",
    "#c0392b",
    "#2f4b7c",
)
_DASHES = (
    "2 2",
    "5 5",
    "2 6",
    "10 3",
    "10 3 2 3",
    "5 10",
    "18 3 2 3",
    "10 3 2 3 2 3",
    "18 6",
    "6 2 2 2 2 2",
    "none",
)


def framed(title: str, description: str, marks: Sequence[str], *, width: int, height: int) -> str:
    """An SVG of `marks`; `title` and `description` (plain text) are for who does not see it."""
    body = "\n".join(marks)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d" font-family="sans-serif" font-size="12">
<title id="t">{escape(title)}</title>
<desc id="d">{escape(description)}</desc>
<rect width="{width}" height="{height}" fill="#fff"/>
{body}
</svg>
"""  # noqa: E501 - a template


def stroke(number: int) -> str:
    """The look of a method's line: a colour and dashes of its own."""
    colour, dashes = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]
    return f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'


def legend(names: Sequence[str], left: int, top: int) -> Iterator[str]:
    for number, name in enumerate(names):
        y = top + 22 * number
        yield f'<line x1="{left}" x2="{left + 40}" y1="{y}" y2="{y}" {stroke(number)}/>'
        yield f'<text x="{left + 48}" y="{y + 4}">{escape(name)}</text>'


class Logarithmic(NamedTuple):
    """Milliseconds against a number of entries, both by powers of ten."""

    left: int
    top: int
    width: int
    height: int
    powers: range
    """Of ten entries, across."""
    levels: range
    """Of ten milliseconds, up."""

    @classmethod
    def of(cls, sizes: Sequence[int], levels: range, *, left: int, top: int, width: int, height: int) -> "Logarithmic":
        powers = range(math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes))) + 1)
        return cls(left, top, width, height, powers, levels)

    def across(self, entries: float) -> float:
        return self.left + (math.log10(entries) - self.powers[0]) / max(len(self.powers) - 1, 1) * self.width

    def up(self, milliseconds: float) -> float:
        lowest, highest = self.levels[0], self.levels[-1]
        power = math.log10(max(milliseconds, 10.0**lowest))
        return self.top + (highest - power) / (highest - lowest) * self.height

    def grid(self) -> Iterator[str]:
        bottom = self.top + self.height
        for power in self.powers:
            yield f'<text x="{self.across(10**power):.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>'
        for level in self.levels:
            y = self.up(10.0**level)
            yield f'<text x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**level:g} ms</text>'
            yield f'<line x1="{self.left}" x2="{self.left + self.width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ccc"/>'
        yield f'<text x="{self.left}" y="{bottom + 40}">entries</text>'
