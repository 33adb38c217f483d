"""The figures say when the newest backup was made."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry

from bot.watching.backups import BackupCollector
from portal.backups.encrypting import MAGIC

MADE, ENCRYPTED = "hallpass_backup_newest_timestamp_seconds", "hallpass_backup_newest_encrypted"


def shown(folder: Path) -> tuple[float | None, float | None]:
    registry = CollectorRegistry()
    registry.register(BackupCollector(folder))
    return registry.get_sample_value(MADE), registry.get_sample_value(ENCRYPTED)


def test_newest_whole_backup_counts(tmp_path: Path) -> None:
    for name, made, content in (("old", 1000, b""), ("new", 2000, MAGIC), ("newer.part", 3000, b"")):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (made, made))

    assert shown(tmp_path) == (2000, 1)


def test_no_backup_and_no_folder_count_as_very_old(tmp_path: Path) -> None:
    assert shown(tmp_path) == (0, 0)
    assert shown(tmp_path / "nowhere") == (0, 0)
