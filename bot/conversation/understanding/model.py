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

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Return the logarithm of the probability of every intent, in their order."""
        vector = self.vocabulary.vector(words)
        rows = self.weights[vector.indices].astype(np.float64)
        return log_probabilities(np.asarray(vector.values @ rows + self.bias))


def log_probabilities(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores (one row or several) so that the probabilities behind them sum to one."""
    shifted: NDArray[np.float64] = scores.astype(np.float64) - scores.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted
