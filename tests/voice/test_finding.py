from pathlib import Path

import pytest

from tests.support.voices import needs_ears, needs_voices
from voice.finding import VoicePlaces, find_voice


def test_without_anything_installed_voice_is_off_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    here = find_voice(VoicePlaces(tmp_path))

    assert (here.ears, here.mouth) == (None, None)
    assert len(here.notices) == 2
    assert "voice" in here.notices[0]


@needs_ears
def test_a_configured_model_is_taken_before_a_packaged_one(tmp_path: Path) -> None:
    for name in ("en", "multi"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").write_bytes(b"weights")

    here = find_voice(VoicePlaces(tmp_path / "state", models=tmp_path))

    assert here.ears is not None
    assert here.ears.models == {"en": str(tmp_path / "en"), "multi": str(tmp_path / "multi")}


@needs_voices
def test_a_configured_voice_gives_a_language_a_better_one(tmp_path: Path) -> None:
    (tmp_path / "es_MX-claude.onnx").write_bytes(b"weights")

    here = find_voice(VoicePlaces(tmp_path / "state", voices=tmp_path))

    assert here.mouth is not None
    assert here.mouth.voices["es"] == str(tmp_path / "es_MX-claude.onnx")
    assert "en" in here.mouth.voices
