"""Weigh what the stages say: the words at once, and where these leave a doubt the meaning of the sentence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Self

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.conversation.understanding import encoder
from bot.conversation.understanding import head as heads
from bot.conversation.understanding.encoder import Encoder
from bot.conversation.understanding.head import Blend, Head
from bot.conversation.understanding.parsed import FALLBACK

_log = structlog.get_logger()
# Above it the encoder agrees so nearly always that it is not asked.
SURE = 0.97
# An intent counts when it is this likely; the likelier it is that none is meant, the more is asked of it.
_THRESHOLD = 0.6
_DOUBT = 0.3

Ranking = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """Make one ranking out of the stages of one language; without a head the words decide alone."""

    intents: tuple[str, ...]
    blend: Blend = field(default_factory=Blend)
    head: Head | None = None
    encoder: Callable[[], Encoder | None] | None = None

    @classmethod
    def of(cls, data_dir: Path, language: str, intents: tuple[str, ...]) -> Self:
        """Build the judge of a language from the head beside the packs and the encoder that is installed."""
        path = data_dir / heads.FILE
        head = _head(path, path.stat().st_mtime_ns, encoder.installed()) if path.exists() else None
        if head is None:
            return cls(intents)
        blend = head.blends.get(language, Blend())
        if encoder.installed() != head.encoder:
            return cls(intents, blend)
        if set(head.intents) != set(intents):
            _log.warning("encoder_head_ignored", language=language, mend="hallpass languages train")
            return cls(intents)
        return cls(intents, blend, head, partial(encoder.shared, head.encoder))

    def rank(self, scores: NDArray[np.float64], text: Callable[[], str]) -> Ranking:
        """Return every intent with its probability, the likeliest first.

        `scores` are the logarithms that the words give; `text` is asked for where they leave a doubt.
        """
        chances = _chances(self.blend.alone * scores)
        if self.head is not None and chances.max() < SURE:
            meaning = self._meaning(text)
            if meaning is not None:
                chances = _chances(self.blend.words * scores + self.blend.meaning * meaning)
        order = np.argsort(-chances, kind="stable")
        return tuple((self.intents[at], float(chances[at])) for at in order)

    def _meaning(self, text: Callable[[], str]) -> NDArray[np.float64] | None:
        encoder = self.encoder() if self.encoder else None
        if encoder is None or self.head is None:
            return None
        told = dict(zip(self.head.intents, self.head.scores(encoder.encode([text()]))[0], strict=True))
        return np.array([told[intent] for intent in self.intents])


def accepted(ranking: Sequence[tuple[str, float]]) -> str:
    """Name the likeliest intent, or the fall-back where it is not likely enough."""
    intent, chance = ranking[0]
    doubt = next((chance for name, chance in ranking if name == FALLBACK), 0.0)
    return intent if chance >= _THRESHOLD * doubt**_DOUBT or not doubt else FALLBACK


def _chances(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max())
    chances: NDArray[np.float64] = raised / raised.sum()
    return chances


@cache
def _head(path: Path, _changed: int, installed: str | None) -> Head | None:
    """Read the head once for all languages, and tell once what the encoder's absence costs."""
    try:
        head = heads.read(path)
    except heads.UnreadableHeadError:
        _log.warning("encoder_head_unreadable", path=str(path), mend="hallpass languages train")
        return None
    if installed != head.encoder:
        loss = "rare wordings are understood less often"
        _log.info("encoder_missing", wanted=head.encoder, installed=installed, loss=loss)
    return head
