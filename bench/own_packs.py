"""Measure what the sentences of tests/languages come to in one language."""

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bot.conversation.understanding import FALLBACK, Parse, Understanding
from bot.conversation.understanding.judge import SURE
from bot.conversation.understanding.tokens import clean
from tests.support.languages import FAMILY, said_in

ROOT = Path(__file__).resolve().parents[1]
CLINC = ROOT.parent / "shared" / "data" / "nlu-bench" / "clinc150_full.json"
TODAY = date(2026, 10, 15)
DATED = "how many days was maya absent since october 3rd"
_KINDS = {
    "access_id", "attendance_kind", "count", "course", "date_range", "district", "email", "language",
    "relationship", "student", "term", "username",
}  # fmt: skip


class Reader:
    """Read the texts of one language as the conversation does, by the words alone or with the encoder."""

    def __init__(self, understanding: Understanding, language: str, *, quickly: bool) -> None:
        """Take the pack of the language."""
        self._pack = understanding.packs[language]
        self._quickly = quickly

    def read(self, text: str) -> Parse:
        """Tell what a text means."""
        return self._pack.parse(clean(text), names=FAMILY, today=TODAY, quickly=self._quickly)


def measured(understanding: Understanding, language: str) -> dict[str, Any]:
    """Return the figures of one language, those of the words alone marked so."""
    figures: dict[str, Any] = {}
    for mark, quickly in ((" (words alone)", True), ("", False)):
        reader = Reader(understanding, language, quickly=quickly)
        reader.read(DATED)
        found = _accuracy(reader, language) | _speed(reader, language)
        figures |= {f"{name}{mark}": figure for name, figure in found.items()}
    return figures | {"entities, F1": _entities(reader, language)} | _asked(understanding, language)


def show(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print one column a language."""
    print(f"{'':<44}" + "".join(f"{language:>8}" for language in figures))
    for name in next(iter(figures.values())):
        print(f"{name:<44}" + "".join(f"{column.get(name, ''):>8}" for column in figures.values()))


def _sentences(language: str) -> list[tuple[str, str]]:
    return [(intent, text) for intent, texts in said_in(language).sentences.items() for text in texts]


def _accuracy(reader: Reader, language: str) -> dict[str, float]:
    asked = [(intent, reader.read(text)) for intent, text in _sentences(language)]
    ours = [parse.intent for intent, parse in asked if intent != FALLBACK]
    fallen = [reader.read(text).intent == FALLBACK for text in _out_of_scope(language)]
    return {
        "sentences": len(asked),
        "understood, %": _percent([parse.intent == intent for intent, parse in asked]),
        "in scope but rejected, %": _percent([intent == FALLBACK for intent in ours]),
        "out of scope: fall back, %": _percent(fallen),
        "calibration error": _calibration(asked),
    }


def _calibration(asked: Sequence[tuple[str, Parse]]) -> float:
    """Return by how much the confidence and the share of right answers differ (ten bins, top intent)."""
    tops = [(parse.ranking[0], intent) for intent, parse in asked if parse.ranking]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for (name, chance), intent in tops:
        bins.setdefault(min(int(chance * 10), 9), []).append((chance, name == intent))
    off = [abs(sum(chance - right for chance, right in inside)) for inside in bins.values()]
    return round(sum(off) / len(tops), 3)


def _out_of_scope(language: str) -> list[str]:
    if language != "en":
        return said_in(language).out_of_scope
    return [text for text, _ in json.loads(CLINC.read_text("utf-8"))["oos_test"]] if CLINC.exists() else []


def _entities(reader: Reader, language: str) -> float:
    right = both = 0
    for item in said_in(language).entities:
        parse = reader.read(item["text"])
        found = {(e.name, _plain(e.value)) for e in parse.entities if e.name in _KINDS}
        wanted = {pair for name, value in item["found"].items() for pair in _pairs(name, value)}
        right += len(found & wanted)
        both += len(found) + len(wanted)
    return round(2 * right / max(1, both), 3)


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    several = isinstance(value, list) and name != "date_range"
    return [(name, _plain(each)) for each in (value if several else [value])]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        value = [value["since"], value["until"]]
    return str([str(each) for each in value] if isinstance(value, list) else value)


def _speed(reader: Reader, language: str) -> dict[str, float]:
    times = []
    for _, text in _sentences(language):
        started = time.perf_counter()
        reader.read(text)
        times.append((time.perf_counter() - started) * 1000)
    return {
        "message, ms p50": round(statistics.median(times), 2),
        "message, ms p95": round(statistics.quantiles(times, n=20)[-1], 2),
    }


def _asked(understanding: Understanding, language: str) -> dict[str, float]:
    """Return how often the words leave a doubt, and the time of those messages."""
    quick, whole = (Reader(understanding, language, quickly=quickly) for quickly in (True, False))
    doubtful = [text for _, text in _sentences(language) if _chance(quick.read(text)) < SURE]
    times = []
    for text in doubtful:
        started = time.perf_counter()
        whole.read(text)
        times.append((time.perf_counter() - started) * 1000)
    return {
        "encoder asked, %": round(100 * len(doubtful) / len(_sentences(language)), 1),
        "message with encoder, ms p50": round(statistics.median(times), 2) if times else 0.0,
    }


def _chance(parse: Parse) -> float:
    return parse.ranking[0][1] if parse.ranking else 1.0


def _percent(hits: Sequence[bool]) -> float:
    return round(100 * sum(hits) / len(hits), 1) if hits else 0.0
