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
# Other channels, other languages and what is spoken: Rasa was given none of them.
LEFT_OUT = frozenset(
    {
        "test_cases.py",
        "test_letters.py",
        "test_repairs_in_languages.py",
        "test_talk_in_languages.py",
        "test_telegram_cases.py",
        "test_telegram_news.py",
        "test_voice.py",
        "test_voice_in_telegram.py",
        "test_words.py",
    }
)
NOTE = """\
The tests of `tests/flows` that hold a conversation, with everything in them as it is but for what answers a \
message. Left out whole: other languages than English, Telegram, voice, letters and talks with staff, which \
Rasa has no way to be told of. A script that fails on Rasa fails at the first sentence that differs."""


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
    every = (path for path in sorted(FLOWS.glob("test_*.py")) if path.name not in LEFT_OUT)
    files = options.files or list(every)
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
        command += ["-p", "no:randomly", "--tb=line", f"--junitxml={report}", *map(str, files)]
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
