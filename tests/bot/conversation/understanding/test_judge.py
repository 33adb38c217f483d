"""Ask the encoder only where the words leave a doubt, and do without it wherever it is missing."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from bot.conversation.understanding import FALLBACK, Names, Understanding, encoder, judge
from bot.conversation.understanding import head as heads
from bot.conversation.understanding.head import Blend, Head
from bot.conversation.understanding.judge import Judge, accepted
from bot.conversation.understanding.language_pack import text_to_encode
from bot.conversation.understanding.networks import Network
from tests.bot.conversation.understanding.fake_encoder import FakeEncoder

INTENTS = ("ask_grades", "greet", FALLBACK)
# The head's order is its own; a greeting is the second number of a vector, grades are the first.
HEAD = Head(
    encoder="fake-1",
    intents=("greet", "ask_grades", FALLBACK),
    mean=np.zeros(8, dtype=np.float32),
    network=Network(
        hidden=np.eye(8, dtype=np.float32),
        hidden_bias=np.zeros(8, dtype=np.float32),
        weights=np.eye(8, 3, dtype=np.float32) * 9,
        bias=np.zeros(3, dtype=np.float32),
    ),
    blends={"es": Blend(alone=2.0, words=0.5, meaning=1.0)},
    seen={"en": "abc"},
)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    judge._head.cache_clear()
    encoder.shared.cache_clear()
    yield
    judge._head.cache_clear()
    encoder.shared.cache_clear()


def logs(*chances: float) -> np.ndarray:
    return np.log(np.array(chances))


def test_words_without_a_doubt_do_not_ask_the_encoder() -> None:
    fake = FakeEncoder()

    ranking = Judge(INTENTS, Blend(), HEAD, lambda: fake).rank(logs(0.99, 0.005, 0.005), lambda: "hello")

    assert ranking[0][0] == "ask_grades"
    assert fake.asked == []


def test_doubtful_words_are_decided_by_the_meaning() -> None:
    fake = FakeEncoder()

    ranking = Judge(INTENTS, Blend(), HEAD, lambda: fake).rank(logs(0.5, 0.4, 0.1), lambda: "hello")

    assert ranking[0][0] == "greet"
    assert fake.asked == ["hello"]
    assert sum(chance for _, chance in ranking) == pytest.approx(1)


def test_encoder_that_does_not_run_leaves_the_words_alone() -> None:
    both = Judge(INTENTS, Blend(), HEAD, lambda: None).rank(logs(0.5, 0.4, 0.1), lambda: "hello")

    assert both == Judge(INTENTS).rank(logs(0.5, 0.4, 0.1), lambda: "hello")


def test_confidence_is_sharpened_by_the_power_of_its_language() -> None:
    tame = Judge(INTENTS, Blend(alone=1.0)).rank(logs(0.5, 0.4, 0.1), str)
    sharp = Judge(INTENTS, Blend(alone=2.0)).rank(logs(0.5, 0.4, 0.1), str)

    assert tame[0][1] == pytest.approx(0.5)
    assert sharp[0][1] == pytest.approx(0.25 / 0.42)


@pytest.mark.parametrize(
    ("ranking", "intent"),
    [
        ((("greet", 0.5), (FALLBACK, 0.3)), "greet"),
        ((("greet", 0.4), (FALLBACK, 0.38)), FALLBACK),
        ((("greet", 0.25), ("affirm", 0.2), (FALLBACK, 0.02)), "greet"),
        (((FALLBACK, 0.4), ("greet", 0.3)), FALLBACK),
        ((("greet", 0.1), ("affirm", 0.05)), "greet"),
    ],
)
def test_intent_counts_by_how_likely_none_is_meant(
    ranking: tuple[tuple[str, float], ...], intent: str
) -> None:
    assert accepted(ranking) == intent


def test_head_is_stored_and_read_the_same(tmp_path: Path) -> None:
    heads.write(tmp_path / heads.FILE, HEAD)

    read = heads.read(tmp_path / heads.FILE)

    assert (read.encoder, read.intents, read.blends, read.seen) == (
        HEAD.encoder,
        HEAD.intents,
        HEAD.blends,
        HEAD.seen,
    )
    for part in fields(Network):
        assert np.array_equal(getattr(read.network, part.name), getattr(HEAD.network, part.name))
    assert [path.name for path in tmp_path.iterdir()] == [heads.FILE]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"{}"])
def test_broken_head_is_told_and_the_words_decide(tmp_path: Path, content: bytes) -> None:
    (tmp_path / heads.FILE).write_bytes(content)

    with capture_logs() as told:
        made = [Judge.of(tmp_path, language, INTENTS) for language in ("en", "es")]

    assert [one.head for one in made] == [None, None]
    assert [(line["event"], line["log_level"]) for line in told] == [("encoder_head_unreadable", "warning")]


def test_project_without_a_head_says_nothing(tmp_path: Path) -> None:
    with capture_logs() as told:
        made = Judge.of(tmp_path, "en", INTENTS)

    assert (made.head, told) == (None, [])


def test_missing_encoder_is_told_once_and_the_calibration_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads.write(tmp_path / heads.FILE, HEAD)
    monkeypatch.setattr(encoder, "PACKAGE", "no-such-package")

    with capture_logs() as told:
        made = [Judge.of(tmp_path, language, INTENTS) for language in ("en", "es")]

    assert [one.head for one in made] == [None, None]
    assert made[1].blend.alone == 2.0
    assert [(line["event"], line["log_level"]) for line in told] == [("encoder_missing", "info")]


def test_head_for_other_intents_is_ignored_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads.write(tmp_path / heads.FILE, HEAD)
    monkeypatch.setattr(encoder, "installed", lambda: "fake-1")

    with capture_logs() as told:
        made = Judge.of(tmp_path, "en", (*INTENTS, "ask_lunch"))

    assert made.head is None
    assert [line["event"] for line in told] == ["encoder_head_ignored"]


def test_installed_encoder_is_loaded_by_the_first_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads.write(tmp_path / heads.FILE, HEAD)
    monkeypatch.setattr(encoder, "installed", lambda: "fake-1")
    loaded: list[str] = []

    def load(name: str) -> FakeEncoder:
        loaded.append(name)
        return FakeEncoder()

    monkeypatch.setattr(encoder, "SentenceEncoder", load)
    made = Judge.of(tmp_path, "es", INTENTS)

    assert made.blend.meaning == 1.0
    made.rank(logs(0.99, 0.005, 0.005), str)
    assert loaded == []
    made.rank(logs(0.5, 0.4, 0.1), str)
    made.rank(logs(0.4, 0.5, 0.1), str)
    assert loaded == ["fake-1"]


def test_library_that_does_not_load_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> FakeEncoder:
        raise OSError(name)

    monkeypatch.setattr(encoder, "SentenceEncoder", fail)

    with capture_logs() as told:
        found = [encoder.shared("fake-1"), encoder.shared("fake-1")]

    assert found == [None, None]
    assert [line["event"] for line in told] == ["encoder_unusable"]


def test_a_row_of_signs_costs_the_encoder_no_more_than_a_few(understanding: Understanding) -> None:
    lexicon = understanding.packs["en"].lexicon

    encoded = text_to_encode(lexicon.sentence("grades" + "!?" * 900 + " ok..."), lexicon, Names())

    assert encoded == "grades!?! ok..."
