"""Measure both engines in turns, so that whatever else this machine does hits both."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import yaml

from bench.rasa.engines import Engine
from bench.rasa.messages import QUESTIONS, said
from bench.rasa.people import Parent
from bot.settings import ROOT

CONVERSATIONS = 16
ROUNDS = 8
AT_ONCE = 6


@dataclass(slots=True)
class Figures:
    """Hold what was measured of one engine; times are in milliseconds."""

    waits: list[float] = field(default_factory=list)
    cpu_a_message: float = 0.0
    resident: float = 0.0
    a_second: list[float] = field(default_factory=list)
    cpu_at_once: float = 0.0
    intents: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def percentile(self, share: float) -> float:
        """Return the wait below which this share of all lies."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def measure(engines: Sequence[Engine], parents: Sequence[Parent]) -> dict[str, Figures]:
    """Measure everything but starting and training."""
    figures = {engine.name: Figures() for engine in engines}
    senders = {engine.name: engine.sign_in(parents) for engine in engines}
    _understand(engines, figures)
    _one_by_one(engines, figures, {name: given[0] for name, given in senders.items()})
    _at_once(engines, figures, senders)
    for engine in engines:
        figures[engine.name].resident = engine.tree().resident()
    return figures


def sentences() -> list[tuple[str, str]]:
    """Return the sentences that no training has seen, each with what it means."""
    read: Mapping[str, list[str]] = yaml.safe_load(
        (ROOT / "tests" / "languages" / "en.yml").read_text("utf-8")
    )["sentences"]
    return [(intent, text) for intent, texts in read.items() for text in texts]


def _understand(engines: Sequence[Engine], figures: Mapping[str, Figures]) -> None:
    for engine in engines:
        line = engine.line()
        figures[engine.name].intents = {text: line.intent(text) for _, text in sentences()}
        line.close()


def _one_by_one(
    engines: Sequence[Engine], figures: Mapping[str, Figures], senders: Mapping[str, str]
) -> None:
    """Ask everything again and again, each time the one engine and then the other."""
    lines = {engine.name: engine.line() for engine in engines}
    before = {engine.name: engine.tree().cpu() for engine in engines}
    for asked in range(ROUNDS):
        for question in QUESTIONS:
            for engine in engines:
                begun = time.perf_counter()
                replies = lines[engine.name].say(senders[engine.name], question)
                figures[engine.name].waits.append((time.perf_counter() - begun) * 1000)
                if asked == 0:
                    figures[engine.name].answers[question] = said(replies)
    for engine in engines:
        spent = engine.tree().cpu() - before[engine.name]
        figures[engine.name].cpu_a_message = spent * 1000 / (ROUNDS * len(QUESTIONS))
        lines[engine.name].close()


def _at_once(
    engines: Sequence[Engine], figures: Mapping[str, Figures], senders: Mapping[str, Sequence[str]]
) -> None:
    """Hold sixteen conversations at once, twice with each engine."""
    count = CONVERSATIONS * AT_ONCE
    for engine in (*engines, *engines):
        before, begun = engine.tree().cpu(), time.perf_counter()
        threads = [
            threading.Thread(target=partial(_talk, engine, sender, at))
            for at, sender in enumerate(senders[engine.name])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        figures[engine.name].a_second.append(count / (time.perf_counter() - begun))
        figures[engine.name].cpu_at_once = (engine.tree().cpu() - before) * 1000 / count


def _talk(engine: Engine, sender: str, start: int) -> None:
    line = engine.line()
    for number in range(AT_ONCE):
        line.say(sender, QUESTIONS[(start + number) % len(QUESTIONS)])
    line.close()
