"""Put the figures of this process together with what the database says, and write them out."""

import asyncio
import contextlib
import os
import platform
from collections.abc import AsyncIterator, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bot.watching.backups import BackupCollector
from bot.watching.figures import Figures
from bot.watching.folder import VARIABLE, forget_dead_gauges
from bot.watching.present import Present, nothing
from bot.watching.standing import Standing, StandingCollector
from portal.transaction import Portal

SAMPLE_SECONDS = 5.0


class Watching:
    """Hold what counts, and write out what was counted: here, or by all the workers of this server."""

    def __init__(
        self, figures: Figures, portal: Portal, shared: Path | None = None, backups: Path | None = None
    ) -> None:
        """Take the figures of this process.

        `shared` is the folder where all workers keep theirs, `backups` the one that backups are written to.
        """
        self.standing = Standing(portal)
        self._figures = figures
        self._portal = portal
        self._shared = shared
        self._here: Callable[[], Present] = nothing
        self._asked = CollectorRegistry()
        self._asked.register(StandingCollector(self.standing))
        if backups is not None:
            self._asked.register(BackupCollector(backups))
        self._asked.register(_Build(portal.engine.dialect.name))

    def look_at(self, here: Callable[[], Present]) -> None:
        """Take who tells what this process has in hand beside the portal."""
        self._here = here

    def written(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        self._figures.sample(self._portal.load(), self._here())
        return generate_latest(self._counted()) + generate_latest(self._asked)

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Note now and then how busy this process is, until the block is left."""
        sampling = asyncio.create_task(self._sample())
        try:
            yield
        finally:
            sampling.cancel()

    async def _sample(self) -> None:
        # Whoever reads the figures reaches one worker: the others have said how they are.
        while True:
            self._figures.sample(self._portal.load(), self._here())
            await asyncio.sleep(SAMPLE_SECONDS)

    def _counted(self) -> CollectorRegistry:
        if self._shared is None:
            return self._figures.registry
        forget_dead_gauges(self._shared)
        together = CollectorRegistry()
        # The library gives this one no types.
        MultiProcessCollector(together, path=str(self._shared))  # type: ignore[no-untyped-call]
        return together


class _Build(Collector):
    """Say which program runs, on what."""

    def __init__(self, database: str) -> None:
        self._labels = {
            "version": _version(),
            "python": platform.python_version(),
            "database": database,
        }

    def collect(self) -> list[GaugeMetricFamily]:
        info = GaugeMetricFamily("hallpass_build_info", "Which program runs.", labels=list(self._labels))
        info.add_metric(list(self._labels.values()), 1)
        return [info]


def _version() -> str:
    try:
        return version("hallpass")
    except PackageNotFoundError:
        return "unknown"


def shared_folder() -> Path | None:
    """Return the folder that the parent of several workers has named, if there are several."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None
