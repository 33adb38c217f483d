"""Measure an import: seconds, rows a second and memory, for sets made up on the fly.

Run `python -m bench.import [--students N] [--database URL]`. Each size is imported into an empty
database in a process of its own: what is new, then the same set again, then a delta of every hundredth
student. Memory must not grow with the set. A terminal shows how far each import is. The table goes to
the terminal, the figures to docs/benchmarks.md.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.made_set import write_changes, write_set
from bench.report import ROOT, Goal, Measured, Row, Table, keep
from bot.importing import import_set
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import Base, open_engine
from portal.core.keys import Keys
from portal.transaction import Portal

MEBIBYTE = 2**20


def main() -> None:
    """Measure a tenth of the students, then all of them, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it SQLite in a new file")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.students, options.database)))
        return
    sizes = [options.students] if options.database else [max(1, options.students // 10), options.students]
    figures = [figure for size in sizes for figure in _in_a_process(size, options.database)]
    print(f"{'students':>9} {'import':>10} {'rows':>10} {'seconds':>8} {'rows/s':>8} {'peak MiB':>9}")
    for f in figures:
        print(
            f"{f['students']:>9} {f['import']:>10} {f['rows']:>10} {f['seconds']:>8.1f} "
            f"{f['rows_per_second']:>8} {f['peak_mib']:>9}"
        )
    keep("import-postgresql" if options.database else "import", told(figures, options.database))


def told(figures: Sequence[Row], database: str | None) -> Measured:
    """Return the imports as they are kept; the set must not be held in memory."""
    most = max(float(row["peak_mib"] or 0) for row in figures)
    least = min(float(row["peak_mib"] or 0) for row in figures)
    goals = [Goal("memory of the largest set against the smallest", round(most / least, 2), "x", at_most=1.3)]
    where = "PostgreSQL" if database else "SQLite"
    how = f"python -m bench.import --students {max(int(row['students'] or 0) for row in figures)}"
    how += " --database postgresql://..." if database else ""
    return Measured(f"Importing a roster, {where}", how, [Table("", figures)], goals if not database else ())


def _in_a_process(students: int, database: str | None) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bench.import", "--only", "--students", str(students)]
    command += ["--database", database] if database else []
    # The errors stay with the terminal, which shows how far the import is.
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    figures: list[dict[str, Any]] = json.loads(done.stdout)
    return figures


def measure(students: int, database: str | None) -> list[dict[str, Any]]:
    """Import a set of so many students twice and return both figures."""
    with tempfile.TemporaryDirectory(prefix="hallpass-bench-") as folder:
        path = Path(folder) / "set"
        path.mkdir()
        write_set(path, students)
        engine = open_engine(database or f"sqlite:///{folder}/bench.db")
        Base.metadata.create_all(engine)
        portal = Portal(engine, clock=SystemClock(), keys=Keys(b"x" * 32), hasher=Argon2Hasher())
        district = {
            "name": "Bench",
            "portal_url": "https://example.org/public",
            "time_zone": "America/New_York",
        }
        with portal.begin() as tx:
            tx.districts.apply("bench", district, "1")
        figures = [_measured(portal, path, students, what) for what in ("new", "same again")]
        changes = Path(folder) / "changes"
        write_changes(changes, students)
        figures.append(_measured(portal, changes, students, "delta of 1%"))
        portal.close()
        engine.dispose()
    return figures


def _measured(portal: Portal, path: Path, students: int, what: str) -> dict[str, Any]:
    with _Peak() as peak:
        start = time.perf_counter()
        done = import_set(portal, "bench", path, dry_run=False)
        seconds = time.perf_counter() - start
    rows = sum(count.total for count in done.counts.values())
    return {
        "students": students,
        "import": what,
        "rows": rows,
        "seconds": round(seconds, 2),
        "rows_per_second": round(rows / seconds),
        "peak_mib": peak.mebibytes,
    }


class _Peak:
    """Watch the resident memory of this process."""

    def __init__(self) -> None:
        self.mebibytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        is_done = False
        while not is_done:
            # Looked at once more at the end: an import may be over before the first wait is.
            is_done = self._done.wait(0.05)
            self.mebibytes = max(self.mebibytes, process.memory_info().rss // MEBIBYTE)


if __name__ == "__main__":
    main()
