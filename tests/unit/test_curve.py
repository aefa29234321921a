"""The picture of `evaluate --sweep`."""

from xml.etree import ElementTree as ET

from bot.commands.curve import draw
from bot.matching.sweep import Point

NAME = "{http://www.w3.org/2000/svg}"
POINTS = [Point(0.5, 0.9, 0.05, 0.1, 0.08), Point(0.8, 0.8, 0.01, 0.0, 0.02), Point(0.9, 0.5, 0.0, 0.0, 0.0)]


def picture(proposed, rate=0.02):
    return ET.fromstring(draw(POINTS, proposed, rate))  # noqa: S314 - our own


def test_who_does_not_see_the_curve_reads_its_points():
    image = picture(POINTS[1])
    assert image.get("role") == "img"
    assert image.get("aria-labelledby") == "t d"
    assert image.find(f"{NAME}title").text
    described = image.find(f"{NAME}desc").text
    assert "seuil 0.8 : 0.8 de bonnes réponses, 0.02 d'erreurs" in described
    assert described.count("seuil") == len(POINTS)


def test_every_point_is_inside_and_more_right_answers_are_higher():
    dots = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in picture(None).iter(f"{NAME}circle")]
    assert len(dots) == len(POINTS)
    assert all(0 < x < 640 and 0 < y < 420 for x, y in dots)
    assert [y for _, y in dots] == sorted(y for _, y in dots)
    assert [x for x, _ in dots] == sorted((x for x, _ in dots), reverse=True)


def test_the_proposed_floor_is_named_beside_its_point():
    words = [each.text for each in picture(POINTS[1]).iter(f"{NAME}text")]
    assert "seuil proposé : 0.8" in words
    assert not any("proposé" in each.text for each in picture(None).iter(f"{NAME}text"))
