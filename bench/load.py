"""Measure what a machine carries: real conversations over HTTP, by workers, by size, and on a report morning.

Run `python -m bench.load [--server postgresql://...] [PART ...]`; the parts are workers, sizes, open, memory
and morning, all of them by default. Each signed-in parent waits for an answer before the next question, over
Rasa's REST channel; no turn hashes. "busy" is sixteen questions in flight, "calm" two. Whoever asks runs on
the same machine: turns a core are turns by the seconds that the server's own processes held a processor.

Goals: at least 150 turns a second and core; p95 with 1,000,000 parents within 1.3 x of that with 1,000;
memory flat over 100,000 turns. On the morning of report cards a fifth of 100,000 parents sign in within ten
minutes and ask two questions each: everybody is answered, and nobody's attempt is counted as a failure.
`--minutes` shortens the morning at the same number of parents a minute.

Without --server one is started for the run; on a given one the districts are kept and found again.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from sqlalchemy import text

from bench.crowd import KEY, Crowd, Parent, Tally, ask_for, at_once, client, percentile
from bench.districts import administering, district_of, server_of
from bench.made_up import DISTRICT
from bench.morning import counted, rush, told
from bench.report import Goal, Measured, Row, Table, keep
from bench.serving import Served, processor_seconds, serving
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.transaction import Portal

SMALL, MIDDLE, LARGE = 1_000, 100_000, 1_000_000
# So many students of the largest district have classes and grades; the others are names, links and accounts.
DETAILED = 100_000
BUSY, CALM = 16, 2
SHARE, MORNING_MINUTES = 0.2, 10
MOST_GROWTH, LEAST_A_CORE, MEMORY_GROWTH = 1.3, 150.0, 1.05
SECRET = "x" * 32
OPTIONS: dict[str, Any] = {
    "name": "Bench",
    "portal_url": "https://example.org/public",
    "time_zone": "America/New_York",
    "lunch_balance": True,
}


@dataclass(slots=True)
class Bench:
    """Hold what all parts share: the server, the folder, the time for each figure, and what was found."""

    server: str
    folder: Path
    seconds: float
    minutes: float
    turns: int
    goals: list[Goal] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    @contextmanager
    def district(self, parents: int, workers: int, *, pinned: bool = False) -> Iterator[Served]:
        """Serve the district of so many parents by so many workers."""
        url = district_of(self.server, parents, min(parents, DETAILED))
        _apply_options(url)
        settings = {
            "HALLPASS_VAR": str(self.folder / "var"),
            "HALLPASS_DATABASE_URL": url,
            "HALLPASS_SECRET_KEY": SECRET,
            "HALLPASS_DISTRICT": DISTRICT,
            "HALLPASS_API_KEY": KEY,
            "HALLPASS_PUBLIC_URL": "https://help.schools.example",
        }
        with serving(settings, workers=workers, pinned=pinned) as served:
            yield served


def main() -> None:
    """Measure the parts that are asked for, print the tables and keep them."""
    parts: dict[str, Callable[[Bench], None]] = {
        "workers": by_workers,
        "sizes": by_size,
        "open": by_open_conversations,
        "memory": memory,
        "morning": morning,
    }
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--server", help="a PostgreSQL server on which databases may be made")
    parser.add_argument("--seconds", type=float, default=20, help="how long each figure is taken")
    parser.add_argument("--minutes", type=float, default=MORNING_MINUTES, help="how long the morning lasts")
    parser.add_argument("--turns", type=int, default=100_000, help="turns while memory is watched")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    with server_of(options.server) as server, TemporaryDirectory() as folder:
        for name in options.parts or parts:
            bench = Bench(server, Path(folder), options.seconds, options.minutes, options.turns)
            parts[name](bench)
            _keep(name, bench)


def by_workers(bench: Bench) -> None:
    """Ask the district of 100,000 parents, served by one, two and four workers, as they are and pinned."""
    rows = []
    for pinned, workers in product((False, True), (1, 2, 4)):
        with bench.district(MIDDLE, workers, pinned=pinned) as served:
            figures = asyncio.run(_asked(bench, served, 1_000, MIDDLE))
            rows.append({"workers": workers, "pinned": "yes" if pinned else "no", **figures})
    a_core = max(row["turns_a_core"] for row in rows)
    bench.tables.append(Table("1,000 conversations, 100,000 parents", rows))
    bench.goals.append(Goal("turns a second and core", a_core, "", at_least=LEAST_A_CORE))


def by_size(bench: Bench) -> None:
    """Ask districts from 1,000 to 1,000,000 parents, of the same number of conversations."""
    rows = []
    for parents in (SMALL, 10_000, MIDDLE, LARGE):
        with bench.district(parents, 1) as served:
            rows.append({"parents": parents, **asyncio.run(_asked(bench, served, 500, parents))})
    growth = round(rows[-1]["calm_p95_ms"] / rows[0]["calm_p95_ms"], 2)
    bench.tables.append(Table("500 conversations, one worker", rows))
    bench.goals.append(
        Goal("p95 with 1,000,000 parents to that with 1,000", growth, "x", at_most=MOST_GROWTH)
    )


def by_open_conversations(bench: Bench) -> None:
    """Ask with 10 to 10,000 conversations open, each in turn."""
    rows = []
    with bench.district(MIDDLE, 1) as served:
        for count in (10, 100, 1_000, 10_000):
            row = {"conversations": count, **asyncio.run(_asked(bench, served, count, MIDDLE))}
            rows.append(row)
    bench.tables.append(Table("100,000 parents, one worker", rows))


def memory(bench: Bench) -> None:
    """Watch the memory of one worker over many turns."""
    rows: list[Row] = []

    async def watched(served: Served) -> None:
        async with client(BUSY) as way:
            crowd = Crowd(way, served.base)
            parents = await _signed_in(crowd, 1_000, MIDDLE)
            done, step = 0, bench.turns // 10
            for _ in range(10):
                tally = Tally()
                hands = (partial(crowd.ask, parents[number % len(parents)], tally) for number in range(step))
                await at_once(hands, BUSY)
                done += len(tally.took)
                rows.append({"turns": done, "MB": round(served.megabytes(), 1), "lost": len(tally.lost)})
                print(rows[-1], flush=True)

    with bench.district(MIDDLE, 1) as served:
        asyncio.run(watched(served))
    growth = round(float(str(rows[-1]["MB"])) / float(str(rows[0]["MB"])), 3)
    bench.tables.append(Table("memory of one worker", rows))
    bench.goals.append(
        Goal("memory after all turns to that after a tenth", growth, "x", at_most=MEMORY_GROWTH)
    )


def morning(bench: Bench) -> None:
    """Let a fifth of 100,000 parents in within ten minutes, and count what became of each."""
    count = round(MIDDLE * SHARE * bench.minutes / MORNING_MINUTES)
    url = district_of(bench.server, MIDDLE, DETAILED)
    with bench.district(MIDDLE, 2, pinned=True) as served:
        before = counted(url)
        came = asyncio.run(rush(served.base, count, bench.minutes * 60, MIDDLE))
        after = counted(url)
    row, goals = told(came, before, after)
    bench.tables.append(Table("a fifth of 100,000 parents in ten minutes, two pinned workers", [row]))
    bench.goals += goals


async def _asked(bench: Bench, served: Served, conversations: int, parents: int) -> dict[str, Any]:
    """Ask busily, then calmly; return the row of figures."""
    async with client(BUSY) as way:
        crowd = Crowd(way, served.base)
        people = await _signed_in(crowd, conversations, parents)
        await ask_for(crowd, people, bench.seconds / 4, BUSY)
        began = served.processor_seconds(), _database_seconds(bench.server)
        busy, lasted = await ask_for(crowd, people, bench.seconds, BUSY)
        spent = served.processor_seconds() - began[0], _database_seconds(bench.server) - began[1]
        calm, _ = await ask_for(crowd, people, bench.seconds, CALM)
    turns = len(busy.took)
    row = {
        "turns_a_second": round(turns / lasted, 1),
        "turns_a_core": round(turns / spent[0], 1),
        "server_ms": round(spent[0] / turns * 1000, 2),
        "database_ms": round(spent[1] / turns * 1000, 2),
        **{f"busy_p{share}_ms": round(percentile(busy.took, share / 100), 1) for share in (50, 95)},
        **{f"calm_p{share}_ms": round(percentile(calm.took, share / 100), 1) for share in (50, 95)},
        "lost": len(busy.lost) + len(calm.lost),
        "MB": round(served.megabytes()),
    }
    print(row, flush=True)
    return row


async def _signed_in(crowd: Crowd, count: int, parents: int) -> list[Parent]:
    """Sign so many parents in, spread over the district's families that have records."""
    people = [Parent(number * 7919 % min(parents, DETAILED)) for number in range(count)]
    tally = Tally()
    await at_once([partial(crowd.sign_in, parent, tally) for parent in people], BUSY)
    if tally.lost:
        message = f"{len(tally.lost)} parents were not signed in, the first was told: {tally.lost[0]}"
        raise RuntimeError(message)
    return people


