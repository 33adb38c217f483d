"""Read the words of pictures and papers from the language packs."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.conversation.formats import Manner, formatted, locale_of, plural, weekdays
from bot.conversation.yaml_files import Located, Reader, read_yaml

FALLBACK = "en"
FILES = "papers*.yml"
PREFIX = "paper_"
# So many days in a row are told by the first and the last.
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class PaperWords:
    """Hold the words of pictures and papers in one language; what is missing there is English."""

    language: str
    texts: dict[str, str] = field(repr=False)

    @property
    def direction(self) -> str:
        """Return the direction that the language is written in.

        Asked for only where something is shown: the customs of a language take a megabyte of memory.
        """
        return str(locale_of(self.language).text_direction)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under that key, with the values put in as text."""
        return self.texts[PREFIX + key].format(**values)

    def knows(self, key: str) -> bool:
        """Tell whether there are words under that key."""
        return PREFIX + key in self.texts

    @property
    def letters(self) -> frozenset[str]:
        """Return the letters of all the words, with the vowel signs that some scripts put to them."""
        written = {character for text in self.texts.values() for character in text}
        return frozenset(each for each in written if unicodedata.category(each)[0] in "LM")

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return the words for a number of things, in the plural that the language has for it."""
        form = f"{key}_{plural(count, Manner(self.language))}"
        return self(form if self.knows(form) else f"{key}_other", count=count, **values)

    def written(self, kind: str, value: object, **how: Any) -> str:
        """Write a date, a number or an amount as the language does; the kinds are those of replies."""
        return formatted(kind, {kind: value, **how}, Manner(self.language))

    def day(self, day: date | None, style: str = "medium") -> str:
        """Write a day, or nothing where none is known."""
        return "" if day is None else self.written("date", day.isoformat(), style=style)

    def number(self, number: Decimal | None) -> str:
        """Write a number digit by digit, or nothing where there is none."""
        return "" if number is None else self.written("number", str(number))

    def percent(self, percent: Decimal | None) -> str:
        """Write a percentage digit by digit, or nothing where there is none."""
        return "" if percent is None else self.written("percent", str(percent))

    def weekdays(self, days: Sequence[int]) -> str:
        """Write days of the week, 1 for Monday; several in a row as the first and the last."""
        names = weekdays("abbreviated", self.language)
        in_a_row = len(days) >= IN_A_ROW and list(days) == list(range(days[0], days[-1] + 1))
        shown = [names[day - 1] for day in days]
        return f"{shown[0]}\N{EN DASH}{shown[-1]}" if in_a_row else ", ".join(shown)


class PaperPacks:
    """Offer the words of pictures and papers in every language that has them."""

    def __init__(self, folder: Path, read: Reader = read_yaml) -> None:
        """Read every `papers*.yml` of each pack under the data folder."""
        found: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"*/{FILES}")):
            found.setdefault(path.parent.name, {}).update(_texts(read(path)))
        english = found[FALLBACK]
        self._packs = {code: PaperWords(code, {**english, **texts}) for code, texts in found.items()}

    def words(self, language: str) -> PaperWords:
        """Return the words of that language, else of the same one elsewhere, else English."""
        code = language.replace("_", "-")
        packs = self._packs
        return packs.get(code) or packs.get(code.split("-")[0].lower()) or packs[FALLBACK]


def _texts(content: Located) -> dict[str, str]:
    responses = content.get("responses") or {}
    return {key: str(variations[0]["text"]).strip() for key, variations in responses.items()}
