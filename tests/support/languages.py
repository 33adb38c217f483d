"""Know the language packs, and what their sentences must be understood as."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from bot.conversation.project import Response
from bot.conversation.understanding import Names
from bot.conversation.wording import VARIABLE
from tests.support.conversation import ROOT, hallpass_project

FOLDER = ROOT / "tests" / "languages"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))
FOREIGN = tuple(language for language in LANGUAGES if language != "en")
# The family that the sentences about entities are read for.
FAMILY = Names(
    students=("Maya Lopez", "Diego Lopez"),
    courses=("Algebra 1", "English 9", "Biology", "World History", "Spanish 2", "Art"),
    terms=("Q1", "Q2", "Fall Semester"),
    districts=("westborough", "boston"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """Hold the sentences of one language: by intent, out of scope, with entities, and for repairs."""

    sentences: Mapping[str, list[str]]
    out_of_scope: list[str]
    entities: list[Mapping[str, Any]]
    repair: Mapping[str, str | list[str]]

    def repairs(self, name: str, **values: str) -> list[str]:
        """Return the sentences of one repair, with the names put in."""
        found = self.repair.get(name) or self.sentences[name]
        texts = [found] if isinstance(found, str) else found
        return [_put_in(text, values) for text in texts]


@cache
def said_in(language: str) -> Said:
    """Read the sentences of one language."""
    read = yaml.safe_load((FOLDER / f"{language}.yml").read_text("utf-8"))
    return Said(
        read["sentences"],
        read.get("out_of_scope") or [],
        read.get("entities") or [],
        read.get("repair") or {},
    )


@cache
def responses(language: str) -> Mapping[str, Response]:
    """Return the responses of one pack."""
    return hallpass_project().responses[language]


def tells(text: str, language: str, *names: str) -> bool:
    """Tell whether a text holds one of the responses as that language words it."""
    return any(pattern.search(text) for name in names for pattern in _patterns(responses(language)[name]))


def _patterns(response: Response) -> Iterator[re.Pattern[str]]:
    for variation in response.variations:
        words = str(variation.get("text") or "").strip("\n")
        parts = [re.escape(part) for part in VARIABLE.split(words)[::2]]
        yield re.compile(".*?".join(parts), re.DOTALL)


def _put_in(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
