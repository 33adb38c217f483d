"""What guards families runs in any case, all else while the time lasts, and what was left is said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.time_left import MINUTES

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """
from tests.support.time_left import watch

def pytest_configure(config):
    watch(config, is_elsewhere=lambda item: item.get_closest_marker("elsewhere") is not None)
"""
TESTS = """
import pytest

@pytest.mark.parametrize("number", range(5))
def test_of_many(number):
    pass

@pytest.mark.whole
@pytest.mark.parametrize("number", range(3))
def test_of_security(number):
    pass

@pytest.mark.elsewhere
def test_that_ran_elsewhere():
    pass

def test_of_one():
    pass
"""


def run(folder: Path, minutes: str, *options: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    (folder / "test_some.py").write_text(TESTS, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  elsewhere\n  whole\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), MINUTES: minutes}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


@pytest.mark.parametrize("options", [["-n1"], ["-n0", "-p", "no:randomly"]], ids=["processes", "one process"])
def test_when_the_time_is_over_guards_run_and_what_was_left_is_said(
    tmp_path: Path, options: list[str]
) -> None:
    said = run(tmp_path, "-1", *options)

    assert len(set(re.findall(r"test_of_security\[\d\]", said))) == 3
    assert "3 passed" in said
    assert "2 tests, 1 that run on the other database, too, and 4 further cases" in said


def test_while_there_is_time_all_run_guards_first_and_further_cases_last(tmp_path: Path) -> None:
    said = run(tmp_path, "5", "-n0", "-p", "no:randomly")

    first = [*["of_security"] * 3, "of_many", "of_one"]
    assert re.findall(r"::test_(\w+)", said) == [*first, "that_ran_elsewhere", *["of_many"] * 4]
    assert "10 passed" in said
    assert "Left for lack of time" not in said
