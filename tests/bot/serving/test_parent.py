"""The parent starts so many workers, starts another for each that ends, and ends all of them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.serving.order import CANNOT_SERVE, read_order
from bot.serving.parent import Pace
from bot.settings import ROOT
from tests.support.patience import PATIENCE
from tests.support.plain_workers import DEAF, HOLD, MOOD


@dataclass
class Served:
    """Hold the parent and where its workers answer."""

    port: int
    folder: Path
    process: "subprocess.Popen[str]"

    def answering(self) -> int:
        """Return the number of the process that answers."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            return int(line.recv(32))

    def started(self) -> list[int]:
        """Return the number of every worker that was ever started, in order."""
        named = (path.name.split("-") for path in self.folder.glob("worker-*"))
        return [int(process) for _, _, process in sorted(named, key=lambda name: int(name[1]))]

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def alive(self) -> list[int]:
        """Return the workers that run."""
        return [process for process in self.started() if is_running(process)]

    def begun(self, count: int) -> list[int]:
        """Wait until so many workers were ever started; return them."""
        self.until(lambda: len(self.started()) >= count)
        return self.started()

    def settles(self, count: int, without: Sequence[int] = ()) -> None:
        """Wait until so many workers run, none of them old, and see that it stays so."""
        self.until(lambda: len(self.alive()) == count and set(self.alive()).isdisjoint(without))
        time.sleep(0.5)
        assert len(self.alive()) == count
        assert self.answering() in self.alive()


def is_running(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[int], Served]]:
    begun: list[Served] = []

    def start(count: int) -> Served:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [sys.executable, "-m", "tests.support.plain_workers", str(port), str(count), str(tmp_path)]
        process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        begun.append(Served(port, tmp_path, process))
        return begun[-1]

    yield start
    for served in begun:
        served.process.kill()
        served.process.communicate()


def test_killed_worker_is_replaced_while_the_others_answer(serve: Callable[[int], Served]) -> None:
    served = serve(3)
    served.until(lambda: len(served.started()) == 3)

    os.kill(served.started()[1], signal.SIGKILL)
    served.until(lambda: len(served.started()) == 4)

    assert served.answering() in served.alive()
    served.until(lambda: len(served.alive()) == 3)


def test_only_the_first_worker_starts_alone_and_makes_the_tables(serve: Callable[[int], Served]) -> None:
    served = serve(2)
    served.until(lambda: len(served.started()) == 2)

    orders = [read_order(path.read_text()) for path in sorted(served.folder.glob("worker-*"))]

    assert [order.is_first for order in orders] == [True, False]
    # By it a worker that is pinned finds the core that it stays on.
    assert [order.number for order in orders] == [0, 1]


def test_signal_ends_every_worker_and_the_parent(serve: Callable[[int], Served]) -> None:
    served = serve(2)
    served.until(lambda: len(served.started()) == 2)

    served.process.send_signal(signal.SIGTERM)

    assert served.process.wait(PATIENCE) == 0
    assert served.alive() == []


def test_workers_of_a_killed_parent_end_by_themselves(serve: Callable[[int], Served]) -> None:
    served = serve(2)
    served.until(lambda: len(served.started()) == 2)
    served.answering()

    served.process.kill()

    served.until(lambda: served.alive() == [])


def test_worker_that_dies_three_times_before_it_serves_ends_the_whole(
    serve: Callable[[int], Served], tmp_path: Path
) -> None:
    (tmp_path / MOOD).write_text("3")
    served = serve(2)

    output, _ = served.process.communicate(timeout=PATIENCE)

    assert served.process.returncode == 1
    assert len(served.started()) == 3
    assert "ended 3 times before it could serve (last with status 3)" in output


def test_settings_that_cannot_be_served_end_the_whole_at_once(
    serve: Callable[[int], Served], tmp_path: Path
) -> None:
    (tmp_path / MOOD).write_text(str(CANNOT_SERVE))
    served = serve(2)

    output, _ = served.process.communicate(timeout=PATIENCE)

    assert served.process.returncode == 1
    assert len(served.started()) == 1
    assert "times" not in output


