"""Measure how English is understood: accuracy, questions out of scope, training, size and speed.

Prints a table and writes the same numbers to bench/understanding.json. The questions out of scope are the
`oos_test` of CLINC150, where that set lies beside the project.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.conversation.understanding import FALLBACK, Names, Understanding  # noqa: E402  (needs the path)

CLINC = ROOT.parent / "shared" / "data" / "nlu-bench" / "clinc150_full.json"
TODAY = date(2026, 10, 15)
NAMES = Names(
    students=("Maya Lopez", "Lucas Lopez"), courses=("Algebra I", "English 9"), terms=("Quarter 1",)
)
DATED = "how many days was maya absent since october 3rd"


def main() -> None:
    """Train, load and question the English pack, then print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        trained = _cpu_seconds(lambda: Understanding.load(ROOT / "data", cache))
        loads = [_seconds(lambda: Understanding.load(ROOT / "data", cache)) for _ in range(5)]
        size = sum(path.stat().st_size for path in cache.glob("understanding-en-*"))
        understanding = Understanding.load(ROOT / "data", cache)
    first = _seconds(lambda: understanding.parse(DATED, names=NAMES, today=TODAY))
    figures = {
        **_accuracy(understanding),
        **_foreign(understanding),
        **_speed(understanding),
        "training, CPU seconds": round(trained, 1),
        "first message with a date, ms": round(first * 1000, 1),
        "load, ms": round(statistics.median(loads) * 1000, 1),
        "model, KB": size // 1024,
    }
    for name, figure in figures.items():
        print(f"{name:<44} {figure:>8}")
    Path(__file__).with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")


def _accuracy(understanding: Understanding) -> dict[str, float]:
    by_intent = yaml.safe_load((ROOT / "tests" / "languages" / "en.yml").read_text("utf-8"))["sentences"]
    asked = [(intent, text) for intent, texts in by_intent.items() for text in texts]
    heard = [(intent, understanding.parse(text, today=TODAY).intent) for intent, text in asked]
    ours = [(intent, found) for intent, found in heard if intent != FALLBACK]
    return {
        "sentences": len(heard),
        "understood, %": _percent([intent == found for intent, found in heard]),
        "in scope but rejected, %": _percent([found == FALLBACK for _, found in ours]),
    }


def _foreign(understanding: Understanding) -> dict[str, float]:
    if not CLINC.exists():
        return {}
    questions = [text for text, _ in json.loads(CLINC.read_text("utf-8"))["oos_test"]]
    fallen = [understanding.parse(text, today=TODAY).intent == FALLBACK for text in questions]
    return {"out of scope (CLINC150): fall back, %": _percent(fallen)}


def _speed(understanding: Understanding) -> dict[str, float]:
    by_intent = yaml.safe_load((ROOT / "tests" / "languages" / "en.yml").read_text("utf-8"))["sentences"]
    texts = [text for texts in by_intent.values() for text in texts]
    times = [
        _seconds(lambda text=text: understanding.parse(text, names=NAMES, today=TODAY)) for text in texts
    ]
    return {
        "message, ms p50": round(statistics.median(times) * 1000, 2),
        "message, ms p95": round(statistics.quantiles(times, n=20)[-1] * 1000, 2),
    }


def _percent(hits: list[bool]) -> float:
    return round(100 * sum(hits) / len(hits), 1)


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _cpu_seconds(run: Callable[[], object]) -> float:
    # Training runs in a child, whose time is known once it has ended.
    started = _cpu_of_us_and_children()
    run()
    return _cpu_of_us_and_children() - started


def _cpu_of_us_and_children() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
