"""Hold the server that answers Telegram in a measurement: one process, or a parent with several workers."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from bench.report import ROOT
from bench.serving import free_port, processor_seconds


@dataclass
class Server:
    """Hold what answers; `settings` are those of `hallpass serve`."""

    settings: Mapping[str, str]
    workers: int = 1
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    killed: int = 0

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def processor_seconds(self) -> float:
        """Return how long it has held a processor."""
        return processor_seconds([psutil.Process(self._running.pid), *self._answering()])

    async def start(self) -> None:
        """Start it and wait until all of it is ready."""
        self._spawn()
        await self._ready()

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(self.port)]
        command += ["--workers", str(self.workers)] if self.workers > 1 else []
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **self.settings}, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """Kill who answers, one worker of several in turn, and wait until all of it is ready again."""
        if self.workers == 1:
            await self.end()
            await self.start()
            return
        # The one that has served longest, so that each has its turn, and none that does not serve yet.
        min(self._answering(), key=lambda each: each.create_time()).kill()
        self.killed += 1
        await self._ready()

    async def end(self) -> None:
        """End all of it without a word."""
        for each in (psutil.Process(self._running.pid), *self._answering()):
            each.kill()
        await asyncio.to_thread(self._running.wait)

    @property
    def _log(self) -> Path:
        return Path(self.settings["HALLPASS_VAR"], "server.log")

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process

    def _answering(self) -> list[psutil.Process]:
        return psutil.Process(self._running.pid).children() if self.workers > 1 else []

    async def _ready(self) -> None:
        async with httpx.AsyncClient() as client:
            while not (self._is_whole() and await self._is_ready(client)):  # noqa: ASYNC110  (it gives no event)
                await asyncio.sleep(0.05)

    def _is_whole(self) -> bool:
        """Tell whether every worker has said that it serves, those that took the place of killed ones too."""
        return (
            self.workers == 1
            or self._log.read_text("utf-8").count("worker_ready") >= self.workers + self.killed
        )

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.address}/health", timeout=2)).status_code == 200
        except httpx.TransportError:
            return False
