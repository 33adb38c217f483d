"""Tell intents from stored weights, with NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.features import Vocabulary


@dataclass(frozen=True, slots=True)
class Model:
    """Hold a trained linear classifier: one row of weights for each n-gram, one column an intent."""

    intents: tuple[str, ...]
    vocabulary: Vocabulary
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def rank(self, words: Sequence[str]) -> list[tuple[str, float]]:
        """Return every intent with its probability, the likeliest first."""
        vector = self.vocabulary.vector(words)
        rows = self.weights[vector.indices].astype(np.float32)
        scores = vector.values @ rows + self.bias
        likelihoods = np.exp(scores - scores.max())
        probabilities = likelihoods / likelihoods.sum()
        order = np.argsort(-probabilities, kind="stable")
        return [(self.intents[at], float(probabilities[at])) for at in order]
