"""Keep the vectors of sentences, so that training never encodes a sentence twice."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.encoder import Encoder

_BATCH = 64
_SAVED_EVERY = 2_000
_KEY = 16


class Vectors:
    """Encode sentences, and remember in a file what came of each."""

    def __init__(self, path: Path, encoder: Encoder, tell: Callable[[str], None] = lambda _: None) -> None:
        """Read what is remembered; `tell` is told how far the encoding is."""
        self._path = path
        self._encoder = encoder
        self._tell = tell
        self._known = _read(path)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row for each text."""
        missing = list(dict.fromkeys(text for text in texts if self._key(text) not in self._known))
        for start in range(0, len(missing), _SAVED_EVERY):
            self._tell(f"{start} of {len(missing)} sentences encoded")
            self._learn(missing[start : start + _SAVED_EVERY])
            _write(self._path, self._known)
        return np.stack([self._known[self._key(text)] for text in texts]).astype(np.float32)

    def _learn(self, texts: Sequence[str]) -> None:
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            rows = self._encoder.encode(batch).astype(np.float16)
            self._known.update(zip(map(self._key, batch), rows, strict=True))

    def _key(self, text: str) -> bytes:
        return blake2b(f"{self._encoder.name}\0{text}".encode(), digest_size=_KEY).digest()


def _read(path: Path) -> dict[bytes, NDArray[np.float16]]:
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        keys, rows = stored["keys"], stored["rows"]
    return dict(zip((bytes(key) for key in keys), rows, strict=True))


def _write(path: Path, known: dict[bytes, NDArray[np.float16]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), _KEY)
    part = path.with_suffix(".part.npz")
    np.savez(part, keys=keys, rows=_stacked(known.values()))
    part.replace(path)


def _stacked(rows: Iterable[NDArray[np.float16]]) -> NDArray[np.float16]:
    return np.stack(list(rows))
