"""Speak in worker processes."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from voice.crew import STANDARD, Crew, Shift
from voice.speech import Busy, Spoken, Unspoken, Why

# The languages of packs that eSpeak NG has rules for.
BY_RULES = frozenset({"ar", "en", "es", "fr", "ht", "pt", "te", "vi", "zh"})
MOST_CHARACTERS = 1200


class Mouth:
    """Turn words into sound with Piper's voices, and eSpeak NG where a language has none."""

    def __init__(self, voices: Mapping[str, str], *, espeak: bool, shift: Shift = STANDARD) -> None:
        """Take the files of the voices by language, and whether eSpeak NG is here."""
        self.voices = voices
        self._espeak = espeak
        self._crew = Crew({"work": "speak", "voices": dict(voices), "espeak": espeak}, shift)

    def speaks(self, language: str) -> bool:
        """Tell whether there is a voice for a language."""
        return language in self.voices or (self._espeak and language in BY_RULES)

    @property
    def languages(self) -> tuple[str, ...]:
        """Name the languages that there is a voice for."""
        return tuple(sorted({*self.voices, *(BY_RULES if self._espeak else ())}))

    async def speak(self, text: str, language: str) -> Spoken | Unspoken:
        """Return the words as sound."""
        if not self.speaks(language):
            return Unspoken(Why.OFF)
        if not any(map(str.isalnum, text)):
            return Unspoken(Why.EMPTY)
        answer = await self._crew.ask({"text": text[:MOST_CHARACTERS], "language": language})
        if isinstance(answer, Why):
            return Unspoken(answer)
        head, audio = answer
        return Unspoken(Why(head["why"])) if "why" in head else Spoken(audio, head["seconds"])

    def busy(self) -> Busy:
        """Say how much is in hand."""
        return self._crew.busy()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Be ready until the block is left."""
        async with self._crew.working():
            yield
