"""Recognise speech with faster-whisper."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from faster_whisper import WhisperModel

from voice.decoding import RATE, Samples
from voice.speech import Hint, Transcribed, Unheard, Why

# English that was heard right is nearly always surer than this; another language that an English model makes
# English of never was in our trials, and two people at once seldom.
SURE = -0.4
# Below this nothing is worth asking back.
UNCLEAR = -1.2
# Text that repeats itself: what the model makes of hum and music.
MOST_REPETITIVE = 2.4
MOST_TOKENS = 128
LEAST_SECONDS = 0.2


class Whisper:
    """Hear with one model for English and one for every other language, loaded when first needed."""

    def __init__(self, models: Mapping[str, str], threads: int = 2) -> None:
        """Take the folders of the models: `en`, and `multi` for all languages."""
        self._folders = dict(models)
        self._threads = threads
        self._loaded: dict[str, WhisperModel] = {}

    def load(self) -> None:
        """Load what most will need, so that nobody waits for it."""
        self._model(next(iter(self._folders)))

    def recognise(self, samples: Samples, hint: Hint) -> Transcribed | Unheard:
        """Return what was said; silence and noise are no words."""
        if samples.size < LEAST_SECONDS * RATE:
            return Unheard(Why.EMPTY)
        name = "en" if hint.language == "en" and "en" in self._folders else "multi"
        if name not in self._folders:
            return Unheard(Why.OFF)
        segments, _ = self._model(name).transcribe(
            samples,
            language=hint.language,
            beam_size=5,
            # One try: trying again hotter costs twenty seconds on noise and makes sentences up.
            temperature=0.0,
            max_new_tokens=MOST_TOKENS,
            condition_on_previous_text=False,
            initial_prompt=hint.prompt or None,
            without_timestamps=True,
            # Without it silence becomes "You".
            vad_filter=True,
            vad_parameters={"min_silence_duration_ms": 500},
        )
        return judged(segments, samples.size / RATE)

    def _model(self, name: str) -> WhisperModel:
        if name not in self._loaded:
            self._loaded[name] = WhisperModel(
                self._folders[name], device="cpu", compute_type="int8", cpu_threads=self._threads
            )
        return self._loaded[name]


def judged(segments: Iterable[Any], seconds: float) -> Transcribed | Unheard:
    """Return the text of segments, as sure as they are together; nothing is made of what is no speech."""
    spoken = list(segments)
    text = " ".join(segment.text.strip() for segment in spoken).strip()
    if not any(map(str.isalnum, text)):
        return Unheard(Why.SILENT)
    weights = [max(len(segment.tokens), 1) for segment in spoken]
    likely = sum(s.avg_logprob * w for s, w in zip(spoken, weights, strict=True)) / sum(weights)
    repetitive = max(segment.compression_ratio for segment in spoken)
    if not math.isfinite(likely) or likely < UNCLEAR or repetitive > MOST_REPETITIVE:
        return Unheard(Why.UNCLEAR)
    return Transcribed(text, likely > SURE, round(seconds, 2))
