"""Keep worker processes: few, behind a bounded queue, killed when they take too long."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from portal.core.cores import allowed, run_on
from voice.frames import MOST_LINE, packed, receive
from voice.speech import Busy, Why

ROOT = Path(__file__).resolve().parent.parent
# All that a worker is given: it reads what strangers send, so no key, token or password is near it.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
Answered = tuple[dict[str, Any], bytes]


@dataclass(frozen=True, slots=True)
class Shift:
    """Say how much is done at once, how many may wait, and how long one may take, in seconds."""

    workers: int = 1
    waiting: int = 12
    seconds: float = 20.0
    starting: float = 60.0


STANDARD = Shift()


@dataclass(slots=True)
class _Worker:
    process: asyncio.subprocess.Process | None = None


class Crew:
    """Hand work to processes; whatever happens to one of them, the next piece of work finds another."""

    def __init__(
        self, task: Mapping[str, Any], shift: Shift = STANDARD, program: str = "voice.worker"
    ) -> None:
        """Take what the workers are told, and which module they run; none is started yet."""
        self._task = json.dumps(task)
        self._work = str(task.get("work", ""))
        self._program = program
        self._shift = shift
        self._in_hand = 0
        self._idle: asyncio.Queue[_Worker] | None = None
        self._all: list[_Worker] = []
        # Hearing and speaking may use every core, wherever the thread stays that asks for it.
        self._cores = allowed()
        self._log = structlog.get_logger("voice")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Be ready until the block is left; then no process is left behind."""
        warming = asyncio.create_task(self._warm())
        try:
            yield
        finally:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
            for worker in self._all:
                await _end(worker)

    def busy(self) -> Busy:
        """Say how much is in hand; who looks from another thread sees it as it was an instant ago."""
        working = min(self._in_hand, self._shift.workers)
        return Busy(working, self._in_hand - working)

    async def ask(self, head: Mapping[str, Any], content: bytes = b"") -> Answered | Why:
        """Return a worker's answer; BUSY where too many wait, SLOW where it took too long."""
        if self._in_hand >= self._shift.workers + self._shift.waiting:
            # Counted, too: it tells when a machine is too small.
            self._log.info("voice_refused", work=self._work)
            return Why.BUSY
        self._in_hand += 1
        try:
            worker = await self._workers().get()
            try:
                return await self._asked(worker, packed(head, content))
            finally:
                self._workers().put_nowait(worker)
        finally:
            self._in_hand -= 1

    async def _asked(self, worker: _Worker, message: bytes) -> Answered | Why:
        done = False
        try:
            process = await self._ready(worker)
            if process is None:
                return Why.BUSY
            async with asyncio.timeout(self._shift.seconds):
                answer = await _exchanged(process, message)
            done = True
        except TimeoutError:
            self._log.warning("worker_too_slow")
            return Why.SLOW
        except (EOFError, ConnectionError):
            # What it was given ended it.
            self._log.warning("worker_ended")
            return Why.UNREADABLE
        else:
            return answer
        finally:
            if not done:
                # Also when whoever asked has gone: the answer on its way must not meet the next question.
                await _end(worker)

    async def _ready(self, worker: _Worker) -> asyncio.subprocess.Process | None:
        """Return a process that works, or None where none starts: nothing is wrong with what it is to do."""
        try:
            return await self._started(worker)
        except (TimeoutError, EOFError, OSError) as error:
            # No memory, no more processes, or a model that cannot be loaded.
            self._log.error("worker_does_not_start", error=type(error).__name__)
            return None

    async def _started(self, worker: _Worker) -> asyncio.subprocess.Process:
        if worker.process is not None and worker.process.returncode is None:
            return worker.process
        worker.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._program,
            self._task,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            limit=MOST_LINE,
        )
        with contextlib.suppress(ProcessLookupError):
            run_on(self._cores, worker.process.pid)
        async with asyncio.timeout(self._shift.starting):
            await receive(_pipe(worker.process.stdout))
        return worker.process

    async def _warm(self) -> None:
        worker = await self._workers().get()
        started = False
        try:
            started = await self._ready(worker) is not None
        finally:
            if not started:
                await _end(worker)
            self._workers().put_nowait(worker)

    def _workers(self) -> asyncio.Queue[_Worker]:
        if self._idle is None:
            self._idle = asyncio.Queue()
            self._all = [_Worker() for _ in range(self._shift.workers)]
            for worker in self._all:
                self._idle.put_nowait(worker)
        return self._idle


async def _exchanged(process: asyncio.subprocess.Process, message: bytes) -> Answered:
    pipe = process.stdin
    if pipe is None:
        raise EOFError
    pipe.write(message)
    await pipe.drain()
    return await receive(_pipe(process.stdout))


def _pipe(pipe: asyncio.StreamReader | None) -> asyncio.StreamReader:
    if pipe is None:
        raise EOFError
    return pipe


async def _end(worker: _Worker) -> None:
    process, worker.process = worker.process, None
    if process is None:
        return
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # Shielded, so that whoever stops waiting leaves no dead process behind.
    await asyncio.shield(process.wait())


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # Nothing is ever fetched from elsewhere while a parent waits.
    return {**kept, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
