"""Read the words of the mails from the language packs."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.conversation.formats import locale_of
from bot.conversation.yaml_files import Located, Reader, read_yaml

FALLBACK = "en"
FILES = "mails*.yml"
PREFIX = "mail_"


@dataclass(frozen=True, slots=True)
class MailWords:
    """Hold the words of the mails in one language; what is missing there is English."""

    language: str
    texts: dict[str, str] = field(repr=False)

    @property
    def direction(self) -> str:
        """Return the direction that the language is written in.

        Asked for only where something is shown: the customs of a language take a megabyte of memory.
        """
        return str(locale_of(self.language).text_direction)

    def get(self, key: str) -> str | None:
        """Return the words under that key, or None where there are none."""
        return self.texts.get(PREFIX + key)


class MailPacks:
    """Offer the words of the mails in every language that has them."""

    def __init__(self, folder: Path, read: Reader = read_yaml) -> None:
        """Read the mails of each pack under the data folder."""
        found: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob(f"*/{FILES}")):
            found.setdefault(path.parent.name, {}).update(_texts(read(path)))
        english = found[FALLBACK]
        self._packs = {code: MailWords(code, {**english, **texts}) for code, texts in found.items()}

    def words(self, language: str) -> MailWords | None:
        """Return the words of a language, or of the same one elsewhere, or None."""
        code = language.replace("_", "-")
        return self._packs.get(code) or self._packs.get(code.split("-")[0].lower())

    def first_of(self, *languages: str) -> MailWords:
        """Return the words of the first of these languages that has a pack, else English."""
        known = (self.words(language) for language in languages if language)
        return next((words for words in known if words is not None), self._packs[FALLBACK])


def _texts(content: Located) -> dict[str, str]:
    responses = content.get("responses") or {}
    return {key: str(variations[0]["text"]).strip() for key, variations in responses.items()}
