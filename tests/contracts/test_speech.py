"""What every engine of speech must do, run on those that are installed."""

import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.voices import PATIENT, needs_ears, needs_voices
from voice.finding import Found, VoicePlaces, find_voice
from voice.limits import MOST_BYTES
from voice.speech import Hint, Spoken, Transcribed, Unheard, Unspoken, Why

pytestmark = [needs_ears, needs_voices, pytest.mark.asyncio(loop_scope="session")]
HINT = Hint("en", "A parent asks the school about Maya, Leo. Access ID.")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def found(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Found]:
    here = find_voice(VoicePlaces(tmp_path_factory.mktemp("state")), PATIENT)
    assert here.ears is not None
    assert here.mouth is not None
    async with here.ears.working(), here.mouth.working():
        yield here


async def heard(found: Found, audio: bytes, hint: Hint = HINT) -> Transcribed | Unheard:
    assert found.ears is not None
    return await found.ears.hear(audio, hint)


async def spoken(found: Found, text: str, language: str = "en") -> bytes:
    assert found.mouth is not None
    outcome = await found.mouth.speak(text, language)
    assert isinstance(outcome, Spoken)
    return outcome.audio


@pytest.mark.parametrize(
    "question", ["What are Maya's grades?", "Was Leo absent yesterday?", "I forgot my password."]
)
async def test_what_the_mouth_says_the_ears_hear(found: Found, question: str) -> None:
    outcome = await heard(found, await spoken(found, question))

    assert isinstance(outcome, Transcribed)
    assert outcome.text.lower().rstrip(".?") == question.lower().rstrip(".?")
    assert outcome.sure


@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "ht", "pt", "te", "vi", "zh"])
async def test_every_voice_makes_ogg_opus_that_lasts(found: Found, language: str) -> None:
    audio = await spoken(found, "1 2 3 Maya", language)

    assert audio.startswith(b"OggS")
    assert b"OpusHead" in audio[:100]
    assert len(audio) > 1000


@pytest.mark.parametrize("language", ["so", "kea", "xx"])
async def test_a_language_without_a_voice_is_refused(found: Found, language: str) -> None:
    assert found.mouth is not None

    assert not found.mouth.speaks(language)
    assert await found.mouth.speak("1 2 3", language) == Unspoken(Why.OFF)


async def test_a_language_that_no_model_knows_is_refused(found: Found) -> None:
    assert await heard(found, b"OggS", Hint("kea")) == Unheard(Why.OFF)


@pytest.mark.parametrize("container", ["webm", "mp4"])
async def test_what_browsers_record_is_heard(found: Found, container: str) -> None:
    audio = recontained(await spoken(found, "What are Maya's grades?"), container)

    outcome = await heard(found, audio)

    assert isinstance(outcome, Transcribed)
    assert "Maya" in outcome.text


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "clicks"])
async def test_what_is_no_speech_never_becomes_words(found: Found, sound: str) -> None:
    outcome = await heard(found, made(sound, 4))

    assert isinstance(outcome, Unheard)
    assert outcome.why in {Why.SILENT, Why.UNCLEAR}


async def test_bad_recordings_are_refused_and_the_worker_lives(found: Found) -> None:
    good = await spoken(found, "I want to sign in.")
    bad: dict[str, tuple[bytes, set[Why]]] = {
        "empty": (b"", {Why.EMPTY}),
        "cut in its head": (good[:60], {Why.UNREADABLE, Why.EMPTY}),
        "only a head": (good[:200], {Why.UNREADABLE, Why.EMPTY}),
        "text": (b"hello " * 500, {Why.UNREADABLE}),
        "a playlist": (b"#EXTM3U\nhttp://127.0.0.1/secret\n", {Why.UNREADABLE}),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), {Why.UNREADABLE}),
        "the wrong container": (b"OggS" + bytes(3000), {Why.UNREADABLE}),
        "an empty film": (b"\x00\x00\x00\x18ftypisom" + bytes(3000), {Why.UNREADABLE}),
        "twenty megabytes": (good + bytes(20_000_000), {Why.TOO_LARGE}),
        "just too large": (bytes(MOST_BYTES + 1), {Why.TOO_LARGE}),
        "ten minutes": (made("silence", 600), {Why.TOO_LONG}),
        "a film": (film(), {Why.UNREADABLE}),
    }

    outcomes = {name: await heard(found, audio) for name, (audio, _) in bad.items()}
    after = await heard(found, good)

    wrong = {n: o for n, o in outcomes.items() if not (isinstance(o, Unheard) and o.why in bad[n][1])}
    assert wrong == {}
    assert isinstance(after, Transcribed)


