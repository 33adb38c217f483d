"""Start the workers, watch them, and start another for each that ends, until a signal ends them all."""

import contextlib
import math
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FrameType

import structlog

from bot.serving.order import CANNOT_SERVE, READY, Order

# A worker that dies before it serves, so often in a row, would go on dying.
MOST_FAILURES = 3
BACKLOG = 2048
STOP = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Pace:
    """Say in seconds how long a worker may take to end, and how long lies between two starts of one."""

    grace: float = 45.0
    again: float = 1.0
    longest: float = 30.0

    def wait(self, failures: int) -> float:
        """Return how long to wait after so many starts that failed; an outage may last for days."""
        return min(self.again * 2.0 ** min(failures, 16), self.longest)


@dataclass(eq=False, slots=True)
class _Worker:
    """Hold one process in the place `number`; `reload` counts the hang-ups that came before it."""

    number: int
    process: "subprocess.Popen[bytes]"
    line: socket.socket
    begun: float
    reload: int
    is_ready: bool = False
    is_leaving: bool = False
    kill_at: float = math.inf


def listen(host: str, port: int) -> socket.socket:
    """Open the one socket that all workers take connections from.

    One that dies leaves what it had not taken yet to the others.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


@dataclass(slots=True)
class Parent:
    """Hold the workers; `command` is what each is started with, before its order."""

    order: Order
    listener: socket.socket
    command: tuple[str, ...] = (sys.executable, "-m", "bot.serving.worker")
    pace: Pace = Pace()
    tell: Callable[[str], None] = print
    environment: Mapping[str, str] | None = None
    _workers: list[_Worker] = field(default_factory=list)
    _failures: int = 0
    _has_served: bool = False
    _verdict: int | None = None
    _reload: int = 0
    _not_before: dict[int, float] = field(default_factory=dict)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> int:
        """Serve until a signal, or until no worker can be started; return the exit status."""
        with self._signals() as woken:
            self._selector.register(woken, selectors.EVENT_READ, woken)
            while self._workers or self._verdict is None:
                now = time.monotonic()
                self._settle(now)
                self._look(self._patience(now))
        self.listener.close()
        return self._verdict or 0

    def _settle(self, now: float) -> None:
        """Bring the workers to what they should be: one in each place, started after the last hang-up.

        It goes by what runs alone, never by what happened: whatever ended in whatever order, it comes to
        the same.
        """
        for worker in [worker for worker in self._workers if worker.kill_at <= now]:
            worker.kill_at = math.inf
            worker.process.kill()
        if self._verdict is None:
            self._fill(now)
            self._renew(now)

    def _fill(self, now: float) -> None:
        """Start a worker where none is, and let the old one of two go when the new one serves."""
        # The first one alone: it makes the tables and trains the models, which the others then find.
        for number in range(self.order.workers if self._has_served else 1):
            here = [worker for worker in self._staying() if worker.number == number]
            if not here:
                self._start(number, now)
            elif here[-1].is_ready:
                for old in here[:-1]:
                    self._let_go(old)

    def _renew(self, now: float) -> None:
        """Start a worker beside one that is older than the last hang-up, if all that run serve."""
        outdated = [worker.number for worker in self._staying() if worker.reload < self._reload]
        if outdated and all(worker.is_ready for worker in self._staying()):
            self._start(min(outdated), now)

    def _staying(self) -> list[_Worker]:
        return [worker for worker in self._workers if not worker.is_leaving]

    def _patience(self, now: float) -> float | None:
        """Return how long nothing has to be done; what could not be started by now waits for a worker."""
        kills = [worker.kill_at for worker in self._workers]
        moment = min((then for then in (*self._not_before.values(), *kills) if then > now), default=math.inf)
        return None if moment == math.inf else max(0.0, moment - time.monotonic())

    def _look(self, patience: float | None) -> None:
        """Wait for something to happen, and note it."""
        for key, _ in self._selector.select(patience):
            match key.data:
                case _Worker() as worker:
                    self._heard(worker)
                case socket.socket() as woken:
                    self._signalled(woken.recv(16))
                case _:
                    pass

    def _start(self, number: int, now: float) -> None:
        """Start a worker, unless one that failed in this place was started too short a time ago."""
        if self._not_before.get(number, now) > now:
            return
        self._not_before.pop(number, None)
        ours, theirs = socket.socketpair()
        order = replace(self.order, listener=self.listener.fileno(), line=theirs.fileno(), number=number)
        order = replace(order, fresh=False, is_first=False) if self._has_served else order
        process = subprocess.Popen(  # noqa: S603  (this program itself, and an order that is made here)
            [*self.command, order.argument()],
            pass_fds=(order.listener, order.line),
            env=self.environment,
            # Ctrl-C at the terminal is for the parent alone, which tells them.
            process_group=0,
        )
        theirs.close()
        worker = _Worker(number, process, ours, time.monotonic(), self._reload)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _heard(self, worker: _Worker) -> None:
        heard = b""
        with contextlib.suppress(ConnectionError):
            heard = worker.line.recv(16)
        if READY in heard:
            worker.is_ready, self._has_served, self._failures = True, True, 0
            _log("worker_ready", worker)
        elif not heard:
            self._ended(worker)

    def _ended(self, worker: _Worker) -> None:
        self._selector.unregister(worker.line)
        worker.line.close()
        self._workers.remove(worker)
        status = worker.process.wait()
        if worker.is_leaving:
            return
        _log("worker_ended", worker, status=status)
        self._failures += not worker.is_ready
        # While others answer, an outage of the database ends, and nobody has to come for it.
        is_served = any(each.is_ready for each in self._staying())
        if status == CANNOT_SERVE and not is_served:
            self._stop(1)
        elif self._failures >= MOST_FAILURES and not is_served:
            self.tell(
                f"A worker ended {MOST_FAILURES} times before it could serve (last with status {status}): "
                "what it wrote above says why. Nothing is served any more."
            )
            self._stop(1)
        else:
            wait = self.pace.wait(self._failures) if is_served else self.pace.again
            self._not_before[worker.number] = worker.begun + wait

    def _signalled(self, numbers: bytes) -> None:
        self._reload += signal.SIGHUP in numbers
        if any(number in numbers for number in STOP):
            if self._verdict is None:
                self._stop(0)
            else:
                for worker in self._workers:
                    worker.kill_at = 0.0

    def _stop(self, verdict: int) -> None:
        """Let every worker answer what it has taken and end."""
        self._verdict = verdict
        self._not_before.clear()
        for worker in self._staying():
            self._let_go(worker)

    def _let_go(self, worker: _Worker) -> None:
        worker.is_leaving, worker.kill_at = True, time.monotonic() + self.pace.grace
        worker.process.terminate()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        """Turn signals into bytes that are read with everything else."""
        woken, waking = socket.socketpair()
        waking.setblocking(False)  # noqa: FBT003  (the call's own shape)
        before = {number: signal.signal(number, _noted) for number in (*STOP, signal.SIGHUP)}
        last = signal.set_wakeup_fd(waking.fileno())
        try:
            yield woken
        finally:
            signal.set_wakeup_fd(last)
            for number, handler in before.items():
                signal.signal(number, handler)
            woken.close()
            waking.close()


def _noted(_: int, __: FrameType | None) -> None:
    """Do nothing: the byte that the signal wrote is read in its turn."""


def _log(event: str, worker: _Worker, **more: int) -> None:
    structlog.get_logger("bot.serving").info(event, worker=worker.number, process=worker.process.pid, **more)