def _apply_options(url: str) -> None:
    engine = open_engine(url)
    portal = Portal(engine, clock=SystemClock(), keys=Keys(SECRET.encode()), hasher=Argon2Hasher())
    with portal.begin() as tx:
        tx.districts.apply(DISTRICT, OPTIONS, "1")
    portal.close()
    engine.dispose()


def _database_seconds(server: str) -> float:
    """Return how long the database's processes have held a processor, where it runs on this machine."""
    with administering(server) as connection:
        folder = connection.scalar(text("select current_setting('data_directory')"))
    file = Path(folder, "postmaster.pid")
    if not file.exists():
        return 0.0
    postmaster = psutil.Process(int(file.read_text(encoding="utf-8").split()[0]))
    # What a process that has ended took is counted with the one that started it.
    ended = postmaster.cpu_times()
    return processor_seconds(postmaster.children()) + ended.user + ended.system + ended.children_user


def _keep(name: str, bench: Bench) -> None:
    for table in bench.tables:
        print(f"\n{table.title}")
        for row in table.rows:
            print("  ".join(f"{key} {value}" for key, value in row.items()))
    for goal in bench.goals:
        print(f"{goal.what}: {goal.value} {'kept' if goal.is_kept else 'NOT KEPT'}")
    note = "Whoever asks runs on the same machine and takes a part of it."
    how = f"python -m bench.load {name}"
    keep(f"load_{name}", Measured(f"Load: {name}", how, bench.tables, bench.goals, note))


if __name__ == "__main__":
    main()