def test_worker_that_cannot_start_again_is_tried_again_while_others_serve(
    serve: Callable[[int], Served], tmp_path: Path
) -> None:
    served = serve(2)
    served.until(lambda: len(served.started()) == 2)
    first, second = served.started()
    served.answering()

    (tmp_path / MOOD).write_text(str(CANNOT_SERVE))
    os.kill(first, signal.SIGKILL)
    served.until(lambda: len(served.started()) >= 6)

    assert served.answering() == second
    (tmp_path / MOOD).unlink()
    served.until(lambda: len(served.alive()) == 2)


def test_outage_of_days_makes_no_wait_longer_than_the_longest() -> None:
    waits = [Pace().wait(failures) for failures in (0, 1, 3, 100_000)]

    assert waits == [1, 2, 8, 30]


def test_hangup_replaces_every_worker_and_somebody_always_answers(serve: Callable[[int], Served]) -> None:
    served = serve(2)
    served.until(lambda: len(served.started()) == 2)
    served.answering()
    before = served.started()

    served.process.send_signal(signal.SIGHUP)
    served.until(lambda: served.answering() > 0 and set(served.alive()).isdisjoint(before))

    assert len(served.alive()) == 2


@pytest.mark.parametrize("crashed", [0, 1, 2])
def test_worker_that_crashes_during_a_reload_leaves_none_too_many(
    serve: Callable[[int], Served], tmp_path: Path, crashed: int
) -> None:
    served = serve(3)
    before = served.begun(3)
    served.answering()
    (tmp_path / HOLD).touch()
    served.process.send_signal(signal.SIGHUP)
    served.begun(4)

    os.kill(before[crashed], signal.SIGKILL)
    served.until(lambda: before[crashed] not in served.alive())
    # The first one is being replaced already; in the place of another nobody is.
    if crashed:
        served.begun(5)
    else:
        time.sleep(0.5)
    (tmp_path / HOLD).unlink()

    served.settles(3, without=before)


def test_hangup_before_anything_is_served_replaces_what_was_starting(
    serve: Callable[[int], Served], tmp_path: Path
) -> None:
    (tmp_path / HOLD).touch()
    served = serve(2)
    before = served.begun(1)

    served.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert served.alive() == before
    (tmp_path / HOLD).unlink()

    served.settles(2, without=before)
    orders = [read_order(path.read_text()) for path in served.folder.glob("worker-*")]
    assert sum(order.is_first for order in orders) == 1


def test_second_hangup_during_a_reload_replaces_what_the_first_has_begun(
    serve: Callable[[int], Served], tmp_path: Path
) -> None:
    served = serve(2)
    served.begun(2)
    served.answering()
    (tmp_path / HOLD).touch()
    served.process.send_signal(signal.SIGHUP)
    before = served.begun(3)

    served.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    (tmp_path / HOLD).unlink()

    served.settles(2, without=before)


def test_replaced_worker_that_does_not_end_is_killed(serve: Callable[[int], Served], tmp_path: Path) -> None:
    (tmp_path / DEAF).touch()
    served = serve(1)
    before = served.begun(1)
    served.answering()
    (tmp_path / DEAF).unlink()

    served.process.send_signal(signal.SIGHUP)

    served.settles(1, without=before)


# H: hang up. A number: kill the worker that is so many after the oldest.
@pytest.mark.parametrize("events", ["H0H1H2H0", "0H0H03H3", "HH2HH1000"])
def test_any_crashes_and_reloads_come_to_so_many_workers_and_a_stop_to_none(
    serve: Callable[[int], Served], events: str
) -> None:
    served = serve(3)
    served.begun(3)
    served.answering()

    for event in events:
        alive = served.alive()
        if event == "H":
            before = served.started()
            served.process.send_signal(signal.SIGHUP)
        elif alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(alive[int(event) % len(alive)], signal.SIGKILL)
        time.sleep(0.1)

    served.settles(3, without=before)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE) == 0
    assert served.alive() == []
