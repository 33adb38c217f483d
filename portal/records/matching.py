"""Compare what a parent typed with the names that a school uses."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rapidfuzz.distance import OSA

from portal.core.folding import fold

Item = TypeVar("Item")
POSSESSIVE = re.compile(r"['\u2019\u02bc]s\b", re.IGNORECASE)
LONGEST = 200


def folded_ways(typed: str) -> tuple[str, ...]:
    """Return how the typed name may be meant: as it stands, and without a possessive ending."""
    typed = typed[:LONGEST]
    return tuple(dict.fromkeys(way for way in (fold(typed), fold(POSSESSIVE.sub("", typed))) if way))


def is_near(typed: str, name: str) -> bool:
    """Tell whether a folded word is another with a slip of the finger, the more the longer it is."""
    shorter = min(len(typed), len(name))
    if shorter < 4:
        return typed == name
    if shorter == 4:
        # In a short word only swapped letters are a slip: Mara and Maya are two children.
        return typed == name or (sorted(typed) == sorted(name) and OSA.distance(typed, name) == 1)
    return OSA.distance(typed, name) <= (1 if shorter < 8 else 2)


def are_near(typed: str, name: str) -> bool:
    """Tell whether every typed word is near a word of the name or begins it, in order."""
    words = iter(name.split())
    return all(any(is_near(part, word) or begins(part, word) for word in words) for part in typed.split())


def begins(typed: str, name: str) -> bool:
    """Tell whether every typed word begins a word of the name, in order."""
    words = iter(name.split())
    return len(typed) > 2 and all(any(word.startswith(part) for word in words) for part in typed.split())


def is_same(typed: str, name: str) -> bool:
    """Tell whether two folded names are the same."""
    return typed == name


TESTS: tuple[Callable[[str, str], bool], ...] = (is_same, begins, are_near)


def find(typed: str, names: Mapping[Item, Sequence[str]]) -> list[Item]:
    """Return the items one of whose folded names is closest to what was typed; none, one or several."""
    for fits in TESTS:
        for way in folded_ways(typed):
            found = [
                item for item, folded in names.items() if any(fits(way, name) for name in folded if name)
            ]
            if found:
                return found
    return []
