"""Run what guards families first, then each test with one of its cases, then the others, while there is time.

A test with parameters asks the same in other words: of every language, or at every step. Continuous
integration is stopped after a while, on a slow machine among the hundred cases of one test, before it came
to others at all, and then says nothing. Here it ends by itself, and says how much it has not looked at.
Which test and which case come first changes with the seed of the run. Without a limit all are run; what is
marked as a security case, or as whole, is run in any case.
"""

import os
from collections import Counter
from collections.abc import Callable
from enum import IntEnum
from time import monotonic

import pytest

MINUTES = "HALLPASS_TEST_MINUTES"
_rank = pytest.StashKey["_Rank"]()
_SAID = "left for lack of time"


class _Rank(IntEnum):
    """Say when a test has its turn."""

    GUARD = 0
    TEST = 1
    ELSEWHERE = 2
    FURTHER = 3


class TimeLeft:
    """Leave out what has its turn after the time is over, guards of families aside, and count it."""

    def __init__(self, minutes: float, is_elsewhere: Callable[[pytest.Item], bool]) -> None:
        """Begin to count the minutes; some tests are run elsewhere, too."""
        self._end = monotonic() + minutes * 60
        self._is_elsewhere = is_elsewhere
        self._left: Counter[str] = Counter()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the guards of families first, and the further cases of a test last."""
        known: set[str] = set()
        for item in items:
            test = item.nodeid.partition("[")[0]
            item.stash[_rank] = self._rank(item, is_known=test in known)
            known.add(test)
        items.sort(key=lambda item: item.stash[_rank])

    def _rank(self, item: pytest.Item, *, is_known: bool) -> _Rank:
        if any(map(item.get_closest_marker, ("case", "whole"))):
            return _Rank.ELSEWHERE if self._is_elsewhere(item) else _Rank.GUARD
        if is_known:
            return _Rank.FURTHER
        return _Rank.ELSEWHERE if self._is_elsewhere(item) else _Rank.TEST

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Say that a test was dealt with, once the time is over."""
        rank = item.stash.get(_rank, _Rank.GUARD)
        if rank is _Rank.GUARD or monotonic() < self._end:
            return None
        self._left[rank.name] += 1
        return True

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process that started this one how many were left out."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SAID] = dict(self._left)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Add what a process that ended has left out."""
        self._left.update(getattr(node, "workeroutput", {}).get(_SAID, {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many were left out, and how they are run."""
        if self._left.total():
            tests, again = self._left[_Rank.TEST.name], self._left[_Rank.ELSEWHERE.name]
            further = self._left[_Rank.FURTHER.name]
            terminalreporter.write_line(
                f"Left for lack of time: {tests:,} tests, {again:,} that run on the other database, too, and"
                f" {further:,} further cases. {MINUTES}=600 ./test runs all."
            )


def watch(config: pytest.Config, *, is_elsewhere: Callable[[pytest.Item], bool]) -> None:
    """Watch the time, where it is limited."""
    minutes = os.environ.get(MINUTES)
    if minutes:
        config.pluginmanager.register(TimeLeft(float(minutes), is_elsewhere))
