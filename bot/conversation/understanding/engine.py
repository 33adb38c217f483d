"""Turn a text into an intent and its entities."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from bot.conversation.understanding import training_files
from bot.conversation.understanding.language_pack import LanguagePack
from bot.conversation.understanding.parsed import FALLBACK, Names, Parse
from bot.conversation.understanding.tokens import clean

_NOBODY = Names()
_DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Understanding:
    """Understand texts in the languages that have training data."""

    packs: dict[str, LanguagePack]

    @classmethod
    def load(cls, data_dir: Path, cache_dir: Path) -> Self:
        """Read the trained weights of every language; train first where they are stale."""
        languages = training_files.languages(data_dir)
        return cls({name: LanguagePack.load(data_dir / name, cache_dir) for name in languages})

    def parse(self, text: str, *, language: str = "en", names: Names = _NOBODY, today: date) -> Parse:
        """Tell what the text means; never raise, whatever the text is."""
        spoken = language if language in self.packs else _DEFAULT_LANGUAGE
        cleaned = clean(text)
        pack = self.packs.get(spoken)
        if pack is None:
            return Parse(text=cleaned, intent=FALLBACK, confidence=0.0, language=language)
        return pack.parse(cleaned, names=names, today=today)
