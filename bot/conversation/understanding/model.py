"""Tell intents from stored weights, with NumPy only."""

import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.features import Vocabulary


class UnreadableModelError(Exception):
    """Say that a stored model is broken and must be trained again."""


@dataclass(frozen=True, slots=True)
class Model:
    """Hold a trained linear classifier: one row of weights for each n-gram, one column an intent."""

    intents: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def rank(self, words: list[str]) -> list[tuple[str, float]]:
        """Return every intent with its probability, the likeliest first."""
        vector = self.vocabulary.vector(words)
        rows = self.weights[vector.indices].astype(np.float32)
        scores = vector.values @ rows + self.bias
        likelihoods = np.exp(scores - scores.max())
        probabilities = likelihoods / likelihoods.sum()
        order = np.argsort(-probabilities, kind="stable")
        return [(self.intents[at], float(probabilities[at])) for at in order]

    def save(self, path: Path) -> None:
        """Write the model under a temporary name, then move it into place in one step."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, weights=self.weights, bias=self.bias, **self._stored())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read a stored model; raise UnreadableModelError where it is damaged."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                header = json.loads(stored["header"].tobytes())
                vocabulary = Vocabulary(_numbered(header["grams"]), stored["gram_weights"])
                return cls(tuple(header["intents"]), vocabulary, stored["weights"], stored["bias"])
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
            raise UnreadableModelError(path) from error

    def _stored(self) -> dict[str, Any]:
        # No pickle: a file in the cache must never be able to run code.
        header = json.dumps({"intents": self.intents, "grams": list(self.vocabulary.numbers)})
        return {
            "header": np.frombuffer(header.encode(), dtype=np.uint8),
            "gram_weights": self.vocabulary.weights,
        }


def _numbered(grams: list[str]) -> dict[str, int]:
    return {gram: number for number, gram in enumerate(grams)}
