"""The rule of five: no figure speaks of so few people that one could be recognised. Pure."""

from collections.abc import Collection, Hashable, Mapping

LEAST = 5
"""Distinct people behind a figure that is shown."""


def told(number: int, people: int) -> int | None:
    """A number of so many people, if it may be told."""
    return number if people >= LEAST or not number else None


def telling(people: Collection[str]) -> bool:
    """Whether a figure of these people may be told: of nobody, or of enough."""
    return not people or len(people) >= LEAST


def hidden(people: Mapping[Hashable, set[str]]) -> set[Hashable]:
    """Which figures are not shown, of these people each.

    Whoever knows the sum could compute a single hidden one: what is hidden together has five people, or hides with it
    the smallest that would have been shown.
    """
    few = {what for what, those in people.items() if len(those) < LEAST}
    left = sorted((what for what in people if what not in few), key=lambda what: len(people[what]))
    if few and left and (len(few) == 1 or len(set().union(*(people[what] for what in few))) < LEAST):
        few.add(left[0])
    return few
