"""Tell intents from the vector of a sentence: the small head that is trained once for all languages."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.conversation.understanding.model import log_probabilities
from bot.conversation.understanding.networks import Network

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
    meaning: float = 0.5


@dataclass(frozen=True, slots=True)
class Head:
    """Hold a network with one hidden layer, the languages' blends and what was learnt from.

    `seen` leads from each language to the fingerprint of the examples that the head has seen.
    """

    encoder: str
    intents: tuple[str, ...]
    mean: NDArray[np.float32]
    network: Network
    blends: Mapping[str, Blend] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logarithm of every intent's probability for each row."""
        return log_probabilities(self.network.scores(vectors - self.mean))


def write(path: Path, head: Head) -> None:
    """Store the head; no pickle, so that the file can never run code."""
    blends = {language: asdict(blend) for language, blend in head.blends.items()}
    about = {"encoder": head.encoder, "intents": head.intents, "blends": blends, "seen": dict(head.seen)}
    header = np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype=np.uint8)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        np.savez(file, header=header, mean=head.mean, **_arrays(head.network))
    part.replace(path)


def _arrays(network: Network) -> dict[str, Any]:
    # Half precision tells intents as well, and is half as large in the repository.
    return {part.name: getattr(network, part.name).astype(np.float16) for part in fields(Network)}


def read(path: Path) -> Head:
    """Read a stored head; raise UnreadableHeadError where that is not possible."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["header"].tobytes())
            network = Network(*(stored[part.name].astype(np.float32) for part in fields(Network)))
            blends = {language: Blend(**blend) for language, blend in about["blends"].items()}
            intents = tuple(about["intents"])
            return Head(about["encoder"], intents, stored["mean"], network, blends, about["seen"])
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableHeadError(path) from error
