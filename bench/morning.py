"""Let many parents come within minutes, as on the morning of report cards, and count what became of each."""

import asyncio
import time
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from bench.crowd import Crowd, Parent, Tally, client, percentile
from bench.report import Goal, Row

CONNECTIONS = 200
QUESTIONS_EACH = 2


@dataclass(slots=True)
class Morning:
    """Hold how many came, what became of their sign-ins and questions, and when the last was answered."""

    parents: int
    minutes: float
    signed: Tally = field(default_factory=Tally)
    asked: Tally = field(default_factory=Tally)
    lasted: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold what the database says: failures that stand against names, and messages without an answer."""

    failures: int
    waiting: int


async def rush(base: str, parents: int, seconds: float, district: int) -> Morning:
    """Let parents come at even distances, each at their own time, whatever became of those before."""
    morning = Morning(parents, seconds / 60)
    begun = time.perf_counter()

    async def come(crowd: Crowd, number: int) -> None:
        await asyncio.sleep(number * seconds / parents)
        parent = Parent(number * 7919 % district)
        await crowd.sign_in(parent, morning.signed)
        # Nobody greets first that morning.
        parent.asked = 1
        for _ in range(QUESTIONS_EACH):
            await crowd.ask(parent, morning.asked)

    # Whoever comes while others wait stands in line for a connection, for minutes where the machine is small.
    async with client(CONNECTIONS, patience=None) as way, asyncio.TaskGroup() as coming:
        crowd = Crowd(way, base)
        for number in range(parents):
            coming.create_task(come(crowd, number))
    morning.lasted = time.perf_counter() - begun
    return morning


def counted(url: str) -> Standing:
    """Return what stands in the database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        failures = connection.scalar(text("select coalesce(sum(fails), 0) from gate where kind = 'name'"))
        unanswered = "select count(*) from dialogue_inbox where answered_at is null and news is null"
        waiting = connection.scalar(text(unanswered))
    engine.dispose()
    return Standing(int(failures or 0), int(waiting or 0))


def told(morning: Morning, before: Standing, after: Standing) -> tuple[Row, list[Goal]]:
    """Return the row of figures, and the goals."""
    signed, asked = morning.signed, morning.asked
    row: Row = {
        "parents": morning.parents,
        "minutes": round(morning.minutes, 1),
        "signed in": len(signed.took) - len(signed.lost),
        "told to wait": signed.waits,
        "fields expired": signed.expired,
        "sign-in p50 s": round(percentile(signed.took, 0.5) / 1000, 2),
        "sign-in p95 s": round(percentile(signed.took, 0.95) / 1000, 2),
        "answers": len(asked.took),
        "answer p50 ms": round(percentile(asked.took, 0.5), 1),
        "answer p95 ms": round(percentile(asked.took, 0.95), 1),
        "last answer s": round(morning.lasted),
    }
    missing = morning.parents - len(signed.took) + QUESTIONS_EACH * morning.parents - len(asked.took)
    return row, [
        Goal("parents or answers lost", len(signed.lost) + len(asked.lost) + missing, "", at_most=0),
        Goal("attempts counted as failures", after.failures - before.failures, "", at_most=0),
        Goal("messages left without an answer", after.waiting - before.waiting, "", at_most=0),
    ]
