"""Train the weights that tell intents; the only place that needs scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.features import Vocabulary
from bot.conversation.understanding.model import Model
from bot.conversation.understanding.parsed import FALLBACK

_STRENGTH = 20.0
# Near enough to the one best fit that an example more elsewhere does not move where the search ends.
_ROUNDS = 400
_NEAR = 3e-5
# Examples out of scope are many and of all kinds: counted in full they would win over our own.
_FALLBACK_WEIGHT = 0.8


def train(texts: list[list[str]], intents: list[str]) -> Model:
    """Fit a multinomial logistic regression on the n-grams of the texts (already cut into words)."""
    # Importing scikit-learn costs two seconds of a processor: only training pays for it.
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    vocabulary = Vocabulary.of(texts)
    classifier = LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS, tol=_NEAR)
    classifier.fit(_matrix(texts, vocabulary), np.array(intents), sample_weight=importance(intents))
    return Model(
        intents=tuple(str(intent) for intent in classifier.classes_),
        vocabulary=vocabulary,
        weights=np.ascontiguousarray(classifier.coef_.T, dtype=np.float16),
        bias=classifier.intercept_.astype(np.float32),
    )


def importance(intents: Sequence[str]) -> NDArray[np.float64]:
    """Return how much each example counts."""
    return np.array([_FALLBACK_WEIGHT if intent == FALLBACK else 1.0 for intent in intents])


def _matrix(texts: list[list[str]], vocabulary: Vocabulary) -> Any:
    from scipy.sparse import csr_matrix  # noqa: PLC0415  (as above)

    vectors = [vocabulary.vector(words) for words in texts]
    ends = np.cumsum([0] + [len(vector.indices) for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    indices = np.concatenate([vector.indices for vector in vectors])
    # In double precision the same examples give the same weights on every machine, whatever their order.
    values = values.astype(np.float64)
    return csr_matrix((values, indices, ends), shape=(len(texts), len(vocabulary.numbers)))
