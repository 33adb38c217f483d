"""Know what a server and everything that it started cost: processor seconds and memory."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Spent:
    """Hold seconds by the clock and by the processor."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Tree:
    """Watch processes with all that they started."""

    roots: tuple[int, ...]

    def cpu(self) -> float:
        """Return the processor seconds of all of them, so far."""
        return sum(_seconds(process) for process in self._all())

    def resident(self) -> float:
        """Return the megabytes that they hold resident."""
        return sum(_resident(process) for process in self._all()) / 1e6

    def _all(self) -> Iterator[psutil.Process]:
        for root in self.roots:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(root)
                yield from (process, *process.children(recursive=True))


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    # Children that have ended count with their parent; those that run are asked themselves.
    return float(times.user + times.system + times.children_user + times.children_system)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def run_to_end(command: list[str], **options: object) -> tuple[Spent, float]:
    """Run a command to its end; return what it spent and the most megabytes that it held."""
    begun, most = time.perf_counter(), 0.0
    before = _ended_children()
    with subprocess.Popen(command, **options) as process:  # type: ignore[call-overload]  # passed on as given
        tree = Tree((process.pid,))
        while process.poll() is None:
            most = max(most, tree.resident())
            time.sleep(0.5)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Spent(time.perf_counter() - begun, _ended_children() - before), most


def _ended_children() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)
