"""Measure how long a private file takes from the press of its link, and the memory that making it takes.

Run `python -m bench.files [--times N]`. Limits: every file p95 <= 600 ms, the first one of a process too; at
most 300 MB resident after all of them. The figures go to docs/benchmarks.md.
"""

import argparse
import json
import multiprocessing
import statistics
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence

import psutil

from bench.report import Goal, Measured, Row, Table, keep
from bot.bootstrap import Application, start
from bot.files.makers import makers
from bot.files.pages import PAGES
from bot.settings import read_settings
from portal.accounts.outcomes import SignIn
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.records.files import FileKind

LIMIT, MEMORY_LIMIT = 600.0, 300.0
CONVERSATION = "bench"


def seed(folder: str) -> None:
    """Make the demo and leave."""
    start(read_settings({"HALLPASS_VAR": folder}, demo=True)).close()


def sign_in(application: Application) -> str:
    """Sign a demo parent in and return the label of a child that may be seen."""
    demo = json.loads((application.settings.var / "demo.json").read_text())
    parent = next(parent for parent in demo["parents"] if parent["situation"] == "ok")
    request = SignIn(
        district=parent["district"],
        username=parent["username"],
        password=Secret(parent["password"]),
        source="bench",
        conversation=CONVERSATION,
        channel="rest",
        request_id=uuid.uuid4().hex,
    )
    application.portal.sign_in(request)
    with application.portal.begin(read_only=True) as tx:
        family = tx.records.of(CONVERSATION)
        if isinstance(family, Refused):
            message = f"The demo parent cannot sign in: {family.reason}"
            raise SystemExit(message)
        return next(each.child.label for each in family.children.all() if each.available)


def made(application: Application, kind: FileKind, details: Mapping[str, str]) -> tuple[float, int]:
    """Offer and make one file; return the milliseconds and the bytes."""
    make = makers(application.settings.data)[kind]
    with application.portal.begin() as tx:
        path = tx.files.offer(CONVERSATION, kind, language="en", **details)
    begun = time.perf_counter()
    with application.portal.begin(read_only=True) as tx:
        opened = tx.files.open(str(path).removeprefix("/files/"))
        if isinstance(opened, Refused):
            message = "The file is gone before it was opened."
            raise SystemExit(message)
        draw = make(opened)
    size = 0 if isinstance(draw, Refused) else len(draw().content)
    return (time.perf_counter() - begun) * 1000, size


def measure(application: Application, times: int) -> list[Row]:
    """Make every file again and again."""
    student = sign_in(application)
    asked = [(f"page {page}", FileKind.PAGE, {"page": page, "student": student}) for page in PAGES]
    charts = (FileKind.GRADE_TREND, FileKind.ATTENDANCE_CALENDAR)
    asked += [(kind.value.replace("_", " "), kind, {"student": student}) for kind in charts]
    rows: list[Row] = []
    for name, kind, details in [*asked, ("MyData", FileKind.MY_DATA, {})]:
        series = [made(application, kind, details) for _ in range(times)]
        took = sorted(milliseconds for milliseconds, _ in series)
        slow = took[min(len(took) - 1, round(0.95 * (len(took) - 1)))]
        figures = {"first": series[0][0], "p50": statistics.median(took), "p95": slow}
        rounded = {key: round(value, 1) for key, value in figures.items()}
        rows.append({"what": name, "bytes": series[0][1], **rounded, "limit": LIMIT})
    return rows


def told(rows: Sequence[Row], before: float, after: float) -> Measured:
    """Return the rows as they are kept; every file has the limit that the slowest must keep."""
    slowest = max(float(row[key] or 0) for row in rows for key in ("first", "p95"))
    goals = [
        Goal("the slowest file, first or p95", slowest, "ms", at_most=LIMIT),
        Goal("resident memory after all files", round(after), "MB", at_most=MEMORY_LIMIT),
    ]
    note = f"Milliseconds from the press of a link; {before:.0f} MB were resident before the first."
    return Measured("Papers and charts", "python -m bench.files", [Table("", rows)], goals, note)


def main() -> None:
    """Print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        # A server is seeded once and started often: what making the demo takes is no part of it.
        seeding = multiprocessing.get_context("spawn").Process(target=seed, args=(folder,))
        seeding.start()
        seeding.join()
        application = start(read_settings({"HALLPASS_VAR": folder}, demo=True))
        before = psutil.Process().memory_info().rss / 1e6
        rows = measure(application, times)
        after = psutil.Process().memory_info().rss / 1e6
        application.close()
    print(f"{'':28}{'bytes':>9}{'first':>9}{'p50':>9}{'p95':>9}{'limit':>9}  ms")
    for row in rows:
        print(
            f"{row['what']:28}"
            + "".join(f"{row[key]:>9}" for key in ("bytes", "first", "p50", "p95", "limit"))
        )
    print(f"resident memory: {before:.0f} MB before, {after:.0f} MB after, at most {MEMORY_LIMIT:.0f} MB")
    keep("files", told(rows, before, after))


if __name__ == "__main__":
    main()
