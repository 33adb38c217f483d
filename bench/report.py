"""Keep what a bench measured in one shape, and word all of it as docs/benchmarks.md.

A bench hands what it found to `keep`: it goes to bench/results/NAME.json with the machine, the day and
the command, and the page is renewed. `python -m bench.report` renews the page alone; a test fails when it is
stale.
"""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from portal.core.clock import SystemClock

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
# Asked when a bench starts: later the load would be its own.
LOAD_BEFORE = os.getloadavg()[0]
HEAD = """# Benchmarks

Generated from `bench/results` by `python -m bench.report`; do not edit. Each figure is from a run on the
machine and day named beside it, by the command named there. "Load before" is the average number of busy
processes in the minute before the run: where it is not near zero, somebody else used the machine too, and the
figures are slower than they need be.
"""
Cell = str | int | float | bool | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Goal:
    """Hold one figure against what was promised of it: a most, a least, or neither."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_kept(self) -> bool:
        """Return whether the figure is within its bounds."""
        high = self.at_most is None or self.value <= self.at_most
        return high and (self.at_least is None or self.value >= self.at_least)


@dataclass(frozen=True, slots=True)
class Table:
    """Hold rows with one title; the columns are the keys of the rows, in the order they are first seen."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what one bench found: how to run it, its tables, its goals, and what a reader must know."""

    title: str
    how: str
    tables: Sequence[Table]
    goals: Sequence[Goal] = ()
    note: str = ""


def keep(name: str, measured: Measured, folder: Path = RESULTS) -> Path:
    """Write what a bench found as NAME.json, renew the page, and return where it went.

    One name holds one run: a bench that runs in several ways, as on two databases, has a name for each.
    """
    path = folder / f"{name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    told = {"bench": name, "day": f"{SystemClock().now():%Y-%m-%d}", "machine": machine(), **asdict(measured)}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if folder == RESULTS:
        PAGE.write_text(build(), encoding="utf-8")
    return path


def machine() -> dict[str, Cell]:
    """Return what the figures depend on, and nothing by which the machine could be found."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(LOAD_BEFORE, 1),
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def build(folder: Path = RESULTS) -> str:
    """Return the page for the results in a folder."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    goals = [(run["title"], Goal(**goal)) for run in runs for goal in run["goals"]]
    kept = sum(goal.is_kept for _, goal in goals)
    parts = [HEAD, f"## Goals: {kept} of {len(goals)} kept", "", *_goals(goals), ""]
    for run in runs:
        parts += _section(run)
    return "\n".join(parts)


def _goals(goals: Sequence[tuple[str, Goal]]) -> Iterator[str]:
    yield from ("| bench | what | measured | goal | kept |", "|---|---|---|---|---|")
    for title, goal in goals:
        kept = "yes" if goal.is_kept else "**no**"
        yield f"| {title} | {goal.what} | {_cell(goal.value)} {goal.unit} | {_bounds(goal)} | {kept} |"


def _bounds(goal: Goal) -> str:
    bounds = (("≥", goal.at_least), ("≤", goal.at_most))
    return ", ".join(f"{sign} {_cell(bound)} {goal.unit}" for sign, bound in bounds if bound is not None)


def _section(run: Mapping[str, Any]) -> Iterator[str]:
    where = run["machine"]
    yield from (f"## {run['title']}", "", f"`{run['how']}`", "")
    yield (
        f"{run['day']}, {where['processor']}, {where['cores']} cores, {where['memory_gib']} GiB, "
        f"{where['system']}, Python {where['python']}; load before {_cell(where['load_before'])}."
    )
    yield from (("", run["note"]) if run["note"] else ())
    for table in run["tables"]:
        yield from ("", *((f"### {table['title']}", "") if table["title"] else ()), *_table(table["rows"]))
    yield ""


def _table(rows: Sequence[Row]) -> Iterator[str]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield f"| {' | '.join(_cell(row.get(name)) for name in columns)} |"


def _cell(value: Cell) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:,.3g}"
        case str():
            return value.replace("|", "\\|")


def main() -> None:
    """Renew the page from what is kept."""
    PAGE.write_text(build(), encoding="utf-8")


if __name__ == "__main__":
    main()
