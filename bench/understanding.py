"""Measure how the families' languages are understood, and with --peers the same pipeline on public data.

Without arguments: for each language pack what its own sentences (tests/languages) come to, by their words
alone and with the sentence encoder. Run `python -m bench.understanding`; the figures go to
docs/benchmarks.md. The data sets lie beside the project, nothing of them is copied.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import own_packs, public_sets
from bench.report import ROOT, Measured, Table, keep
from bot.conversation.understanding import Understanding


def main() -> None:
    """Measure the packs, or with --peers the public data sets."""
    # One thread, as one message of many has it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    peers = "--peers" in sys.argv[1:]
    figures = public_sets.measured() if peers else _packs()
    keep("peers", told_of_peers(figures)) if peers else keep("understanding", told(figures))


def told(figures: Mapping[str, Mapping[str, float]]) -> Measured:
    """Return the figures of the packs as they are kept: a row a language."""
    together = figures["all languages"]
    rows = [{"language": name, **found} for name, found in figures.items() if found is not together]
    tables = [Table("All languages", [together]), Table("One language each", rows)]
    return Measured("Understanding, the families' languages", "python -m bench.understanding", tables)


def told_of_peers(figures: Mapping[str, Mapping[str, float]]) -> Measured:
    """Return the figures on public data as they are kept, those of others beside them."""
    tables = []
    for name, found in figures.items():
        rows = [{"what": what, "Hallpass": figure} for what, figure in found.items()]
        tables.append(Table(name, rows))
    for name, others in public_sets.PEERS.items():
        tables.append(Table(f"{name}: others", [{"who": who, "found": told} for who, told in others.items()]))
    note = "Rasa 3.6.21 was trained beside it on the same machine; what is called published is from papers."
    how = "python -m bench.understanding --peers"
    return Measured("Understanding, public data", how, tables, note=note)


def _packs() -> Mapping[str, Mapping[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        # Training runs in children, whose time is known once they have ended.
        started = os.times()
        understanding = Understanding.load(ROOT / "data", cache)
        ended = os.times()
        loads = [_seconds(lambda: Understanding.load(ROOT / "data", cache)) for _ in range(3)]
        sizes = {path.name.split("-")[1]: path.stat().st_size for path in cache.glob("understanding-*")}
        figures = {name: own_packs.measured(understanding, name) for name in understanding.packs}
    spent = ended.children_user + ended.children_system - started.children_user - started.children_system
    for name, size in sizes.items():
        figures[name]["model, KB"] = size // 1024
    own_packs.show(figures)
    together = {
        "training, CPU seconds": round(spent, 1),
        "training, seconds": round(ended.elapsed - started.elapsed, 1),
        "load, ms": round(statistics.median(loads) * 1000, 1),
    }
    for name, figure in together.items():
        print(f"{name:<44} {figure:>8}")
    return {"all languages": together, **figures}


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
