"""Count what was heard of one language in one kind of sound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Hold the counts.

    Only of what is understood when it is typed can hearing spoil the meaning: that is `spoiled`, and
    `acted_wrongly` where it would also have been acted on without asking back.
    """

    words: int = 0
    wrong_words: int = 0
    said: int = 0
    misunderstood: int = 0
    misunderstood_typed: int = 0
    spoiled_though_sure: int = 0
    acted_wrongly: int = 0
    asked_back: int = 0
    names: int = 0
    names_right: int = 0
    seconds: list[float] = field(default_factory=list)
    spoken: float = 0.0

    def row(self) -> dict[str, Any]:
        """Return the figures as they are printed."""
        return {
            "notes": self.said,
            "words wrong %": share(self.wrong_words, self.words),
            "intents wrong %": share(self.misunderstood, self.said),
            "typed %": share(self.misunderstood_typed, self.said),
            "wrong though sure %": share(self.spoiled_though_sure, self.said),
            "acted wrongly %": share(self.acted_wrongly, self.said),
            "asked back %": share(self.asked_back, self.said),
            "names right %": share(self.names_right, self.names),
            "p50 s": percentile(self.seconds, 0.5),
            "p95 s": percentile(self.seconds, 0.95),
            "of real time": round(sum(self.seconds) / self.spoken, 2),
        }


def share(count: int, of: int) -> float | None:
    """Return a share in percent."""
    return round(100 * count / of, 1) if of else None


def percentile(values: Sequence[float], at: float) -> float:
    """Return the value below which this share of the series lies."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, round(at * (len(ordered) - 1)))], 2)
