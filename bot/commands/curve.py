"""The curve of `evaluate --sweep` as an SVG picture: what is answered right, against what is answered wrongly."""

from collections.abc import Sequence
from html import escape

from bot.matching.sweep import Point
from bot.staff.texts import text

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 640, 420, 70, 60, 24
_TICKS = 5
_NICE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def draw(points: Sequence[Point], proposed: Point | None, rate: float) -> str:
    """The picture; its points are in a description too, for who does not see it."""
    most = max([*(point.errors for point in points), rate])
    widest = next(each for each in _NICE if each >= min(most, 1.0))

    def place(point: Point) -> tuple[float, float]:
        return _across(point.errors / widest), _up(point.answered_right)

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, points))
    title = escape(text("curve_title"))
    said = escape("; ".join(text("curve_point", **_shown(point)) for point in points))
    marks = [*_axes(widest), f'<polyline points="{line}" fill="none" stroke="#1a4d8f" stroke-width="2"/>']
    marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1a4d8f"/>' for x, y in map(place, points)]
    limit = _across(rate / widest)
    marks.append(f'<path d="M{limit:.1f} {_up(0)}V{_up(1)}" stroke="#8a1c1c" stroke-dasharray="6 4"/>')
    if proposed:
        x, y = place(proposed)
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="#8a1c1c" stroke-width="3"/>')
        anchor, shift = ("end", -12) if x > _WIDTH / 2 else ("start", 12)
        label = escape(text("curve_proposed", floor=f"{proposed.floor:g}"))
        marks.append(f'<text x="{x + shift:.1f}" y="{y + 22:.1f}" text-anchor="{anchor}">{label}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="t d" font-family="sans-serif" font-size="14" fill="#1b1b1b">\n'
        f'<title id="t">{title}</title>\n<desc id="d">{said}</desc>\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>\n' + "\n".join(marks) + "\n</svg>\n"
    )


def _axes(widest: float) -> list[str]:
    marks = [f'<path d="M{_LEFT} {_up(1)}V{_up(0)}H{_across(1)}" fill="none" stroke="#1b1b1b"/>']
    for step in range(_TICKS + 1):
        share = step / _TICKS
        marks.append(
            f'<text x="{_across(share):.1f}" y="{_up(0) + 20}" text-anchor="middle">{widest * share:.3g}</text>'
        )
        marks.append(f'<text x="{_LEFT - 8}" y="{_up(share) + 5:.1f}" text-anchor="end">{share:.1f}</text>')
    across, up = escape(text("curve_errors")), escape(text("curve_right"))
    marks.append(f'<text x="{_across(0.5)}" y="{_HEIGHT - 12}" text-anchor="middle">{across}</text>')
    middle = _up(0.5)
    marks.append(f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">{up}</text>')
    return marks


def _across(share: float) -> float:
    return _LEFT + min(share, 1.0) * (_WIDTH - _LEFT - _EDGE)


def _up(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _EDGE)


def _shown(point: Point) -> dict[str, str]:
    return {name: f"{getattr(point, name):g}" for name in ("floor", "answered_right", "errors")}
