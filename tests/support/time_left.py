"""Run security first, then each test with one of its cases, then the others, while there is time.

A test with parameters asks the same in other words: of every language, or at every step. Continuous
integration is stopped after a while, on a slow machine among the hundred cases of one test, before it came
to others at all, and then says nothing. Here it ends by itself, and says how much it has not looked at.
Which test and which case come first changes with the seed of the run. Without a limit all are run. Where
time was too short for one case of each test marked as a security case, or as whole, the run has failed.
"""

import os
from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from time import monotonic
from typing import Any

import pytest

MINUTES = "HALLPASS_TEST_MINUTES"
_rank = pytest.StashKey["_Rank"]()
_SAID = "left for lack of time"
_END = "when the time is over"
_UNSEEN = "security that ran nowhere"
Asks = Callable[[pytest.Item], bool]


class _Rank(IntEnum):
    """Say when a test has its turn."""

    SECURITY = 0
    FURTHER_SECURITY = 1
    TESTS = 2
    ELSEWHERE = 3
    FURTHER = 4


class TimeLeft:
    """Leave out what has its turn after the time is over, and count it."""

    def __init__(self, end: float, has_run: Asks, can_wait: Asks) -> None:
        """Take when the time is over; some tests have run on another database, and some of them can wait."""
        self._end = end
        self._has_run = has_run
        self._can_wait = can_wait
        self._left: Counter[str] = Counter()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a process that is started the same end, also one that replaces another in the middle."""
        node.workerinput[_END] = self._end

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put security first, and the further cases of a test last."""
        known: set[str] = set()
        for item in items:
            test = item.nodeid.partition("[")[0]
            item.stash[_rank] = self._rank(item, is_known=test in known)
            known.add(test)
        items.sort(key=lambda item: item.stash[_rank])

    def _rank(self, item: pytest.Item, *, is_known: bool) -> _Rank:
        if any(map(item.get_closest_marker, ("case", "whole"))) and not self._can_wait(item):
            return _Rank.FURTHER_SECURITY if is_known else _Rank.SECURITY
        if is_known:
            return _Rank.FURTHER
        return _Rank.ELSEWHERE if self._can_wait(item) else _Rank.TESTS

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Say that a test was dealt with, once the time is over."""
        if monotonic() < self._end:
            return None
        rank = item.stash[_rank]
        self._left[rank.name] += 1
        self._left[_UNSEEN] += rank is _Rank.SECURITY and not self._has_run(item)
        return True

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process that started this one how many were left out; fail where security was."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SAID] = dict(self._left)
        elif self._left[_UNSEEN]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Add what a process that ended has left out."""
        self._left.update(getattr(node, "workeroutput", {}).get(_SAID, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many were left out, and how they are run."""
        if self._left.total():
            names = {rank: rank.name.lower().replace("_", " ") for rank in _Rank}
            said = ", ".join(f"{self._left[rank.name]:,} {name}" for rank, name in names.items())
            terminalreporter.write_line(f"Left for lack of time: {said}. {MINUTES}=600 ./test runs all.")
        if self._left[_UNSEEN]:
            terminalreporter.write_line("Not every security test had its turn: this run has failed.")


def watch(config: pytest.Config, *, has_run: Asks, can_wait: Asks) -> None:
    """Watch the time, where it is limited."""
    minutes = os.environ.get(MINUTES)
    if minutes:
        given = getattr(config, "workerinput", {}).get(_END)
        end = monotonic() + float(minutes) * 60 if given is None else given
        config.pluginmanager.register(TimeLeft(end, has_run, can_wait))
