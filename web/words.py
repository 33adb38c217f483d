"""Read the words of the pages from the language packs."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from babel import Locale, UnknownLocaleError

PREFIX = "page_"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the pages' words in one language; a word that is missing there is English."""

    language: str
    direction: str
    name: str
    texts: dict[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under that key, with the values put in as text."""
        text = self.texts[PREFIX + key]
        for name, value in values.items():
            # "At 3:05 p. m." brings the full stop of its sentence.
            text = text.replace(f"{{{name}}}.", f"{{{name}}}") if str(value).endswith(".") else text
        return text.format(**values)

    def knows(self, key: str) -> bool:
        """Tell whether there are words under that key."""
        return PREFIX + key in self.texts


class LanguagePacks:
    """Offer the pages' words in every language that has a pack."""

    def __init__(self, folder: Path) -> None:
        """Read every `pages*.yml` of each pack under the data folder."""
        read: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob("*/pages*.yml")):
            read.setdefault(path.parent.name, {}).update(_texts(path))
        english = read[FALLBACK]
        self._packs = {code: _words(code, {**english, **texts}) for code, texts in read.items()}

    def words(self, language: str) -> Words:
        """Return the words of that language, else of the same one elsewhere, else English."""
        code = language.replace("_", "-")
        packs = self._packs
        return packs.get(code) or packs.get(code.split("-")[0].lower()) or packs[FALLBACK]


def _texts(path: Path) -> dict[str, str]:
    responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    return {key: variations[0]["text"] for key, variations in responses.items()}


def _words(code: str, texts: dict[str, str]) -> Words:
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return Words(code, "ltr", code, texts)
    return Words(code, locale.text_direction, locale.get_display_name(code.replace("-", "_")) or code, texts)
