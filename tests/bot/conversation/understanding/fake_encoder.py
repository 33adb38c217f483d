"""Stand in for the sentence encoder where its own weights are beside the point."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MEANINGS = {
    "hello": 0,
    "hi": 0,
    "hola": 0,
    "grade": 1,
    "grades": 1,
    "notas": 1,
    "rain": 2,
    "pizza": 2,
    "llueve": 2,
}


class FakeEncoder:
    """Know what a few words of two languages mean, and count what it is asked."""

    name = "fake-1"

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row for each text: its meanings, and a little of its own."""
        self.asked += texts
        return np.stack([_row(text) for text in texts])


def _row(text: str) -> NDArray[np.float32]:
    row = np.full(8, 0.1, dtype=np.float32)
    for word in text.split():
        if word in MEANINGS:
            row[MEANINGS[word]] += 1
    row[3 + len(text) % 5] += 0.1
    return row / np.float32(np.linalg.norm(row))
