"""Measure how the families' languages are understood, and with --peers the same pipeline on public data.

Without arguments: for each language pack what its own sentences (tests/languages) come to, by their words
alone and with the sentence encoder. Prints a table and writes the same numbers to bench/understanding.json,
or those of --peers to bench/peers.json. The data sets lie beside the project, nothing of them is copied.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import own_packs  # noqa: E402  (needs the path)
import public_sets  # noqa: E402  (as above)

from bot.conversation.understanding import Understanding  # noqa: E402  (as above)


def main() -> None:
    """Measure the packs, or with --peers the public data sets."""
    # One thread, as one message of many has it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    peers = "--peers" in sys.argv[1:]
    figures = public_sets.measured() if peers else _packs()
    target = Path(__file__).with_name("peers.json" if peers else "understanding.json")
    target.write_text(json.dumps(figures, indent=1) + "\n")


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
