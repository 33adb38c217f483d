"""Read the words of pictures and papers from the language packs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.formats import Manner, formatted, locale_of
from bot.conversation.yaml_files import read_yaml

FALLBACK = "en"
FILES = "papers*.yml"
PREFIX = "paper_"


@dataclass(frozen=True, slots=True)
class PaperWords:
    """Hold the words of pictures and papers in one language; what is missing there is English."""

    language: str
    direction: str
    texts: dict[str, str] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under that key, with the values put in as text."""
        return self.texts[PREFIX + key].format(**values)

    def knows(self, key: str) -> bool:
        """Tell whether there are words under that key."""
        return PREFIX + key in self.texts

    def written(self, kind: str, value: object, zone: str = "UTC", **how: Any) -> str:
        """Write a date, number or amount as the language does; the kinds are those of replies."""
        return formatted(kind, {kind: value, **how}, Manner(self.language, ZoneInfo(zone)))


class PaperPacks:
    """Offer the words of pictures and papers in every language that has them."""

    def __init__(self, folder: Path) -> None:
        """Read every `papers*.yml` of each pack under the data folder."""
        read: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"*/{FILES}")):
            read.setdefault(path.parent.name, {}).update(_texts(path))
        english = read[FALLBACK]
        self._packs = {code: _words(code, {**english, **texts}) for code, texts in read.items()}

    def words(self, language: str) -> PaperWords:
        """Return the words of that language, else of the same one elsewhere, else English."""
        code = language.replace("_", "-")
        packs = self._packs
        return packs.get(code) or packs.get(code.split("-")[0].lower()) or packs[FALLBACK]


def _texts(path: Path) -> dict[str, str]:
    responses = read_yaml(path).get("responses") or {}
    return {key: str(variations[0]["text"]).strip() for key, variations in responses.items()}


def _words(code: str, texts: dict[str, str]) -> PaperWords:
    return PaperWords(code, str(locale_of(code).text_direction), texts)
