import socket
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.voices import needs_ears
from voice.finding import VoicePlaces, find_voice
from voice.hub import HubError, HubModel, HuggingFace, read_models

COMMIT = "d90ca5fe260221311c53c58e660288d3deb8d356"
SMALL = HubModel("Systran/faster-whisper-small", COMMIT)
TINY = HubModel("Systran/faster-whisper-tiny", COMMIT)


@dataclass
class FakeHub:
    """Bring a folder with weights, or nothing; `asked` keeps for what it was asked."""

    answers: bool = True
    asked: list[HubModel] = field(default_factory=list)

    def fetch(self, model: HubModel, folder: Path) -> None:
        self.asked.append(model)
        if not self.answers:
            raise HubError
        folder.mkdir()
        (folder / "model.bin").write_bytes(b"weights")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the engines installed, and no package with a model."""
    monkeypatch.setattr("voice.finding._packaged", lambda *_: None)


@needs_ears
def test_without_leave_the_hub_is_never_asked(tmp_path: Path, bare: None) -> None:
    hub = FakeHub()

    here = find_voice(VoicePlaces(tmp_path), hub=hub)

    assert here.ears is None
    assert hub.asked == []
    assert "HALLPASS_VOICE_HUB" in here.notices[0]


@needs_ears
def test_the_hub_brings_once_what_neither_a_folder_nor_a_package_has(tmp_path: Path, bare: None) -> None:
    hub = FakeHub()
    places = VoicePlaces(tmp_path, hub={"multi": SMALL})

    first, second = (find_voice(places, hub=hub) for _ in range(2))

    assert first.ears is not None
    assert second.ears is not None
    assert second.ears.hears("es")
    assert hub.asked == [SMALL]
    assert COMMIT in second.ears.models["multi"]


@needs_ears
def test_a_configured_model_and_a_packaged_one_come_before_the_hub(tmp_path: Path) -> None:
    (tmp_path / "multi").mkdir()
    (tmp_path / "multi" / "model.bin").write_bytes(b"weights")
    hub = FakeHub()

    find_voice(VoicePlaces(tmp_path, models=tmp_path, hub={"en": TINY, "multi": SMALL}), hub=hub)

    assert hub.asked == []


@needs_ears
def test_a_hub_that_does_not_answer_leaves_voice_off_and_says_so(tmp_path: Path, bare: None) -> None:
    here = find_voice(VoicePlaces(tmp_path, hub={"multi": SMALL}), hub=FakeHub(answers=False))

    assert here.ears is None
    assert "faster-whisper-small could not be fetched" in here.notices[0]


@needs_ears
def test_a_refused_connection_is_an_error_of_the_hub_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound and not listened on: whoever calls is refused.
        nobody = HuggingFace(f"http://127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(HubError):
            nobody.fetch(SMALL, tmp_path / "small")

    assert list(tmp_path.iterdir()) == []


def test_models_are_named_by_repository_and_commit() -> None:
    named = read_models(
        f"en=Systran/faster-whisper-tiny@{COMMIT}, multi=Systran/faster-whisper-small@{COMMIT}"
    )

    assert named == {"en": TINY, "multi": SMALL}
    assert read_models("") == {}


@pytest.mark.parametrize(
    "value",
    [
        "multi=Systran/faster-whisper-small",
        "multi=Systran/small@main",
        f"fr=a/b@{COMMIT}",
        f"en=../b@{COMMIT}",
    ],
)
def test_what_is_not_pinned_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="="):
        read_models(value)
