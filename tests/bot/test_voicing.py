"""What lies between the channels and the engines: rates, recordings in memory, the prompt."""

import pytest

from bot.messages import NotHeard, Recording, SaidAloud
from bot.voicing import MOST_A_MINUTE, MOST_KEPT, Voicing
from tests.support.voices import ScriptedEars, ScriptedMouth, voicing_of
from voice.speech import Transcribed, Unspoken, Why

HELLO = b"OggS hello"


@pytest.fixture
def voicing() -> Voicing:
    made = voicing_of({HELLO: Transcribed("W S one two three", sure=True)})
    made.fetch_with("webchat", made.kept)
    return made


def recording(voicing: Voicing, language: str = "en", names: tuple[str, ...] = ()) -> Recording:
    return Recording("webchat", voicing.keep(HELLO), "speaker", language, names)


async def test_a_spelled_code_comes_in_groups(voicing: Voicing) -> None:
    said = await voicing.listen(recording(voicing))

    assert said == SaidAloud("WS123", sure=True, code="WS12 3")


async def test_a_recording_is_handed_out_once(voicing: Voicing) -> None:
    again = recording(voicing)
    await voicing.listen(again)

    assert await voicing.listen(again) == NotHeard("lost")


async def test_whoever_speaks_without_end_waits_and_others_are_heard(voicing: Voicing) -> None:
    said = [await voicing.listen(recording(voicing)) for _ in range(MOST_A_MINUTE + 1)]
    other = await voicing.listen(Recording("webchat", voicing.keep(HELLO), "another", "en"))

    assert said[-1] == NotHeard("busy")
    assert NotHeard("busy") not in said[:-1]
    assert isinstance(other, SaidAloud)


async def test_recordings_in_memory_are_few_and_the_oldest_is_lost(voicing: Voicing) -> None:
    first, *_, last = (voicing.keep(HELLO) for _ in range(MOST_KEPT + 1))

    assert await voicing.kept(first) is Why.LOST
    assert await voicing.kept(last) == HELLO


async def test_names_are_in_the_prompt_once_and_not_without_end(voicing: Voicing) -> None:
    await voicing.listen(recording(voicing, names=("Maya", "Maya", *(f"Course {n}" for n in range(90)))))

    assert isinstance(voicing.ears, ScriptedEars)
    [hint] = voicing.ears.hints
    assert hint.prompt.count("Maya") == 1
    assert "Course 40" not in hint.prompt


async def test_a_language_that_nobody_hears_is_told_so(voicing: Voicing) -> None:
    assert await voicing.listen(recording(voicing, "kea")) == NotHeard("off")


async def test_without_a_mouth_nothing_is_spoken() -> None:
    silent = Voicing(None, None, {})

    assert not silent.speaks("en")
    assert await silent.say("Hello", "en") == Unspoken(Why.OFF)


async def test_answers_are_spoken_for_the_ear() -> None:
    mouth = ScriptedMouth()
    await voicing_of({}, mouth).say("Maya: B+", "en")

    assert mouth.said == [("Maya: B plus.", "en")]
