"""Measure the outbox: mails a second, and seconds from a commit to the hand-over.

Run `python -m bench.outbox --database postgresql://... [--mails N]`; the database must be empty. Without
--database it runs on SQLite in a new file. Where the package procrastinate is installed and the database
is PostgreSQL, the same is asked of it: a job that does nothing, one worker, one job at a time. The table
goes to the terminal, the figures to docs/benchmarks.md.
"""

import argparse
import asyncio
import importlib.util
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from bench.report import Measured, Table, keep
from bot.conversation.project import load_project
from bot.conversation.wording import Wording
from bot.mail.letters import Letter, Letters
from bot.mail.postman import Postman
from bot.mail.words import MailPacks
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import Base, open_engine
from portal.core.keys import Keys
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Handover, Sent
from portal.transaction import Portal

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
SINGLE = 200
DISTRICT = {
    "name": "Bench",
    "portal_url": "https://example.org/public",
    "time_zone": "America/New_York",
    "public_base_url": "https://help.schools.example",
}
Row = dict[str, Any]


class Watch:
    """Take every letter, and note when."""

    def __init__(self) -> None:
        """Start with none."""
        self.at: list[float] = []

    async def hand_over(self, letter: Letter) -> Handover:
        """Take one letter."""
        self.at.append(time.perf_counter())
        return Sent()

    async def rest(self) -> None:
        """Hold nothing open."""


def main() -> None:
    """Measure, print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it SQLite in a new file")
    options = parser.parse_args()
    # Neither is to be measured by what it writes into the log.
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="hallpass-bench-") as folder:
        url = options.database or f"sqlite:///{folder}/bench.db"
        rows = [asyncio.run(ours(url, options.mails))]
    if options.database and importlib.util.find_spec("procrastinate"):
        rows.append(asyncio.run(procrastinate(options.database, options.mails)))
    print(f"{'':24}{'database':>12}{'mails/s':>9}{'p50 ms':>9}{'p95 ms':>9}")
    for row in rows:
        print(
            f"{row['what']:24}{row['database']:>12}{row['mails_per_second']:>9}"
            f"{row['p50_ms']:>9}{row['p95_ms']:>9}"
        )
    keep(f"outbox-{rows[0]['database']}", told(rows))


def told(rows: Sequence[Row]) -> Measured:
    """Return the figures of one database as they are kept."""
    database = rows[0]["database"]
    how = "python -m bench.outbox" + (" --database postgresql://..." if database == "postgresql" else "")
    note = "Durable commits, no mail server; p50 and p95 are from a commit to the hand-over."
    return Measured(f"Mail through the outbox, {database}", how, [Table("", rows)], note=note)


async def ours(url: str, count: int) -> Row:
    """Drain a full outbox, then hand over single mails as they are written."""
    engine = open_engine(url)
    Base.metadata.create_all(engine)
    portal = Portal(engine, clock=SystemClock(), keys=Keys(b"x" * 32), hasher=Argon2Hasher())
    with portal.begin() as tx:
        tx.districts.apply("bench", DISTRICT, "1")
        for _ in range(count):
            tx.outbox.put("bench", MailKind.PASSWORD_CHANGED, To("parent@mailbox.example"))
    watch = Watch()
    postman = Postman(
        portal,
        Letters(MailPacks(DATA), None, Wording(load_project(ROOT / "intents", DATA, ROOT / "config.yml"))),
        watch,
    )
    started = time.perf_counter()
    await postman.deliver_due()
    rate = count / (time.perf_counter() - started)

    def put() -> None:
        with portal.begin() as tx:
            tx.outbox.put("bench", MailKind.PASSWORD_CHANGED, To("parent@mailbox.example"))

    async with postman.working():
        waits = await _waits(put, watch.at)
    portal.close()
    engine.dispose()
    return _row("outbox and postman", engine.dialect.name, rate, waits)


async def procrastinate(url: str, count: int) -> Row:
    """Ask the same of procrastinate."""
    from procrastinate import App, PsycopgConnector, SyncPsycopgConnector  # noqa: PLC0415  (not a dependency)

    handed_over: list[float] = []
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    app = App(connector=PsycopgConnector(conninfo=plain))

    @app.task(name="send")
    async def send(message_id: str) -> None:  # noqa: ARG001  (as a job that sends would be told)
        handed_over.append(time.perf_counter())

    written = app.with_connector(SyncPsycopgConnector(conninfo=plain))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await send.batch_defer_async(*({"message_id": str(number)} for number in range(count)))
        started = time.perf_counter()
        await app.run_worker_async(concurrency=1, wait=False, listen_notify=False)
        rate = count / (time.perf_counter() - started)
        working = asyncio.create_task(app.run_worker_async(concurrency=1, install_signal_handlers=False))
        await asyncio.sleep(1)
        with written.open():
            deferred = written.configure_task("send")
            waits = await _waits(lambda: deferred.defer(message_id="one"), handed_over)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    return _row("procrastinate, 1 worker", "postgresql", rate, waits)


async def _waits(put: Callable[[], object], handed_over: list[float]) -> list[float]:
    """Write single mails with a pause in between; return the seconds from each commit to its hand-over."""
    waits = []
    for _ in range(SINGLE):
        before = len(handed_over)
        await asyncio.to_thread(put)
        committed = time.perf_counter()
        while len(handed_over) == before:  # noqa: ASYNC110  (nothing may be added to what is measured)
            await asyncio.sleep(0.0005)
        waits.append(handed_over[-1] - committed)
        await asyncio.sleep(0.01)
    return waits


def _row(what: str, database: str, rate: float, waits: list[float]) -> Row:
    milliseconds = sorted(1000 * max(wait, 0.0) for wait in waits)
    return {
        "what": what,
        "database": database,
        "mails_per_second": round(rate),
        "p50_ms": round(statistics.median(milliseconds), 1),
        "p95_ms": round(milliseconds[int(0.95 * len(milliseconds))], 1),
    }


if __name__ == "__main__":
    main()
