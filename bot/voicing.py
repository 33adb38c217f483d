"""Join hearing and speaking with the channels: fetch a recording, bias it, read codes; speak an answer."""

import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from bot.messages import NotHeard, Recording, SaidAloud
from voice.ears import PROVEN
from voice.finding import Found
from voice.limits import MOST_BYTES
from voice.speech import Busy, Hint, SpeechToText, Spoken, TextToSpeech, Transcribed, Unheard, Unspoken, Why
from voice.spelled import grouped, put_together
from voice.spoken import SpokenWords, for_the_ear, in_pieces

Fetch = Callable[[str], Awaitable[bytes | Why]]
# Whoever speaks more often than this within a minute waits: others want to be heard, too.
MOST_A_MINUTE = 12
MINUTE = 60.0
MOST_SPEAKERS = 10_000
MOST_KEPT = 64
# More would take longer to listen to than the recording.
MOST_NAMES = 24
# Spoken by everybody, whoever their children are.
OF_ALL = "Access ID"
# What each reason is told as; the rest of them have words of their own.
TOLD = {Why.EMPTY: Why.SILENT, Why.TOO_LARGE: Why.TOO_LONG, Why.SLOW: Why.BUSY}


@dataclass(slots=True)
class Voicing:
    """Hear and speak for every channel; each tells how its recordings are fetched."""

    ears: SpeechToText | None
    mouth: TextToSpeech | None
    words: Mapping[str, SpokenWords]
    notices: tuple[str, ...] = ()
    found: Found | None = None
    _fetch: dict[str, Fetch] = field(default_factory=dict)
    _kept: dict[str, bytes] = field(default_factory=dict)
    _heard: dict[str, deque[float]] = field(default_factory=dict)

    def hears(self, language: str) -> bool:
        """Tell whether recordings in a language are heard here."""
        return self.ears is not None and self.ears.hears(language)

    def fetch_with(self, channel: str, fetch: Fetch) -> None:
        """Take how a channel's recordings are fetched by their key."""
        self._fetch[channel] = fetch

    def keep(self, audio: bytes) -> str:
        """Keep a recording in memory until its turn; return what it is fetched by."""
        while len(self._kept) >= MOST_KEPT:
            # The oldest gives way: whoever sent it is told that it was lost.
            self._kept.pop(next(iter(self._kept)))
        key = uuid4().hex
        self._kept[key] = audio
        return key

    async def kept(self, key: str) -> bytes | Why:
        """Hand a recording out that was kept here; after a restart it is gone."""
        return self._kept.pop(key, Why.LOST)

    def drop(self, key: str) -> None:
        """Forget a recording whose turn is over."""
        self._kept.pop(key, None)

    def speaks(self, language: str) -> bool:
        """Tell whether answers can be given aloud in a language."""
        return self.mouth is not None and self.mouth.speaks(language)

    def wishes_aloud(self, text: str, language: str) -> bool | None:
        """Tell whether a text asks to be answered aloud, or in writing only; None for anything else."""
        return self.words.get(language, SpokenWords()).wishes_aloud(text)

    async def listen(self, recording: Recording) -> SaidAloud | NotHeard:
        """Return what was said; no word of it is logged."""
        heard = await self._heard_of(recording)
        if isinstance(heard, Unheard):
            return NotHeard(TOLD.get(heard.why, heard.why).value)
        words = self.words.get(recording.language, SpokenWords())
        spelled = put_together(heard.text, words.spelled)
        code = None if spelled.code is None else grouped(spelled.code)
        is_secret = words.tells_password(heard.text)
        return SaidAloud(spelled.text, heard.sure, code, is_secret, proven=recording.language in PROVEN)

    async def say(self, text: str, language: str) -> Spoken | Unspoken:
        """Speak an answer, written for the ear."""
        return await self.say_piece(self._for_the_ear(text, language), language)

    def pieces(self, text: str, language: str) -> list[str]:
        """Return an answer for the ear in pieces, so that the first is heard soon."""
        return in_pieces(self._for_the_ear(text, language))

    async def say_piece(self, piece: str, language: str) -> Spoken | Unspoken:
        """Speak what is written for the ear already."""
        return Unspoken(Why.OFF) if self.mouth is None else await self.mouth.speak(piece, language)

    def busy(self) -> dict[str, Busy]:
        """Say how much is being heard and spoken."""
        parts = {"hear": self.found.ears, "speak": self.found.mouth} if self.found else {}
        return {work: part.busy() for work, part in parts.items() if part is not None}

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Be ready until the block is left."""
        async with contextlib.AsyncExitStack() as stack:
            for part in (self.found.ears, self.found.mouth) if self.found else ():
                if part is not None:
                    await stack.enter_async_context(part.working())
            yield

    def _for_the_ear(self, text: str, language: str) -> str:
        words = self.words.get(language)
        return for_the_ear(text, language, words) if words else text

    async def _heard_of(self, recording: Recording) -> Transcribed | Unheard:
        if self.ears is None or not self.ears.hears(recording.language):
            return Unheard(Why.OFF)
        if self._too_often(recording.speaker):
            return Unheard(Why.BUSY)
        fetch = self._fetch.get(recording.channel)
        audio = Why.LOST if fetch is None else await fetch(recording.key)
        if isinstance(audio, Why):
            return Unheard(audio)
        return await self.ears.hear(audio, Hint(recording.language, self._prompt(recording)))

    def _prompt(self, recording: Recording) -> str:
        """Return a sentence with the names that may be spoken: it leads the spelling."""
        words = self.words.get(recording.language)
        names = ", ".join(dict.fromkeys(recording.names[:MOST_NAMES]))
        return words.prompt.format(names=names or OF_ALL) if words else names

    def _too_often(self, speaker: str) -> bool:
        if len(self._heard) >= MOST_SPEAKERS:
            self._heard.clear()
        times, now = self._heard.setdefault(speaker, deque()), time.monotonic()
        while times and now - times[0] > MINUTE:
            times.popleft()
        if len(times) >= MOST_A_MINUTE:
            return True
        times.append(now)
        return False


def too_large(size: int | None) -> bool:
    """Tell whether a recording is not even fetched."""
    return size is not None and size > MOST_BYTES
