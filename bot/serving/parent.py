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
    number: int
    process: "subprocess.Popen[bytes]"
    line: socket.socket
    begun: float
    is_ready: bool = False
    is_replaced: bool = False


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
    _stop_by: float = math.inf
    _due: dict[int, float] = field(default_factory=dict)
    _to_replace: list[_Worker] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> int:
        """Serve until a signal, or until no worker can be started; return the exit status."""
        with self._signals() as woken:
            self._selector.register(woken, selectors.EVENT_READ, woken)
            # Alone: it makes the tables and trains the models, which the others then find.
            self._start(0)
            while self._workers or self._due:
                self._look()
        self.listener.close()
        return self._verdict or 0

    def _look(self) -> None:
        """Wait for something to happen, and do what it asks for."""
        for key, _ in self._selector.select(self._patience()):
            match key.data:
                case _Worker() as worker:
                    self._heard(worker)
                case socket.socket() as woken:
                    self._signalled(woken.recv(16))
                case _:
                    pass
        now = time.monotonic()
        for number in [number for number, due in self._due.items() if due <= now]:
            del self._due[number]
            self._start(number)
        if now >= self._stop_by:
            self._end(signal.SIGKILL)

    def _patience(self) -> float | None:
        next_due = min([*self._due.values(), self._stop_by])
        return None if next_due == math.inf else max(0.0, next_due - time.monotonic())

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        order = replace(self.order, listener=self.listener.fileno(), line=theirs.fileno())
        order = replace(order, fresh=False, is_first=False) if self._has_served else order
        process = subprocess.Popen(  # noqa: S603  (this program itself, and an order that is made here)
            [*self.command, order.argument()],
            pass_fds=(order.listener, order.line),
            env=self.environment,
            # Ctrl-C at the terminal is for the parent alone, which tells them.
            process_group=0,
        )
        theirs.close()
        worker = _Worker(number, process, ours, time.monotonic())
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def _heard(self, worker: _Worker) -> None:
        heard = b""
        with contextlib.suppress(ConnectionError):
            heard = worker.line.recv(16)
        if READY in heard:
            self._is_ready(worker)
        elif not heard:
            self._ended(worker)

    def _is_ready(self, worker: _Worker) -> None:
        worker.is_ready, self._has_served, self._failures = True, True, 0
        if self._verdict is not None:
            return
        _log("worker_ready", worker)
        if not self._to_replace:
            serving = {each.number for each in self._workers} | set(self._due)
            for number in set(range(self.order.workers)) - serving:
                self._start(number)
        self._replace_next(worker.number)

    def _ended(self, worker: _Worker) -> None:
        self._selector.unregister(worker.line)
        worker.line.close()
        self._workers.remove(worker)
        status = worker.process.wait()
        if self._verdict is not None or worker.is_replaced:
            return
        _log("worker_ended", worker, status=status)
        self._failures += not worker.is_ready
        if any(each.is_ready for each in self._workers):
            # The others answer meanwhile: an outage of the database ends, and nobody has to come for it.
            wait = self.pace.wait(self._failures)
            self._due[worker.number] = max(time.monotonic(), worker.begun + wait)
        elif status == CANNOT_SERVE:
            self._stop(1)
        elif self._failures >= MOST_FAILURES:
            self.tell(
                f"A worker ended {MOST_FAILURES} times before it could serve (last with status {status}): "
                "what it wrote above says why. Nothing is served any more."
            )
            self._stop(1)
        else:
            self._due[worker.number] = max(time.monotonic(), worker.begun + self.pace.again)

    def _signalled(self, numbers: bytes) -> None:
        if signal.SIGHUP in numbers and self._verdict is None and not self._to_replace:
            self._to_replace = list(self._workers)
            self._replace_next(None)
        if any(number in numbers for number in STOP):
            if self._verdict is None:
                self._stop(0)
            else:
                self._end(signal.SIGKILL)

    def _replace_next(self, begun: int | None) -> None:
        """Let workers be replaced one after the other: the old one goes when the new one serves."""
        if begun is not None and self._to_replace and self._to_replace[0].number == begun:
            old = self._to_replace.pop(0)
            old.is_replaced = True
            old.process.terminate()
        if self._to_replace:
            self._start(self._to_replace[0].number)

    def _stop(self, verdict: int) -> None:
        """Let every worker answer what it has taken and end."""
        self._verdict, self._stop_by = verdict, time.monotonic() + self.pace.grace
        self._due.clear()
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        self._stop_by = math.inf if how == signal.SIGKILL else self._stop_by
        for worker in self._workers:
            worker.process.send_signal(how)

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
