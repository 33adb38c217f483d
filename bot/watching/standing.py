"""Ask the database, when the figures are read, how long its queues are."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.core.errors import UnavailableError
from portal.core.queues import Queue
from portal.transaction import Portal

# Several who read the figures at once ask the database once.
KEPT_SECONDS = 5.0


@dataclass(slots=True)
class Standing:
    """Look at the queues, at most every few seconds; None while the database does not answer."""

    portal: Portal
    timer: Callable[[], float] = time.monotonic
    _looking: Lock = field(default_factory=Lock)
    _until: float = 0.0
    _found: dict[str, Queue] | None = None

    def queues(self) -> dict[str, Queue] | None:
        """Return each queue by its name."""
        with self._looking:
            if self.timer() >= self._until:
                self._found = self._looked()
                self._until = self.timer() + KEPT_SECONDS
            return self._found

    def _looked(self) -> dict[str, Queue] | None:
        try:
            with self.portal.begin(read_only=True) as tx:
                return {
                    "inbox": tx.queues.inbox(),
                    "outbox": tx.deliveries.waiting(),
                    "pushes": tx.queues.pushes(),
                }
        except UnavailableError:
            return None


class StandingCollector(Collector):
    """Show the queues as gauges; they are the database's, so that every worker shows the same."""

    def __init__(self, standing: Standing) -> None:
        """Take who looks."""
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """Return the gauges as they are now."""
        queues = self._standing.queues()
        up = GaugeMetricFamily("hallpass_database_up", "Whether the database answers.")
        up.add_metric((), 0 if queues is None else 1)
        yield up
        length = GaugeMetricFamily("hallpass_queue_length", "What waits, by queue.", labels=["queue"])
        age = GaugeMetricFamily(
            "hallpass_queue_oldest_seconds", "How long the oldest of a queue has waited.", labels=["queue"]
        )
        for name, queue in (queues or {}).items():
            length.add_metric([name], queue.length)
            age.add_metric([name], queue.seconds)
        yield length
        yield age
