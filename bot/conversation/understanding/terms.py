"""Find the term (quarter, semester) that a sentence names."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.conversation.understanding.lexicon import Lexicon, phrase
from bot.conversation.understanding.parsed import Entity
from bot.conversation.understanding.tokens import fold

NAME = "term"
CURRENT = "current"
PREVIOUS = "previous"
NEXT = "next"
_YEARS = re.compile(r"\b\d{4}\b|[^\w\s]")


def find_terms(text: str, folded: str, titles: Sequence[str], lexicon: Lexicon) -> list[Entity]:
    """Return the terms named, more than one where they are put beside each other ("Q1 and Q2").

    The value is `current`, `previous`, `next`, a known title, or what was typed.
    """
    found: list[Entity] = []
    for one in (*_by_title(folded, titles), *_by_number(text, folded, titles, lexicon)):
        if all(one.end <= other.start or one.start >= other.end for other in found):
            found.append(one)
    return found or _by_place(folded, lexicon)


def _by_place(folded: str, lexicon: Lexicon) -> list[Entity]:
    for value in (PREVIOUS, NEXT, CURRENT):
        for match in lexicon.matches(f"term_{value}", folded):
            return [Entity(NAME, value, match.start(), match.end())]
    return []


def _by_title(folded: str, titles: Sequence[str]) -> Iterator[Entity]:
    """Look for whole titles, or for what is left of them without their years ("Fall Semester")."""
    for title in sorted(titles, key=len, reverse=True):
        match = next((found for way in _ways(title) if (found := way.search(folded))), None)
        if match:
            yield Entity(NAME, title, match.start(), match.end())


@lru_cache(maxsize=1_000)
def _ways(title: str) -> tuple[re.Pattern[str], ...]:
    """Return what to look for; a school has few terms, and each message is held against them."""
    folded = fold(title)
    ways = (folded, phrase(_YEARS.sub(" ", folded)))
    return tuple(
        re.compile(rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])") for words in ways if len(words) > 2
    )


def _by_number(text: str, folded: str, titles: Sequence[str], lexicon: Lexicon) -> Iterator[Entity]:
    for match in lexicon.matches("term_numbered", folded):
        fitting = [title for title in titles if _numbered(title, lexicon) == _key(match, lexicon)]
        value = fitting[0] if len(fitting) == 1 else text[match.start() : match.end()]
        yield Entity(NAME, value, match.start(), match.end())


def _numbered(title: str, lexicon: Lexicon) -> tuple[str, int | None] | None:
    match = next(lexicon.matches("term_numbered", fold(title)), None)
    return _key(match, lexicon) if match else None


def _key(match: re.Match[str], lexicon: Lexicon) -> tuple[str, int | None]:
    """Tell quarters from semesters by their first letter: Q1, quarter 1 and first quarter are one."""
    return lexicon.key("kind_", match["kind"]) or match["kind"][0], lexicon.number(match["number"])