async def test_music_never_becomes_words_that_act(found: Found) -> None:
    outcome = await heard(found, made("music", 6))

    assert not (isinstance(outcome, Transcribed) and outcome.sure)


@pytest.mark.parametrize(
    "question",
    ["¿Cuáles son las notas de mi hija?", "Quiero agregar a mi otra hija.", "Olvidé mi contraseña."],
)
async def test_another_language_than_the_conversation_s_is_not_acted_on(found: Found, question: str) -> None:
    outcome = await heard(found, await spoken(found, question, "es"))

    assert not (isinstance(outcome, Transcribed) and outcome.sure)


@pytest.mark.parametrize(
    "questions",
    [
        ("What are Maya's grades?", "I forgot my password."),
        ("Was Leo absent yesterday?", "How much money is on the lunch account?"),
    ],
)
async def test_two_people_at_once_are_not_acted_on(found: Found, questions: tuple[str, str]) -> None:
    outcome = await heard(found, mixed(*[await spoken(found, each) for each in questions]))

    assert not (isinstance(outcome, Transcribed) and outcome.sure)


async def test_a_note_that_is_cut_short_is_heard_as_far_as_it_goes(found: Found) -> None:
    whole = await spoken(found, "What are Maya's grades? And was Leo absent yesterday?")

    outcome = await heard(found, whole[: len(whole) * 2 // 3])

    assert isinstance(outcome, Transcribed | Unheard)


def made(sound: str, seconds: int) -> bytes:
    """Return a recording of something that is no speech."""
    import numpy as np  # noqa: PLC0415  (with the extras)

    from voice.encoding import encode  # noqa: PLC0415  (as above)

    rate = 48_000
    minute = np.zeros(rate * min(seconds, 60), np.int16)
    shapes: dict[str, Callable[[], object]] = {
        "silence": lambda: minute,
        "noise": lambda: np.random.default_rng(7).normal(0, 3000, minute.size),
        "hum": lambda: 8000 * np.sin(np.arange(minute.size) * 0.05),
        "music": lambda: sum(3000 * np.sin(chord(minute.size, rate) * n) / n for n in (1, 2, 3)),
        "clicks": lambda: np.where(np.arange(minute.size) % (rate // 2) < 40, 20000, 0),
    }
    piece = np.asarray(shapes[sound]()).astype(np.int16)
    return encode([piece] * max(1, seconds // 60), rate)[0]


def chord(size: int, rate: int) -> Any:
    """Return the phases of four chords, one a second and over again."""
    import numpy as np  # noqa: PLC0415  (as above)

    roots = np.array([220.0, 174.6, 261.6, 196.0])
    notes = np.array([1.0, 1.25, 1.5])
    pitch = roots[np.arange(size) // rate % roots.size]
    return np.cumsum(pitch * notes[np.arange(size) // (rate // 4) % notes.size]) * 2 * np.pi / rate


def mixed(*notes: bytes) -> bytes:
    """Return two notes as one in which both are heard at once."""
    import numpy as np  # noqa: PLC0415  (as above)

    from voice.decoding import RATE, decode  # noqa: PLC0415  (as above)
    from voice.encoding import encode  # noqa: PLC0415  (as above)

    voices = [decode(note) for note in notes]
    both = np.zeros(max(voice.size for voice in voices))
    for voice in voices:
        both[: voice.size] += voice / len(voices)
    return encode([(both * 32767).astype(np.int16)], RATE)[0]


def recontained(audio: bytes, container: str) -> bytes:
    """Return a recording as another browser makes it."""
    import av  # noqa: PLC0415  (with the extras)

    codec = {"webm": "libopus", "mp4": "aac"}[container]
    out = io.BytesIO()
    with av.open(io.BytesIO(audio)) as source, av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=48_000, layout="mono")
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=48_000)
        for frame in source.decode(audio=0):
            frame.pts = None
            for each in resampler.resample(frame):
                target.mux(stream.encode(each))
        target.mux(stream.encode(None))
    return out.getvalue()


def film() -> bytes:
    """Return a film of a second."""
    import av  # noqa: PLC0415  (with the extras)
    import numpy as np  # noqa: PLC0415

    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as target:
        stream = target.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 64
        for _ in range(5):
            target.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        target.mux(stream.encode(None))
    return out.getvalue()
