"""Define what understanding takes and gives: names to look for, entities found, the parse."""

from dataclasses import dataclass
from typing import Any

FALLBACK = "nlu_fallback"


@dataclass(frozen=True, slots=True)
class Entity:
    """Name one thing found in a text; `start` and `end` count characters of `Parse.text`."""

    name: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parse:
    """Say what one text means.

    `text` is the cleaned text (at most 2,000 characters, without control characters).
    `also` is what else the same message asks.
    `confidence` and `ranking` are calibrated probabilities from 0 to 1, the ranking best first.
    """

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    language: str = "en"
    also: "Parse | None" = None

    def first(self, name: str) -> Any | None:
        """Return the value of the first entity of that name, or None."""
        return next((entity.value for entity in self.entities if entity.name == name), None)


@dataclass(frozen=True, slots=True)
class Names:
    """Carry the names worth looking for: this parent's own children, their courses and terms.

    `offerings` are the courses that the children may choose for next year.
    """

    students: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    offerings: tuple[str, ...] = ()
