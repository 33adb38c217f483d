"""Define hearing and speaking: what goes in, what comes out, and why nothing does."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Why(StrEnum):
    """Name why a recording became no words, or words no sound."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    SILENT = "silent"
    UNCLEAR = "unclear"
    BUSY = "busy"
    SLOW = "slow"
    OFF = "off"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Hint:
    """Say what is expected: the speaker's language, and a sentence with the names that may be spoken."""

    language: str = "en"
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Transcribed:
    """Hold what was said; `sure` tells whether it may be acted on without asking back.

    `seconds` is how long the recording lasts.
    """

    text: str
    sure: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Unheard:
    """Tell that a recording became no words."""

    why: Why


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold OGG/Opus, as messengers and browsers play it, and how many seconds it lasts."""

    audio: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Unspoken:
    """Tell that words became no sound."""

    why: Why


@dataclass(frozen=True, slots=True)
class Busy:
    """Count what workers have in hand, and what waits for them."""

    working: int
    waiting: int


class SpeechToText(Protocol):
    """Turn recordings into words."""

    def hears(self, language: str) -> bool:
        """Tell whether there is an engine for a language."""

    async def hear(self, audio: bytes, hint: Hint) -> Transcribed | Unheard:
        """Return what was said in a recording of any container that browsers and messengers make."""


class TextToSpeech(Protocol):
    """Turn words into sound."""

    def speaks(self, language: str) -> bool:
        """Tell whether there is a voice for a language."""

    async def speak(self, text: str, language: str) -> Spoken | Unspoken:
        """Return the words as sound; they are written for the ear already."""
