"""Understand one language: its trained model, its word lists and patterns."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from bot.conversation.understanding import training_files
from bot.conversation.understanding.model import Model, UnreadableModelError
from bot.conversation.understanding.parsed import FALLBACK, Names, Parse
from bot.conversation.understanding.tokens import clean, tokenize

_VERSION = 1
_THRESHOLD = 0.25


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Hold what is known about one language."""

    language: str
    model: Model

    @classmethod
    def load(cls, folder: Path, cache_dir: Path) -> Self:
        """Read the model of this training data from the cache, or train and store it."""
        from bot.conversation.understanding.training import train
        path = cache_dir / f"understanding-{folder.name}-{_VERSION}-{training_files.fingerprint(folder)}.npz"
        try:
            return cls(folder.name, Model.load(path))
        except UnreadableModelError:
            pass
        data = training_files.read(folder)
        model = train([_words(t) for _, t in data.examples], [i for i, _ in data.examples])
        model.save(path)
        return cls(folder.name, model)

    def parse(self, text: str, *, names: Names, today: date) -> Parse:
        """Tell what a cleaned text means."""
        words = _words(text)
        if not words:
            return Parse(text=text, intent=FALLBACK, confidence=0.0, language=self.language)
        ranking = self.model.rank(words)
        intent, confidence = ranking[0]
        if confidence < _THRESHOLD:
            intent = FALLBACK
        return Parse(text, intent, confidence, tuple(ranking[:10]), (), self.language)


def _words(text: str) -> list[str]:
    return [token.plain for token in tokenize(clean(text))]
