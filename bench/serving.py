"""Run `hallpass serve` as operators do, and read what it takes of the machine."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 180


@dataclass(frozen=True, slots=True)
class Served:
    """Hold a running server: its address, and its processes."""

    base: str
    process: "subprocess.Popen[bytes]"

    def processes(self) -> list[psutil.Process]:
        """Return the process that was started and all that it started."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def processor_seconds(self) -> float:
        """Return how long its processes have held a processor."""
        return processor_seconds(self.processes())

    def megabytes(self) -> float:
        """Return the memory of its largest process, in MB that are in memory."""
        return max(each.memory_info().rss for each in self.processes()) / 1e6


def processor_seconds(processes: list[psutil.Process]) -> float:
    """Return how long these processes have held a processor, those that are gone left aside."""
    total = 0.0
    for each in processes:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(settings: Mapping[str, str], *, workers: int = 1, pinned: bool = False) -> Iterator[Served]:
    """Serve until the block is left; say what the log said where it does not come up."""
    port = free_port()
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
    command += ["--workers", str(workers)] if workers > 1 else []
    command.append("--pinned" if pinned else "--not-pinned")
    log = Path(settings["HALLPASS_VAR"], "serve.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stdout=out, stderr=out, start_new_session=True
        ) as process,
    ):
        served = Served(f"http://127.0.0.1:{port}", process)
        try:
            _wait(served, log)
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _wait(served: Served, log: Path) -> None:
    for _ in range(READY_WITHIN * 20):
        try:
            urllib.request.urlopen(f"{served.base}/health", timeout=2)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
        if served.process.poll() is not None:
            break
    message = f"The server did not come up: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)
