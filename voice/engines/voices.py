"""Choose the voice of a language: Piper's where there is one, else eSpeak NG's."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt


class _Voice(Protocol):
    def synthesise(self, text: str) -> tuple[int, Iterator[npt.NDArray[np.int16]]]: ...


class Voices:
    """Speak each language with the best voice that is here."""

    def __init__(self, piper: Mapping[str, str], *, espeak: bool) -> None:
        """Load Piper's voices, by language, and the library of eSpeak NG where it may be used."""
        from voice.engines.espeak import Espeak  # noqa: PLC0415  (extras: each may be missing)

        self._espeak = Espeak() if espeak else None
        self._piper = {language: _piper(model) for language, model in piper.items()}

    def synthesise(self, text: str, language: str) -> tuple[int, Iterator[npt.NDArray[np.int16]]]:
        """Return the rate and the samples of a text; raise LookupError where there is no voice."""
        voice = self._piper.get(language)
        if voice is not None:
            return voice.synthesise(text)
        if self._espeak is None:
            raise LookupError(language)
        return self._espeak.synthesise(text, language)


def _piper(model: str) -> _Voice:
    from voice.engines.piper import Piper  # noqa: PLC0415  (as above)

    return Piper(model)
