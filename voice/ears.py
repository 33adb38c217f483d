"""Hear recordings in worker processes."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from voice.crew import STANDARD, Crew, Shift
from voice.limits import MOST_BYTES
from voice.speech import Busy, Hint, Transcribed, Unheard, Why

ENGLISH = "en"
EVERY = "multi"
THREADS = 2
# What Whisper was trained on, of the languages that packs are written in: not Kabuverdianu.
KNOWN = frozenset({"ar", "en", "es", "fr", "ht", "pt", "so", "te", "vi", "zh"})
# Where what was heard for sure was measured to mean what was said: it may be acted on without asking back.
PROVEN = frozenset({ENGLISH})


class Ears:
    """Turn recordings into words with the models of a few folders."""

    def __init__(self, models: Mapping[str, str], shift: Shift = STANDARD) -> None:
        """Take the folders: `en` for English, `multi` for every language."""
        self.models = models
        self._crew = Crew({"work": "hear", "models": dict(models), "threads": THREADS}, shift)

    def hears(self, language: str) -> bool:
        """Tell whether there is a model for a language."""
        return (language == ENGLISH and ENGLISH in self.models) or (
            language in KNOWN and EVERY in self.models
        )

    async def hear(self, audio: bytes, hint: Hint) -> Transcribed | Unheard:
        """Return what was said."""
        if not self.hears(hint.language):
            return Unheard(Why.OFF)
        if not audio:
            return Unheard(Why.EMPTY)
        if len(audio) > MOST_BYTES:
            return Unheard(Why.TOO_LARGE)
        answer = await self._crew.ask({"language": hint.language, "prompt": hint.prompt}, audio)
        if isinstance(answer, Why):
            return Unheard(answer)
        head, _ = answer
        if "why" in head:
            return Unheard(Why(head["why"]))
        return Transcribed(head["text"], head["sure"], head["seconds"])

    def busy(self) -> Busy:
        """Say how much is in hand."""
        return self._crew.busy()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Be ready until the block is left."""
        async with self._crew.working():
            yield
