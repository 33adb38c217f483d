"""Say on which processor cores a thread runs.

The threads of one process hand the interpreter to each other at each wait for the database. On one core that
costs little; on several each waits for the other to wake up.
"""

import os

Cores = frozenset[int]


def can_choose() -> bool:
    """Tell whether this system lets a program choose; macOS does not."""
    return hasattr(os, "sched_setaffinity")


def allowed() -> Cores:
    """Return the cores of this thread, none where the system does not say."""
    return frozenset(os.sched_getaffinity(0)) if can_choose() else frozenset()


def run_on(cores: Cores, process: int = 0) -> None:
    """Move this thread, or the first thread of a process, to these cores; what it begins stays there, too."""
    if cores:
        os.sched_setaffinity(process, cores)


def is_shared_evenly(workers: int) -> bool:
    """Tell whether every core gets as many of several workers.

    Then they may stay where they are, whoever else has the same cores: no core is begun with by all.
    """
    return workers > 1 and can_choose() and workers % len(allowed()) == 0


def stay_on_one(number: int) -> None:
    """Move this thread to one of its cores: the first for the number 0, and so on, and round again."""
    cores = sorted(allowed())
    run_on(frozenset(cores[number % len(cores) : number % len(cores) + 1]) if cores else frozenset())
