"""Give the sentences of all languages the one trained understanding."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.conversation.understanding import Understanding
from bot.conversation.understanding.encoder import SentenceEncoder
from tests.support.trained import trained


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture(scope="session")
def weighed() -> dict[str, NDArray[np.float32]]:
    return {}


@pytest.fixture(autouse=True)
def each_sentence_is_weighed_once(
    weighed: dict[str, NDArray[np.float32]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Remember what the encoder says of a sentence: several tests ask it of the same thousands of them."""
    encode = SentenceEncoder.encode

    def remembered(self: SentenceEncoder, texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in texts if text not in weighed]
        weighed.update(zip(new, encode(self, new), strict=True))
        return np.stack([weighed[text] for text in texts])

    monkeypatch.setattr(SentenceEncoder, "encode", remembered)
