"""Decode recordings of strangers: within limits, by what the first bytes are, in a worker only."""

import io
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from voice.limits import MOST_BYTES, MOST_SECONDS
from voice.speech import Why

RATE = 16_000
Samples = npt.NDArray[np.float32]

# What recordings come in; a playlist or a picture is never opened, whatever it calls itself.
_CODECS = frozenset({"opus", "aac", "vorbis"})
_LONGEST_FRAME = 1 << 20


class NotDecodedError(Exception):
    """Tell why a recording was not decoded."""

    def __init__(self, why: Why) -> None:
        """Take the reason."""
        super().__init__(why.value)
        self.why = why


def container_of(audio: bytes) -> str | None:
    """Return the container that the first bytes show: OGG, Matroska (WebM) or MP4; None for any other."""
    if audio.startswith(b"OggS"):
        return "ogg"
    if audio.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    return "mp4" if audio[4:8] == b"ftyp" else None


def decode(audio: bytes) -> Samples:
    """Return a recording as mono samples at 16 kHz; raise NotDecodedError.

    It is read as a stream and left as soon as it is too long: an hour of silence fits into a megabyte,
    and would take a gigabyte of memory.
    """
    if not audio:
        raise NotDecodedError(Why.EMPTY)
    if len(audio) > MOST_BYTES:
        raise NotDecodedError(Why.TOO_LARGE)
    container = container_of(audio)
    if container is None:
        raise NotDecodedError(Why.UNREADABLE)
    try:
        return _read(audio, container)
    except (av.FFmpegError, ValueError, IndexError, OverflowError):
        raise NotDecodedError(Why.UNREADABLE) from None


def _read(audio: bytes, container: str) -> Samples:
    with av.open(io.BytesIO(audio), mode="r", format=container) as opened:
        stream = _audio_of(opened)
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        pieces: list[npt.NDArray[Any]] = []
        count = 0
        for frame in opened.decode(stream):
            if frame.samples > _LONGEST_FRAME:
                raise NotDecodedError(Why.UNREADABLE)
            for resampled in resampler.resample(frame):
                pieces.append(resampled.to_ndarray().reshape(-1))
                count += pieces[-1].size
            if count > MOST_SECONDS * RATE:
                raise NotDecodedError(Why.TOO_LONG)
    if not count:
        raise NotDecodedError(Why.EMPTY)
    samples: Samples = np.concatenate(pieces).astype(np.float32) / 32768.0
    return samples


def _audio_of(opened: Any) -> Any:
    # A film has sound, too; somebody who sends one has not asked anything.
    if opened.streams.video or len(opened.streams.audio) != 1:
        raise NotDecodedError(Why.UNREADABLE)
    stream = opened.streams.audio[0]
    if stream.codec_context.name.removeprefix("lib") not in _CODECS:
        raise NotDecodedError(Why.UNREADABLE)
    return stream
