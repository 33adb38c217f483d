"""Speak with eSpeak NG, which knows nearly every language. It is GPL: in a worker process only."""

import ctypes
from collections.abc import Iterator
from typing import Any

import espeakng_loader
import numpy as np
import numpy.typing as npt

# As the library's speak_lib.h names them.
_SYNCHRONOUS = 2
_NO_EXIT = 0x8000
_UTF8 = 1
_RATE = 1
_WORDS_A_MINUTE = 150
# Where the library calls a language otherwise than its pack is called.
VOICES = {"zh": "cmn", "en": "en-us", "pt": "pt-br", "es": "es-419"}
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """Speak every language that the library knows, one text at a time."""

    def __init__(self) -> None:
        """Open the library once in this process."""
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._pieces: list[npt.NDArray[np.int16]] = []
        # It must outlive every call of the library.
        self._callback = _CALLBACK(self._collect)
        folder = str(espeakng_loader.get_data_path()).encode()
        self._rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _NO_EXIT))
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_SetParameter(_RATE, _WORDS_A_MINUTE, 0)

    def synthesise(self, text: str, language: str) -> tuple[int, Iterator[npt.NDArray[np.int16]]]:
        """Return the rate and the samples of a text; raise LookupError for a language it does not know."""
        voice = VOICES.get(language, language)
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise LookupError(language)
        self._pieces = []
        spoken = text.encode() + b"\0"
        self._library.espeak_Synth(spoken, len(spoken), 0, 1, 0, _UTF8, None, None)
        return self._rate, iter(self._pieces)

    def _collect(self, samples: Any, count: int, _: Any) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).astype(np.int16))
        return 0
