"""Look at the folder that backups are written to: when the newest was made, and whether it is encrypted."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.backups.encrypting import is_encrypted


@dataclass(frozen=True, slots=True)
class Newest:
    """Tell of the newest backup; `made` is in seconds since 1970."""

    made: float
    is_encrypted: bool


def newest_backup(folder: Path) -> Newest | None:
    """Return the newest whole backup; None where there is none, or none that may be looked at."""
    found: list[tuple[float, Path]] = []
    # One may be removed, or come, while they are looked at.
    with contextlib.suppress(OSError):
        found = [(path.stat().st_mtime, path) for path in folder.iterdir() if _is_whole(path)]
    with contextlib.suppress(OSError):
        if found:
            made, path = max(found)
            return Newest(made, is_encrypted(path))
    return None


def _is_whole(path: Path) -> bool:
    # It bears that name until its last byte is on the disk.
    return path.is_file() and path.suffix != ".part"


class BackupCollector(Collector):
    """Show when the newest backup was made; 0 where there is none, so that it counts as very old."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Return the gauges as they are now."""
        newest = newest_backup(self._folder)
        made = GaugeMetricFamily(
            "hallpass_backup_newest_timestamp_seconds", "When the newest backup was made; 0 for none."
        )
        made.add_metric((), 0 if newest is None else newest.made)
        yield made
        closed = GaugeMetricFamily(
            "hallpass_backup_newest_encrypted", "Whether the newest backup is encrypted."
        )
        closed.add_metric((), 1 if newest is not None and newest.is_encrypted else 0)
        yield closed
