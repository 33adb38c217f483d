"""Read the words of the pages from the language packs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.conversation.formats import locale_of, own_name
from bot.conversation.yaml_files import Located, Reader, read_yaml

FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the pages' words in one language; a word that is missing there is English."""

    language: str
    name: str
    texts: dict[str, str]
    languages: Mapping[str, str] = field(default_factory=dict, repr=False)
    prefix: str = "page_"

    @property
    def direction(self) -> str:
        """Return the direction that the language is written in.

        Asked for only where something is shown: the customs of a language take a megabyte of memory.
        """
        return str(locale_of(self.language).text_direction)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under that key, with the values put in as text."""
        text = self.texts[self.prefix + key]
        for name, value in values.items():
            # "At 3:05 p. m." brings the full stop of its sentence.
            text = text.replace(f"{{{name}}}.", f"{{{name}}}") if str(value).endswith(".") else text
        return text.format(**values)

    def called(self, code: str) -> str:
        """Return what the speakers of a language call it, whichever language the page is in."""
        return own_name(code, self.languages)

    def knows(self, key: str) -> bool:
        """Tell whether there are words under that key."""
        return self.prefix + key in self.texts


class LanguagePacks:
    """Offer the pages' words in every language that has a pack."""

    def __init__(
        self, folder: Path, files: str = "pages*.yml", prefix: str = "page_", read: Reader = read_yaml
    ) -> None:
        """Read these files of each pack under the data folder; their keys begin with the prefix."""
        found: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"*/{files}")):
            found.setdefault(path.relative_to(folder).parts[0], {}).update(_texts(read(path)))
        english = found[FALLBACK]
        called = {path.parent.name: _called(read(path)) for path in folder.glob("*/language.yml")}
        self._packs = {
            code: _words(code, {**english, **texts}, called, prefix) for code, texts in found.items()
        }

    def words(self, language: str) -> Words:
        """Return the words of that language, else of the same one elsewhere, else English."""
        code = language.replace("_", "-")
        packs = self._packs
        return packs.get(code) or packs.get(code.split("-")[0].lower()) or packs[FALLBACK]


def _texts(content: Located) -> dict[str, str]:
    return {key: variations[0]["text"] for key, variations in content["responses"].items()}


def _called(content: Located) -> str:
    return str(content["language"]["name"])


def _words(code: str, texts: dict[str, str], called: Mapping[str, str], prefix: str) -> Words:
    return Words(code, own_name(code, called), texts, called, prefix)
