"""Run each test with one of its cases first, and the other cases as long as the time lasts.

A test with parameters asks the same in other words: of every language, or at every step. Continuous
integration is stopped after a while, on a slow machine among the hundred cases of one test, before it came
to others at all. Which case comes first changes with the seed of the run. Without a limit all are run, and
of what is marked as a security case, or as whole, all are run in any case.
"""

import os
from collections.abc import Callable
from time import monotonic

import pytest

MINUTES = "HALLPASS_TEST_MINUTES"
_further = pytest.StashKey[bool]()
_SAID = "further cases left"


class TimeLeft:
    """Leave out further cases when the time is over, and count them; all else runs however long it takes."""

    def __init__(self, minutes: float, is_further: Callable[[pytest.Item], bool]) -> None:
        """Begin to count the minutes; some tests are further cases in themselves."""
        self._end = monotonic() + minutes * 60
        self._is_further = is_further
        self._left = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put last what is a further case in itself, and then all cases of a test but the first one."""
        ranks: dict[str, int] = {}
        known: set[str] = set()
        for item in items:
            test = item.nodeid.partition("[")[0]
            repeats = test in known and not any(map(item.get_closest_marker, ("case", "whole")))
            ranks[item.nodeid] = 2 if repeats else int(self._is_further(item))
            known.add(test)
            item.stash[_further] = ranks[item.nodeid] > 0
        items.sort(key=lambda item: ranks[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Say that a further case was dealt with, once the time is over."""
        if monotonic() < self._end or not item.stash.get(_further, False):
            return None
        self._left += 1
        return True

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process that started this one how many were left out."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SAID] = self._left

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Add what a process that ended has left out."""
        self._left += getattr(node, "workeroutput", {}).get(_SAID, 0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many were left out, and how they are run."""
        if self._left:
            terminalreporter.write_line(
                f"{self._left:,} further cases were left for lack of time: {MINUTES}=600 ./test runs all"
            )


def watch(config: pytest.Config, *, is_further: Callable[[pytest.Item], bool]) -> None:
    """Watch the time, where it is limited."""
    minutes = os.environ.get(MINUTES)
    if minutes:
        config.pluginmanager.register(TimeLeft(float(minutes), is_further))
