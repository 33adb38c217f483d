from dataclasses import dataclass

import pytest

from tests.support.voices import needs_ears
from voice.speech import Transcribed, Unheard, Why

pytestmark = needs_ears


@dataclass
class Segment:
    text: str
    avg_logprob: float = -0.1
    compression_ratio: float = 1.0
    tokens: tuple[int, ...] = (1, 2, 3)


def judged(*segments: Segment) -> Transcribed | Unheard:
    from voice.engines import whisper  # noqa: PLC0415  (its engine is an extra)

    return whisper.judged(segments, 2.0)


@pytest.mark.parametrize(("likely", "sure"), [(-0.1, True), (-0.39, True), (-0.41, False), (-1.19, False)])
def test_what_is_less_likely_is_not_sure(likely: float, sure: bool) -> None:  # noqa: FBT001
    assert judged(Segment("Hello there.", likely)) == Transcribed("Hello there.", sure, 2.0)


@pytest.mark.parametrize(
    ("segment", "why"),
    [
        (Segment("Hello there.", -1.21), Why.UNCLEAR),
        (Segment("Hello there.", float("nan")), Why.UNCLEAR),
        (Segment("la la la la la", -0.1, 2.5), Why.UNCLEAR),
        (Segment(" ... "), Why.SILENT),
    ],
)
def test_what_is_no_speech_becomes_no_words(segment: Segment, why: Why) -> None:
    assert judged(segment) == Unheard(why)


def test_nothing_at_all_is_silence() -> None:
    assert judged() == Unheard(Why.SILENT)


def test_each_part_counts_by_its_length() -> None:
    """Each token counts, not each segment: two words nobody heard do not spoil a whole question."""
    whole = Segment("What are the grades of my children", -0.1, tokens=tuple(range(30)))

    heard = judged(whole, Segment("please", -0.9, tokens=(1, 2)))

    assert heard == Transcribed("What are the grades of my children please", sure=True, seconds=2.0)
