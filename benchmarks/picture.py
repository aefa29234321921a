"""The frame of the plots that the benchmarks write into docs/: an SVG that says in words what it shows."""

from collections.abc import Sequence
from html import escape


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
