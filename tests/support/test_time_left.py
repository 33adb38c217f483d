"""Security comes first, all runs while the time lasts, and what was left is said."""

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
    marked = lambda name: lambda item: item.get_closest_marker(name) is not None
    watch(config, has_run=marked("again"), can_wait=marked("elsewhere"))
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

@pytest.mark.whole
@pytest.mark.again
def test_of_security_again():
    pass

@pytest.mark.elsewhere
def test_that_ran_elsewhere():
    pass

def test_of_one():
    pass
"""
CRASH = """
import os, time

@pytest.mark.whole
def test_that_takes_its_process_with_it():
    time.sleep(60)
    os._exit(1)
"""


def run(folder: Path, minutes: str, *options: str, tests: str = TESTS, ends: int = 0) -> str:
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    (folder / "test_some.py").write_text(tests, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  again\n  elsewhere\n  whole\n", "utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), MINUTES: minutes}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == ends, ended.stdout
    return ended.stdout


@pytest.mark.parametrize("options", [["-n1"], ["-n0", "-p", "no:randomly"]], ids=["processes", "one process"])
def test_when_the_time_is_over_what_was_left_is_said_and_security_that_ran_nowhere_fails_the_run(
    tmp_path: Path, options: list[str]
) -> None:
    said = run(tmp_path, "-1", *options, ends=1)

    left = "2 security, 2 further security, 2 tests, 1 elsewhere, 4 further."
    assert f"Left for lack of time: {left}" in said
    assert "Not every security test had its turn" in said


def test_what_has_run_on_the_other_database_may_be_left(tmp_path: Path) -> None:
    said = run(
        tmp_path, "-1", "-n1", tests=TESTS.replace("@pytest.mark.whole\n@pytest.mark.par", "@pytest.mark.par")
    )

    assert "Left for lack of time: 1 security, 0 further security, 3 tests" in said
    assert "Not every security" not in said


def test_while_there_is_time_all_run_security_first_and_further_cases_last(tmp_path: Path) -> None:
    said = run(tmp_path, "5", "-n0", "-p", "no:randomly")

    first = ["of_security", "of_security_again", *["of_security"] * 2, "of_many", "of_one"]
    assert re.findall(r"::test_(\w+)", said) == [*first, "that_ran_elsewhere", *["of_many"] * 4]
    assert "11 passed" in said
    assert "Left for lack of time" not in said


def test_a_process_that_replaces_another_gets_no_time_of_its_own(tmp_path: Path) -> None:
    said = run(tmp_path, "1", "-n1", "-p", "no:randomly", tests=TESTS + CRASH, ends=1)

    assert "replacing crashed worker" in said
    assert "PASSED test_some.py::test_of_security[0]" in said
    assert "PASSED test_some.py::test_of_one" not in said
    assert "Left for lack of time: 0 security, 2 further security, 2 tests, 1 elsewhere, 4 further." in said
