"""A backup that is encrypted opens with its key alone, and whole or not at all."""

import stat
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.backing_up import backed_up
from bot.commands import hallpass
from bot.restoring import restored
from bot.settings import Settings
from portal.backups import encrypting
from portal.backups.encrypting import HEAD, MAGIC, PIECE, TAG, Sealing, decrypt
from portal.core.errors import SettingsError
from portal.core.secret import Secret
from portal.records.answers import Grades
from tests.support.backups import grades, on

KEY = "CANARY-key-of-the-operator-alone"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a key cost less than where somebody might guess it."""
    monkeypatch.setattr(encrypting, "COST", 1 << 4)


@pytest.fixture
def locked(settings: Settings) -> Settings:
    return replace(settings, backup_key=KEY)


@pytest.fixture
def sealed(family: str, locked: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "backup.tgz"
    backed_up(locked, path, with_key=True)
    return path


def test_with_its_key_it_comes_back_and_without_nothing_of_it_can_be_read(
    sealed: Path, settings: Settings, elsewhere: Settings
) -> None:
    written = sealed.read_bytes()

    restored(replace(elsewhere, backup_key=f"{KEY}\n"), sealed)

    assert isinstance(on(elsewhere, grades), Grades)
    assert written.startswith(MAGIC)
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert not any(word in written for word in (b"manifest.json", b"westborough", b"\x1f\x8b\x08\x00"))


@pytest.mark.parametrize(
    ("key", "told"), [("another-key-of-thirty-two-letters", "another key than"), (None, "is encrypted: set")]
)
def test_another_key_or_none_restores_nothing(
    sealed: Path, elsewhere: Settings, key: str | None, told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        restored(replace(elsewhere, backup_key=key), sealed)

    assert list(elsewhere.var.iterdir()) == []


def cut_the_end(written: bytes) -> bytes:
    return written[:-1]


def cut_the_beginning(written: bytes) -> bytes:
    return written[: HEAD - 1]


def leave_the_head(written: bytes) -> bytes:
    return written[:HEAD]


def turn_a_bit(written: bytes) -> bytes:
    return written[:-40] + bytes([written[-40] ^ 1]) + written[-39:]


def add_a_byte(written: bytes) -> bytes:
    return written + b"?"


@pytest.mark.parametrize("change", [cut_the_end, cut_the_beginning, leave_the_head, turn_a_bit, add_a_byte])
def test_file_that_is_not_what_was_written_restores_nothing(
    sealed: Path, elsewhere: Settings, change: Callable[[bytes], bytes]
) -> None:
    sealed.write_bytes(change(sealed.read_bytes()))

    with pytest.raises(SettingsError, match="is damaged or cut off"):
        restored(replace(elsewhere, backup_key=KEY), sealed)

    assert list(elsewhere.var.iterdir()) == []


def test_open_archive_where_an_encrypted_one_is_expected_restores_nothing(
    archive: Path, elsewhere: Settings
) -> None:
    with pytest.raises(SettingsError, match="is not encrypted, and HALLPASS_BACKUP_KEY is set"):
        restored(replace(elsewhere, backup_key=KEY), archive)

    assert list(elsewhere.var.iterdir()) == []


def written(target: Path, pieces: int) -> None:
    with target.open("wb") as file:
        sealing = Sealing(file, Secret(KEY))
        for _ in range(pieces):
            sealing.write(b"x" * PIECE)
        sealing.finish()


@pytest.mark.parametrize("swap", [(0, 1, 2), (1, 0, 2), (0, 1), (0, 0, 2), (0, 2)])
def test_pieces_are_all_there_in_their_order(tmp_path: Path, swap: tuple[int, ...]) -> None:
    written(tmp_path / "sealed", 3)
    whole, size = (tmp_path / "sealed").read_bytes(), PIECE + TAG
    pieces = [whole[HEAD + at * size : HEAD + (at + 1) * size] for at in range(3)]
    (tmp_path / "sealed").write_bytes(whole[:HEAD] + b"".join(pieces[at] for at in swap))

    def open_it() -> None:
        decrypt(tmp_path / "sealed", Secret(KEY), tmp_path / "opened", named="the key")

    if swap == (0, 1, 2):
        open_it()
        assert (tmp_path / "opened").read_bytes() == b"x" * PIECE * 3
    else:
        with pytest.raises(SettingsError, match="is damaged or cut off"):
            open_it()


def test_memory_stays_flat_however_long_the_file_is(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        written(tmp_path / "sealed", 48)
        decrypt(tmp_path / "sealed", Secret(KEY), tmp_path / "opened", named="the key")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (tmp_path / "opened").stat().st_size == 48 * PIECE
    assert most < 12 * PIECE


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"HALLPASS_BACKUP_KEY": "CANARY-short"}, "too short"),
        ({"HALLPASS_BACKUP_KEY_FILE": "/nowhere/CANARY"}, "no file that can be read"),
        ({"HALLPASS_BACKUP_KEY": KEY, "HALLPASS_BACKUP_KEY_FILE": "/nowhere"}, "are both set"),
    ],
)
def test_key_that_is_no_good_is_told_of_and_never_shown(
    family: str, settings: Settings, tmp_path: Path, given: dict[str, str], told: str
) -> None:
    where = {"HALLPASS_VAR": str(settings.var), "HALLPASS_DATABASE_URL": settings.database_url}

    done = CliRunner(env={**where, **given}).invoke(hallpass, ["backup", str(tmp_path / "backup.tgz")])

    assert done.exit_code == 1
    assert told in done.output
    assert "CANARY" not in done.output
    assert not (tmp_path / "backup.tgz").exists()


def test_commands_read_the_key_from_its_file(
    family: str, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    path, key = str(tmp_path / "backup.tgz"), tmp_path / "key"
    key.write_text(f"{KEY}\n")

    def run(where: Settings, *command: str) -> str:
        given = {"HALLPASS_VAR": str(where.var), "HALLPASS_DATABASE_URL": where.database_url}
        named = {**given, "HALLPASS_BACKUP_KEY_FILE": str(key)}
        done = CliRunner(env=named).invoke(hallpass, command)
        assert done.exit_code == 0, done.output
        return done.output

    made, back = run(settings, "backup", path), run(elsewhere, "restore", path)

    assert "encrypted with the key of HALLPASS_BACKUP_KEY_FILE" in made
    assert "is back" in back
    assert "CANARY" not in made + back
