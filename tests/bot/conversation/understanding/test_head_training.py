"""Teach the encoder's head from the packs of several languages at once."""

from pathlib import Path

import numpy as np
import pytest

from bot.conversation.understanding import FALLBACK, encoder
from bot.conversation.understanding import head as heads
from bot.conversation.understanding.head import Blend
from bot.conversation.understanding.head_training import fitted_blend, train_head, unseen
from bot.conversation.understanding.vectors import Vectors
from tests.bot.conversation.understanding.fake_encoder import FakeEncoder

PACK = """version: "3.1"
nlu:
- intent: greet
  examples: |
{greet}
- intent: ask_grades
  examples: |
{ask_grades}
- intent: nlu_fallback
  examples: |
{nlu_fallback}
"""
ENDS = ("", " now", " please", " my friend", " to you", " there", " for all", " of mine", " at last")


def write_pack(folder: Path, **said: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    examples = {
        intent: "\n".join(f"    - {word}{end}" for end in ENDS for word in words.split())
        for intent, words in said.items()
    }
    (folder / "nlu.yml").write_text(PACK.format(**examples))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_pack(
        tmp_path / "data" / "en", greet="hello hi", ask_grades="grade grades", nlu_fallback="rain pizza"
    )
    return tmp_path / "data"


def test_language_with_other_words_is_told_by_what_another_taught(data: Path, tmp_path: Path) -> None:
    fake = FakeEncoder()

    head = train_head(data, tmp_path / "vectors.npz", fake, lambda _: None)

    spanish = head.scores(fake.encode(["hola a todos", "las notas", "llueve"]))
    assert [head.intents[at] for at in spanish.argmax(axis=1)] == ["greet", "ask_grades", FALLBACK]


def test_sentence_is_encoded_once(data: Path, tmp_path: Path) -> None:
    train_head(data, tmp_path / "vectors.npz", FakeEncoder(), lambda _: None)
    again = FakeEncoder()
    write_pack(data / "es", greet="hola", ask_grades="notas", nlu_fallback="llueve")

    head = train_head(data, tmp_path / "vectors.npz", again, lambda _: None)

    assert {text.split()[0] for text in again.asked} == {"hola", "notas", "llueve"}
    assert set(head.blends) == set(head.seen) == {"en", "es"}


def test_vectors_of_another_encoder_are_made_anew(tmp_path: Path) -> None:
    first, other = FakeEncoder(), FakeEncoder()
    other.name = "fake-2"
    Vectors(tmp_path / "vectors.npz", first).of(["hello", "hello", "hi"])

    rows = Vectors(tmp_path / "vectors.npz", other).of(["hello"])

    assert first.asked == ["hello", "hi"]
    assert other.asked == ["hello"]
    assert rows == pytest.approx(first.encode(["hello"]), abs=1e-3)


def test_pack_with_too_few_examples_keeps_the_usual_blend(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "en"
    folder.mkdir(parents=True)
    said = {"greet": "    - hello", "ask_grades": "    - grade", "nlu_fallback": "    - rain\n    - pizza"}
    (folder / "nlu.yml").write_text(PACK.format(**said))

    head = train_head(tmp_path / "data", tmp_path / "vectors.npz", FakeEncoder(), lambda _: None)

    assert head.blends == {"en": Blend()}


def test_progress_is_told(data: Path, tmp_path: Path) -> None:
    told: list[str] = []

    train_head(data, tmp_path / "vectors.npz", FakeEncoder(), told.append)

    assert told[0] == "0 of 54 sentences encoded"
    assert "training on 54 sentences" in told
    assert told[-1].startswith("en: Blend(")


def test_blend_makes_confidence_equal_to_how_often_it_is_right() -> None:
    generator = np.random.default_rng(1)
    chances = generator.dirichlet([0.4] * 4, size=4_000)
    right = np.array([generator.choice(4, p=row) for row in chances])
    timid, useless = 0.5 * np.log(chances), np.log(np.full_like(chances, 0.25))

    blend = fitted_blend(timid, useless, right)

    assert blend.alone == pytest.approx(2.0, abs=0.15)
    # Twice as many as are enough leave a ninth to the usual blend.
    assert blend.words == pytest.approx((8 * 2.0 + Blend().words) / 9, abs=0.1)


def test_packs_that_changed_since_the_head_was_trained_are_named(data: Path, tmp_path: Path) -> None:
    assert unseen(data) == ["en"]
    heads.write(data / heads.FILE, train_head(data, tmp_path / "vectors.npz", FakeEncoder(), lambda _: None))

    assert unseen(data) == []
    write_pack(data / "en", greet="hello", ask_grades="grades", nlu_fallback="rain")
    assert unseen(data) == ["en"]


@pytest.mark.skipif(encoder.installed() is None, reason="the encoder is optional")
def test_real_encoder_brings_languages_together() -> None:
    name = encoder.installed()
    assert name is not None
    rows = encoder.SentenceEncoder(name).encode(
        ["i forgot my password", "olvidé mi contraseña", "it is raining"]
    )

    assert rows.shape == (3, 384)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
