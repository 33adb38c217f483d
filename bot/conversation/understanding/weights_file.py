"""Keep a trained model and its lexicon in one file of the cache."""

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bot.conversation.understanding.features import Vocabulary
from bot.conversation.understanding.model import Model

_UNREADABLE = (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile)


class UnreadableWeightsError(Exception):
    """Say that a stored model is missing or broken and must be trained again."""


def write(path: Path, model: Model, lexicon: Mapping[str, Any]) -> None:
    """Write under a temporary name, then move into place in one step: nobody reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **_arrays(model, lexicon))
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def read(path: Path) -> tuple[Model, dict[str, Any]]:
    """Read a stored model and lexicon; raise UnreadableWeightsError where that is not possible."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            numbers = {gram: number for number, gram in enumerate(header["grams"])}
            vocabulary = Vocabulary(numbers, stored["gram_weights"])
            model = Model(tuple(header["intents"]), vocabulary, stored["weights"], stored["bias"])
            return model, header["lexicon"]
    except _UNREADABLE as error:
        raise UnreadableWeightsError(path) from error


def read_lexicon(path: Path) -> dict[str, Any]:
    """Read a stored lexicon alone; raise UnreadableWeightsError where anything beside it is broken."""
    try:
        with zipfile.ZipFile(path) as whole:
            broken = whole.testzip()
        if broken is not None:
            raise UnreadableWeightsError(path)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            lexicon: dict[str, Any] = json.loads(stored["header"].tobytes())["lexicon"]
            return lexicon
    except _UNREADABLE as error:
        raise UnreadableWeightsError(path) from error


def _arrays(model: Model, lexicon: Mapping[str, Any]) -> dict[str, Any]:
    # No pickle: a file in the cache must never be able to run code.
    grams = list(model.vocabulary.numbers)
    header = json.dumps({"intents": model.intents, "grams": grams, "lexicon": lexicon})
    return {
        "header": np.frombuffer(header.encode(), dtype=np.uint8),
        "gram_weights": model.vocabulary.weights,
        "weights": model.weights,
        "bias": model.bias,
    }
