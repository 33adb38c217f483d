"""What a killed backup left in the clear is removed; what another one works in stays."""

import stat
from pathlib import Path

from bot.backup_folder import PREFIX, own_folder


def test_folder_is_its_owners_alone_and_goes_afterwards(tmp_path: Path) -> None:
    with own_folder(tmp_path) as folder:
        mode = stat.S_IMODE(folder.stat().st_mode)

    assert mode == 0o700
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_is_removed_and_what_is_in_use_stays(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "database").write_text("what families wrote")

    with own_folder(tmp_path) as first, own_folder(tmp_path) as second:
        there = set(tmp_path.iterdir())

    assert there == {first, second}
