"""Speak with Piper voices. Piper is GPL: it is loaded in a worker process only, and may be left out."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from piper import PiperVoice


class Piper:
    """Speak with one voice."""

    def __init__(self, model: str) -> None:
        """Load the voice of a file; its settings lie beside it."""
        self._voice = PiperVoice.load(model)

    def synthesise(self, text: str) -> tuple[int, Iterator[npt.NDArray[np.int16]]]:
        """Return the rate and the samples of a text."""
        chunks = self._voice.synthesize(text)
        return self._voice.config.sample_rate, (chunk.audio_int16_array for chunk in chunks)
