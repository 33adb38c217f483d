"""Tell intents from the vector of a sentence: the small head that is trained once for all languages."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.model import log_probabilities

FILE = "encoder_head.npz"


class UnreadableHeadError(Exception):
    """Say that a stored head is broken and must be trained again."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Say how much the stages of a language count, so that what comes out are calibrated probabilities.

    `alone` is the power of the words' probabilities without the encoder; `words` and `meaning` are those
    of the two stages together. The defaults are what fits most languages.
    """

    alone: float = 1.25
    words: float = 1.2
    meaning: float = 0.3


@dataclass(frozen=True, slots=True)
class Head:
    """Hold one column of weights an intent, the languages' blends and what was learnt from.

    `seen` leads from each language to the fingerprint of the examples that the head has seen.
    """

    encoder: str
    intents: tuple[str, ...]
    mean: NDArray[np.float32]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]
    blends: Mapping[str, Blend] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logarithm of every intent's probability for each row."""
        return log_probabilities((vectors - self.mean) @ self.weights.astype(np.float32) + self.bias)


def write(path: Path, head: Head) -> None:
    """Store the head; no pickle, so that the file can never run code."""
    blends = {language: asdict(blend) for language, blend in head.blends.items()}
    about = {"encoder": head.encoder, "intents": head.intents, "blends": blends, "seen": dict(head.seen)}
    header = np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        np.savez(file, header=header, mean=head.mean, weights=head.weights, bias=head.bias)
    part.replace(path)


def read(path: Path) -> Head:
    """Read a stored head; raise UnreadableHeadError where that is not possible."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["header"].tobytes())
            arrays = {name: stored[name] for name in ("mean", "weights", "bias")}
            blends = {language: Blend(**blend) for language, blend in about["blends"].items()}
            return Head(
                about["encoder"], tuple(about["intents"]), **arrays, blends=blends, seen=about["seen"]
            )
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableHeadError(path) from error
