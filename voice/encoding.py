"""Write samples as OGG/Opus, which messengers and browsers play."""

import io
from collections.abc import Iterable

import av
import numpy as np
import numpy.typing as npt

RATE = 48_000
BITS = 28_000


def encode(pieces: Iterable[npt.NDArray[np.int16]], rate: int) -> tuple[bytes, float]:
    """Return mono samples of a rate as OGG/Opus, and how many seconds they last."""
    samples = np.concatenate([np.asarray(piece, np.int16) for piece in pieces] or [np.zeros(0, np.int16)])
    out = io.BytesIO()
    with av.open(out, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BITS
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        for resampled in av.AudioResampler(format="s16", layout="mono", rate=RATE).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return out.getvalue(), samples.size / rate
