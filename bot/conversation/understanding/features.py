"""Turn words into numbers: weighted n-grams of words and of characters within words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_CHARACTERS = range(2, 5)
_LONGEST_WORD = 30


@dataclass(frozen=True, slots=True)
class Vector:
    """Hold the features of one text that are not zero."""

    indices: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Know every n-gram of the training data, its number and its weight (inverse document frequency)."""

    numbers: dict[str, int]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], *, at_least: int = 2) -> "Vocabulary":
        """Collect the n-grams that occur in at least so many texts (all words are kept)."""
        texts = list(texts)
        seen: Counter[str] = Counter()
        for words in texts:
            seen.update(set(word_grams(words)) | set(character_grams(words)))
        kept = sorted(gram for gram, count in seen.items() if count >= at_least or gram[0] == "=")
        counts = np.array([seen[gram] for gram in kept], dtype=np.float32)
        weights = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls({gram: number for number, gram in enumerate(kept)}, weights.astype(np.float32))

    def vector(self, words: Sequence[str]) -> Vector:
        """Weigh the n-grams of a text; words and characters count the same in sum."""
        parts = [self._weigh(word_grams(words)), self._weigh(character_grams(words))]
        indices = np.concatenate([part.indices for part in parts])
        return Vector(indices, np.concatenate([part.values for part in parts]))

    def _weigh(self, grams: list[str]) -> Vector:
        numbers = Counter(self.numbers[gram] for gram in grams if gram in self.numbers)
        indices = np.fromiter(numbers.keys(), np.int32, len(numbers))
        counts = np.fromiter(numbers.values(), np.float32, len(numbers))
        values = (1 + np.log(counts)) * self.weights[indices]
        length = float(np.sqrt(values @ values)) or 1.0
        return Vector(indices, values / np.float32(length))


def word_grams(words: Sequence[str]) -> list[str]:
    """List the single words (marked =) and the pairs of neighbours (marked +), ends included."""
    framed = ["^", *words, "$"]
    pairs = [f"+{left} {right}" for left, right in pairwise(framed)]
    return [f"={word}" for word in words] + pairs


def character_grams(words: Sequence[str]) -> list[str]:
    """List the runs of two to four characters within each word, its ends marked by spaces."""
    grams = []
    for word in words:
        padded = f" {word[:_LONGEST_WORD]} "
        for length in _CHARACTERS:
            grams += [padded[at : at + length] for at in range(len(padded) - length + 1)]
    return grams
