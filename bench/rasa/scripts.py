"""Run the conversation scripts of tests/flows on both engines, and compare what came of each.

`python -m bench.rasa.scripts [FILE ...]` takes the environment and model that `python -m bench.rasa` left.
The scripts are the tests themselves: one has the same outcome when it passes on Rasa as it does on Hallpass.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.rasa.engines import RasaServer, free_port
from bench.rasa.environment import Rasa
from bench.rasa.project import lay_out
from bench.report import Measured, Row, Table, keep
from bot.settings import ROOT

FLOWS = ROOT / "tests" / "flows"
# The flows that parents take most, one file each. The other files prove other languages and channels, repairs
# of misunderstandings, and pages: any of them may be named on the command line.
HELD = (
    "small_talk", "portal_facts", "topics", "sign_in", "sign_out", "grades", "grades_history", "attendance",
    "attendance_history", "assignments", "test_results", "teacher_comments", "schedule", "balance", "school",
    "recovery", "change_password", "manage_preferences", "conversation", "message",
)  # fmt: skip
NOTE = """\
The tests of `tests/flows` that hold a conversation, with everything in them as it is but for what answers a \
message. A script that has another outcome on Rasa fails there at the first sentence that differs. What \
differs most: days and ranges of days, which Rasa reads only with a further service; another course, child \
or time named for the question before; courses and usernames that it takes for other words; a name or a \
password typed after a sign-in that failed, which Hallpass takes for what it is and keeps out of the \
conversation; several of a kind in one message; another language in mid-flow; what was put off until after \
the sign-in."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what came of one script."""

    file: str
    name: str
    passed: bool


def main() -> None:
    """Run the scripts on both engines, print the table and keep it."""
    options = _options()
    rasa = Rasa(options.home)
    port = free_port()
    lay_out(rasa.project, port)
    files = options.files or [FLOWS / f"test_{name}.py" for name in HELD]
    with (options.home / "scripts.log").open("wb") as log:
        server = RasaServer(rasa, options.home, port, log)
        server.start_alone()
        try:
            where = {"HALLPASS_RASA_PORT": str(server.port), "HALLPASS_RASA_ACTIONS_PORT": str(port)}
            theirs = _run(files, where)
        finally:
            server.stop()
    ours = _run(files, {})
    found = _measured(ours, theirs)
    keep("rasa_scripts", found)
    for row in found.tables[0].rows:
        print(f"{row['scripts of']!s:36}{row['run']!s:>6}{row['same outcome']!s:>6}")


def _run(files: Sequence[Path], environment: dict[str, str]) -> dict[tuple[str, str], Outcome]:
    """Run pytest on the files, through Rasa where the environment says where it is."""
    plugin = ("-p", "bench.rasa.through_rasa") if environment else ()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *plugin, "-q", "-n0", "-p", "no:cacheprovider"]
        command += ["-p", "no:randomly", "--tb=short", f"--junitxml={report}", *map(str, files)]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
        cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314  (pytest wrote it just now)
        outcomes = [_outcome(case) for case in cases]
    return {(one.file, one.name): one for one in outcomes if one is not None}


def _outcome(case: ET.Element) -> Outcome | None:
    if case.find("skipped") is not None:
        return None
    file = (case.get("classname") or "").rsplit(".", 1)[-1]
    failed = case.find("failure") is not None or case.find("error") is not None
    return Outcome(file, case.get("name") or "", not failed)


def _measured(ours: dict[tuple[str, str], Outcome], theirs: dict[tuple[str, str], Outcome]) -> Measured:
    both = [key for key in theirs if key in ours]
    run, same = Counter(file for file, _ in both), Counter[str]()
    for key in both:
        same[key[0]] += ours[key].passed == theirs[key].passed
    rows: list[Row] = [
        {"scripts of": file.removeprefix("test_"), "run": run[file], "same outcome": same[file]}
        for file in sorted(run)
    ]
    total: Row = {"scripts of": "all", "run": run.total(), "same outcome": same.total()}
    return Measured(
        title="Conversation scripts on Rasa Open Source 3.6.21",
        how="python -m bench.rasa.scripts",
        tables=(Table("", [*rows, total]),),
        note=NOTE,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.rasa.scripts", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "hallpass-rasa")
    return parser.parse_args()


if __name__ == "__main__":
    main()
